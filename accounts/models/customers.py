"""People known to an account by their e-mail address."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from bookwhen.db import TextCheck
from bookwhen.email_address import PLAIN_ADDRESS, fold_email
from bookwhen.payments.models import Connection
from bookwhen.search import PENDING, SearchText


def listed_name(customer: str = "") -> Lower:
    """By what customers are listed: their name, else their address, in small letters; `customer` leads to them."""
    name = NullIf(f"{customer}name", models.Value(""))
    return Lower(Coalesce(name, f"{customer}email", output_field=models.TextField()))


class Customer(models.Model):
    """A person known to one account; linked to a user once that user has proved the address."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="customers", db_index=False)
    email = models.EmailField(_("email address"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_confirmed = models.BooleanField(default=True, db_default=True)
    """Whether the person or the studio gave the name; else somebody typed it into a booking."""
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="customers")
    seen_at = models.DateTimeField(null=True, blank=True)
    """When their login first opened a page of this account: until then the account knows nothing of a login."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="customer_text", one_line=["name"]),
            models.UniqueConstraint(fields=["account", "email"], name="customer_email_once"),
            models.UniqueConstraint(
                fields=["account", "user"], condition=models.Q(user__isnull=False), name="customer_user_once"
            ),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="customer_email_lower"),
            models.CheckConstraint(condition=models.Q(email__regex=PLAIN_ADDRESS), name="customer_email_plain"),
        ]
        indexes: ClassVar = [
            # With all that a search compares, so that going through the list reads the index alone.
            models.Index("account", listed_name(), "id", include=["name", "email"], name="customer_by_name"),
            GinIndex(
                "account",
                OpClass(SearchText("name"), name="gin_trgm_ops"),
                OpClass("email", name="gin_trgm_ops"),
                name="customer_search",
                gin_pending_list_limit=PENDING,
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Save with the address folded."""
        self.email = fold_email(self.email)
        super().save(*args, **kwargs)

    @property
    def confirmed_name(self) -> str:
        """Their name as they or the studio gave it; empty where nobody did."""
        return self.name if self.name_confirmed else ""

    @property
    def greeting_name(self) -> str:
        """What emails call them, which only they read: no name that a stranger may have typed.

        One statement more where only a booking has named somebody with a login: they are called what that is called.
        """
        return self.name if self.name_confirmed else (self.user.name if self.user else "")


class StripeCustomer(models.Model):
    """What Stripe calls one of our customers, in one Stripe account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="at_stripe", db_index=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    stripe_id = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "connection"], name="stripe_customer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} ({self.stripe_id})"
