"""Refunds at one instant: never more goes back than was paid, whoever asks for it."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from bookwhen.db import violated_constraint
from bookwhen.sandbox.stripe import Sandbox
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.till import Till, open_till
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.models import Payment, Refund, RefundReason, RefundState, Seat
from tickets.money.refunds import RefundTooLargeError, create_refund, submit_due_refunds, submit_refund
from tickets.schedule.entries import cancel_entry

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

Acts = list[Callable[[], object]]
TABS = 6


@pytest.fixture
def till(transactional_db: None, stripe_here: Sandbox) -> Till:
    return open_till(stripe_here, refund_percent=100)


@pytest.fixture
def payment(till: Till) -> Payment:
    """Two tickets at 10.00."""
    entry = till.entry()
    ticket = till.ticket(entry, 1000)
    return till.pay(till.fill(entry, ticket, ticket))


def seats_of(payment: Payment) -> list[int]:
    return list(Seat.objects.filter(payment=payment).order_by("pk").values_list("pk", flat=True))


def refunded(payment: Payment, amount: int, seats: dict[int, int] | None = None) -> str:
    try:
        create_refund(payment.pk, amount, RefundReason.OPERATOR, seats=seats, now=timezone.now())
    except RefundTooLargeError as error:
        return f"{error.left} left"
    return "refunded"


def assert_refunded_once(till: Till, payment: Payment, amount: int) -> None:
    """So much, here and at Stripe."""
    submit_due_refunds(now=timezone.now())
    charges = till.seller.sandbox.platform.worlds[till.seller.key].of("charge")
    assert Payment.objects.get(pk=payment.pk).refunded == amount
    assert [each["amount_refunded"] for each in charges] == [amount]
    assert sum(Refund.objects.filter(state=RefundState.DONE).values_list("amount", flat=True)) == amount


def test_control_looking_at_what_is_left_and_then_refunding_is_refused_by_the_check(payment: Payment) -> None:
    everybody_looked = wait_for_everyone(2)

    def naive(_number: int) -> str:
        left = Payment.objects.get(pk=payment.pk).refundable
        everybody_looked()
        try:
            Payment.objects.filter(pk=payment.pk).update(refunded=F("refunded") + left)
        except IntegrityError as error:
            return violated_constraint(error)
        return "refunded"

    assert Counter(run_at_once(2, naive)) == {"refunded": 1, "payment_refunds_fit": 1}


def test_operators_refund_all_of_it_at_once(till: Till, payment: Payment) -> None:
    outcomes = run_at_once(TABS, lambda _number: refunded(payment, 2000))

    assert Counter(outcomes) == {"refunded": 1, "0 left": TABS - 1}
    assert_refunded_once(till, payment, 2000)


def test_operators_refund_one_place_at_once(till: Till, payment: Payment) -> None:
    seat = seats_of(payment)[0]

    outcomes = run_at_once(TABS, lambda _number: refunded(payment, 600, {seat: 600}))

    assert Counter(outcomes) == {"refunded": 1, "400 left": TABS - 1}
    assert_refunded_once(till, payment, 600)


def test_the_customer_cancels_in_several_tabs(till: Till, payment: Payment) -> None:
    seats = seats_of(payment)

    gone = run_at_once(TABS, lambda _number: len(cancel_by_customer(payment.booking, seats, now=timezone.now()).seats))

    assert Counter(gone) == {2: 1, 0: TABS - 1}
    assert_refunded_once(till, payment, 2000)


def test_the_customer_cancels_the_studio_cancels_and_the_operator_refunds(till: Till, payment: Payment) -> None:
    seats, entry = seats_of(payment), Seat.objects.filter(payment=payment)[0].entry
    acts: Acts = [
        lambda: len(cancel_by_customer(payment.booking, seats, now=timezone.now()).seats),
        lambda: len(cancel_by_studio(seats[:1], now=timezone.now()).seats),
        lambda: len(cancel_entry(entry, now=timezone.now())),
        lambda: refunded(payment, 700, {seats[0]: 700}),
        lambda: refunded(payment, 700),
    ]

    gone = run_at_once(len(acts), lambda number: acts[number]())

    assert sum(each for each in gone if isinstance(each, int)) == 2
    given = Payment.objects.get(pk=payment.pk).refunded
    assert 2000 - 700 <= given <= 2000
    assert_refunded_once(till, payment, given)


def test_several_workers_send_one_refund_once(till: Till, payment: Payment) -> None:
    made = create_refund(payment.pk, 500, RefundReason.OPERATOR, now=timezone.now()).refund

    run_at_once(TABS, lambda _number: submit_refund(made.pk, now=timezone.now()))

    assert Refund.objects.get().tries == 1
    assert_refunded_once(till, payment, 500)
