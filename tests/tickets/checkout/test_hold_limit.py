"""A hold ends: whatever renews it, the checkout included, it is over at its limit and the places are free."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.sweeps import release_overdue_baskets
from tests.worlds.till import Till, payment_of, person_of
from tickets.availability.facts import ANONYMOUS
from tickets.booking.hold import hold_limit
from tickets.checkout.basket import add_membership, read_basket, remove_tickets
from tickets.checkout.paying import reopen_basket
from tickets.checkout.settling import settle_overdue
from tickets.models import Booking, BookingState, Entry, EntryPlaces, Ticket

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LIMIT = 61 * MINUTE
"""Of a studio that holds baskets for a quarter of an hour."""


@pytest.fixture
def entry(till: Till) -> Entry:
    return till.entry(capacity=12)


@pytest.fixture
def ticket(till: Till, entry: Entry) -> Ticket:
    return till.ticket(entry)


def minutes_held(basket: Booking, began: datetime) -> int:
    """How long it is held in all, in minutes."""
    held_until = Booking.objects.get(pk=basket.pk).held_until
    assert held_until is not None
    return round((held_until - began) / MINUTE)


@pytest.mark.parametrize(("period", "limit"), [(5, 41), (15, 61), (120, 271)])
def test_it_is_twice_the_reservation_period_and_a_checkout(till: Till, period: int, limit: int) -> None:
    till.account.hold_minutes = period
    now = timezone.now()
    assert hold_limit(till.account, now=now) == now + limit * MINUTE


def test_putting_more_in_renews_it_only_so_far_and_leaves_time_to_pay(till: Till, entry: Entry, ticket: Ticket) -> None:
    now = timezone.now()
    basket = till.fill(entry, ticket, now=now)
    held = []
    for minute in (0, 10, 20, 30, 40, 45):
        basket = till.fill(*_another(till), basket=basket, now=now + minute * MINUTE)
        held.append(minutes_held(basket, now))
    assert held == [15, 25, 35, 45, 46, 46]
    till.check_out(basket, now=now + 45 * MINUTE)
    assert minutes_held(basket, now) == 60


def _another(till: Till) -> tuple[Entry, Ticket]:
    entry = till.entry()
    return entry, till.ticket(entry)


def test_paying_and_reopening_over_and_over_never_passes_it(till: Till, entry: Entry, ticket: Ticket) -> None:
    now = timezone.now()
    basket = till.fill(entry, ticket, now=now)
    held = []
    for minute in (10, 20, 30, 40, 50, 60):
        till.check_out(basket, now=now + minute * MINUTE)
        held.append(minutes_held(basket, now))
        reopened = reopen_basket(basket, now=now + (minute + 1) * MINUTE)
        assert reopened is not None
        basket = reopened
        held.append(minutes_held(basket, now))
    assert held == [25, 26, 35, 36, 45, 46, 55, 56, 61, 61, 61, 61]
    assert release_overdue_baskets(now=now + LIMIT) == 1
    assert EntryPlaces.objects.get(entry=entry).taken == 0


def test_at_the_checkout_it_is_ended_at_stripe_when_the_limit_comes(till: Till, entry: Entry, ticket: Ticket) -> None:
    now = timezone.now()
    basket = till.fill(entry, ticket, now=now)
    till.check_out(basket, now=now + 14 * MINUTE)
    Booking.objects.update(held_until=now + LIMIT)
    settle_overdue(basket.pk, now=now + LIMIT)
    basket.refresh_from_db()
    assert (basket.state, payment_of(basket).state) == (BookingState.RELEASED, "abandoned")
    assert EntryPlaces.objects.get(entry=entry).taken == 0


def test_emptying_it_and_filling_it_again_is_no_way_round(till: Till, entry: Entry, ticket: Ticket) -> None:
    now = timezone.now()
    basket = till.fill(entry, ticket, now=now)
    before = Booking.objects.get().hold_limit
    remove_tickets(basket, [seat.pk for seat in read_basket(basket).seats], ANONYMOUS, now=now)
    till.fill(entry, ticket, basket=basket, now=now + 10 * MINUTE)
    assert Booking.objects.get().hold_limit == before


def test_a_membership_alone_has_no_limit_until_a_place_is_held_with_it(till: Till, entry: Entry) -> None:
    now = timezone.now()
    customer = till.customer_with_login()
    basket = add_membership(None, till.seller.price, customer, till.page, who=person_of(customer), now=now, key=uuid4())
    assert Booking.objects.get().hold_limit is None
    till.fill(entry, till.ticket(entry), customer=customer, basket=basket, now=now + 10 * MINUTE)
    assert Booking.objects.get().hold_limit == now + 10 * MINUTE + LIMIT


def test_the_database_refuses_a_basket_that_is_held_longer(till: Till, entry: Entry, ticket: Ticket) -> None:
    now = timezone.now()
    till.fill(entry, ticket, now=now)
    with pytest.raises(IntegrityError, match="booking_hold_limited"), transaction.atomic():
        Booking.objects.update(held_until=now + LIMIT + MINUTE)
