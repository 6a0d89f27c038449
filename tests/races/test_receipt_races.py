"""Two hundred payments at once, refunds among them, and two workers that number them: no gap, and no number twice."""

from typing import Final

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from accounts.models import Account
from tests.factories.money import create_paid_booking
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.tickets.money.receipts.moving import numbering
from tickets.models import (
    LedgerLine,
    Payment,
    PaymentState,
    Receipt,
    ReceiptCounter,
    ReceiptDue,
    ReceiptLine,
    Refund,
    RefundedSeat,
    RefundReason,
    RefundState,
    Seat,
    Ticket,
)
from tickets.money.receipts.issuing import number_receipts
from tickets.money.vat import vat_of

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PAYMENTS: Final = 200
PAYERS: Final = 8
EACH: Final = PAYMENTS // PAYERS
REFUNDED: Final = 5
"""Every fifth payment is refunded in two parts."""


@pytest.fixture
def ticket() -> Ticket:
    entry = EntryFactory.create(capacity=PAYMENTS)
    return TicketFactory.create(entry=entry, cost="cost", price=1000)


@pytest.fixture
def account(ticket: Ticket) -> Account:
    return ticket.series.account


def checkouts(ticket: Ticket, count: int) -> list[Payment]:
    """So many bookings whose payment is still to come."""
    entry = load_entry(ticket.series.entries.get())
    booked = [create_paid_booking(entry, ticket, f"Guest {number}", amount=1000 + number) for number in range(count)]
    payments = [booking.payments.get() for booking in booked]
    Payment.objects.filter(account=entry.account).update(state=PaymentState.OPEN, paid_at=None)
    return payments


def pay(payment: Payment) -> None:
    Payment.objects.filter(pk=payment.pk).update(state=PaymentState.PAID, paid_at=NOW)


def refund(payment: Payment) -> None:
    seat = Seat.objects.get(payment=payment)
    for part in (333, payment.amount - 333):
        with transaction.atomic():
            made = Refund.objects.create(
                account_id=payment.account_id,
                payment=payment,
                amount=part,
                reason=RefundReason.OPERATOR,
                due_at=NOW,
                created_at=NOW,
            )
            RefundedSeat.objects.create(account_id=payment.account_id, refund=made, seat=seat, amount=part)
            paid = Payment.objects.get(pk=payment.pk).refunded
            Payment.objects.filter(pk=payment.pk).update(refunded=paid + part)
        Refund.objects.filter(pk=made.pk).update(state=RefundState.DONE, done_at=NOW)


def test_two_hundred_payments_at_once_have_two_hundred_numbers(account: Account, ticket: Ticket) -> None:
    payments = checkouts(ticket, PAYMENTS)
    numbering(account, first=701)
    before = LedgerLine.objects.aggregate(last=Max("pk"))["last"] or 0
    over: list[int] = []

    def payer(number: int) -> None:
        for index, payment in enumerate(payments[number * EACH : (number + 1) * EACH]):
            pay(payment)
            if index % REFUNDED == 0:
                refund(payment)
        over.append(number)

    def worker(_number: int) -> None:
        while number_receipts(account.pk, now=NOW) or len(over) < PAYERS:
            pass

    run_at_once(PAYERS + 2, lambda number: payer(number) if number < PAYERS else worker(number))

    moved = LedgerLine.objects.filter(pk__gt=before)
    total = PAYMENTS + 2 * PAYMENTS // REFUNDED
    numbers = list(Receipt.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(701, 701 + total))
    assert ReceiptCounter.objects.get().last == 700 + total
    assert not ReceiptDue.objects.exists()
    assert sorted(Receipt.objects.values_list("line", flat=True)) == sorted(moved.values_list("pk", flat=True))
    assert Receipt.objects.aggregate(all=Sum("total")) == moved.aggregate(all=Sum("amount"))
    for each in Payment.objects.filter(account=account):
        vat = ReceiptLine.objects.filter(receipt__payment=each).aggregate(all=Sum("vat"))["all"]
        assert vat == (0 if each.refunded else vat_of(each.amount, 2000))


def paid_lines(ticket: Ticket) -> list[LedgerLine]:
    """Two payments as the ledger has them."""
    payments = checkouts(ticket, 2)
    for each in payments:
        pay(each)
    return list(LedgerLine.objects.filter(payment__in=payments, amount__gt=0).order_by("-pk")[:2])


def write_naively(lines: list[LedgerLine]) -> list[str]:
    """Everybody reads the last number, and then writes the next one."""
    account = Account.objects.get(pk=lines[0].account_id)
    everybody_looked = wait_for_everyone(len(lines))

    def number(index: int) -> str:
        last = Receipt.objects.filter(account=account).aggregate(last=Max("number"))["last"] or 0
        everybody_looked()
        receipt = Receipt(
            account=account,
            number=last + 1,
            kind="receipt",
            line=lines[index],
            paid_at=NOW,
            issued_at=timezone.now(),
            business_name="River Ltd",
            business_address="1 Mill Lane",
            currency="GBP",
            total=lines[index].amount,
        )
        try:
            with transaction.atomic():
                Receipt.objects.bulk_create([receipt])
        except IntegrityError:
            return "refused"
        return "written"

    return sorted(run_at_once(len(lines), number))


def test_who_numbers_past_the_lock_is_refused_by_the_database(account: Account, ticket: Ticket) -> None:
    numbering(account)
    lines = paid_lines(ticket)

    assert write_naively(lines) == ["refused", "written"]

    ReceiptDue.objects.all().delete()
    Receipt.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_receipt CASCADE")
    ReceiptCounter.objects.update(last=0)


def test_control_without_lock_and_constraints_two_receipts_have_one_number(account: Account, ticket: Ticket) -> None:
    numbering(account)
    lines = paid_lines(ticket)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_receipt DISABLE TRIGGER receipt_numbered")
        cursor.execute("ALTER TABLE tickets_receipt DROP CONSTRAINT receipt_number_once")
    try:
        assert write_naively(lines) == ["written", "written"]
        assert list(Receipt.objects.values_list("number", flat=True)) == [1, 1]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE tickets_receipt CASCADE")
            cursor.execute("ALTER TABLE tickets_receipt ADD CONSTRAINT receipt_number_once UNIQUE (account_id, number)")
            cursor.execute("ALTER TABLE tickets_receipt ENABLE TRIGGER receipt_numbered")
