"""What is kept of a customer who was merged into another: where they went, and what Stripe called them."""

from typing import ClassVar

from django.db import models

from accounts.models.accounts import Account
from accounts.models.customers import Customer
from bookwhen.payments.models import Connection


class MergedCustomer(models.Model):
    """A customer who is another one now: who asks for them by the old number is led there.

    No foreign key to who they were: that row is gone, so that nothing can be about them any more.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    former = models.BigIntegerField()
    """The number of the customer who is gone."""
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    """Who they are now, also where that one was merged into yet another."""
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "former"], name="merged_customer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.former}: {self.customer}"


class FormerStripeCustomer(models.Model):
    """What Stripe called a customer who was merged into one whom it calls something else.

    What it tells of them is that one's; whatever is bought from now on goes by `StripeCustomer`.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+", db_index=False)
    stripe_id = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "stripe_id"], name="former_stripe_customer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} ({self.stripe_id})"
