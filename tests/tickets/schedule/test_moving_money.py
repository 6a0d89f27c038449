"""An entry that moves takes along every use charged there: held, being paid and booked, of tickets and of discounts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Letter
from offers.models import OfferUse, PeriodUnit, UsagePeriod
from tests.factories.schedule import GroupFactory, OfferFactory, load_entry
from tests.worlds.till import Till, payment_of
from tickets.consistency import check_books
from tickets.models import Booking, BookingState, Entry, Seat
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import cancel_entry, create_entries, edit_entries
from tickets.schedule.overrides import Scope

pytestmark = pytest.mark.django_db

LATE_SHOW = EntryDetails(
    title="Late show",
    starts=datetime(2030, 3, 26, 23, 30),  # noqa: DTZ001 - a wall-clock time; summer time begins on 31 March
    duration=timedelta(hours=1),
    capacity=10,
)


@pytest.fixture
def shows(till: Till) -> list[Entry]:
    """A show before the clocks change and one after, each with a member booked, one at the checkout, one in a basket.

    Members pay less for the members' ticket; of the ticket and of the discount they have one a day.
    """
    entries = [load_entry(entry) for entry in create_entries(till.page, LATE_SHOW, until=date(2030, 4, 2))]
    group = GroupFactory.create(account=till.account)
    daily = {"limit": 1, "period_count": 1, "period_unit": PeriodUnit.DAY}
    OfferFactory.create(group=group, page=till.page, **daily)
    till.discount(group, **daily)
    ticket = till.ticket(entries[0], 1200, group=group)
    for entry in entries:
        booked, paying, _held = (till.fill(entry, ticket, customer=till.member(group), own=True) for _ in range(3))
        till.pay(booked)
        till.check_out(paying)
    Letter.objects.all().delete()
    return entries


def filed(entry: Entry) -> set[tuple[str, date, date, int, str]]:
    """What is charged at an entry: the booking's state, the day of the use, its period's first, its count, the kind."""
    uses = OfferUse.objects.live().select_related("period__offer")
    by_seat = {seat.uuid: seat for seat in Seat.objects.filter(entry=entry).select_related("booking")}
    return {
        (seat.booking.state, use.event_on, use.period.starts_on, use.period.used, use.kind)
        for use in uses
        if (seat := by_seat.get(use.seat))
    }


def on(day: date) -> set[tuple[str, date, date, int, str]]:
    states = (BookingState.BOOKED, BookingState.PAYING, BookingState.BASKET)
    return {(state, day, day, 1, kind) for state in states for kind in ("exclusive", "discount")}


def test_uses_follow_an_entry_over_midnight_on_both_sides_of_the_change_of_the_clocks(shows: list[Entry]) -> None:
    first, second = shows
    assert (filed(first), filed(second)) == (on(date(2030, 3, 26)), on(date(2030, 4, 2)))
    details = replace(entry_details(first), starts=LATE_SHOW.starts + timedelta(hours=1))

    edited = edit_entries(first, details, scope=Scope.FOLLOWING, now=timezone.now())

    assert [entry.starts_at for entry in edited.entries] == [
        datetime(2030, 3, 27, 0, 30, tzinfo=UTC),
        datetime(2030, 4, 2, 23, 30, tzinfo=UTC),
    ]
    assert (filed(first), filed(second)) == (on(date(2030, 3, 27)), on(date(2030, 4, 3)))
    assert UsagePeriod.objects.filter(used__gt=0).count() == 12
    assert (edited.told.people, Letter.objects.count()) == (2, 2)
    assert check_books(now=timezone.now()) == []


def test_what_is_paid_after_the_move_is_charged_on_the_new_day(till: Till, shows: list[Entry]) -> None:
    first, _second = shows
    details = replace(entry_details(first), starts=LATE_SHOW.starts + timedelta(hours=1))
    edit_entries(first, details, now=timezone.now())
    paying = Booking.objects.get(state=BookingState.PAYING, seats__entry=first)

    till.seller.sandbox.shopper.pay(till.check_out(paying))
    payment = till.settle(paying)

    paying.refresh_from_db()
    assert (paying.state, payment.amount) == (BookingState.BOOKED, 1080)
    assert {(use.event_on, use.period.starts_on) for use in uses_of(paying)} == {(date(2030, 3, 27), date(2030, 3, 27))}
    assert check_books(now=timezone.now()) == []


def test_cancelling_it_gives_everybody_their_uses_back_and_money_to_whoever_paid(shows: list[Entry]) -> None:
    first, second = shows
    booked = Booking.objects.get(state=BookingState.BOOKED, seats__entry=first)

    cancel_entry(first, now=timezone.now())

    assert (filed(first), filed(second)) == (set(), on(date(2030, 4, 2)))
    assert payment_of(booked).refunded == 1080
    assert list(Letter.objects.values_list("kind", "recipient")) == [("cancelled", booked.customer.email)]
    assert check_books(now=timezone.now()) == []


def uses_of(booking: Booking) -> list[OfferUse]:
    seats = booking.seats.values("uuid")
    return list(OfferUse.objects.live().filter(seat__in=seats).select_related("period"))
