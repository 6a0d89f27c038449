"""Receipts and credit notes, numbered without gaps in each account; once issued they never change.

PostgreSQL keeps them (docs/decisions/0087): nothing of a row is changed but whose it is, and none is deleted.
"""

from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Customer
from bookwhen.db import TextCheck
from tickets.models.bookings import Seat
from tickets.models.ledger import LedgerLine
from tickets.models.payments import Payment
from tickets.models.vat import ADDRESS_LENGTH, MOST_POINTS, PREFIX_LENGTH, VAT_NUMBER_LENGTH, percentage

TEXT_LENGTH: Final = 300
NAME_LENGTH: Final = 200


class ReceiptKind(models.TextChoices):
    """Which way the money went."""

    RECEIPT = "receipt", _("Receipt")
    CREDIT_NOTE = "credit_note", _("Credit note")


class ReceiptCounter(models.Model):
    """Up to where an account's receipts are numbered. Who numbers one holds this row until it is written."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    first = models.PositiveIntegerField(default=1, db_default=1)
    """The number of the first receipt."""
    last = models.PositiveIntegerField(default=0, db_default=0)
    """The number of the last one that was issued; one less than the first where none was."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(first__gte=1, last__gte=F("first") - 1), name="receipt_counter_fits"),
        ]

    def __str__(self) -> str:
        return str(self.last)

    @property
    def has_begun(self) -> bool:
        """Whether any was issued."""
        return self.last >= self.first

    @property
    def next(self) -> int:
        """The number of the next one."""
        return self.last + 1


class ReceiptDue(models.Model):
    """A movement of money that is still to get its receipt. PostgreSQL writes it with the ledger's line."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    line = models.OneToOneField(LedgerLine, models.CASCADE, related_name="receipt_due")

    class Meta:
        verbose_name_plural = "receipts due"
        indexes: ClassVar = [models.Index(fields=["account", "id"], name="receipt_due")]

    def __str__(self) -> str:
        return f"For line {self.line_id}"


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    """Readings of receipts."""


class Receipt(models.Model):
    """What was issued for one movement of money: a receipt, or a credit note. Names and addresses are as they were."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    prefix = models.CharField(max_length=PREFIX_LENGTH, blank=True, default="")
    kind = models.CharField(max_length=20, choices=ReceiptKind)
    line = models.OneToOneField(LedgerLine, models.PROTECT, related_name="receipt")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="receipts", db_index=False)
    """The online payment that it is about, for what was refunded of one too."""
    credits = models.ForeignKey("self", models.PROTECT, null=True, related_name="credited_by", db_index=False)
    """The receipt of what is given back, where there is one."""
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+", db_index=False)
    paid_at = models.DateTimeField()
    """When the money moved; an aware instant. VAT belongs to the period in which this lies."""
    issued_at = models.DateTimeField()
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    """Who paid, as they were called then; the law keeps it where somebody is erased."""
    reference = models.CharField(max_length=20, blank=True)
    """Of the booking."""
    business_name = models.CharField(max_length=200)
    business_address = models.TextField(max_length=ADDRESS_LENGTH)
    vat_number = models.CharField(max_length=VAT_NUMBER_LENGTH, blank=True)
    currency = models.CharField(max_length=3)
    total = models.IntegerField()
    """What its lines add up to, in minor units; below 0: given back."""
    vat = models.IntegerField(null=True)
    """What of it is VAT, as its lines say; none: no VAT is charged."""

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            TextCheck(
                name="receipt_text",
                one_line=["name", "business_name", "vat_number", "prefix"],
                longest={"business_address": ADDRESS_LENGTH},
            ),
            models.UniqueConstraint(fields=["account", "number"], name="receipt_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="receipt_number_positive"),
            models.CheckConstraint(
                condition=Q(kind=ReceiptKind.RECEIPT, total__gt=0) | Q(kind=ReceiptKind.CREDIT_NOTE, total__lt=0),
                name="receipt_kind_fits",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-paid_at", "-id"], name="receipt_listed"),
            models.Index(fields=["customer", "-paid_at", "-id"], name="receipt_of_customer"),
            models.Index(fields=["payment"], condition=Q(payment__isnull=False), name="receipt_of_payment"),
            models.Index(fields=["credits"], condition=Q(credits__isnull=False), name="receipt_credits"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}{self.number}"

    @property
    def is_credit_note(self) -> bool:
        """Whether money was given back."""
        return self.kind == ReceiptKind.CREDIT_NOTE

    @property
    def net(self) -> int:
        """The total without VAT."""
        return self.total - (self.vat or 0)


class ReceiptLine(models.Model):
    """One line: what was paid for, gross, and the VAT in it at the rate as it was; signed, in minor units."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    seat = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="receipt_lines", db_index=False)
    """What it is for; none where nobody knows more than the payment."""
    text = models.CharField(max_length=TEXT_LENGTH)
    detail = models.CharField(max_length=TEXT_LENGTH, blank=True)
    vat_name = models.CharField(max_length=60, blank=True)
    basis_points = models.PositiveSmallIntegerField(null=True)
    """The rate in hundredths of a percent; none: no VAT is charged."""
    amount = models.IntegerField()
    vat = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            TextCheck(name="receipt_line_text", one_line=["text", "detail", "vat_name"]),
            models.UniqueConstraint(fields=["receipt", "position"], name="receipt_line_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="receipt_line_of_something"),
            models.CheckConstraint(
                condition=Q(basis_points__isnull=True, vat__isnull=True)
                | Q(basis_points__lte=MOST_POINTS, vat__isnull=False),
                name="receipt_line_vat_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["seat", "receipt"], condition=Q(seat__isnull=False), name="receipt_line_seat"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def rate(self) -> str:
        """Its rate for people, such as 20%; empty where no VAT is charged."""
        return "" if self.basis_points is None else percentage(self.basis_points)

    @property
    def net(self) -> int:
        """The amount without VAT."""
        return self.amount - (self.vat or 0)
