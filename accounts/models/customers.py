"""People known to an account by their e-mail address."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from accounts.models.users import fold_email
from bookwhen.payments.models import Connection


class Customer(models.Model):
    """A person known to one account; linked to a user once that user has proved the address."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="customers")
    email = models.EmailField(_("email address"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="customers")
    seen_at = models.DateTimeField(null=True, blank=True)
    """When their login first opened a page of this account: until then the account knows nothing of a login."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "email"], name="customer_email_once"),
            models.UniqueConstraint(
                fields=["account", "user"], condition=models.Q(user__isnull=False), name="customer_user_once"
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="customer_email_lower"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Save with the address folded."""
        self.email = fold_email(self.email)
        super().save(*args, **kwargs)


class StripeCustomer(models.Model):
    """What Stripe calls one of our customers, in one Stripe account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="at_stripe")
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    stripe_id = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "connection"], name="stripe_customer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} ({self.stripe_id})"
