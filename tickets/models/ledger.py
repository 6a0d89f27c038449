"""The ledger: each movement of money once, whichever way it went. PostgreSQL writes it (docs/decisions/0086).

Triggers on what money moves by (payments, refunds, memberships’ invoices, disputes, payments at the studio) add the
difference between what a source is worth now and what its lines add up to, so that no service can forget it, and a
source’s lines always add up to it. Nobody else writes here; rows are never changed, but for whose they are.
"""

from typing import ClassVar, Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer
from memberships.models import Invoice
from tickets.models.disputes import Dispute, InvoiceRefund
from tickets.models.payments import Payment, Refund
from tickets.models.studio_payments import StudioPayment


class LedgerKind(models.TextChoices):
    """Why money moved. A line of a kind may have either sign: what failed, or was won, comes back."""

    TICKETS_PAID = "tickets_paid", _("Tickets")
    TICKETS_REFUNDED = "tickets_refunded", _("Tickets refunded")
    MEMBERSHIP_PAID = "membership_paid", _("Membership")
    MEMBERSHIP_REFUNDED = "membership_refunded", _("Membership refunded")
    DISPUTED = "disputed", _("Dispute")
    STUDIO_TAKEN = "studio_taken", _("Paid at the studio")
    STUDIO_GIVEN_BACK = "studio_given_back", _("Given back at the studio")


class LedgerMethod(models.TextChoices):
    """Which way money went: through Stripe, or as the studio took it (`MoneyMethod`)."""

    STRIPE = "stripe", _("Online (Stripe)")
    CASH = "cash", _("Cash")
    CARD_MACHINE = "card_machine", _("Card machine")
    TRANSFER = "transfer", _("Bank transfer")


SOURCES: Final = {
    "payment": [LedgerKind.TICKETS_PAID],
    "refund": [LedgerKind.TICKETS_REFUNDED],
    "invoice": [LedgerKind.MEMBERSHIP_PAID],
    "invoice_refund": [LedgerKind.MEMBERSHIP_REFUNDED],
    "dispute": [LedgerKind.DISPUTED],
    "studio_payment": [LedgerKind.STUDIO_TAKEN, LedgerKind.STUDIO_GIVEN_BACK],
}
"""By which of its columns a line of a kind names what moved."""


def _one_source() -> Q:
    """That a line names one source, the one that its kind has."""
    found = Q()
    for source, kinds in SOURCES.items():
        others = {f"{other}__isnull": True for other in SOURCES if other != source}
        found |= Q(kind__in=kinds, **{f"{source}__isnull": False}, **others)
    return found


class LedgerLine(models.Model):
    """One movement of money between a studio and a customer."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    happened_at = models.DateTimeField()
    """When money moved, as far as we know; an aware instant."""
    kind = models.CharField(max_length=20, choices=LedgerKind)
    method = models.CharField(max_length=20, choices=LedgerMethod)
    amount = models.IntegerField()
    """In minor units of `currency`, as the studio sees it: above 0 it came, below 0 it went."""
    currency = models.CharField(max_length=3)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+", db_index=False)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="ledger_lines", db_index=False)
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, related_name="ledger_lines", db_index=False)
    # An import that is undone takes its bills with it, which PostgreSQL lets it do alone (`opened_history`).
    invoice = models.ForeignKey(Invoice, models.CASCADE, null=True, related_name="ledger_lines", db_index=False)
    invoice_refund = models.ForeignKey(
        InvoiceRefund, models.CASCADE, null=True, related_name="ledger_lines", db_index=False
    )
    dispute = models.ForeignKey(Dispute, models.PROTECT, null=True, related_name="ledger_lines", db_index=False)
    studio_payment = models.ForeignKey(
        StudioPayment, models.PROTECT, null=True, related_name="ledger_lines", db_index=False
    )
    number = models.PositiveSmallIntegerField(default=1)
    """The how-manieth line of its source it is, from 1: the first is the movement, others what changed of it since."""
    created_at = models.DateTimeField()
    """When it was written here, by PostgreSQL’s clock."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_of_something"),
            models.CheckConstraint(condition=_one_source(), name="ledger_one_source"),
            models.CheckConstraint(
                condition=Q(method=LedgerMethod.STRIPE, studio_payment__isnull=True)
                | Q(
                    method__in=[LedgerMethod.CASH, LedgerMethod.CARD_MACHINE, LedgerMethod.TRANSFER],
                    studio_payment__isnull=False,
                ),
                name="ledger_method_known",
            ),
            *(
                models.UniqueConstraint(
                    fields=[source, "number"], condition=Q(**{f"{source}__isnull": False}), name=f"ledger_{source}_once"
                )
                for source in SOURCES
            ),
        ]
        indexes: ClassVar = [
            # With what is added up, so that sums of a period read the index alone.
            models.Index(
                fields=["account", "happened_at", "id"],
                include=["kind", "method", "currency", "amount"],
                name="ledger_by_time",
            ),
            models.Index(
                fields=["account", "method", "happened_at", "id"],
                include=["kind", "currency", "amount"],
                name="ledger_by_method",
            ),
            models.Index(fields=["account", "kind", "happened_at", "id"], name="ledger_by_kind"),
            models.Index(fields=["customer", "happened_at", "id"], name="ledger_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} ({self.kind})"
