"""The ledger: every movement of money is told once, whichever path it took, and nobody changes what was told."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Account
from bookwhen.payments.models import Connection
from memberships.models import Invoice
from tests.comparing import compare_everything
from tests.factories.accounts import CustomerFactory
from tests.tickets.checkout.test_edges import buy_with_membership, pay_for_ticket
from tests.worlds.bank import Bank
from tests.worlds.till import Till
from tickets.consistency import check_books
from tickets.models import (
    LedgerKind,
    LedgerLine,
    LedgerMethod,
    MoneyMethod,
    Payment,
    Refund,
    RefundReason,
    Seat,
    StudioPayment,
    StudioPaymentLine,
)
from tickets.money.refund_states import mark_refund_failed
from tickets.money.refunds import create_refund, submit_due_refunds

pytestmark = pytest.mark.django_db

TakeIn = Callable[[Connection], None]


@pytest.fixture
def bank(till: Till) -> Bank:
    return Bank(till.seller.sandbox)


def told(account: Account) -> list[tuple[str, int]]:
    """Each line's kind and amount, in the order in which they were told."""
    return list(LedgerLine.objects.filter(account=account).order_by("pk").values_list("kind", "amount"))


def wrong() -> list[str]:
    return [each.kind for each in check_books(now=timezone.now())]


def take(seat: Seat, amount: int, method: str = MoneyMethod.CASH, **fields: object) -> StudioPayment:
    """Written by hand: a payment at the studio for one seat."""
    now = timezone.now()
    made = StudioPayment.objects.create(
        **{
            "account_id": seat.account_id,
            "customer_id": seat.customer_id,
            "uuid": uuid4(),
            "amount": amount,
            "currency": "GBP",
            "method": method,
            "taken_at": now,
            "created_at": now,
            **fields,
        }
    )
    StudioPaymentLine.objects.create(account_id=seat.account_id, payment=made, seat=seat, amount=amount)
    return made


def test_a_payment_and_its_refunds_are_told_as_they_move(till: Till) -> None:
    payment = pay_for_ticket(till)
    line = LedgerLine.objects.get()
    assert (line.kind, line.method, line.amount, line.currency) == ("tickets_paid", LedgerMethod.STRIPE, 1000, "GBP")
    assert (line.happened_at, line.customer, line.payment) == (payment.paid_at, payment.booking.customer, payment)

    made = create_refund(payment.pk, 400, RefundReason.OPERATOR, now=timezone.now()).refund
    assert told(till.account) == [("tickets_paid", 1000)], "nothing has moved until Stripe took it on"
    submit_due_refunds(now=timezone.now())
    submit_due_refunds(now=timezone.now())
    assert told(till.account)[1:] == [("tickets_refunded", -400)]

    mark_refund_failed(Refund.objects.get(pk=made.pk), "expired", now=timezone.now())
    assert told(till.account)[1:] == [("tickets_refunded", -400), ("tickets_refunded", 400)]
    assert list(LedgerLine.objects.filter(refund=made).order_by("pk").values_list("number", flat=True)) == [1, 2]


def test_a_dispute_takes_and_brings_back(till: Till, bank: Bank, process_stripe_events: TakeIn) -> None:
    payment = pay_for_ticket(till)
    there = bank.dispute(payment.intent)
    process_stripe_events(till.seller.connection)
    bank.decides(there, "won")
    process_stripe_events(till.seller.connection)
    assert told(till.account) == [("tickets_paid", 1000), ("disputed", -1000), ("disputed", 1000)]
    assert wrong() == []


def test_of_a_bill_with_tickets_each_is_told_as_what_it_is(till: Till, bank: Bank) -> None:
    payment = buy_with_membership(till)
    bill = Invoice.objects.get()
    assert (bill.amount_paid, payment.amount) == (4500, 500)
    assert sorted(told(till.account)) == [("membership_paid", 4000), ("tickets_paid", 500)]
    assert LedgerLine.objects.get(kind=LedgerKind.MEMBERSHIP_PAID).happened_at == bill.paid_at

    till.seller.stripe.refunds.create({"payment_intent": payment.intent, "amount": 4500})
    compare_everything(till.seller.connection, timezone.now())
    assert sum(amount for _kind, amount in told(till.account)) == 0
    assert wrong() == []


