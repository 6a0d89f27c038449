"""The operator's schedule as a week and as a month, its filters, and what can be done from a row."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Role, SchedulePage, Staff
from tests.browsing import open_browser, page_text
from tests.factories.accounts import SchedulePageFactory, StaffFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.public.test_schedule import add_entries
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, EntryLeader, EntryPlaces, Leader, Location


def lead(entry: Entry, name: str, **fields: Any) -> Leader:
    leader, _ = Leader.objects.get_or_create(account=entry.account, name=name, defaults=fields)
    EntryLeader.objects.create(
        account=entry.account, entry=entry, leader=leader, page=entry.page, starts_at=entry.starts_at
    )
    return leader


def days(dashboard: Dashboard, **asked: str) -> list[Any]:
    return list(dashboard.get("schedule", asked).context["timetable"].days)


class TestTheWeek:
    def test_begins_on_monday_and_holds_what_takes_place(self, dashboard: Dashboard, yoga: SchedulePage) -> None:
        inside = [
            EntryFactory.create(page=yoga, starts_at=datetime(2030, 1, day, hour, tzinfo=UTC))
            for day, hour in ((14, 0), (15, 8), (20, 23))
        ]
        for day, hour in ((13, 23), (21, 0)):
            EntryFactory.create(page=yoga, starts_at=datetime(2030, 1, day, hour, tzinfo=UTC))
        EntryFactory.create()

        found = days(dashboard, view="week")

        assert [each.day for each in found] == [date(2030, 1, 14) + timedelta(days=each) for each in range(7)]
        assert [entry for each in found for entry in each.entries] == inside
        assert [each.day.day for each in found if each.entries] == [14, 15, 20]

    def test_is_of_the_studios_own_days(self, dashboard: Dashboard, yoga: SchedulePage) -> None:
        Account.objects.update(time_zone="Pacific/Auckland", locale="en-us")
        EntryFactory.create(page=yoga, starts_at=datetime(2030, 1, 18, 12, tzinfo=UTC))

        found = days(dashboard, view="week")

        # A day ahead of UTC, and American weeks begin on Sunday.
        assert (found[0].day, [each.day for each in found if each.entries]) == (date(2030, 1, 13), [date(2030, 1, 19)])

    def test_leads_to_the_weeks_beside_it(self, dashboard: Dashboard) -> None:
        page = dashboard.get("schedule", {"view": "week", "day": "2030-03-01", "q": "yoga"}).content.decode()

        assert re.findall(r'href="(\?[^"]*)"[^>]*>\s*<svg', page)[:2] == [
            "?view=week&amp;day=2030-02-18&amp;q=yoga",
            "?view=week&amp;day=2030-03-04&amp;q=yoga",
        ]
        assert "Week of 25 February 2030" in page_text(dashboard.get("schedule", {"view": "week", "day": "2030-03-01"}))

    def test_turning_to_another_is_no_filter_that_opens_above_it(self, dashboard: Dashboard) -> None:
        turned = dashboard.get("schedule", {"view": "week", "day": "2030-03-01"})
        assert "Clear filter" not in page_text(turned)
        assert '<details class="filters">' in turned.content.decode()
        assert "Clear filter" in page_text(dashboard.get("schedule", {"view": "week", "q": "yoga"}))
        assert "Clear filter" in page_text(dashboard.get("schedule", {"day": "2030-03-01"}))

    def test_marks_today(self, dashboard: Dashboard) -> None:
        for view in ("week", "month"):
            page = dashboard.get("schedule", {"view": view}).content.decode()
            assert re.findall(r'aria-current="date"[^>]*>.*?datetime="([^"]*)"', page, re.DOTALL) == ["2030-01-15"]

    def test_of_very_many_shows_the_first_and_says_so(self, dashboard: Dashboard, entry: Entry) -> None:

        add_entries(entry, 400, "interval '1 minute' * number")
        answer = dashboard.get("schedule", {"view": "week"})

        assert sum(len(each.entries) for each in answer.context["timetable"].days) == 300
        assert "There are more entries in this week than fit here." in page_text(answer)


class TestTheMonth:
    def test_is_weeks_of_days_with_their_numbers(self, dashboard: Dashboard, yoga: SchedulePage) -> None:
        for day, hour in ((1, 0), (20, 8), (20, 9), (31, 23)):
            EntryFactory.create(page=yoga, starts_at=datetime(2030, 1, day, hour, tzinfo=UTC))
        off = EntryFactory.create(page=yoga, starts_at=datetime(2030, 1, 20, 10, tzinfo=UTC), cancelled_at=NOW)
        EntryPlaces.objects.exclude(entry=off).update(taken=7, waiting=1, reserved=1)
        EntryFactory.create(starts_at=datetime(2030, 1, 20, 8, tzinfo=UTC))

        found = days(dashboard, view="month")

        assert (found[0].day, found[-1].day, len(found)) == (date(2029, 12, 31), date(2030, 2, 3), 35)
        assert [each.day.day for each in found if each.is_outside] == [31, 1, 2, 3]
        told = {each.day.day: tuple(each.numbers) for each in found if any(each.numbers)}
        assert told == {1: (1, 2, 0), 20: (2, 4, 1), 31: (1, 2, 0)}
        assert "Sunday 20 January 2 entries 4 spaces left 1 cancelled" in page_text(
            dashboard.get("schedule", {"view": "month"})
        )

    def test_days_are_the_studios_own_when_clocks_change(self, dashboard: Dashboard, yoga: SchedulePage) -> None:
        """In London 31 March 2030 has 23 hours."""
        for hour in (0, 22, 23):
            EntryFactory.create(page=yoga, starts_at=datetime(2030, 3, 31, hour, tzinfo=UTC))

        found = days(dashboard, view="month", day="2030-03-05")

        # At 23:00 UTC it is midnight there: April has begun.
        assert {each.day: each.numbers.entries for each in found if any(each.numbers)} == {date(2030, 3, 31): 2}

    def test_a_month_without_entries_says_so(self, dashboard: Dashboard, yoga: SchedulePage) -> None:
        """On a phone, which shows only days with entries, there would be nothing else."""
        EntryFactory.create(page=yoga, starts_at=datetime(2030, 4, 1, 12, tzinfo=UTC))  # in the last week of March

        march = {"view": "month", "day": "2030-03-05"}
        empty = dashboard.get("schedule", march)
        assert "There are no entries this month." in page_text(empty)
        assert 'data-view="month" data-empty' in empty.content.decode()
        assert "No entries match this filter this month." in page_text(dashboard.get("schedule", {**march, "q": "x"}))
        april = page_text(dashboard.get("schedule", {"view": "month", "day": "2030-04-05"}))
        assert "There are no entries" not in april

    def test_each_day_leads_to_its_list(self, dashboard: Dashboard, yoga: SchedulePage) -> None:
        at = [EntryFactory.create(page=yoga, starts_at=NOW + timedelta(days=each)) for each in (-1, 4, 5, 6)]

        assert 'href="?day=2030-01-20"' in dashboard.get("schedule", {"view": "month"}).content.decode()
        assert list(dashboard.get("schedule", {"day": "2030-01-20"}).context["entries"]) == at[2:]
        assert list(dashboard.get("schedule", {"day": "2030-01-14"}).context["entries"]) == at


@pytest.mark.parametrize("view", ["week", "month"])
@pytest.mark.parametrize("day", ["", "x", "0001-01-01", "9999-12-31", "2030-02-31", "1900-01-01", "2200-12-31", "\0"])
def test_odd_days_are_answered(view: str, day: str, dashboard: Dashboard, entry: Entry) -> None:
    assert dashboard.get("schedule", {"view": view, "day": day}).status_code == 200


@pytest.mark.parametrize("entries", [1, 3])
@pytest.mark.parametrize(("view", "statements"), [("week", 8), ("month", 7)])
def test_the_number_of_statements_is_fixed(
    entries: int,
    view: str,
    statements: int,
    dashboard: Dashboard,
    yoga: SchedulePage,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(entries):
        entry = EntryFactory.create(page=yoga, starts_at=NOW + timedelta(hours=number))
        TicketFactory.create(entry=entry)
        lead(entry, f"Leader {number}")
    dashboard.get("schedule", {"view": view})

    with django_assert_num_queries(statements):
        dashboard.get("schedule", {"view": view})


@pytest.fixture
def led(yoga: SchedulePage) -> dict[str, Entry]:
    """Entries of two leaders in two places, one of them full."""
    hall, loft = (Location.objects.create(account=yoga.account, name=name) for name in ("Hall", "Loft"))
    made = {
        title: EntryFactory.create(page=yoga, title=title, venue=venue, starts_at=NOW + timedelta(days=1, hours=hour))
        for hour, (title, venue) in enumerate((("Early", hall), ("Noon", loft), ("Late", hall)))
    }
    for title, leader in (("Early", "Anna"), ("Noon", "Ben"), ("Late", "Anna")):
        lead(made[title], leader)
    EntryPlaces.objects.filter(entry=made["Late"]).update(taken=8, waiting=1, reserved=2)
    return made


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"teacher": "Anna"}, ["Early", "Late"]),
        ({"place": "Loft"}, ["Noon"]),
        ({"free": "1"}, ["Early", "Noon"]),
        ({"teacher": "Anna", "free": "1"}, ["Early"]),
        ({"teacher": "Anna", "place": "Loft"}, []),
        ({"teacher": "x"}, ["Early", "Noon", "Late"]),
    ],
)
def test_filters_are_in_the_address_of_every_view(
    dashboard: Dashboard, led: dict[str, Entry], asked: dict[str, str], found: list[str]
) -> None:
    models: dict[str, Any] = {"teacher": Leader, "place": Location}
    query = {
        name: str(models[name].objects.get(name=value).pk) if name in models and value != "x" else value
        for name, value in asked.items()
    }

    assert [entry.title for entry in dashboard.get("schedule", query).context["entries"]] == found
    week = days(dashboard, view="week", **query)
    assert [entry.title for each in week for entry in each.entries] == found
    month = days(dashboard, view="month", **query)
    assert sum(each.numbers.entries for each in month) == len(found)
    if not found:
        assert "No entries match this filter." in page_text(dashboard.get("schedule", query))


def test_one_who_is_far_away_is_looked_for_part_by_part(dashboard: Dashboard, entry: Entry) -> None:

    add_entries(entry, 1100, "interval '1 hour' * number")
    last = Entry.objects.order_by("-starts_at").first()
    assert last is not None
    leader = lead(last, "Anna")

    first = dashboard.get("schedule", {"teacher": str(leader.pk)})
    further = re.findall(r'href="\?([^"]*after=[^"]*)"', first.content.decode())[0].replace("&amp;", "&")

    assert list(first.context["entries"]) == []
    assert "No entries found so far. Only the next 1,000 have been searched. Search further" in page_text(first)
    asked = dict(part.split("=", 1) for part in further.split("&"))
    assert list(dashboard.get("schedule", asked).context["entries"]) == [last]


@pytest.mark.usefixtures("led")
class TestWhoLeadsEntries:
    @pytest.fixture
    def staff(self, yoga: SchedulePage) -> Staff:
        return StaffFactory.create(account=yoga.account, role=Role.LEADER)

    def listed(self, staff: Staff, query: str = "") -> list[str]:
        answer = open_browser(staff.user).get(f"/dashboard/{staff.account.slug}/schedule/{query}")
        return [entry.title for entry in answer.context["entries"]]

    def test_sees_their_own_first_and_everyones_when_they_ask(self, staff: Staff) -> None:
        Leader.objects.filter(name="Anna").update(staff=staff)

        assert self.listed(staff) == self.listed(staff, "?mine=1") == ["Early", "Late"]
        assert self.listed(staff, "?mine=0") == ["Early", "Noon", "Late"]

    def test_sees_everyones_where_they_are_no_leader_of_the_schedule(self, staff: Staff) -> None:
        assert self.listed(staff) == self.listed(staff, "?mine=1") == ["Early", "Noon", "Late"]

    def test_and_so_does_an_owner_who_leads_some_until_they_ask(
        self, dashboard: Dashboard, yoga: SchedulePage, led: dict[str, Entry]
    ) -> None:
        Leader.objects.filter(name="Ben").update(staff=Staff.objects.get(account=yoga.account))

        assert len(dashboard.get("schedule").context["entries"]) == 3
        assert "Show only mine" in page_text(dashboard.get("schedule"))
        assert list(dashboard.get("schedule", {"mine": "1"}).context["entries"]) == [led["Noon"]]


class TestManyToChooseFrom:
    """Of more than a hundred leaders or locations the first are listed; the chosen and one’s own always are."""

    @pytest.fixture(autouse=True)
    def many(self, dashboard: Dashboard, entry: Entry) -> None:
        account = dashboard.account
        Leader.objects.bulk_create(Leader(account=account, name=f"Leader {number:03}") for number in range(101))
        Location.objects.bulk_create(Location(account=account, name=f"Room {number:03}") for number in range(101))
        lead(entry, "Zoë", staff=Staff.objects.get(account=account))

    def offered(self, dashboard: Dashboard, **query: str) -> tuple[list[str], list[str]]:
        found = dashboard.get("schedule", query).context["choices"]
        return [each.name for each in found.leaders.rows], [each.name for each in found.places.rows]

    def test_are_a_hundred_and_a_name_may_be_typed(self, dashboard: Dashboard) -> None:
        leaders, places = self.offered(dashboard)

        assert (len(leaders), leaders[-1], len(places)) == (100, "Leader 099", 100)
        assert "Show only mine" in page_text(dashboard.get("schedule"))
        assert 'name="named"' in dashboard.get("schedule").content.decode()

    def test_and_the_one_that_was_chosen(self, dashboard: Dashboard) -> None:
        zoe = Leader.objects.get(name="Zoë").pk

        assert self.offered(dashboard, teacher=str(zoe))[0][0] == "Zoë"
        assert len(dashboard.get("schedule", {"teacher": str(zoe)}).context["entries"]) == 1

    @pytest.mark.parametrize(("typed", "found"), [("ZOË", 1), ("zo", 1), ("Leader", 0), ("Nobody", 0), ("  ", 1)])
    def test_and_the_one_whose_name_is_typed(self, dashboard: Dashboard, typed: str, found: int) -> None:
        answer = dashboard.get("schedule", {"named": typed})

        assert len(answer.context["entries"]) == found
        assert ("No entries match this filter." in page_text(answer)) is (found == 0)

    def test_of_another_account_none_is(self, dashboard: Dashboard) -> None:
        theirs = EntryFactory.create()
        Leader.objects.create(account=theirs.account, name="Elsa")

        assert len(dashboard.get("schedule", {"named": "Elsa"}).context["entries"]) == 0


MANAGED = ["Edit entry", "Change leader", "Duplicate entry"]


class TestActionsOnARow:
    def actions(self, client: Client, account: Account) -> list[str]:
        page = client.get(f"/dashboard/{account.slug}/schedule/").content.decode()
        menu = page.partition('<div class="menu-list" id="entry-')[2].partition("</div>")[0]
        return [re.sub(r"<[^>]+>", "", found).strip() for found in re.findall(r"<a [^>]*>(.*?)</a>", menu, re.DOTALL)]

    @pytest.mark.parametrize(
        ("role", "found"),
        [
            (Role.OWNER, ["Register", "Book for someone", *MANAGED, "Cancel entry"]),
            (Role.SCHEDULE_MANAGER, ["Register", *MANAGED, "Cancel entry"]),
            (Role.BOOKINGS_ADMIN, ["Register", "Book for someone"]),
            (Role.LEADER, ["Register"]),
        ],
    )
    def test_are_what_the_role_may_do(self, entry: Entry, role: Role, found: list[str]) -> None:
        staff = StaffFactory.create(account=entry.account, role=role)

        assert self.actions(open_browser(staff.user), entry.account) == found

    def test_are_fewer_where_it_was_cancelled(self, entry: Entry) -> None:
        Entry.objects.update(cancelled_at=NOW)
        staff = StaffFactory.create(account=entry.account, role=Role.OWNER)

        assert self.actions(open_browser(staff.user), entry.account) == ["Register", "Edit entry", "Duplicate entry"]


def test_pages_and_days_can_be_chosen_too(dashboard: Dashboard, studio: Account, yoga: SchedulePage) -> None:
    kids = SchedulePageFactory.create(account=studio, slug="kids")
    EntryFactory.create(page=yoga)
    there = EntryFactory.create(page=kids)

    assert [entry for each in days(dashboard, view="week", on="kids") for entry in each.entries] == [there]
    assert sum(each.numbers.entries for each in days(dashboard, view="month", on="nowhere")) == 0
