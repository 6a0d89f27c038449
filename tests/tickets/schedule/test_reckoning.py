"""T5: a country changes its rules. What was said stays; instants are reckoned from it anew, and calendars corrected."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from time_machine import travel

from accounts.models import Letter
from offers.eligibility import Attendee
from offers.models import OfferUse, UsagePeriod
from tests.accounts.letters import written
from tests.browsing import calendar_events
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tests.zone_data import clocks_of
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book, book_by_studio
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Entry
from tickets.schedule.details import EntryDetails
from tickets.schedule.entries import cancel_entry, create_entries
from tickets.schedule.reckoning import find_corrections, reckon_entries
from tickets.tasks import keep_wall_times

pytestmark = pytest.mark.django_db

SUMMER_FOR_GOOD = {"Europe/London": "Africa/Lagos"}
"""London stays an hour ahead of UTC for good."""
CLASS = EntryDetails(
    title="Yoga",
    starts=datetime(2030, 1, 21, 18),  # noqa: DTZ001 - a wall-clock time
    duration=timedelta(hours=1),
    capacity=10,
)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with travel(NOW, tick=False):
        yield


def create(zone: str = "Europe/London", *, slug: str = "river", details: EntryDetails = CLASS) -> list[Entry]:
    account = AccountFactory.create(slug=slug, time_zone=zone)
    entries = create_entries(SchedulePageFactory.create(account=account), details, until=date(2030, 1, 28))
    TicketFactory.create(entry=entries[0])
    return [load_entry(entry) for entry in entries]


def book_all(entries: list[Entry], email: str) -> None:
    customer = CustomerFactory.create(account=entries[0].account, email=email)
    for entry in entries:
        wanted = [WantedTicket(ticket=entry.series.tickets.get().pk, name="Ada")]
        book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=NOW)


def reckon(*arguments: str) -> tuple[str, str, int]:
    """What the command says, its complaints, and its exit code."""
    said, complaints, code = StringIO(), StringIO(), 0
    try:
        call_command("reckon_times", *arguments, stdout=said, stderr=complaints)
    except SystemExit as done:
        code = int(done.code or 0)
    return said.getvalue(), complaints.getvalue(), code


def starts(entries: list[Entry]) -> list[datetime]:
    return [load_entry(entry).starts_at for entry in entries]


def test_t5_a_class_stays_at_18_on_the_wall() -> None:
    entries = create()
    before = starts(entries)

    with clocks_of(**SUMMER_FOR_GOOD):
        reckon_entries(entries[0].account, now=NOW)

        assert [f"{each.starts_at.astimezone(each.account.zone):%H:%M}" for each in map(load_entry, entries)] == [
            "18:00",
            "18:00",
        ]
    assert starts(entries) == [each - timedelta(hours=1) for each in before]
    assert load_entry(entries[0]).ends_at == datetime(2030, 1, 21, 18, tzinfo=UTC)


def test_t5_everyone_booked_has_their_calendar_corrected_by_one_letter() -> None:
    entries = create()
    book_all(entries, "ada@river.example")
    book_all(entries[:1], "ben@river.example")
    old = calendar_events(written(Letter.objects.filter(kind="booked").earliest("pk")).calendar)[0]

    with clocks_of(**SUMMER_FOR_GOOD):
        assert reckon_entries(entries[0].account, now=NOW).told == 2

        letters = Letter.objects.filter(kind="clocks_changed").order_by("pk")
        assert [letter.recipient for letter in letters] == ["ada@river.example"] * 2 + ["ben@river.example"]
        [event] = calendar_events(letters[0].calendar)
        assert (event["UID"], event["SEQUENCE"]) == (old["UID"], old["SEQUENCE"] + 1)
        # At the hour that was said, by a zone that is an hour ahead of UTC in January.
        assert "DTSTART;TZID=Europe/London:20300121T180000\r\n" in letters[0].calendar
        assert letters[0].calendar.count("TZOFFSETTO:+0100\r\n") == letters[0].calendar.count("TZOFFSETTO:") == 1
        assert "21 January 2030, 18:00–19:00 (Europe/London)" in letters[0].text
        assert letters[0].subject == "Check your calendar: Yoga, 21 January, 18:00"


def test_without_apply_it_says_what_it_would_do_and_does_nothing() -> None:
    entries = create()
    book_all(entries, "ada@river.example")
    before = starts(entries)

    with clocks_of(**SUMMER_FOR_GOOD):
        said, complaints, code = reckon()

    assert said.splitlines() == [
        "river: Yoga, 2030-01-21 18:00: starts at 2030-01-21 18:00 UTC, should at 2030-01-21 17:00 UTC (bookings: 1)",
        "river: Yoga, 2030-01-28 18:00: starts at 2030-01-28 18:00 UTC, should at 2030-01-28 17:00 UTC (bookings: 1)",
        "2 entries would be corrected and 1 people emailed. To do it, add --apply.",
    ]
    assert (complaints, code, starts(entries)) == ("", 0, before)
    assert not Letter.objects.filter(kind="clocks_changed").exists()


def test_it_is_safe_to_run_twice_and_back() -> None:
    entries = create()
    book_all(entries, "ada@river.example")
    before = starts(entries)

    with clocks_of(**SUMMER_FOR_GOOD):
        assert reckon("--apply")[0].splitlines()[-1] == "2 entries corrected, 1 people emailed."
        revisions = [load_entry(entry).places.revision for entry in entries]
        assert reckon("--apply")[0].splitlines() == ["0 entries corrected, 0 people emailed."]
        assert [load_entry(entry).places.revision for entry in entries] == revisions == [1, 1]
        assert reckon() == ("Every entry is at the time that was said.\n", "", 0)
    reckon("--apply")

    assert starts(entries) == before
    assert [load_entry(entry).local_start for entry in entries] == [
        datetime(2030, 1, 21, 18),  # noqa: DTZ001
        datetime(2030, 1, 28, 18),  # noqa: DTZ001
    ]


def test_one_account_or_all_and_none_that_does_not_exist() -> None:
    river, hill = create(), create(slug="hill")

    with clocks_of(**SUMMER_FOR_GOOD):
        reckon("--account", "hill", "--apply")

    assert (starts(river)[0].hour, starts(hill)[0].hour) == (18, 17)
    with pytest.raises(CommandError, match="no account called “valley”"):
        reckon("--account", "valley")


def test_one_accounts_trouble_never_stops_the_others() -> None:
    lost, river, broken, hill = (
        create("Asia/Kolkata", slug="lost"),
        create(),
        create(slug="broken"),
        create(slug="hill"),
    )
    type(lost[0].account).objects.filter(slug="lost").update(time_zone="Mars/Olympus")
    # What no code of ours writes: an offset that makes a start of the year 10000.
    Entry.objects.filter(pk=broken[0].pk).update(
        local_start=datetime(9999, 12, 31, 23),  # noqa: DTZ001
        local_end=datetime(9999, 12, 31, 23, 59),  # noqa: DTZ001
        starts_at=datetime(9999, 12, 31, 23, tzinfo=UTC),
        ends_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        start_offset=0,
        end_offset=0,
    )

    with clocks_of(**{"Europe/London": "America/New_York"}):
        said, complaints, code = reckon("--apply")

    assert complaints.splitlines() == [
        "lost: nobody knows the time zone “Mars/Olympus”. Choose another in its settings.",
        "broken: its times could not be reckoned. The log says why.",
    ]
    assert (code, starts(river)[0].hour, starts(hill)[0].hour) == (1, 23, 23)
    assert said.splitlines()[-1] == "4 entries corrected, 0 people emailed."


def test_what_is_over_or_cancelled_stays_as_it_was() -> None:
    first, second = create()
    cancel_entry(second, now=NOW)

    with clocks_of(**SUMMER_FOR_GOOD):
        assert reckon_entries(first.account, now=first.starts_at + timedelta(minutes=1)).corrected == 0
        assert reckon_entries(first.account, now=first.starts_at - timedelta(minutes=1)).corrected == 1

    assert starts([second]) == [datetime(2030, 1, 28, 18, tzinfo=UTC)]


def test_what_has_begun_by_the_old_rules_and_not_by_the_new_ones_is_corrected() -> None:
    [first, _second] = create()

    with clocks_of(**{"Europe/London": "Atlantic/Azores"}):
        assert reckon_entries(first.account, now=first.starts_at + timedelta(minutes=1)).corrected == 2

    assert starts([first]) == [datetime(2030, 1, 21, 19, tzinfo=UTC)]


def test_an_hour_that_was_left_out_and_exists_now_is_the_hour_that_was_said() -> None:
    details = EntryDetails(
        title="Night",
        starts=datetime(2030, 3, 31, 1, 30),  # noqa: DTZ001
        duration=timedelta(minutes=45),
        capacity=5,
    )
    [entry] = create(details=details)

    with clocks_of(**{"Europe/London": "Africa/Abidjan"}):
        assert reckon_entries(entry.account, now=NOW).corrected == 0

    assert starts([entry]) == [datetime(2030, 3, 31, 1, 30, tzinfo=UTC)]


def test_uses_stay_on_the_local_day_and_the_books_are_right() -> None:
    late = EntryDetails(
        title="Late",
        starts=datetime(2030, 2, 2, 23, 30),  # noqa: DTZ001 - the last half hour of a period
        duration=timedelta(hours=1),
        capacity=5,
    )
    account = AccountFactory.create(time_zone="Europe/London")
    [entry] = create_entries(SchedulePageFactory.create(account=account), late)
    group = GroupFactory.create(account=account)
    ticket = TicketFactory.create(entry=entry, group=group)
    OfferFactory.create(group=group, page=entry.page, limit=3)
    customer = create_customer_with_login(account)
    add_member(group, customer, anchor=date(2030, 1, 3))
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    book(load_entry(entry), customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW)

    with clocks_of(**SUMMER_FOR_GOOD):
        assert [finding.kind for finding in check_books(now=NOW)] == ["day"]  # at 00:30 of the next one, by the instant
        reckon_entries(account, now=NOW)

        assert check_books(now=NOW) == []
    assert OfferUse.objects.get().event_on == date(2030, 2, 2)
    assert UsagePeriod.objects.get().ends_on == date(2030, 2, 3)


def test_what_the_release_before_wrote_keeps_its_wall_times_from_then_on() -> None:
    entries = create()
    Entry.objects.filter(pk=entries[0].pk).update(local_start=None, local_end=None, start_offset=None, end_offset=None)
    Entry.objects.filter(pk=entries[1].pk).update(starts_at=datetime(2030, 1, 28, 18, 30, tzinfo=UTC))

    said, _complaints, _code = reckon("--apply")

    assert said == "0 entries corrected, 0 people emailed. 2 entries keep the time that was said from now on.\n"
    with clocks_of(**SUMMER_FOR_GOOD):
        reckon("--apply")
    assert starts(entries) == [datetime(2030, 1, 21, 17, tzinfo=UTC), datetime(2030, 1, 28, 17, 30, tzinfo=UTC)]


def test_every_night_they_are_kept_and_what_new_rules_have_moved_is_said(caplog: pytest.LogCaptureFixture) -> None:
    entries = create()
    lost, others = create("Europe/London", slug="lost"), create("America/New_York", slug="hudson")
    type(lost[0].account).objects.filter(slug="lost").update(time_zone="Mars/Olympus")
    Entry.objects.update(local_start=None, local_end=None, start_offset=None, end_offset=None)

    keep_wall_times()
    with clocks_of(**SUMMER_FOR_GOOD):
        keep_wall_times()

    assert [load_entry(each).keeps_wall_times for each in (*entries, *lost, *others)] == [True] * 2 + [False] * 2 + [
        True
    ] * 2
    assert starts(entries) == [datetime(2030, 1, 21, 18, tzinfo=UTC), datetime(2030, 1, 28, 18, tzinfo=UTC)]
    assert [each.getMessage() for each in caplog.records if each.name == "tickets.schedule.reckoning"] == [
        "Rules for clocks have changed: 2 entries of river start at another time than was said. Run reckon_times."
    ]


def test_find_corrections_names_the_bookings_and_the_people() -> None:
    entries = create()
    book_all(entries, "ada@river.example")
    book_all(entries, "ben@river.example")

    with clocks_of(**SUMMER_FOR_GOOD):
        found = find_corrections(entries[0].account, now=NOW)

    assert [(each.entry.pk, len(each.bookings), len(each.customers)) for each in found] == [
        (entries[0].pk, 2, 2),
        (entries[1].pk, 2, 2),
    ]
