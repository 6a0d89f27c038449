"""Making and changing entries: repeated, moved, cancelled; places raised and lowered."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Letter, SchedulePage
from offers.eligibility import Attendee
from offers.models import OfferUse, UsagePeriod
from tests.factories.accounts import CustomerFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tests.worlds.members_studio import MembersStudio
from tickets.availability.facts import load_facts, person_of_customer
from tickets.booking.book import book, book_by_studio
from tickets.booking.refusals import EntryCancelledError
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Booking, Entry, EntryPlaces, Seat, Series
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import (
    BelowBookedError,
    EntryPastError,
    cancel_entry,
    create_entries,
    edit_entries,
    set_capacity,
)
from tickets.schedule.extending import extend_series
from tickets.schedule.overrides import Scope
from tickets.schedule.recurrence import TooManyEntriesError

pytestmark = pytest.mark.django_db

WEEKLY = EntryDetails(
    title="Yoga",
    starts=datetime(2030, 3, 19, 18, 30),  # noqa: DTZ001 - a wall-clock time; summer time begins on 31 March
    duration=timedelta(hours=1),
    capacity=10,
    description="Bring a mat.",
    location="Hall",
    per_booking=4,
)


def create_weekly(page: SchedulePage | None = None, *, until: date = date(2030, 4, 9)) -> list[Entry]:
    entries = create_entries(page or SchedulePageFactory.create(), WEEKLY, until=until)
    return [load_entry(entry) for entry in entries]


def book_manually(entry: Entry, name: str = "Ada", **customer: str) -> Booking:
    ticket = entry.series.tickets.first() or TicketFactory.create(entry=entry)
    who = CustomerFactory.create(account=entry.account, **customer)
    return book_by_studio(
        load_entry(entry), who, [WantedTicket(ticket=ticket.pk, name=name)], key=uuid4(), now=NOW
    ).booking


def local_starts(entries: list[Entry]) -> list[datetime]:
    return [entry_details(load_entry(entry)).starts for entry in entries]


# Creating


def test_one_entry_is_a_series_of_one() -> None:
    page = SchedulePageFactory.create()

    (entry,) = create_entries(page, WEEKLY)

    assert (entry.starts_at, entry.ends_at) == (
        datetime(2030, 3, 19, 18, 30, tzinfo=UTC),
        datetime(2030, 3, 19, 19, 30, tzinfo=UTC),
    )
    assert entry_details(load_entry(entry)) == WEEKLY
    assert (entry.series.rule, entry.series.page, EntryPlaces.objects.get().taken) == ("", page, 0)


def test_a_weekly_series_keeps_its_hour_on_the_wall() -> None:
    entries = create_weekly()

    assert [entry.starts_at for entry in entries] == [
        datetime(2030, 3, 19, 18, 30, tzinfo=UTC),
        datetime(2030, 3, 26, 18, 30, tzinfo=UTC),
        datetime(2030, 4, 2, 17, 30, tzinfo=UTC),
        datetime(2030, 4, 9, 17, 30, tzinfo=UTC),
    ]
    assert [entry.ends_at - entry.starts_at for entry in entries] == [timedelta(hours=1)] * 4
    assert [entry.places.capacity for entry in entries] == [10] * 4
    assert {entry.series.rule for entry in entries} == {"FREQ=WEEKLY;UNTIL=20300409T235959"}
    assert Series.objects.count() == 1


@pytest.mark.parametrize("until", [date(2030, 3, 1), date(2030, 3, 19), date(2030, 3, 25)])
def test_repeating_until_before_the_second_time_makes_one_that_does_not_repeat(until: date) -> None:
    (entry,) = create_weekly(until=until)

    assert entry.series.rule == ""


def test_the_same_form_sent_twice_makes_one() -> None:
    page, key = SchedulePageFactory.create(), uuid4()

    first = create_entries(page, WEEKLY, until=date(2030, 4, 9), key=key)
    second = create_entries(page, WEEKLY, until=date(2030, 4, 9), key=key)

    assert second == first
    assert (Entry.objects.count(), Series.objects.count(), EntryPlaces.objects.count()) == (4, 1, 4)


def test_the_key_of_another_account_finds_nothing() -> None:
    key = uuid4()
    create_entries(SchedulePageFactory.create(), WEEKLY, key=key)

    assert create_entries(SchedulePageFactory.create(), WEEKLY, key=key) == []
    assert Entry.objects.count() == 1


def test_too_many_weeks_are_refused() -> None:
    with pytest.raises(TooManyEntriesError):
        create_weekly(until=date(2036, 1, 1))

    assert (Entry.objects.count(), Series.objects.count()) == (0, 0)


# Going on


def test_a_series_goes_on_like_its_last_entry_across_the_change_of_clocks() -> None:
    entries = create_weekly(until=date(2030, 3, 26))

    new = extend_series(entries[0].series, until=date(2030, 4, 9))

    assert [entry.starts_at for entry in new] == [
        datetime(2030, 4, 2, 17, 30, tzinfo=UTC),
        datetime(2030, 4, 9, 17, 30, tzinfo=UTC),
    ]
    assert entry_details(load_entry(new[-1])) == replace(WEEKLY, starts=datetime(2030, 4, 9, 18, 30))  # noqa: DTZ001
    assert Series.objects.get().rule == "FREQ=WEEKLY;UNTIL=20300409T235959"


def test_extending_twice_adds_nothing_the_second_time() -> None:
    series = create_weekly(until=date(2030, 3, 26))[0].series

    assert len(extend_series(series, until=date(2030, 4, 9))) == 2
    assert extend_series(series, until=date(2030, 4, 9)) == []
    assert extend_series(series, until=date(2030, 1, 1)) == []
    assert (Entry.objects.count(), Series.objects.get().rule) == (4, "FREQ=WEEKLY;UNTIL=20300409T235959")


def test_a_series_that_ended_long_ago_goes_on_from_now() -> None:
    entries = create_weekly(until=date(2030, 3, 26))

    new = extend_series(entries[0].series, until=date(2030, 4, 16), after=datetime(2030, 4, 2, 17, 30, tzinfo=UTC))

    assert local_starts(new) == [datetime(2030, 4, 9, 18, 30), datetime(2030, 4, 16, 18, 30)]  # noqa: DTZ001


def test_a_single_entry_becomes_weekly() -> None:
    (entry,) = create_entries(SchedulePageFactory.create(), WEEKLY)

    assert len(extend_series(entry.series, until=date(2030, 4, 2))) == 2
    assert Series.objects.get().rule == "FREQ=WEEKLY;UNTIL=20300402T235959"


# Editing


def test_one_entry_is_changed_and_the_others_stay() -> None:
    entries = create_weekly()
    details = replace(entry_details(entries[1]), title="Yin", location="Studio 2")

    edited = edit_entries(entries[1], details, now=NOW)

    assert [entry.pk for entry in edited.entries] == [entries[1].pk]
    assert [load_entry(entry).title for entry in entries] == ["Yoga", "Yin", "Yoga", "Yoga"]
    assert [load_entry(entry).location for entry in entries] == ["Hall", "Studio 2", "Hall", "Hall"]


def test_later_ones_move_by_the_clock_on_the_wall_across_the_change_of_clocks() -> None:
    entries = create_weekly()
    details = replace(entry_details(entries[1]), starts=datetime(2030, 3, 27, 19))  # noqa: DTZ001 - a day and 30 minutes on

    edit_entries(entries[1], details, scope=Scope.FOLLOWING, now=NOW)

    assert local_starts(entries) == [
        datetime(2030, 3, 19, 18, 30),  # noqa: DTZ001
        datetime(2030, 3, 27, 19),  # noqa: DTZ001
        datetime(2030, 4, 3, 19),  # noqa: DTZ001
        datetime(2030, 4, 10, 19),  # noqa: DTZ001
    ]
    assert load_entry(entries[2]).starts_at == datetime(2030, 4, 3, 18, tzinfo=UTC)
    assert [load_entry(entry).ends_at - load_entry(entry).starts_at for entry in entries] == [timedelta(hours=1)] * 4


def test_later_ones_take_only_what_changes() -> None:
    entries = create_weekly()
    guest = replace(entry_details(entries[2]), description="With a guest", capacity=20, duration=timedelta(hours=2))
    edit_entries(entries[2], guest, now=NOW)

    edit_entries(
        entries[1], replace(entry_details(entries[1]), title="Yin", per_booking=2), scope=Scope.FOLLOWING, now=NOW
    )

    assert [load_entry(entry).title for entry in entries] == ["Yoga", "Yin", "Yin", "Yin"]
    assert [load_entry(entry).per_booking for entry in entries] == [4, 2, 2, 2]
    later = entry_details(load_entry(entries[2]))
    assert (later.description, later.capacity, later.duration) == ("With a guest", 20, timedelta(hours=2))


def test_later_ones_that_were_cancelled_stay_as_they_were() -> None:
    entries = create_weekly()
    cancel_entry(entries[2], now=NOW)

    edited = edit_entries(entries[1], replace(entry_details(entries[1]), title="Yin"), scope=Scope.FOLLOWING, now=NOW)

    assert [entry.pk for entry in edited.entries] == [entries[1].pk, entries[3].pk]
    assert [load_entry(entry).title for entry in entries] == ["Yoga", "Yin", "Yoga", "Yin"]


def test_whoever_has_a_seat_at_one_that_moves_is_told_once_a_booking() -> None:
    entries = create_weekly()
    ticket = TicketFactory.create(entry=entries[0])
    ada, ben = CustomerFactory.create_batch(2, account=entries[0].account)
    two = [WantedTicket(ticket=ticket.pk, name="Ada"), WantedTicket(ticket=ticket.pk, name="Guest")]
    for entry in entries[1:3]:
        book_by_studio(load_entry(entry), ada, two, key=uuid4(), now=NOW)
    book_by_studio(load_entry(entries[3]), ben, two, key=uuid4(), now=NOW)
    book_by_studio(load_entry(entries[0]), ben, two, key=uuid4(), now=NOW)
    details = replace(entry_details(entries[1]), starts=datetime(2030, 3, 26, 19))  # noqa: DTZ001

    edited = edit_entries(entries[1], details, scope=Scope.FOLLOWING, now=NOW)

    moved = Letter.objects.filter(kind="moved").order_by("pk")
    assert [letter.recipient for letter in moved] == [ada.email, ada.email, ben.email]
    assert edited.told.people == 2
    assert Seat.objects.live().count() == 8


@pytest.mark.parametrize("change", [{"title": "Yin"}, {"description": "New"}, {"capacity": 11}, {"per_booking": 1}])
def test_what_moves_nobody_tells_nobody(change: dict[str, object]) -> None:
    (entry,) = create_weekly(until=date(2030, 3, 19))
    book_manually(entry)

    edited = edit_entries(entry, replace(entry_details(entry), **change), now=NOW)  # type: ignore[arg-type]

    assert edited.told.people == 0
    assert [letter.kind for letter in Letter.objects.all()] == ["booked"]


@pytest.mark.parametrize("change", [{"location": "Park"}, {"duration": timedelta(hours=2)}])
def test_another_place_or_another_end_is_a_move(change: dict[str, object]) -> None:
    (entry,) = create_weekly(until=date(2030, 3, 19))
    book_manually(entry)

    edited = edit_entries(entry, replace(entry_details(entry), **change), now=NOW)  # type: ignore[arg-type]

    assert (edited.told.people, "It still starts at the same time." in Letter.objects.latest("pk").text) == (1, True)


def test_moving_across_the_boundary_of_a_usage_period_files_the_use_again() -> None:
    entry = EntryFactory.create(starts_at=datetime(2030, 2, 2, 18, tzinfo=UTC))
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=group)
    OfferFactory.create(group=group, page=entry.page, limit=3)
    customer = create_customer_with_login(entry.account)
    add_member(group, customer, anchor=date(2030, 1, 3))
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    book(load_entry(entry), customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW)
    before = UsagePeriod.objects.get()
    details = replace(entry_details(load_entry(entry)), starts=datetime(2030, 2, 3, 18))  # noqa: DTZ001 - the next period's first day

    edit_entries(load_entry(entry), details, now=NOW)

    assert (before.starts_on, before.ends_on, before.used) == (date(2030, 1, 3), date(2030, 2, 3), 1)
    after = UsagePeriod.objects.get()
    assert (after.starts_on, after.ends_on, after.used, after.ceiling) == (date(2030, 2, 3), date(2030, 3, 3), 1, 3)
    use = Seat.objects.get().use
    assert use is not None
    assert (use.period_id, use.event_on, use.ended_at) == (after.pk, date(2030, 2, 3), None)


def test_moving_within_a_usage_period_dates_uses_and_files_nobody_anew() -> None:
    studio = MembersStudio(members=3)
    for number in range(3):
        studio.book(customer=number)
    entry = load_entry(studio.entry)
    details = entry_details(entry)

    with CaptureQueriesContext(connection) as seen:
        edit_entries(entry, replace(details, starts=details.starts + timedelta(days=1)), now=NOW)

    assert set(OfferUse.objects.values_list("event_on", flat=True)) == {date(2030, 1, 18)}
    assert [each for each in seen if 'DELETE FROM "offers_usageperiod"' in str(each["sql"])] == []
    assert check_books(now=NOW) == []


def test_a_period_that_then_holds_more_than_the_limit_keeps_them_and_none_are_left() -> None:
    group = GroupFactory.create()
    january = EntryFactory.create(page__account=group.account, starts_at=datetime(2030, 2, 2, 18, tzinfo=UTC))
    february = EntryFactory.create(page=january.page, starts_at=datetime(2030, 2, 4, 18, tzinfo=UTC))
    third = EntryFactory.create(page=january.page, starts_at=datetime(2030, 2, 5, 18, tzinfo=UTC))
    OfferFactory.create(group=group, page=january.page, limit=1)
    customer = create_customer_with_login(group.account)
    add_member(group, customer, anchor=date(2030, 1, 3))
    tickets = [TicketFactory.create(entry=entry, group=group) for entry in (january, february, third)]
    for entry, ticket in zip((january, february), tickets, strict=False):
        wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
        book(load_entry(entry), customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW)

    edit_entries(
        load_entry(january),
        replace(entry_details(load_entry(january)), starts=datetime(2030, 2, 6, 18)),  # noqa: DTZ001
        now=NOW,
    )

    period = UsagePeriod.objects.get()
    assert (period.starts_on, period.used, period.ceiling) == (date(2030, 2, 3), 2, 2)
    assert Seat.objects.live().filter(use__isnull=False).count() == 2
    situation = load_facts(load_entry(third), person_of_customer(customer), now=NOW).situation
    (allowance,) = situation.visitor.group_standings[group.pk].allowances
    assert (allowance.limit, allowance.used, allowance.left) == (1, 2, 0)


def test_a_booking_that_was_judged_before_the_move_fails_after_it() -> None:
    (entry,) = create_weekly(until=date(2030, 3, 19))
    before = entry.places.revision

    edit_entries(entry, replace(entry_details(entry), location="Park"), now=NOW)

    assert EntryPlaces.objects.get().revision == before + 1


def test_a_capacity_below_what_is_booked_is_refused_and_changes_nothing() -> None:
    entries = create_weekly()
    for number in (2, 2, 2, 1):
        book_manually(entries[number])
    details = replace(entry_details(entries[1]), title="Yin", capacity=2, starts=datetime(2030, 3, 26, 19))  # noqa: DTZ001

    with pytest.raises(BelowBookedError) as refused:
        edit_entries(entries[1], details, scope=Scope.FOLLOWING, now=NOW)

    assert refused.value.minimum == 3
    assert [load_entry(entry).title for entry in entries] == ["Yoga"] * 4
    assert [load_entry(entry).starts_at for entry in entries] == [entry.starts_at for entry in entries]
    assert [load_entry(entry).places.capacity for entry in entries] == [10] * 4
    assert [load_entry(entry).places.revision for entry in entries] == [0] * 4
    assert Letter.objects.filter(kind="moved").count() == 0


def test_the_capacity_goes_down_to_what_is_booked() -> None:
    entries = create_weekly()
    for _ in range(3):
        book_manually(entries[2])

    edit_entries(entries[1], replace(entry_details(entries[1]), capacity=3), scope=Scope.FOLLOWING, now=NOW)

    assert [load_entry(entry).places.capacity for entry in entries] == [10, 3, 3, 3]


def test_set_capacity_is_all_or_none() -> None:
    entries = create_weekly()
    book_manually(entries[0])
    book_manually(entries[0])

    with pytest.raises(BelowBookedError) as refused:
        set_capacity([entry.pk for entry in entries], 1)

    assert refused.value.minimum == 2
    assert set(EntryPlaces.objects.values_list("capacity", flat=True)) == {10}


def test_a_cancelled_entry_does_not_change() -> None:
    entries = create_weekly()
    cancel_entry(entries[0], now=NOW)

    with pytest.raises(EntryCancelledError):
        edit_entries(entries[0], replace(entry_details(entries[0]), title="Yin"), scope=Scope.FOLLOWING, now=NOW)

    assert {entry.title for entry in Entry.objects.all()} == {"Yoga"}


def test_an_entry_that_has_started_does_not_change() -> None:
    entries = create_weekly()
    with pytest.raises(EntryPastError):
        edit_entries(entries[0], replace(WEEKLY, title="Yin"), scope=Scope.FOLLOWING, now=entries[0].starts_at)

    assert {entry.title for entry in Entry.objects.all()} == {"Yoga"}
