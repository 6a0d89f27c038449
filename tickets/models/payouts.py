"""Payouts: what Stripe sent to the studio’s bank, and which movements of money each holds (docs/decisions/0090).

The ledger tells when money moved between studio and customer; these tell when it reaches the bank, and what Stripe
kept of it.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.payments.models import Connection
from tickets.models.ledger import LedgerLine


class PayoutState(models.TextChoices):
    """How a payout stands."""

    PENDING = "pending", _("Planned")
    IN_TRANSIT = "in_transit", _("On its way")
    PAID = "paid", _("Arrived")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Cancelled")


class PayoutLineKind(models.TextChoices):
    """Why money moved in Stripe’s balance. A line of a kind may have either sign."""

    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    DISPUTE = "dispute", _("Dispute")
    FEE = "fee", _("Stripe’s charge")
    RETURNED = "returned", _("Failed payout")
    OTHER = "other", _("Adjustment in Stripe")


class Payout(models.Model):
    """One payout of a Stripe account. It is as Stripe says."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="+", db_index=False)
    """The Stripe account that it is of, whichever the account has now."""
    stripe_id = models.CharField(max_length=255)
    amount = models.IntegerField()
    """In minor units of `currency`; below 0 where Stripe took it from the bank."""
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=PayoutState)
    failure = models.CharField(max_length=60, blank=True)
    """Why it failed, in Stripe’s word."""
    arrives_on = models.DateField()
    """The bank’s day, as Stripe reckons it."""
    created_at = models.DateTimeField()
    is_by_hand = models.BooleanField(default=False)
    """Whether somebody made it in Stripe: then nobody can say what it holds."""
    is_listed = models.BooleanField(default=False)
    """Whether its lines are all here."""
    revision = models.PositiveIntegerField(default=0)
    """Counts what was taken over, so that what was fetched before that is fetched again."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], name="payout_once"),
            models.CheckConstraint(condition=Q(state__in=PayoutState.values), name="payout_state_known"),
            models.CheckConstraint(condition=~Q(is_by_hand=True, is_listed=True), name="payout_by_hand_unlisted"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-arrives_on", "-id"], name="payout_newest"),
            models.Index(fields=["connection"], name="payout_connection"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} ({self.state})"


class PayoutLine(models.Model):
    """A movement of money in a payout, or its part where it paid for tickets and a membership together."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    payout = models.ForeignKey(Payout, models.CASCADE, related_name="lines", db_index=False)
    stripe_id = models.CharField(max_length=255)
    """The movement at Stripe."""
    part = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=PayoutLineKind)
    source = models.CharField(max_length=255, blank=True)
    """What moved it at Stripe: a charge, a refund, a dispute, a payout."""
    intent = models.CharField(max_length=255, blank=True)
    """The payment at Stripe that it is of."""
    amount = models.IntegerField()
    """In minor units of the payout’s currency: above 0 it came."""
    fee = models.IntegerField(default=0)
    """What Stripe kept of it."""
    currency = models.CharField(max_length=3)
    happened_at = models.DateTimeField()
    ledger_line = models.OneToOneField(LedgerLine, models.CASCADE, null=True, related_name="payout_line")
    """The movement as our ledger tells it; none where it is of nothing that was sold here."""
    is_waiting = models.BooleanField(default=False)
    """Whether it may be of something of ours that we did not know yet."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payout", "stripe_id", "part"], name="payout_line_once"),
            models.CheckConstraint(condition=Q(kind__in=PayoutLineKind.values), name="payout_line_kind_known"),
            models.CheckConstraint(condition=~Q(is_waiting=True, ledger_line__isnull=False), name="payout_line_found"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["payout", "happened_at", "id"], name="payout_line_listed"),
            models.Index(
                fields=["account", "happened_at"],
                include=["currency", "fee", "ledger_line"],
                name="payout_line_fees",
            ),
            models.Index(
                fields=["account", "happened_at", "id"], condition=Q(is_waiting=True), name="payout_line_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} ({self.kind})"

    @property
    def net(self) -> int:
        """What of it reaches the bank, in minor units."""
        return self.amount - self.fee
