"""Receipts as they are read: each with its lines, and the VAT of each rate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from tickets.models import Booking, Receipt, ReceiptDue, ReceiptLine, ReceiptQuerySet
from tickets.models.vat import percentage


@dataclass(frozen=True, slots=True)
class RateSum:
    """What lines at one rate come to, in minor units; `basis_points` None: no VAT is charged."""

    name: str
    basis_points: int | None
    gross: int
    vat: int

    @property
    def net(self) -> int:
        """Without VAT."""
        return self.gross - self.vat

    @property
    def rate(self) -> str:
        """The percentage for people; empty where no VAT is charged."""
        return "" if self.basis_points is None else percentage(self.basis_points)


@dataclass(frozen=True, slots=True)
class Document:
    """A receipt or credit note (with what it credits and its ledger's line), in its account's time zone."""

    receipt: Receipt
    lines: Sequence[ReceiptLine]
    zone: ZoneInfo

    @property
    def paid_on(self) -> datetime:
        """When the money moved, on the account's clocks."""
        return self.receipt.paid_at.astimezone(self.zone)

    @property
    def issued_on(self) -> datetime:
        """When it got its number, on the account's clocks."""
        return self.receipt.issued_at.astimezone(self.zone)

    @property
    def rates(self) -> list[RateSum]:
        """The sums of its lines by rate, in their order."""
        return sums_by_rate(self.lines)

    @property
    def method(self) -> str:
        """Which way the money went, for people."""
        return str(self.receipt.line.get_method_display())


def sums_by_rate(lines: Iterable[ReceiptLine]) -> list[RateSum]:
    """What lines come to at each rate, in the order in which rates come first."""
    found: dict[tuple[str, int | None], list[ReceiptLine]] = {}
    for each in lines:
        found.setdefault((each.vat_name, each.basis_points), []).append(each)
    return [
        RateSum(name, points, sum(each.amount for each in some), sum(each.vat or 0 for each in some))
        for (name, points), some in found.items()
    ]


def load_documents(receipts: ReceiptQuerySet, zone: ZoneInfo) -> list[Document]:
    """Receipts with all that is read of them, in the order of their numbers. Two statements."""
    return [Document(each, list(each.lines.all()), zone) for each in with_lines(receipts).order_by("number")]


def with_lines(receipts: ReceiptQuerySet) -> ReceiptQuerySet:
    """Receipts, each with its lines in order, what it credits, and its line of the ledger."""
    lines = Prefetch("lines", ReceiptLine.objects.order_by("position"))
    return receipts.select_related("credits", "line").prefetch_related(lines)


def receipts_of_booking(booking: Booking) -> ReceiptQuerySet:
    """What was issued for a booking: for what was paid online, and for its seats at the studio. One statement."""
    paid = Receipt.objects.filter(account=booking.account_id, payment__booking=booking).values_list("pk")
    taken = ReceiptLine.objects.filter(account=booking.account_id, seat__booking=booking).values_list("receipt")
    # Looked up first: by a condition of two parts, all receipts of the account would be read.
    found = [pk for (pk,) in paid.order_by().union(taken.order_by())]
    return Receipt.objects.filter(account=booking.account_id, pk__in=found)


def are_receipts_due(booking: Booking) -> bool:
    """Whether money moved for a booking that has no receipt yet, but will in a minute."""
    of_online = Q(line__payment__booking=booking) | Q(line__refund__payment__booking=booking)
    at_studio = Q(line__studio_payment__lines__seat__booking=booking)
    return ReceiptDue.objects.filter(of_online | at_studio, account=booking.account_id).exists()
