"""What was paid at the studio, past Stripe: cash, by the card machine, by transfer. Rows are only ever added to.

What is wrong is corrected by a row with the opposite amount and a new one (docs/decisions/0086).
"""

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer
from bookwhen.db import TextCheck
from tickets.models.bookings import Seat

NOTE_LENGTH: Final = 200


class MoneyMethod(models.TextChoices):
    """How money was taken, or given back, at the studio."""

    CASH = "cash", _("Cash")
    CARD_MACHINE = "card_machine", _("Card machine")
    TRANSFER = "transfer", _("Bank transfer")


class StudioPayment(models.Model):
    """Money that somebody of the studio took from a customer, or gave back, at one time."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="studio_payments", db_index=False)
    uuid = models.UUIDField(unique=True, editable=False)
    """The idempotency key of the form that made it: the same form sent twice finds this row."""
    amount = models.IntegerField()
    """In minor units of `currency`; below 0: given back."""
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=20, choices=MoneyMethod)
    taken_at = models.DateTimeField()
    """When it was taken, as the studio says; not when that was written down."""
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True, default="")
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    """The row that this one cancels, by the opposite amount."""
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="studio_payment_text", one_line=["note"]),
            models.CheckConstraint(condition=~Q(amount=0), name="studio_payment_of_something"),
            models.CheckConstraint(condition=Q(method__in=MoneyMethod.values), name="studio_payment_method_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-taken_at", "-id"], name="studio_payment_newest"),
            models.Index(fields=["customer", "-taken_at", "-id"], name="studio_payment_customer"),
            models.Index(fields=["taken_by", "-id"], name="studio_payment_taken_by"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} ({self.method})"


class StudioPaymentLine(models.Model):
    """How much of a payment at the studio is for one seat; the lines add up to the payment.

    Writing one moves what the seat owes, and what was collected of it (`Seat.owed`, `Seat.collected`): PostgreSQL does.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    payment = models.ForeignKey(StudioPayment, models.PROTECT, related_name="lines", db_index=False)
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="studio_lines")
    amount = models.IntegerField()
    """In minor units; below 0: given back."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["payment", "seat"], name="studio_line_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="studio_line_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.seat}"
