"""Moving a seat to another entry, as the studio."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from accounts.models import Letter, SchedulePage
from offers.eligibility import Reason
from offers.models import OfferUse, UsagePeriod
from tests.factories.accounts import AccountFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    TicketFactory,
    load_entry,
)
from tests.tickets.booking.moving import Club, booked, books, move, read_seat, taken, terms_of
from tickets.availability.places import Capacities, FullError
from tickets.booking.move_terms import (
    UseChoice,
)
from tickets.booking.owed import settle_seats
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.models import Booking, Channel, Entry, MoneyMethod, Party, Seat
from tickets.money.studio import Handed, give_back_money, take_money
from tickets.money.studio_spread import Owing

pytestmark = pytest.mark.django_db
TO_NEXT_PERIOD = timedelta(days=25)


@pytest.fixture
def page() -> SchedulePage:
    return SchedulePageFactory.create(account=AccountFactory.create(), title="River Yoga")


@pytest.fixture
def monday(page: SchedulePage) -> Entry:
    return EntryFactory.create(page=page, title="Monday", capacity=3)


@pytest.fixture
def wednesday(page: SchedulePage) -> Entry:
    return EntryFactory.create(page=page, title="Wednesday", starts_at=NOW + timedelta(days=4), capacity=2)


def test_a_seat_takes_a_place_there_and_leaves_its_own(monday: Entry, wednesday: Entry) -> None:
    seat = booked(monday, TicketFactory.create(entry=monday, name="Drop-in"))
    there = TicketFactory.create(entry=wednesday, name="Drop-in")

    moved = move(seat, wednesday, there)

    assert (moved.before, taken(monday, wednesday)) == (monday, [0, 1])
    now_is = Seat.objects.get()
    assert (now_is.pk, now_is.entry, now_is.ticket, now_is.booking) == (seat.pk, wednesday, there, seat.booking)
    assert (now_is.moved_from, now_is.moved_at, now_is.cancelled_at) == (monday, NOW, None)
    assert books(monday.account) == []


def test_the_customer_is_told_and_both_dates_are_put_right_in_their_calendar(monday: Entry, wednesday: Entry) -> None:
    seat = booked(monday, TicketFactory.create(entry=monday))

    move(seat, wednesday, TicketFactory.create(entry=wednesday, name="Drop-in"))

    letter = Letter.objects.get()
    assert (letter.kind, letter.subject) == ("seat_moved", "Moved: Wednesday, 19 January, 12:00")
    assert "River Yoga has moved your space at Monday on Thursday 17 January 2030, 12:00 to another event." in " ".join(
        letter.text.split()
    )
    told = [
        (
            part.split("METHOD:")[1].split("\r\n")[0],
            part.split("SUMMARY:")[1].split("\r\n")[0],
            part.split("SEQUENCE:")[1].split("\r\n")[0],
        )
        for part in letter.calendar.split("BEGIN:VCALENDAR")[1:]
    ]
    assert told == [("CANCEL", "Monday", "3"), ("REQUEST", "Wednesday", "2")]


def test_who_is_moved_back_is_put_into_the_calendar_again(monday: Entry, wednesday: Entry) -> None:
    """Of one event a calendar believes what has the higher SEQUENCE: it took it out by the last letter."""
    here, there = TicketFactory.create(entry=monday), TicketFactory.create(entry=wednesday)
    seat = booked(monday, here)
    move(seat, wednesday, there)
    first = Letter.objects.get().calendar
    move(read_seat(seat.pk), monday, here)
    second = Letter.objects.exclude(calendar=first).get().calendar

    uid = first.split("UID:")[1].split("\r\n")[0]
    again = next(part for part in second.split("BEGIN:VCALENDAR")[1:] if uid in part)
    assert ("METHOD:REQUEST" in again, again.split("SEQUENCE:")[1].split("\r\n")[0]) == (True, "4")


def test_what_else_is_booked_there_stays_in_the_calendar(page: SchedulePage, monday: Entry, wednesday: Entry) -> None:
    club = Club(page, limit=10, additional_attendees=1)
    seats = club.book(monday, club.ticket(monday), "Mia", "Bo")

    move(seats[1], wednesday, club.ticket(wednesday))

    assert Letter.objects.get().calendar.count("BEGIN:VCALENDAR") == 1


def test_a_use_is_charged_by_the_day_of_the_other_entry(page: SchedulePage, monday: Entry) -> None:
    club = Club(page, limit=1)
    later = EntryFactory.create(page=page, starts_at=NOW + TO_NEXT_PERIOD)
    [seat] = club.book(monday, club.ticket(monday))

    move(seat, later, club.ticket(later))

    assert list(UsagePeriod.objects.order_by("starts_on").values_list("used", flat=True)) == [0, 1]
    use = Seat.objects.get().use
    assert use is not None
    assert use.event_on == later.starts_at.date()
    assert list(OfferUse.objects.filter(ended_at=None).values_list("pk", flat=True)) == [use.pk]
    assert list(Party.objects.order_by("entry__starts_at").values_list("seats", flat=True)) == [0, 1]
    assert books(page.account) == []


def test_the_use_of_the_seat_itself_is_not_in_its_way(page: SchedulePage, monday: Entry, wednesday: Entry) -> None:
    club = Club(page, limit=1)
    [seat] = club.book(monday, club.ticket(monday))

    move(seat, wednesday, club.ticket(wednesday))

    assert list(UsagePeriod.objects.values_list("used", "ceiling")) == [(1, 1)]
    assert books(page.account) == []


@pytest.mark.parametrize(("use", "used"), [(UseChoice.EXTRA, [(0, 1), (2, 2)]), (UseChoice.NONE, [(0, 1), (1, 1)])])
def test_where_that_period_is_full_the_studio_chooses(
    use: UseChoice, used: list[tuple[int, int]], page: SchedulePage, monday: Entry
) -> None:
    club = Club(page, limit=1)
    later, another = (EntryFactory.create(page=page, starts_at=NOW + TO_NEXT_PERIOD, title=each) for each in "ab")
    club.book(another, club.ticket(another))
    [seat] = club.book(monday, club.ticket(monday))

    moved = move(seat, later, club.ticket(later), use)

    assert (moved.terms.verdict.reason, moved.terms.choices) == (
        Reason.LIMIT_REACHED,
        [UseChoice.EXTRA, UseChoice.NONE],
    )
    assert list(UsagePeriod.objects.order_by("starts_on").values_list("used", "ceiling")) == used
    assert (Seat.objects.get(pk=seat.pk).use is None) == (use is UseChoice.NONE)
    assert books(page.account) == []


def test_where_no_offer_covers_it_there_no_use_is_charged(page: SchedulePage, monday: Entry, wednesday: Entry) -> None:
    club = Club(page, limit=1)
    other = TicketFactory.create(entry=wednesday, group=GroupFactory.create(account=page.account))
    [seat] = club.book(monday, club.ticket(monday))

    moved = move(seat, wednesday, other)

    assert (moved.terms.verdict.reason, moved.terms.choices) == (Reason.NOT_IN_GROUP, [UseChoice.NONE])
    now_is = Seat.objects.get()
    assert (now_is.use, now_is.self_attendee, UsagePeriod.objects.get().used) == (None, None, 0)
    assert books(page.account) == []


def test_personal_use_holds_there_too(page: SchedulePage, monday: Entry, wednesday: Entry) -> None:
    club = Club(page, limit=10)
    here, there = club.ticket(monday), club.ticket(wednesday)
    [seat] = club.book(monday, here)
    club.book(wednesday, there)

    terms = terms_of(seat, load_entry(wednesday), there)

    assert (terms.verdict.reason, terms.choices) == (Reason.ALREADY_BOOKED, [UseChoice.NONE])
    with pytest.raises(StudioTermsChangedError):
        move(seat, wednesday, there, UseChoice.CHARGE)
    move(seat, wednesday, there)
    assert books(page.account) == []


def test_so_do_the_people_of_one_event(page: SchedulePage, monday: Entry, wednesday: Entry) -> None:
    club = Club(page, limit=10, additional_attendees=1)
    here, there = club.ticket(monday), club.ticket(wednesday)
    seats = club.book(monday, here, "Mia", "Bo")
    EntryFactory.create(page=page)
    wide = load_entry(wednesday)
    club.book(wide, there, "Mia")

    move(seats[1], wednesday, there)

    assert taken(monday, wednesday) == [1, 2]
    assert list(Party.objects.order_by("entry__starts_at").values_list("seats", "allowed")) == [(1, 2), (2, 2)]
    terms = terms_of(read_seat(seats[0].pk), load_entry(wednesday), there)
    assert terms.verdict.reason == Reason.ALREADY_BOOKED
    assert books(page.account) == []


# Money


@pytest.mark.parametrize(
    ("prices", "owed"), [((1200, 1200), 1200), ((1200, 1500), 1500), ((1200, 800), 800), ((0, 1200), 1200)]
)
def test_what_the_studio_booked_is_owed_at_the_price_there(
    prices: tuple[int, int], owed: int, monday: Entry, wednesday: Entry
) -> None:
    here, there = (
        TicketFactory.create(entry=entry, price=price, cost="cost" if price else "none")
        for entry, price in zip((monday, wednesday), prices, strict=True)
    )
    seat = booked(monday, here)
    assert seat.owed == prices[0]

    move(seat, wednesday, there)

    assert (Seat.objects.get().owed, Seat.objects.get().amount) == (owed, 0)


def test_a_difference_that_is_not_to_be_noted_leaves_what_is_owed(monday: Entry, wednesday: Entry) -> None:
    seat = booked(monday, TicketFactory.create(entry=monday, price=1200, cost="cost"))

    move(seat, wednesday, TicketFactory.create(entry=wednesday, price=1500, cost="cost"), notes_difference=False)

    assert Seat.objects.get().owed == 1200


def test_what_was_booked_free_of_charge_is_told_apart(monday: Entry, wednesday: Entry) -> None:
    seat = booked(monday, TicketFactory.create(entry=monday, price=1200, cost="cost"), notes_price=False)
    there = TicketFactory.create(entry=wednesday, price=1200, cost="cost")

    terms = terms_of(seat, load_entry(wednesday), there)

    assert (seat.owed, terms.is_complimentary, terms.owed_then) == (0, True, 1200)


@pytest.mark.parametrize("forgiven", [1200, 500])
def test_what_the_studio_let_somebody_off_is_not_noted_again_elsewhere(
    monday: Entry, wednesday: Entry, forgiven: int
) -> None:
    """Waived, or given back for a space that they keep; however it was booked."""
    seat = booked(monday, TicketFactory.create(entry=monday, price=1200, cost="cost"))
    Booking.objects.update(channel=Channel.CUSTOMER)
    account, there = seat.account, TicketFactory.create(entry=wednesday, price=1200, cost="cost")
    if forgiven < 1200:
        cash = partial(Handed, method=MoneyMethod.CASH, at=NOW)
        take_money(account, {seat.pk: 1200}, cash(amount=1200), by=None, key=uuid4(), now=NOW)
        assert not terms_of(read_seat(seat.pk), load_entry(wednesday), there).is_complimentary
        give_back_money(account, [Owing(seat.pk, 0, 1200)], cash(amount=forgiven), by=None, key=uuid4(), now=NOW)
    else:
        settle_seats(seat.booking, seen=1200)

    terms = terms_of(read_seat(seat.pk), load_entry(wednesday), there)

    assert (terms.owed_now, terms.is_complimentary, terms.owed_then) == (0, True, forgiven)


def test_the_difference_for_what_was_paid_in_full_is_noted(monday: Entry, wednesday: Entry) -> None:
    seat = booked(monday, TicketFactory.create(entry=monday, price=1200, cost="cost"))
    handed = Handed(amount=1200, method=MoneyMethod.CASH, at=NOW)
    take_money(seat.account, {seat.pk: 1200}, handed, by=None, key=uuid4(), now=NOW)
    there = TicketFactory.create(entry=wednesday, price=1500, cost="cost")

    terms = terms_of(read_seat(seat.pk), load_entry(wednesday), there)

    assert (terms.is_complimentary, terms.difference) == (False, 300)


# Places


def test_where_it_is_full_nothing_is_moved(monday: Entry, wednesday: Entry) -> None:
    there = TicketFactory.create(entry=wednesday)
    for _ in range(2):
        booked(wednesday, there)
    seat = booked(monday, TicketFactory.create(entry=monday))

    with pytest.raises(FullError):
        move(seat, wednesday, there)

    assert (taken(monday, wednesday), read_seat(seat.pk).entry, Letter.objects.count()) == ([1, 2], monday, 0)


def test_raising_the_capacity_moves_it_all_the_same(monday: Entry, wednesday: Entry) -> None:
    there = TicketFactory.create(entry=wednesday)
    for _ in range(2):
        booked(wednesday, there)
    seat = booked(monday, TicketFactory.create(entry=monday))

    move(seat, wednesday, there, room=Capacities(3, {}))

    assert (taken(monday, wednesday), load_entry(wednesday).places.capacity) == ([0, 3], 3)
