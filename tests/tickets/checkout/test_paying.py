"""A basket is paid for once, at Stripe, and what is not there any more is refunded."""

from datetime import timedelta

import pytest
from django.utils import timezone

from memberships.models import Subscription
from tests.factories.schedule import OfferFactory
from tests.sweeps import release_overdue_baskets
from tests.worlds.till import Till, person_of
from tickets.checkout.basket import add_membership
from tickets.checkout.paying import reopen_basket
from tickets.checkout.settling import settle_overdue
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, PaymentState, Refund, RefundReason, RefundState, Seat
from tickets.money.refunds import submit_due_refunds
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


def test_a_basket_holds_its_places_until_it_is_paid(till: Till) -> None:
    entry = till.entry(capacity=2)
    ticket = till.ticket(entry, 1250)
    basket = till.fill(entry, ticket, ticket)
    entry.places.refresh_from_db()
    assert (basket.state, entry.places.taken) == (BookingState.BASKET, 2)

    payment = till.pay(basket)

    basket.refresh_from_db()
    assert (basket.state, basket.held_until) == (BookingState.BOOKED, None)
    assert (payment.state, payment.amount, payment.refunded) == (PaymentState.PAID, 2500, 0)
    assert payment.intent.startswith("pi_")
    assert list(basket.seats.values_list("price", "amount", "payment")) == [(1250, 1250, payment.pk)] * 2
    assert check_books(now=timezone.now()) == []


def test_a_free_basket_never_meets_stripe(till: Till) -> None:
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry, 0))
    assert till.check_out(basket) == ""
    basket.refresh_from_db()
    assert (basket.state, basket.payments.count()) == (BookingState.BOOKED, 0)


def test_a_basket_whose_time_is_up_is_released(till: Till) -> None:
    entry = till.entry(capacity=1)
    basket = till.fill(entry, till.ticket(entry))
    later = timezone.now() + timedelta(minutes=16)
    assert release_overdue_baskets(now=later) == 1
    basket.refresh_from_db()
    entry.places.refresh_from_db()
    assert (basket.state, entry.places.taken) == (BookingState.RELEASED, 0)
    assert release_overdue_baskets(now=later) == 0


def test_what_is_at_the_checkout_is_released_only_when_stripe_says_so(till: Till) -> None:
    entry = till.entry(capacity=1)
    basket = till.fill(entry, till.ticket(entry))
    till.check_out(basket)
    later = timezone.now() + timedelta(minutes=16)
    assert release_overdue_baskets(now=later) == 0
    settle_overdue(basket.pk, now=later)
    basket.refresh_from_db()
    entry.places.refresh_from_db()
    assert (basket.state, entry.places.taken) == (BookingState.RELEASED, 0)


def test_one_that_was_paid_meanwhile_is_booked_by_the_sweep(till: Till) -> None:
    entry = till.entry(capacity=1)
    basket = till.fill(entry, till.ticket(entry))
    till.seller.sandbox.shopper.pay(till.check_out(basket))
    settle_overdue(basket.pk, now=timezone.now() + timedelta(minutes=16))
    basket.refresh_from_db()
    assert basket.state == BookingState.BOOKED


def test_a_place_that_was_gone_when_paid_is_refunded(till: Till) -> None:
    entry, other = till.entry(), till.entry()
    basket = till.fill(entry, till.ticket(entry, 1000))
    till.fill(other, till.ticket(other, 700), basket=basket)
    url = till.check_out(basket)
    cancel_entry(entry, now=timezone.now())
    till.seller.sandbox.shopper.pay(url)
    payment = till.settle(basket)
    assert (payment.amount, payment.refunded) == (1700, 1000)
    refund = Refund.objects.get(payment=payment)
    assert (refund.reason, refund.state) == (RefundReason.TOO_LATE, RefundState.QUEUED)
    assert submit_due_refunds(now=timezone.now()) == 1
    refund.refresh_from_db()
    assert refund.state == RefundState.DONE
    assert Seat.objects.filter(booking=basket, cancelled_at=None).count() == 1


def test_a_basket_taken_back_from_the_checkout_can_be_changed(till: Till) -> None:
    entry = till.entry()
    ticket = till.ticket(entry)
    basket = till.fill(entry, ticket)
    till.check_out(basket)
    secret = basket.uuid
    reopened = reopen_basket(basket, now=timezone.now())
    assert reopened is not None
    # It is a guest's, and its address was at Stripe.
    assert (reopened.pk, reopened.state, reopened.uuid == secret) == (basket.pk, BookingState.BASKET, False)
    till.fill(entry, ticket, basket=reopened)
    assert till.pay(reopened).amount == 2400


def test_a_membership_in_the_basket_opens_its_tickets_at_once(till: Till) -> None:
    group = till.seller.membership.group
    OfferFactory.create(group=group, page=till.page, limit=2)
    entry = till.entry()
    customer = till.customer_with_login()
    ticket = till.ticket(entry, 500, group=group)
    who, now = person_of(customer), timezone.now()
    basket = add_membership(None, till.seller.price, customer, till.page, who=who, now=now)
    till.fill(entry, ticket, basket=basket, customer=customer)
    payment = till.pay(basket)
    basket.refresh_from_db()
    assert basket.state == BookingState.BOOKED
    assert Subscription.objects.get(booking=basket).status == "active"
    assert (payment.amount, payment.intent[:3]) == (500, "pi_")
    assert check_books(now=timezone.now()) == []


def test_adding_a_membership_never_shortens_a_hold(till: Till) -> None:
    """The studio may hold baskets for less by now: what the customer was told still holds."""
    customer = till.customer_with_login()
    entry = till.entry()
    basket = till.fill(entry, till.ticket(entry), customer=customer)
    until = timezone.now() + timedelta(hours=1)
    Booking.objects.filter(pk=basket.pk).update(held_until=until)
    basket.refresh_from_db()

    add_membership(basket, till.seller.price, customer, till.page, who=person_of(customer), now=timezone.now())

    basket.refresh_from_db()
    assert (basket.held_until, basket.membership_price) == (until, till.seller.price)
