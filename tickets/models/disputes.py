"""Money that went back another way than by our refunds: disputed, or refunded of a membership’s invoice in Stripe."""

from typing import ClassVar, Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.payments.models import Connection
from memberships.models import Invoice
from tickets.models.payments import Payment, RefundState


class DisputeState(models.TextChoices):
    """What a dispute means to the studio; Stripe’s own word is the dispute’s `status`."""

    INQUIRY = "inquiry", _("Bank inquiry")
    OPEN = "open", _("Disputed")
    WON = "won", _("Dispute won")
    LOST = "lost", _("Dispute lost")
    CLOSED = "closed", _("Inquiry closed")


UNDECIDED: Final = (DisputeState.INQUIRY, DisputeState.OPEN)
"""The disputes that somebody may still do something about."""


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """Readings of disputes."""

    def undecided(self) -> Self:
        """The disputes that aren’t over."""
        return self.filter(state__in=UNDECIDED)

    def newest_first(self) -> Self:
        """Each with what it is of, the newest first."""
        return self.select_related("payment__booking__customer", "invoice__subscription__customer").order_by(
            "-opened_at", "-pk"
        )


class Dispute(models.Model):
    """A customer asked their bank for money back: of a booking’s payment, a membership’s invoice, or a bill with both.

    It is as Stripe says. `withdrawn` is what of the payment’s money it has taken from the studio by now.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, models.PROTECT, related_name="+")
    """The Stripe account that it is in, whichever the account has now."""
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="disputes")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, related_name="disputes")
    stripe_id = models.CharField(max_length=255)
    intent = models.CharField(max_length=255, blank=True)
    """The payment at Stripe, by which its pages are found."""
    status = models.CharField(max_length=40)
    """Stripe’s own word."""
    state = models.CharField(max_length=10, choices=DisputeState)
    reason = models.CharField(max_length=60, blank=True)
    """Why, as the bank told Stripe, in Stripe’s words."""
    amount = models.PositiveIntegerField()
    """What is disputed, in minor units of the dispute’s own `currency`."""
    currency = models.CharField(max_length=3)
    withdrawn = models.PositiveIntegerField(default=0)
    """In minor units of the payment’s currency; nothing while it is only an inquiry, and once it is won."""
    withdrawn_of_invoice = models.PositiveIntegerField(default=0, db_default=0)
    """What it has taken of the membership’s part, where it is of a bill with both; in the same currency."""
    moved_at = models.DateTimeField(null=True)
    """When what it has taken last changed, as far as we know."""
    answer_by = models.DateTimeField(null=True)
    """Until when the studio can answer in Stripe."""
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    """When we learned that it is over."""
    revision = models.PositiveIntegerField(default=0)
    """Counts what was taken over, so that what was fetched before that is fetched again."""

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], name="dispute_once"),
            models.CheckConstraint(
                condition=Q(payment__isnull=False) | Q(invoice__isnull=False), name="dispute_of_something"
            ),
            models.CheckConstraint(condition=Q(state__in=DisputeState.values), name="dispute_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=UNDECIDED, closed_at__isnull=True)
                | (~Q(state__in=UNDECIDED) & Q(closed_at__isnull=False)),
                name="dispute_closed_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-opened_at", "-id"], name="dispute_newest"),
            models.Index(
                fields=["account", "answer_by"], condition=Q(state__in=["inquiry", "open"]), name="dispute_undecided"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stripe_id} ({self.status})"

    @property
    def is_undecided(self) -> bool:
        """Whether it isn’t over."""
        return self.state in UNDECIDED

    @property
    def can_be_answered(self) -> bool:
        """Whether Stripe waits for the studio’s answer."""
        return self.status in {"needs_response", "warning_needs_response"}


class InvoiceRefund(models.Model):
    """What was refunded of a membership’s invoice, in Stripe: this site never does that."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="refunds")
    stripe_id = models.CharField(max_length=255)
    amount = models.PositiveIntegerField()
    """In minor units of the invoice’s currency."""
    state = models.CharField(max_length=10, choices=RefundState)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True)
    """When it was known to have failed, or to be another amount, after all."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "stripe_id"], name="invoice_refund_once"),
            models.CheckConstraint(condition=Q(amount__gte=1), name="invoice_refund_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.invoice}"
