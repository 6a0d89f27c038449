"""How full entries were, in a small world whose sums are known."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Account, SchedulePage
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tickets.booking.cancel import cancel_seats
from tickets.booking.move import MoveOrder, move_seat
from tickets.booking.move_terms import SEAT_FACTS, move_terms, read_facts_of_move
from tickets.models import Attendance, Channel, Entry, EntryLeader, Leader, Presence, Seat, WaitlistRequest
from tickets.reporting.fullness import Fullness, FullnessBy, read_fullness, share
from tickets.reporting.spans import Span

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
FEBRUARY = Span(date(2030, 2, 1), date(2030, 2, 28), LONDON)
LATER = datetime(2030, 3, 1, tzinfo=UTC)


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create()


@pytest.fixture
def page(studio: Account) -> SchedulePage:
    return SchedulePageFactory.create(account=studio, title="River")


def entry_at(page: SchedulePage, starts: datetime, *, title: str = "Flow", capacity: int = 4) -> Entry:
    return EntryFactory.create(
        page=page, title=title, capacity=capacity, starts_at=starts, ends_at=starts + timedelta(hours=1)
    )


def book(entry: Entry, people: int) -> list[Seat]:
    ticket = TicketFactory.create(entry=entry)
    return [book_seat_manually(entry, ticket, f"Ada {number}") for number in range(people)]


def mark(seat: Seat, presence: Presence) -> None:
    Attendance.objects.create(seat=seat, account=seat.account, presence=presence, marked_at=NOW)


def rows(account: Account, by: FullnessBy, span: Span = FEBRUARY, *, now: datetime = LATER) -> dict[str, Fullness]:
    return {f"{row.key} {row.more}".strip(): row.sums for row in read_fullness(account, span, by, now=now)}


def test_places_booked_present_absent_late_and_waited_are_added_up(page: SchedulePage) -> None:
    """Two evenings of the same name and one of another; of the first, one comes, one doesn’t, one cancels late."""
    first = entry_at(page, datetime(2030, 2, 4, 18, tzinfo=UTC))
    seats = book(first, 3)
    mark(seats[0], Presence.PRESENT)
    mark(seats[1], Presence.ABSENT)
    cancel(first, seats[2], at=first.starts_at - timedelta(hours=23))
    book(entry_at(page, datetime(2030, 2, 11, 18, tzinfo=UTC)), 4)
    book(entry_at(page, datetime(2030, 2, 5, 9, tzinfo=UTC), title="Slow", capacity=10), 1)
    wait(first, names=["Bea", "Cyd"])

    found = read_fullness(page.account, FEBRUARY, FullnessBy.TITLE, now=LATER)

    assert found.total == Fullness(entries=3, places=18, booked=7, late=1, present=1, absent=1, waited=2)
    assert rows(page.account, FullnessBy.TITLE) == {
        "Flow": Fullness(entries=2, places=8, booked=6, late=1, present=1, absent=1, waited=2),
        "Slow": Fullness(entries=1, places=10, booked=1),
    }
    assert rows(page.account, FullnessBy.PAGE) == {f"River {page.slug}": found.total}
    assert rows(page.account, FullnessBy.TIME) == {
        "1 18": Fullness(entries=2, places=8, booked=6, late=1, present=1, absent=1, waited=2),
        "2 9": Fullness(entries=1, places=10, booked=1),
    }
    assert (found.total.percent, found.total.absent_percent) == (39, 50)


def cancel(entry: Entry, seat: Seat, *, at: datetime) -> None:
    cancel_seats(seats=[seat.pk], by=Channel.CUSTOMER, returning=[entry.pk], now=at, tell=False)


def wait(entry: Entry, *, names: list[str]) -> None:
    WaitlistRequest.objects.create(
        account=entry.account,
        entry=entry,
        ticket=entry.series.tickets.get(),
        customer=CustomerFactory.create(account=entry.account),
        names=names,
        joined_at=NOW,
    )


def test_who_cancels_in_time_and_what_the_studio_cancels_is_not_late(page: SchedulePage) -> None:
    entry = entry_at(page, datetime(2030, 2, 4, 18, tzinfo=UTC))
    in_time, by_studio = book(entry, 2)
    cancel(entry, in_time, at=entry.starts_at - timedelta(hours=24))
    hour_before = entry.starts_at - timedelta(hours=1)
    cancel_seats(seats=[by_studio.pk], by=Channel.STUDIO, returning=[entry.pk], now=hour_before, tell=False)

    assert read_fullness(page.account, FEBRUARY, FullnessBy.TITLE, now=LATER).total == Fullness(entries=1, places=4)


def test_an_entry_that_was_cancelled_or_has_not_begun_does_not_count(page: SchedulePage) -> None:
    cancelled = entry_at(page, datetime(2030, 2, 4, 18, tzinfo=UTC))
    Entry.objects.filter(pk=cancelled.pk).update(cancelled_at=NOW)
    entry_at(page, datetime(2030, 2, 20, 18, tzinfo=UTC))

    now = datetime(2030, 2, 20, 17, tzinfo=UTC)
    assert read_fullness(page.account, FEBRUARY, FullnessBy.TITLE, now=now).total == Fullness()
    assert rows(page.account, FullnessBy.TITLE, now=now) == {}


def test_a_day_begins_and_an_hour_is_told_on_the_clocks_of_the_account(studio: Account, page: SchedulePage) -> None:
    """In New York the first evening is still of January, and seven in the evening stays seven in summer."""
    studio.time_zone = "America/New_York"
    studio.save()
    entry_at(page, datetime(2030, 2, 1, 4, 59, tzinfo=UTC), title="Late")
    entry_at(page, datetime(2030, 2, 1, 5, tzinfo=UTC), title="First")
    entry_at(page, datetime(2030, 3, 5, 0, tzinfo=UTC), title="Winter")  # Monday 4 March, 19:00
    entry_at(page, datetime(2030, 3, 11, 23, tzinfo=UTC), title="Summer")  # Monday 11 March, 19:00

    there = ZoneInfo("America/New_York")
    assert set(rows(studio, FullnessBy.TITLE, Span(date(2030, 2, 1), date(2030, 2, 28), there))) == {"First"}
    march = Span(date(2030, 3, 1), date(2030, 3, 31), there)
    now = datetime(2030, 4, 1, 12, tzinfo=UTC)
    assert rows(studio, FullnessBy.TIME, march, now=now) == {"1 19": Fullness(entries=2, places=8)}


def test_an_entry_counts_for_each_who_leads_it_and_once_in_all(studio: Account, page: SchedulePage) -> None:
    both, nobody = (entry_at(page, datetime(2030, 2, day, 18, tzinfo=UTC)) for day in (4, 5))
    for number, name in enumerate(["Ben", "Anna", "Cyd"]):
        leader = Leader.objects.create(account=studio, name=name)
        EntryLeader.objects.create(
            account=studio, entry=both, leader=leader, page=page, starts_at=both.starts_at, position=number,
            leads=name != "Cyd",
        )  # fmt: skip
    book(both, 2)

    found = read_fullness(studio, FEBRUARY, FullnessBy.LEADER, now=LATER)

    assert {row.key: row.sums.booked for row in found} == {"Anna": 2, "Ben": 2, "": 0}
    assert (found.total.entries, found.total.booked) == (2, 2)
    assert nobody.pk


def test_a_seat_that_was_moved_counts_where_it_is_now(page: SchedulePage) -> None:
    first = entry_at(page, datetime(2030, 2, 4, 18, tzinfo=UTC), title="From")
    second = entry_at(page, datetime(2030, 2, 5, 18, tzinfo=UTC), title="To")
    (seat,) = book(first, 1)
    move(seat, second)

    assert {name: sums.booked for name, sums in rows(page.account, FullnessBy.TITLE).items()} == {"From": 0, "To": 1}


def move(seat: Seat, to: Entry) -> None:
    ticket = TicketFactory.create(entry=to)
    found = Seat.objects.for_letters().select_related(*SEAT_FACTS).get(pk=seat.pk)
    target = load_entry(to)
    terms = move_terms(found, target, ticket, read_facts_of_move(found, target, now=NOW), now=NOW)
    order = MoveOrder(ticket=ticket.pk, use=terms.choices[0], terms_version=terms.version)
    move_seat(found, target, order, now=NOW)


def test_another_studio_is_not_counted(page: SchedulePage) -> None:
    other = SchedulePageFactory.create()
    book(entry_at(other, datetime(2030, 2, 4, 18, tzinfo=UTC)), 2)

    assert read_fullness(page.account, FEBRUARY, FullnessBy.TITLE, now=LATER).total == Fullness()


def test_more_lines_than_are_told_are_the_smaller_ones(page: SchedulePage) -> None:
    for day, title in enumerate(["One", "Two", "Two"], start=1):
        entry_at(page, datetime(2030, 2, day, 18, tzinfo=UTC), title=title)

    found = read_fullness(page.account, FEBRUARY, FullnessBy.TITLE, now=LATER, most=1)

    assert [row.key for row in found] == ["Two"]
    assert found.is_cut
    assert found.total.entries == 3


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(1, 3, 33), (999, 1000, 99), (1, 1000, 1), (0, 5, 0), (5, 5, 100), (0, 0, None)]
)
def test_only_what_is_full_is_a_hundred_percent(part: int, whole: int, percent: int | None) -> None:
    assert share(part, whole) == percent
