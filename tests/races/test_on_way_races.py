"""A payment on its way that ends, while it is heard of twice and cancelled: one end, no space held for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Letter
from bookwhen.sandbox.stripe.shopper import ACCOUNT_PAYS, ACCOUNT_REFUSES
from tests.comparing import compare_payments as reconcile
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.till import Till, payment_of
from tickets.booking.cancel import cancel_by_customer
from tickets.checkout.settling import settle_payment
from tickets.consistency import check_books
from tickets.models import Booking, EntryPlaces, Payment, PaymentState, Refund, Seat
from tickets.money.on_way import mark_failed
from tickets.webhooks import handle_subject

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 2


def on_its_way(till: Till, account: str = ACCOUNT_PAYS) -> Booking:
    till.account.accepts_bank_debits = True
    till.account.save()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000))
    till.seller.sandbox.shopper.debit(till.check_out(basket), account)
    till.settle(basket)
    return basket


def race(*acts: Callable[[], object]) -> list[object]:
    return run_at_once(len(acts), lambda number: acts[number]())


@pytest.mark.parametrize("paid", [True, False])
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_p3_it_ends_while_its_customer_cancels(till: Till, paid: bool, _round: int) -> None:  # noqa: FBT001
    basket = on_its_way(till, ACCOUNT_PAYS if paid else ACCOUNT_REFUSES)
    till.seller.sandbox.end_debits(paid=paid)
    payment, seat, connection = payment_of(basket), Seat.objects.get().pk, till.seller.connection

    race(
        lambda: handle_subject(connection, payment.session, timezone.now()),
        lambda: handle_subject(connection, payment.session, timezone.now()),
        lambda: settle_payment(payment_of(basket), now=timezone.now()),
        lambda: cancel_by_customer(Booking.objects.get(pk=basket.pk), [seat], now=timezone.now()),
    )
    reconcile(connection, timezone.now() + timedelta(hours=2))

    found, told = Payment.objects.get(pk=payment.pk), list(Letter.objects.values_list("kind", flat=True))
    refunded = list(Refund.objects.values_list("amount", flat=True))
    assert (found.state, refunded) == ((PaymentState.PAID, [1000]) if paid else (PaymentState.ABANDONED, []))
    assert told.count("payment_arrived" if paid else "payment_failed") == 1
    assert (EntryPlaces.objects.get().taken, check_books(now=timezone.now())) == (0, [])


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_p3_it_is_heard_of_from_everywhere_at_once(till: Till, _round: int) -> None:
    till.account.accepts_bank_debits = True
    till.account.save()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry))
    till.seller.sandbox.shopper.debit(till.check_out(basket))
    payment = payment_of(basket)

    race(
        lambda: settle_payment(payment_of(basket), now=timezone.now()),
        lambda: handle_subject(till.seller.connection, payment.session, timezone.now()),
        lambda: handle_subject(till.seller.connection, payment.session, timezone.now()),
    )

    assert list(Letter.objects.values_list("kind", flat=True)) == ["payment_on_way"]
    assert check_books(now=timezone.now()) == []


def test_control_ending_it_without_asking_for_the_state_ends_it_twice(till: Till) -> None:
    basket = on_its_way(till)
    payment, everybody_looked = payment_of(basket), wait_for_everyone(2)

    def naive(_number: int) -> bool:
        is_open = Payment.objects.get(pk=payment.pk).state == PaymentState.OPEN
        everybody_looked()
        return is_open

    assert run_at_once(2, naive) == [True, True]
    assert sorted(run_at_once(2, lambda _number: mark_failed(payment, now=timezone.now()))) == [False, True]
