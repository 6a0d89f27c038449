"""Money while things break: a place is kept until Stripe has spoken, and nothing is given back twice."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import Letter
from bookwhen.payments.gateway import StripeDownError
from tests.sweeps import release_overdue_baskets
from tests.waiting import eventually
from tests.worlds.till import Till, payment_of
from tickets.checkout.settling import settle_overdue, settle_payment
from tickets.models import (
    Booking,
    BookingState,
    EntryPlaces,
    Payment,
    PaymentState,
    Refund,
    RefundReason,
    RefundState,
    Seat,
)
from tickets.money.refunds import LEASE, create_refund, submit_due_refunds, submit_refund
from tickets.tasks import send_refund

pytestmark = pytest.mark.django_db(transaction=True)

LATER: Final = timedelta(minutes=16)


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meet a fault instead of waiting until it is over."""
    monkeypatch.setattr("bookwhen.payments.transport.RETRIES", 0)


def fill_basket(till: Till) -> Booking:
    entry = till.entry(capacity=1)
    return till.fill(entry, till.ticket(entry, 1000))


def refunds_at_stripe(till: Till) -> list[int]:
    """What each refund at Stripe gave back."""
    return [each["amount"] for each in till.seller.sandbox.platform.worlds[till.seller.key].of("refund")]


def worker_has_asked(till: Till) -> Callable[[], bool]:
    """Whether a worker's question has reached Stripe, which is slow to answer it."""
    return lambda: all(fault["kind"] != "slow" for fault in till.seller.sandbox.platform.faults.armed())


def load_states(basket: Booking) -> tuple[str, str, int]:
    """The booking, its newest payment, and the places that are taken."""
    places = EntryPlaces.objects.get()
    return Booking.objects.get(pk=basket.pk).state, payment_of(basket).state, places.taken


def test_a_worker_killed_before_it_noted_what_stripe_refunded(till: Till, worker: subprocess.Popen[bytes]) -> None:
    payment = till.pay(fill_basket(till))
    till.seller.sandbox.arm("slow", "POST /v1/refunds", milliseconds=5000)
    made = create_refund(payment.pk, 400, RefundReason.OPERATOR, now=timezone.now()).refund
    eventually(worker_has_asked(till))

    worker.kill()
    worker.wait()

    eventually(lambda: refunds_at_stripe(till) == [400])
    made.refresh_from_db()
    assert (made.state, made.tries) == (RefundState.QUEUED, 1)
    assert submit_due_refunds(now=timezone.now()) == 0  # another worker may still be at it
    assert submit_due_refunds(now=timezone.now() + LEASE) == 1
    made.refresh_from_db()
    assert (made.state, made.tries, refunds_at_stripe(till)) == (RefundState.DONE, 2, [400])


def test_a_refund_whose_answer_was_lost_is_made_once(till: Till) -> None:
    payment = till.pay(fill_basket(till))
    made = create_refund(payment.pk, 400, RefundReason.OPERATOR, now=timezone.now()).refund
    till.seller.sandbox.arm("error_after", "POST /v1/refunds")
    send_refund(made.pk)
    assert (Refund.objects.get().state, refunds_at_stripe(till)) == (RefundState.QUEUED, [400])
    submit_refund(made.pk, now=timezone.now() + timedelta(minutes=1))
    assert (Refund.objects.get().state, refunds_at_stripe(till)) == (RefundState.DONE, [400])


def test_stripe_is_down_while_a_basket_runs_out(till: Till) -> None:
    basket = fill_basket(till)
    till.check_out(basket)
    till.seller.sandbox.arm("error", "GET /v1/checkout/sessions", times=2)
    later = timezone.now() + LATER
    for minutes in (0, 11):
        now = later + timedelta(minutes=minutes)
        assert release_overdue_baskets(now=now) == 0
        settle_overdue(basket.pk, now=now)
        assert load_states(basket) == (BookingState.PAYING, PaymentState.OPEN, 1)
    settle_overdue(basket.pk, now=later + timedelta(minutes=22))
    assert load_states(basket) == (BookingState.RELEASED, PaymentState.ABANDONED, 0)


def test_stripe_ended_a_checkout_and_its_answer_was_lost(till: Till) -> None:
    basket = fill_basket(till)
    till.check_out(basket)
    till.seller.sandbox.arm("error_after", "POST /v1/checkout/sessions")
    later = timezone.now() + LATER
    settle_overdue(basket.pk, now=later)
    assert load_states(basket) == (BookingState.PAYING, PaymentState.OPEN, 1)
    settle_overdue(basket.pk, now=later + timedelta(minutes=11))
    assert load_states(basket) == (BookingState.RELEASED, PaymentState.ABANDONED, 0)


@pytest.mark.parametrize("fault", ["error", "error_after"])
def test_stripe_is_down_at_the_check_out(till: Till, fault: str) -> None:
    basket = fill_basket(till)
    held_until = basket.held_until
    till.seller.sandbox.arm(fault, "POST /v1/checkout/sessions")  # type: ignore[arg-type]
    with pytest.raises(StripeDownError):
        till.check_out(basket)
    assert load_states(basket) == (BookingState.BASKET, PaymentState.ABANDONED, 1)
    assert held_until is not None
    assert till.pay(basket).state == PaymentState.PAID
    assert load_states(basket) == (BookingState.BOOKED, PaymentState.PAID, 1)


def test_the_connection_is_cut_while_a_payment_is_confirmed(till: Till) -> None:
    basket = fill_basket(till)
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    payment = payment_of(basket)
    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            # The row that confirming holds last, so that it waits with everything else begun.
            list(Seat.objects.select_for_update().filter(booking=basket))
            confirming = elsewhere.submit(_settle_elsewhere, payment)
            eventually(lambda: _waiting_for_us() != [])
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", _waiting_for_us())
        with pytest.raises(OperationalError):
            confirming.result()
    assert load_states(basket) == (BookingState.PAYING, PaymentState.OPEN, 1)
    settle_payment(payment, now=timezone.now())
    settle_payment(payment, now=timezone.now())
    assert load_states(basket) == (BookingState.BOOKED, PaymentState.PAID, 1)
    assert (Letter.objects.count(), Payment.objects.get().refunded) == (1, 0)


def _settle_elsewhere(payment: Payment) -> None:
    try:
        settle_payment(payment, now=timezone.now())
    finally:
        connection.close()


def _waiting_for_us() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) LIMIT 1"
        )
        return [row[0] for row in cursor.fetchall()]
