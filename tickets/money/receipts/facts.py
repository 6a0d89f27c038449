"""What receipts are written of: for some lines of the ledger, what they were for and what was charged before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Min, QuerySet, Sum

from tickets.models import (
    LedgerLine,
    Receipt,
    ReceiptKind,
    ReceiptLine,
    RefundedSeat,
    Seat,
    StudioPaymentLine,
)
from tickets.money.vat import Charge, Charged, Rate, TaxedLine

Key = tuple[int | None, Rate]
Places = dict[int, list[Seat]]


@dataclass(slots=True)
class Facts:
    """What is known of some lines of one account's ledger; `totals` and `receipts` grow as receipts are written."""

    paid_for: Places
    """By payment (id) the seats that it was for, with entry, ticket, rate and booking with customer."""
    refunded_for: dict[int, list[RefundedSeat]]
    """By refund (id) what of it was for which seat."""
    taken_for: dict[int, list[StudioPaymentLine]]
    """By payment at the studio (id) what of it was for which seat."""
    seats: dict[int, Seat]
    """By their ids."""
    totals: dict[Key, int]
    """What receipts have come to so far for seats, by rate."""
    rests: dict[int, dict[Rate, int]]
    """The same by payment (id), for what no seat is named."""
    receipt_of_seat: dict[int, int] = field(default_factory=dict)
    """By seat (id) the receipt (id) that it was paid by first."""
    receipt_of_payment: dict[int, int] = field(default_factory=dict)

    def seats_of(self, line: LedgerLine) -> list[Seat]:
        """The seats that a line is about, all of the payment's where some of it was refunded."""
        if line.studio_payment_id:
            return [self.seats[each.seat_id] for each in self.taken_for.get(line.studio_payment_id, ())]
        return self.paid_for.get(payment_of(line) or 0, [])

    def charges_of(self, line: LedgerLine) -> list[Charge]:
        """What a line is for, as far as seats are known of it; signed as the line is."""
        if line.studio_payment_id:
            return [Charge(each.seat_id, each.amount) for each in self.taken_for.get(line.studio_payment_id, ())]
        if line.refund_id:
            sign = -1 if line.amount < 0 else 1
            return [Charge(each.seat_id, sign * each.amount) for each in self.refunded_for.get(line.refund_id, ())]
        seats = self.paid_for.get(line.payment_id or 0, ())
        return [Charge(seat.pk, seat.amount) for seat in seats if seat.amount] if line.amount > 0 else []

    def charged_of(self, line: LedgerLine) -> list[Charged]:
        """What receipts have come to so far for what a line is about."""
        seats = {seat.pk for seat in self.seats_of(line)}
        found = [Charged(*key, total) for key, total in self.totals.items() if key[0] in seats]
        rests = self.rests.get(payment_of(line) or 0, {})
        return [*found, *(Charged(None, rate, total) for rate, total in rests.items())]

    def note(self, line: LedgerLine, taxed: Iterable[TaxedLine]) -> None:
        """Remember a receipt that was written for a line."""
        for each in taxed:
            if each.seat is not None:
                self.totals[each.seat, each.rate] = self.totals.get((each.seat, each.rate), 0) + each.amount
            elif payment := payment_of(line):
                rests = self.rests.setdefault(payment, {})
                rests[each.rate] = rests.get(each.rate, 0) + each.amount


def payment_of(line: LedgerLine) -> int | None:
    """The online payment (id) that a line (with its refund) is about."""
    return line.refund.payment_id if line.refund else line.payment_id


def load_facts(lines: Sequence[LedgerLine]) -> Facts:
    """What is known of some lines of one account (with their refunds). A fixed number of statements."""
    account = lines[0].account_id
    payments = {payment for line in lines if (payment := payment_of(line))}
    refunds = {line.refund_id for line in lines if line.refund_id}
    taken = {line.studio_payment_id for line in lines if line.studio_payment_id}
    taken_for = _by_studio_payment(StudioPaymentLine.objects.filter(account=account, payment__in=taken))
    at_studio = {each.seat_id for some in taken_for.values() for each in some}
    paid_for: Places = defaultdict(list)
    known = {seat.pk: seat for seat in _seats(account).filter(pk__in=at_studio).order_by("pk")}
    # Two statements: by either, PostgreSQL could as well read all seats of the account.
    for seat in _seats(account).filter(payment__in=payments).order_by("pk"):
        paid_for[seat.payment_id or 0].append(seat)
        known[seat.pk] = seat
    facts = Facts(
        paid_for, _by_refund(account, refunds), taken_for, known, _totals(account, known), _rests(account, payments)
    )
    _add_receipts(facts, account, payments)
    return facts


def _seats(account: int) -> QuerySet[Seat]:
    return Seat.objects.filter(account=account).select_related(
        "entry", "ticket__vat_rate", "booking__customer", "discount_code"
    )


def _by_refund(account: int, refunds: Collection[int]) -> dict[int, list[RefundedSeat]]:
    found = defaultdict[int, list[RefundedSeat]](list)
    for each in RefundedSeat.objects.filter(account=account, refund__in=refunds).order_by("pk"):
        found[each.refund_id].append(each)
    return found


def _by_studio_payment(rows: QuerySet[StudioPaymentLine]) -> dict[int, list[StudioPaymentLine]]:
    found = defaultdict[int, list[StudioPaymentLine]](list)
    for each in rows.order_by("pk"):
        found[each.payment_id].append(each)
    return found


def _totals(account: int, seats: Collection[int]) -> dict[Key, int]:
    lines = ReceiptLine.objects.filter(account=account, seat__in=seats)
    rows = lines.order_by().values("seat", "vat_name", "basis_points").annotate(total=Sum("amount"), first=Min("pk"))
    return {
        (each["seat"], Rate(each["vat_name"], each["basis_points"])): each["total"] for each in rows.order_by("first")
    }


def _rests(account: int, payments: Collection[int]) -> dict[int, dict[Rate, int]]:
    lines = ReceiptLine.objects.filter(account=account, seat__isnull=True, receipt__payment__in=payments)
    rows = lines.order_by().values("receipt__payment", "vat_name", "basis_points").annotate(total=Sum("amount"))
    found = defaultdict[int, dict[Rate, int]](dict)
    for each in rows:
        found[each["receipt__payment"]][Rate(each["vat_name"], each["basis_points"])] = each["total"]
    return found


def _add_receipts(facts: Facts, account: int, payments: Collection[int]) -> None:
    """Find the receipts that credit notes name."""
    issued = Receipt.objects.filter(account=account, kind=ReceiptKind.RECEIPT)
    for payment, pk in issued.filter(payment__in=payments).order_by("-pk").values_list("payment", "pk"):
        facts.receipt_of_payment[payment] = pk
    lines = ReceiptLine.objects.filter(account=account, seat__in=facts.seats, receipt__kind=ReceiptKind.RECEIPT)
    for seat, pk in lines.order_by("-receipt").values_list("seat", "receipt"):
        facts.receipt_of_seat[seat] = pk
