"""Seats that the studio cannot move, or not as it saw."""

from datetime import timedelta

import pytest

from accounts.models import SchedulePage
from offers.models import Offer, UsagePeriod
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    TicketFactory,
    load_entry,
)
from tests.tickets.booking.moving import Club, booked, move, read_seat, taken, terms_of
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.move import CannotMoveError, MoveOrder, move_seat
from tickets.booking.move_terms import (
    MoveObstacle,
    UseChoice,
)
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.models import Attendance, BookingState, Entry, Ticket
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> SchedulePage:
    return SchedulePageFactory.create(account=AccountFactory.create(), title="River Yoga")


@pytest.fixture
def monday(page: SchedulePage) -> Entry:
    return EntryFactory.create(page=page, title="Monday", capacity=3)


@pytest.fixture
def wednesday(page: SchedulePage) -> Entry:
    return EntryFactory.create(page=page, title="Wednesday", starts_at=NOW + timedelta(days=4), capacity=2)


@pytest.mark.parametrize("obstacle", MoveObstacle)
def test_what_cannot_be_moved_says_why(obstacle: MoveObstacle, monday: Entry, wednesday: Entry) -> None:
    here, there = TicketFactory.create(entry=monday), TicketFactory.create(entry=wednesday)
    seat, target, ticket = booked(monday, here), wednesday, there
    order = MoveOrder(ticket=ticket.pk, use=UseChoice.NONE, terms_version="")
    if obstacle is MoveObstacle.SEAT_CANCELLED:
        cancel_by_studio([seat.pk], now=NOW)
    elif obstacle is MoveObstacle.NOT_BOOKED:
        seat.booking.state, seat.booking.held_until = BookingState.BASKET, NOW + timedelta(minutes=5)
        seat.booking.save()
    elif obstacle is MoveObstacle.SAME_ENTRY:
        target = monday
    elif obstacle is MoveObstacle.ENTRY_CANCELLED:
        Entry.objects.filter(pk=monday.pk).update(cancelled_at=NOW)
    elif obstacle is MoveObstacle.ATTENDANCE_SAID:
        Attendance.objects.create(account=seat.account, seat=seat, presence="absent", marked_at=NOW)
    elif obstacle is MoveObstacle.TARGET_CANCELLED:
        cancel_entry(wednesday, now=NOW)
    else:
        over = {"starts_at": NOW - timedelta(hours=2), "ends_at": NOW - timedelta(hours=1)}
        Entry.objects.filter(pk=wednesday.pk).update(**over)

    with pytest.raises(CannotMoveError) as refused:
        move_seat(seat, load_entry(target), order, now=NOW)

    assert refused.value.obstacle == obstacle
    assert read_seat(seat.pk).entry == monday


def test_what_the_operator_did_not_see_is_not_done(page: SchedulePage, monday: Entry, wednesday: Entry) -> None:
    club = Club(page, limit=1)
    [seat] = club.book(monday, club.ticket(monday))
    there = club.ticket(wednesday)
    terms = terms_of(seat, load_entry(wednesday), there)
    Offer.objects.update(enabled=False)

    with pytest.raises(StudioTermsChangedError):
        move_seat(
            seat,
            load_entry(wednesday),
            MoveOrder(ticket=there.pk, use=UseChoice.CHARGE, terms_version=terms.version),
            now=NOW,
        )

    assert (taken(monday, wednesday), UsagePeriod.objects.get().used) == ([1, 0], 1)


def test_another_price_than_the_operator_saw_is_not_owed(monday: Entry, wednesday: Entry) -> None:
    seat = booked(monday, TicketFactory.create(entry=monday, cost="cost", price=1200), notes_price=True)
    there = TicketFactory.create(entry=wednesday, cost="cost", price=1500)
    terms = terms_of(seat, load_entry(wednesday), there)
    Ticket.objects.filter(pk=there.pk).update(price=2000)
    order = MoveOrder(ticket=there.pk, use=terms.choices[0], terms_version=terms.version)

    with pytest.raises(StudioTermsChangedError):
        move_seat(seat, load_entry(wednesday), order, now=NOW)

    assert (read_seat(seat.pk).entry, read_seat(seat.pk).owed) == (monday, 1200)


def test_the_second_of_two_moves_is_shown_where_it_is(page: SchedulePage, monday: Entry, wednesday: Entry) -> None:
    seat = booked(monday, TicketFactory.create(entry=monday))
    third = EntryFactory.create(page=page)
    move(seat, wednesday, TicketFactory.create(entry=wednesday))

    with pytest.raises(StudioTermsChangedError):
        move(seat, third, TicketFactory.create(entry=third))

    assert taken(monday, wednesday, third) == [0, 1, 0]


def test_of_another_account_there_is_no_seat_to_move(monday: Entry, wednesday: Entry) -> None:
    seat, strange = booked(monday, TicketFactory.create(entry=monday)), EntryFactory.create()
    order = MoveOrder(ticket=TicketFactory.create(entry=strange).pk, use=UseChoice.NONE, terms_version="")

    with pytest.raises(Entry.DoesNotExist):
        move_seat(seat, load_entry(strange), order, now=NOW)
