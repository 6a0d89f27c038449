"""Numbering: each movement of money for tickets gets its receipt, in order and without gaps.

Who numbers holds the account's counter until the receipts are committed. So a crash leaves neither a gap nor a number
twice, and two workers go one after the other. PostgreSQL moves the counter with each receipt, and refuses any number
but the next (`receipt_number_next`), no matter who writes it.

It is never part of the transaction that moves the money: a counter of the whole account would make every booking wait
for every other.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Account
from bookwhen.db import NOT_ON_ONE_LINE
from bookwhen.money import money
from tickets.models import (
    Booking,
    LedgerLine,
    Receipt,
    ReceiptCounter,
    ReceiptDue,
    ReceiptKind,
    ReceiptLine,
    ReceiptSettings,
    Seat,
)
from tickets.models.receipts import NAME_LENGTH, TEXT_LENGTH
from tickets.money.receipts.business import receipt_settings_of
from tickets.money.receipts.facts import Facts, load_facts, payment_of
from tickets.money.vat import NO_VAT, Rate, TaxedLine, tax

BATCH: Final = 100
"""How many are numbered in one transaction."""


def number_receipts(account: int, *, now: datetime) -> int:
    """Number up to `BATCH` of the movements of an account (id) that are due, oldest first; how many.

    Safe to repeat, and for any number of workers at once.
    """
    with transaction.atomic():
        # Held before it is read what is due: who waited here finds what the other has left.
        counter = ReceiptCounter.objects.select_for_update().filter(account=account).first()
        due = ReceiptDue.objects.filter(account=account).order_by("pk")
        wanted = dict(due.values_list("pk", "line")[:BATCH]) if counter else {}
        if not (counter and wanted):
            return 0
        issue(Account.objects.get(pk=account), _lines(account, list(wanted.values())), counter, now=now)
        ReceiptDue.objects.filter(account=account, pk__in=wanted).delete()
    return len(wanted)


def number_receipts_of(due: int, *, now: datetime) -> bool:
    """Number what is due with one row (id of `ReceiptDue`); False where another worker did."""
    account = ReceiptDue.objects.filter(pk=due).values_list("account", flat=True).first()
    return bool(account and number_receipts(account, now=now))


def issue(account: Account, lines: Sequence[LedgerLine], counter: ReceiptCounter, *, now: datetime) -> list[Receipt]:
    """Write the receipts of lines of the ledger, in this order, from the next number on. The counter is held."""
    settings, facts = receipt_settings_of(account), load_facts(lines)
    made = []
    with override(account.language):
        for line in lines:
            receipt, taxed = _compose(account, line, settings, facts)
            receipt.number, receipt.issued_at = counter.next, now
            receipt.save(force_insert=True)
            counter.last = receipt.number
            ReceiptLine.objects.bulk_create(_written(receipt, taxed, facts, account))
            _remember(facts, line, receipt, taxed)
            made.append(receipt)
    return made


def _lines(account: int, keys: Sequence[int]) -> list[LedgerLine]:
    """Lines of the ledger, in the order in which they came to be due."""
    found = LedgerLine.objects.filter(account=account).select_related(
        "customer", "payment__booking__customer", "refund__payment__booking__customer"
    )
    by_key = found.in_bulk(keys)
    return [by_key[key] for key in keys]


def _compose(
    account: Account, line: LedgerLine, settings: ReceiptSettings, facts: Facts
) -> tuple[Receipt, list[TaxedLine]]:
    """A receipt of a line, without its number, and its lines."""
    seats = facts.seats_of(line)
    usual = _rate(settings, None)
    rates: dict[int | None, Rate] = {None: usual, **{seat.pk: _rate(settings, seat) for seat in seats}}
    taxed = tax(line.amount, facts.charges_of(line), facts.charged_of(line), rates)
    booking = seats[0].booking if seats else _booking_paid(line)
    vat = [each.vat for each in taxed if each.vat is not None]
    return Receipt(
        account=account,
        prefix=settings.prefix,
        kind=ReceiptKind.RECEIPT if line.amount > 0 else ReceiptKind.CREDIT_NOTE,
        line=line,
        payment_id=payment_of(line),
        credits_id=_credited(line, taxed, facts) if line.amount < 0 else None,
        customer_id=line.customer_id,
        paid_at=line.happened_at,
        name=_short(booking.booker if booking else line.customer.name if line.customer else "", NAME_LENGTH),
        reference=booking.reference if booking else "",
        business_name=settings.business_name,
        business_address=settings.business_address,
        vat_number=settings.vat_number,
        currency=line.currency,
        total=line.amount,
        vat=sum(vat) if vat else None,
    ), taxed


def _booking_paid(line: LedgerLine) -> Booking | None:
    """The booking that was paid for where another payment paid for its seats."""
    payment = line.payment or (line.refund.payment if line.refund else None)
    return payment.booking if payment else None


def _rate(settings: ReceiptSettings, seat: Seat | None) -> Rate:
    """The rate at which a seat (with its ticket and the ticket's rate) is taxed now; none where no VAT is charged."""
    rate = (seat.ticket.vat_rate if seat else None) or settings.default_rate
    return Rate(rate.name, rate.basis_points) if rate and settings.charges_vat else NO_VAT


def _credited(line: LedgerLine, taxed: Sequence[TaxedLine], facts: Facts) -> int | None:
    """The receipt (id) of what a line gives back."""
    if payment := payment_of(line):
        return facts.receipt_of_payment.get(payment)
    return next((facts.receipt_of_seat[each.seat] for each in taxed if each.seat in facts.receipt_of_seat), None)


def _remember(facts: Facts, line: LedgerLine, receipt: Receipt, taxed: Sequence[TaxedLine]) -> None:
    facts.note(line, taxed)
    if receipt.kind == ReceiptKind.RECEIPT:
        if receipt.payment_id:
            facts.receipt_of_payment.setdefault(receipt.payment_id, receipt.pk)
        for each in taxed:
            if each.seat is not None:
                facts.receipt_of_seat.setdefault(each.seat, receipt.pk)


def _written(receipt: Receipt, taxed: Sequence[TaxedLine], facts: Facts, account: Account) -> list[ReceiptLine]:
    lines = []
    for position, each in enumerate(taxed):
        seat = facts.seats.get(each.seat) if each.seat is not None else None
        text, detail = words_of(seat, account) if seat else (_words_without(receipt), "")
        lines.append(
            ReceiptLine(
                account=account,
                receipt=receipt,
                position=position,
                seat=seat,
                text=_short(text),
                detail=_short(detail),
                vat_name=each.rate.name,
                basis_points=each.rate.basis_points,
                amount=each.amount,
                vat=each.vat,
            )
        )
    return lines


def words_of(seat: Seat, account: Account) -> tuple[str, str]:
    """What a seat was for, and by which ticket; nobody who comes is named."""
    when = date_format(seat.entry.wall_times(account.zone).starts, "j F Y, H:i")
    return f"{seat.entry.title}, {when}", _detail(seat, account)


def _detail(seat: Seat, account: Account) -> str:
    if seat.amount < seat.price:
        return _("%(ticket)s, %(price)s less %(discount)s discount") % {
            "ticket": seat.ticket.name,
            "price": money(seat.price, account.currency, account.locale),
            "discount": money(seat.price - seat.amount, account.currency, account.locale),
        }
    # What is paid at the studio is noted with its discount taken off: what it would have cost isn't known any more.
    if seat.discount_code:
        return _("%(ticket)s, discount code %(code)s") % {"ticket": seat.ticket.name, "code": seat.discount_code.code}
    if seat.discount_id:
        return _("%(ticket)s, member’s discount") % {"ticket": seat.ticket.name}
    return seat.ticket.name


def _words_without(receipt: Receipt) -> str:
    """What is said of money that no seat is known for."""
    return _("Refund of a payment") if receipt.total < 0 else _("Payment for tickets")


def _short(text: str, most: int = TEXT_LENGTH) -> str:
    """A text as a receipt has it: whatever was typed once, it is on one line, and not too long to be issued."""
    text = re.sub(NOT_ON_ONE_LINE, " ", text)
    return text if len(text) <= most else f"{text[: most - 1]}…"
