"""Days to choose from, and filters: each combination is a page to link to, and costs no more in a long schedule."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from tests.browsing import open_browser, page_text
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.public.test_kept_pages import clear, shown
from tests.tickets.public.test_schedule import links
from tests.tickets.public.timetables import asking, titles
from tests.worlds.river import RiverStudio
from tickets.models import Entry, EntryLeader, EntryTag, Leader, Location, Tag, Ticket
from tickets.public.schedule import page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    clear()


def strip(answer: Any) -> list[tuple[str, str]]:
    """The links of the days and of the weeks beside them: what they say, and where they lead."""
    nav = re.findall(r'<nav class="week".*?</nav>', answer.content.decode(), re.DOTALL)[0]
    found = re.findall(r'<a href="([^"]*)" rel="nofollow"([^>]*)>(.*?)</a>', nav, re.DOTALL)
    return [
        (" ".join(re.sub(r"<[^>]+>", " ", says).split()) + ("*" if "current" in more else ""), unescape(href))
        for href, more, says in found
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"class": "Hatha"}, ["Hatha", "Hatha"]),
        ({"class": "hatha"}, []),
        ({"teacher": "Anna"}, ["Hatha", "Pilates", "Pilates"]),
        ({"place": "Loft"}, ["Hatha", "Pilates"]),
        ({"tag": "Fast"}, ["Pilates", "Pilates"]),
        ({"free": "1"}, ["Morning yoga", "Hatha", "Hatha", "Pilates"]),
        ({"teacher": "Anna", "class": "Hatha"}, ["Hatha"]),
        ({"teacher": "Anna", "place": "Hall", "tag": "Fast"}, ["Pilates"]),
        ({"teacher": "Anna", "place": "Hall", "tag": "Fast", "free": "1"}, []),
        ({"tag": "Slow", "place": "Loft", "free": "1"}, ["Hatha"]),
        ({"place": "Hall", "class": "Hatha", "from": "2030-01-18"}, ["Hatha"]),
        ({"place": "Hall", "class": "Hatha", "from": "2030-01-19"}, []),
        ({"teacher": "Ben", "tag": "Fast"}, []),
    ],
)
def test_each_filter_and_all_together(
    client: Client, week: RiverStudio, asked: dict[str, str], found: list[str]
) -> None:
    answer = client.get(asking(**asked))

    assert titles(answer) == found
    assert '<meta name="robots" content="noindex">' in answer.content.decode()
    assert links(answer) == {"canonical": "http://testserver/river/"}
    if not found:
        assert "No events match this filter. Clear filter" in page_text(answer)


@pytest.mark.parametrize(
    "address",
    ["teacher=x", "teacher=-1", "teacher=99999999999999999999", "place=0", "tag=%00", "free=2", "class=%00", "class="],
)
def test_what_asks_for_nothing_shows_everything(client: Client, address: str) -> None:
    assert titles(client.get(f"/river/?{address}")) == titles(client.get("/river/"))


def test_what_another_studio_has_finds_nothing(client: Client, week: RiverStudio) -> None:
    other = EntryFactory.create()
    leader = Leader.objects.create(account=other.account, name="Anna")
    EntryLeader.objects.create(
        account=other.account, entry=other, leader=leader, page=other.page, starts_at=other.starts_at
    )

    answer = client.get(f"/river/?teacher={leader.pk}")

    assert titles(answer) == []
    assert answer.content.decode().count(">Anna</option>") == 1


def test_who_stood_in_for_somebody_is_found_and_not_who_was_planned(client: Client, week: RiverStudio) -> None:
    anna, ben = Leader.objects.order_by("name")
    taught = EntryLeader.objects.filter(leader=anna).first()
    assert taught is not None
    EntryLeader.objects.filter(pk=taught.pk).update(leads=False)
    EntryLeader.objects.create(
        account=week.account,
        entry=taught.entry,
        leader=ben,
        page=week.page,
        starts_at=taught.starts_at,
        is_planned=False,
    )

    assert titles(client.get(f"/river/?teacher={anna.pk}")) == ["Pilates", "Pilates"]
    assert titles(client.get(f"/river/?teacher={ben.pk}")) == ["Hatha", "Hatha"]


def test_a_cancelled_event_is_found_by_no_filter(client: Client, week: RiverStudio) -> None:
    Entry.objects.filter(title="Hatha").update(cancelled_at=NOW)

    for asked in ({"class": "Hatha"}, {"teacher": "Ben"}, {"place": "Loft"}, {"tag": "Slow"}):
        assert "Hatha" not in titles(client.get(asking(**asked)))


def test_free_spaces_are_of_tickets_too(client: Client, week: RiverStudio) -> None:
    Ticket.objects.filter(series__entries__title="Hatha").update(capacity=0)

    assert titles(client.get("/river/?free=1")) == ["Morning yoga", "Pilates"]


def test_the_choices_are_shown_when_they_are_asked_for(client: Client, week: RiverStudio) -> None:
    Leader.objects.create(account=week.account, name="Nobody yet")
    usual, opened = client.get("/river/").content.decode(), client.get("/river/?filter=1").content.decode()

    assert ("<select" in usual, 'href="?filter=1"' in usual) == (False, True)
    choices = {
        name: re.findall(r"<option[^>]*>([^<]*)<", inner)
        for name, inner in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', opened, re.DOTALL)
    }
    assert choices == {
        "class": ["All events", "Hatha", "Morning yoga", "Pilates"],
        "teacher": ["Anyone", "Anna", "Ben"],
        "place": ["Anywhere", "Hall", "Loft"],
        "tag": ["All kinds", "Fast", "Slow"],
    }
    chosen = client.get(asking(teacher="Ben", free="1")).content.decode()
    assert re.findall(r"<option[^>]* selected>([^<]*)<", chosen) == ["Ben"]
    assert re.findall(r'<input type="checkbox"[^>]* checked>', chosen) != []


@pytest.mark.usefixtures("week")
class TestTheDays:
    def test_begin_today_and_lead_to_each_and_to_the_next_week(self, client: Client) -> None:
        assert strip(client.get("/river/")) == [
            ("Today 15 Jan*", "?"),
            ("Wed 16 Jan", "?from=2030-01-16"),
            ("Thu 17 Jan", "?from=2030-01-17"),
            ("Fri 18 Jan", "?from=2030-01-18"),
            ("Sat 19 Jan", "?from=2030-01-19"),
            ("Sun 20 Jan", "?from=2030-01-20"),
            ("Mon 21 Jan", "?from=2030-01-21"),
            ("Next week", "?from=2030-01-22"),
        ]

    def test_are_those_around_the_day_that_is_chosen(self, client: Client) -> None:
        found = strip(client.get("/river/?from=2030-02-01"))

        assert [each for each in found if "*" in each[0] or "week" in each[0]] == [
            ("Previous week", "?from=2030-01-22"),
            ("Fri 1 Feb*", "?from=2030-02-01"),
            ("Next week", "?from=2030-02-05"),
        ]
        assert strip(client.get("/river/?from=2030-01-23"))[0] == ("Previous week", "?")

    def test_keep_the_filter(self, client: Client) -> None:
        found = strip(client.get("/river/?class=Hatha&free=1&utm=x&filter=1"))

        assert [href for _, href in found[:2]] == [
            "?class=Hatha&free=1",
            "?from=2030-01-16&class=Hatha&free=1",
        ]

    def test_mark_where_a_later_page_begins(self, client: Client, studio: RiverStudio) -> None:
        for hour in range(60):
            EntryFactory.create(page=studio.page, starts_at=NOW + timedelta(hours=4 * hour))
        found = strip(client.get(f"/river/{links(client.get('/river/'))['next']}"))

        assert [says for says, _ in found if "*" in says] == ["Wed 23 Jan*"]

    def test_are_others_after_midnight(self, client: Client) -> None:
        midnight = NOW.replace(hour=0) + timedelta(days=1)
        for instant, first in ((midnight - timedelta(microseconds=1), "Today 15 Jan*"), (midnight, "Today 16 Jan*")):
            with travel(instant, tick=False):
                assert strip(client.get("/river/"))[0][0] == first

    def test_a_date_is_jumped_to_by_a_form(self, client: Client) -> None:
        form = re.findall(r'<input type="date"[^>]*>', client.get("/river/?from=2030-01-20").content.decode())

        assert form == ['<input type="date" name="from" id="from" value="2030-01-20" min="2030-01-15">']


class TestWhatIsKept:
    def test_no_filter_makes_room_for_itself_among_the_pages_that_are_kept(
        self, client: Client, week: RiverStudio
    ) -> None:
        shown("/river/")
        before = [list(kept._known._values) for kept in (page.PAGES, page.SHOWN)]  # noqa: SLF001
        member = open_browser(week.member())
        for address in ("class=Hatha", "free=1", "filter=1", "tag=1&from=2030-01-18", "class=x&after=y"):
            for browser in (client, member):
                assert browser.get(f"/river/?{address}").status_code == 200

        assert [list(kept._known._values) for kept in (page.PAGES, page.SHOWN)] == before  # noqa: SLF001


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("asked", "statements"),
    [
        ({"class": "Many"}, 10),
        ({"teacher": "Many"}, 11),
        ({"tag": "Many"}, 11),
        ({"place": "Many"}, 10),
        ({"free": "1"}, 10),
    ],
)
def test_a_filter_costs_the_same_however_much_it_finds(
    client: Client,
    studio: RiverStudio,
    django_assert_num_queries: DjangoAssertNumQueries,
    asked: dict[str, str],
    statements: int,
    count: int,
) -> None:
    for _ in range(count):
        add_findable(studio)
    address = asking(**asked)
    client.get(address)

    with django_assert_num_queries(statements):
        answer = client.get(address)

    assert len(titles(answer)) == count + ("free" in asked)


def add_findable(studio: RiverStudio) -> Entry:
    """An entry that each filter finds by “Many”."""
    account, starts_at = studio.account, NOW + timedelta(days=3)
    leader, _ = Leader.objects.get_or_create(account=account, name="Many")
    venue, _ = Location.objects.get_or_create(account=account, name="Many")
    tag, _ = Tag.objects.get_or_create(account=account, name="Many")
    entry = EntryFactory.create(page=studio.page, title="Many", venue=venue, starts_at=starts_at)
    EntryLeader.objects.create(account=account, entry=entry, leader=leader, page=studio.page, starts_at=starts_at)
    EntryTag.objects.create(account=account, entry=entry, tag=tag, page=studio.page, starts_at=starts_at)
    TicketFactory.create(entry=entry)
    return entry