def test_all_of_a_bill_with_tickets_that_is_disputed_is_told(
    till: Till, bank: Bank, process_stripe_events: TakeIn
) -> None:
    payment = buy_with_membership(till)
    bank.dispute(payment.intent)
    process_stripe_events(till.seller.connection)
    assert sum(amount for kind, amount in told(till.account) if kind == "disputed") == -4500
    assert wrong() == []


def test_money_at_the_studio_is_told_and_moves_what_is_owed(till: Till) -> None:
    seat = pay_for_ticket(till).seats.get()
    Seat.objects.filter(pk=seat.pk).update(owed=1200)
    first = take(seat, 1000)
    take(seat, 200, MoneyMethod.CARD_MACHINE)
    seat.refresh_from_db()
    assert (seat.owed, seat.collected) == (0, 1200)
    take(seat, -1000, corrects=first)
    seat.refresh_from_db()
    assert (seat.owed, seat.collected) == (1000, 200)
    lines = LedgerLine.objects.filter(studio_payment__isnull=False).order_by("pk")
    assert list(lines.values_list("kind", "method", "amount")) == [
        ("studio_taken", "cash", 1000),
        ("studio_taken", "card_machine", 200),
        ("studio_given_back", "cash", -1000),
    ]
    assert wrong() == []


def test_who_cancels_leaves_nothing_owed_but_what_was_collected(till: Till) -> None:
    seat = pay_for_ticket(till).seats.get()
    Seat.objects.filter(pk=seat.pk).update(owed=1200)
    take(seat, 500)
    Seat.objects.filter(pk=seat.pk).update(cancelled_at=timezone.now(), cancelled_by="studio")
    seat.refresh_from_db()
    assert (seat.owed, seat.collected) == (-500, 500)


def test_lines_add_up_to_their_payment(till: Till) -> None:
    seat = pay_for_ticket(till).seats.get()
    made = take(seat, 1000)
    other = pay_for_ticket(till).seats.get()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="do not add up"), transaction.atomic():
        StudioPaymentLine.objects.create(account_id=seat.account_id, payment=made, seat=other, amount=1)


def test_what_is_cancelled_is_cancelled_once_by_its_opposite(till: Till) -> None:
    seat = pay_for_ticket(till).seats.get()
    first = take(seat, 1000)
    for odd in ({"amount": -999}, {"method": MoneyMethod.TRANSFER}, {"currency": "EUR"}):
        with pytest.raises(DatabaseError, match="its opposite"), transaction.atomic():
            take(seat, **{"amount": -1000, "corrects": first} | odd)  # type: ignore[arg-type]
    second = take(seat, -1000, corrects=first)
    with pytest.raises(DatabaseError, match="corrects"), transaction.atomic():
        take(seat, -1000, corrects=first)
    with pytest.raises(DatabaseError, match="its opposite"), transaction.atomic():
        take(seat, 1000, corrects=second)


def test_nobody_changes_what_was_told(till: Till) -> None:
    taken = take(pay_for_ticket(till).seats.get(), 1000)
    lines = LedgerLine.objects.filter(account=till.account)
    for change in (
        lambda: lines.update(amount=1),
        lambda: lines.update(happened_at=timezone.now() - timedelta(days=40)),
        lines.delete,
        lambda: StudioPayment.objects.filter(pk=taken.pk).update(amount=1),
        lambda: StudioPayment.objects.filter(pk=taken.pk).update(method=MoneyMethod.TRANSFER),
        lambda: StudioPaymentLine.objects.all().update(amount=1),
        lambda: StudioPaymentLine.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            change()
    other = CustomerFactory.create(account=till.account)
    assert lines.update(customer=other) == 2
    assert StudioPayment.objects.filter(pk=taken.pk).update(customer=other, note="", taken_by=None) == 1


def test_it_says_once_what_it_is_told_again(till: Till) -> None:
    payment = pay_for_ticket(till)
    before = told(till.account)
    with connection.cursor() as cursor:
        for _again in range(2):
            cursor.execute("SELECT tickets_ledger_payment(%s)", [payment.pk])
    assert told(till.account) == before
    Payment.objects.filter(pk=payment.pk).update(amount=900, refunded=0)
    assert told(till.account)[-1] == ("tickets_paid", -100)
