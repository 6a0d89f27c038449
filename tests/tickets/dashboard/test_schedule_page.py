"""The list of entries: by day, filtered, paged."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, SchedulePage
from tests.browsing import next_page, page_text
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, TicketFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Ticket


@pytest.mark.parametrize("entries", [1, 3])
def test_the_number_of_queries_is_fixed(
    entries: int, dashboard: Dashboard, yoga: SchedulePage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for entry in EntryFactory.create_batch(entries, page=yoga):
        TicketFactory.create(entry=entry, group=GroupFactory.create(account=yoga.account))
    dashboard.get("schedule")

    # Who it is, and where they may go; leaders, pages and locations; what runs, what comes, and who leads it.
    with django_assert_num_queries(9):
        response = dashboard.get("schedule")

    assert len(response.context["entries"]) == entries


def test_an_entry_says_when_what_where_and_how_full_it_is(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket)

    page = page_text(dashboard.get("schedule"))

    assert "Times are in Europe/London time." in page
    assert "Thursday 17 January 2030 12:00 – 13:00 Vinyasa Hall 1 / 10" in page


def test_times_are_those_of_the_account(dashboard: Dashboard, yoga: SchedulePage) -> None:
    yoga.account.time_zone = "Pacific/Auckland"
    yoga.account.save(update_fields=["time_zone"])
    EntryFactory.create(page=yoga, title="Dawn")

    assert "Friday 18 January 2030 01:00 – 02:00 Dawn" in page_text(dashboard.get("schedule"))


def test_today_is_named(dashboard: Dashboard, yoga: SchedulePage) -> None:
    EntryFactory.create(page=yoga, title="Later", starts_at=NOW + timedelta(hours=3))

    assert "Today, Tuesday 15 January 2030 15:00 – 16:00 Later" in page_text(dashboard.get("schedule"))


def test_an_entry_of_several_days_says_when_it_ends(dashboard: Dashboard, yoga: SchedulePage) -> None:
    start = NOW + timedelta(days=1)
    EntryFactory.create(page=yoga, title="Retreat", starts_at=start, ends_at=start + timedelta(days=2))

    assert "12:00 – 12:00 ends Fri 18 Jan Retreat" in page_text(dashboard.get("schedule"))


def test_entries_stand_under_their_day_soonest_first(dashboard: Dashboard, yoga: SchedulePage) -> None:
    second = EntryFactory.create(page=yoga, starts_at=NOW + timedelta(days=2, hours=2))
    third = EntryFactory.create(page=yoga, starts_at=NOW + timedelta(days=3))
    first = EntryFactory.create(page=yoga, starts_at=NOW + timedelta(days=2))

    days = dashboard.get("schedule").context["days"]

    assert [entries for _day, entries in days] == [[first, second], [third]]


@pytest.mark.parametrize(
    ("change", "badge"),
    [
        ("exclusive", None),
        ("full", "Sold out"),
        ("cancelled", "Cancelled"),
        ("weekly", None),
        ("bare", "No tickets"),
    ],
)
def test_only_what_is_out_of_the_ordinary_has_a_badge(
    change: str, badge: str | None, dashboard: Dashboard, entry: Entry
) -> None:
    ticket = TicketFactory.create(entry=entry)
    if change == "exclusive":
        TicketFactory.create(entry=entry, group=GroupFactory.create(account=entry.account))
    if change == "full":
        for _ in range(10):
            book_seat_manually(entry, ticket)
    if change == "cancelled":
        Entry.objects.update(cancelled_at=NOW)
    if change == "weekly":
        entry.series.rule = "FREQ=WEEKLY;UNTIL=20300409T235959"
        entry.series.save(update_fields=["rule"])
    if change == "bare":
        Ticket.objects.update(retired_at=NOW)

    found = [
        each
        for each in ("Exclusive", "Sold out", "Cancelled", "Repeats", "No tickets")
        if each in page_text(dashboard.get("schedule"))
    ]
    assert found == [badge] * (badge is not None)


def test_upcoming_and_past(dashboard: Dashboard, yoga: SchedulePage) -> None:
    over = EntryFactory.create(page=yoga, starts_at=NOW - timedelta(hours=1))
    long_over = EntryFactory.create(page=yoga, starts_at=NOW - timedelta(days=9))
    running = EntryFactory.create(page=yoga, starts_at=NOW - timedelta(minutes=30))
    coming = EntryFactory.create(page=yoga)

    assert list(dashboard.get("schedule").context["entries"]) == [running, coming]
    assert list(dashboard.get("schedule", {"when": "past"}).context["entries"]) == [over, long_over]


def test_by_page_and_by_title_kept_in_the_address(dashboard: Dashboard, studio: Account, yoga: SchedulePage) -> None:
    kids = SchedulePageFactory.create(account=studio, slug="kids", title="Kids")
    for_all = EntryFactory.create(page=yoga, title="Yoga for all")
    EntryFactory.create(page=yoga, title="Pilates")
    kids_yoga = EntryFactory.create(page=kids, title="YOGA 🧘")

    assert list(dashboard.get("schedule", {"q": "yoga"}).context["entries"]) == [for_all, kids_yoga]
    assert list(dashboard.get("schedule", {"q": " yoga ", "on": "kids"}).context["entries"]) == [kids_yoga]
    page_of_kids = dashboard.get("schedule", {"q": "yoga", "on": "kids"}).content.decode()
    assert page_of_kids.count('name="q" id="q" value="yoga"') == 1
    assert page_of_kids.count('<option value="kids" selected>') == 1
    assert page_of_kids.count('href="?q=yoga&amp;on=kids&amp;when=past"') == 1


@pytest.mark.parametrize("query", [{"q": "nothing"}, {"on": "nowhere"}, {"q": "\x00"}, {"page": "x"}, {"page": "99"}])
def test_odd_addresses_are_answered(query: dict[str, str], dashboard: Dashboard, entry: Entry) -> None:
    assert dashboard.get("schedule", query).status_code == 200


def test_no_results_is_not_the_empty_state(dashboard: Dashboard, entry: Entry) -> None:
    page = page_text(dashboard.get("schedule", {"q": "nothing"}))

    assert ("No entries match this filter." in page, "Add an entry" in page) == (True, False)


def test_the_empty_states(dashboard: Dashboard, yoga: SchedulePage) -> None:
    assert "Add an entry Nothing’s coming up yet." in page_text(dashboard.get("schedule"))
    assert "No past entries yet" in page_text(dashboard.get("schedule", {"when": "past"}))


def test_fifty_a_page(dashboard: Dashboard, yoga: SchedulePage) -> None:
    EntryFactory.create_batch(51, page=yoga)

    Entry.objects.update(title="Vinyasa")
    first = dashboard.get("schedule", {"q": "VINYASA"})
    assert len(dashboard.get("schedule").context["entries"]) == len(first.context["entries"]) == 50
    assert next_page(first)["q"] == "VINYASA"
    assert len(dashboard.get("schedule", next_page(first)).context["entries"]) == 1


def test_entries_of_others_are_not_listed(dashboard: Dashboard, entry: Entry) -> None:
    EntryFactory.create(title="Theirs")

    assert list(dashboard.get("schedule").context["entries"]) == [entry]


@pytest.mark.parametrize("title", ["Йога 🧘‍♀️ & <b>more</b>", "يوغا الصباح"])
def test_any_title_is_shown_as_it_is(title: str, dashboard: Dashboard, yoga: SchedulePage) -> None:
    EntryFactory.create(page=yoga, title=title)

    assert title in page_text(dashboard.get("schedule"))
