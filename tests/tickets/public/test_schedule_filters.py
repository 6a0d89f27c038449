"""Days to choose from, and filters: each combination is a page to link to, and costs no more in a long schedule."""

import re
from datetime import timedelta
from html import unescape
from typing import Any, Final

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from tests.browsing import open_browser, page_text
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.public.test_kept_pages import clear, shown
from tests.tickets.public.test_schedule import links
from tests.worlds.river import RiverStudio
from tickets.models import Entry, EntryLeader, EntryPlaces, EntryTag, Leader, Location, Tag, Ticket
from tickets.public.schedule import page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    clear()


def titles(answer: Any) -> list[str]:
    return re.findall(r'<h3><a [^>]*dir="auto">([^<]*)<', answer.content.decode())


def strip(answer: Any) -> list[tuple[str, str]]:
    """The links of the days and of the weeks beside them: what they say, and where they lead."""
    nav = re.findall(r'<nav class="week".*?</nav>', answer.content.decode(), re.DOTALL)[0]
    found = re.findall(r'<a href="([^"]*)" rel="nofollow"([^>]*)>(.*?)</a>', nav, re.DOTALL)
    return [
        (" ".join(re.sub(r"<[^>]+>", " ", says).split()) + ("*" if "current" in more else ""), unescape(href))
        for href, more, says in found
    ]


@pytest.fixture
def week(studio: RiverStudio) -> RiverStudio:
    """Classes of two titles, by two leaders in two rooms, of two kinds; one of them is full."""
    account = studio.account
    anna, ben = (Leader.objects.create(account=account, name=name) for name in ("Anna", "Ben"))
    hall, loft = (Location.objects.create(account=account, name=name) for name in ("Hall", "Loft"))
    slow, fast = (Tag.objects.create(account=account, name=name) for name in ("Slow", "Fast"))
    plan = [
        ("Hatha", anna, hall, slow),
        ("Hatha", ben, loft, slow),
        ("Pilates", anna, loft, fast),
        ("Pilates", anna, hall, fast),
    ]
    for day, (title, leader, venue, tag) in enumerate(plan):
        starts_at = NOW + timedelta(days=3 + day)
        entry = EntryFactory.create(
            page=studio.page, title=title, starts_at=starts_at, venue=venue, location=venue.name
        )
        EntryLeader.objects.create(account=account, entry=entry, leader=leader, page=studio.page, starts_at=starts_at)
        EntryTag.objects.create(account=account, entry=entry, tag=tag, page=studio.page, starts_at=starts_at)
        TicketFactory.create(entry=entry)
    EntryPlaces.objects.filter(entry=entry).update(taken=10)
    return studio


def asking(**names: str) -> str:
    """The address that asks for a leader, a location and a tag by their names, and for the rest as it is."""
    models: dict[str, Any] = {"teacher": Leader, "place": Location, "tag": Tag}
    told = {name: models[name].objects.get(name=value).pk if name in models else value for name, value in names.items()}
    return "/river/?" + "&".join(f"{name}={value}" for name, value in told.items())


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


def make_longer(studio: RiverStudio, first: int, last: int) -> None:
    """The so-manieth events, one an hour, each of *Everyone* in every way."""
    venue, _ = Location.objects.get_or_create(account=studio.account, name="Everyone")
    leader, _ = Leader.objects.get_or_create(account=studio.account, name="Everyone")
    tag, _ = Tag.objects.get_or_create(account=studio.account, name="Everyone")
    columns = "account_id, page_id, series_id, description, location, per_booking, created_at"
    made = f"""
        WITH made AS (
            INSERT INTO tickets_entry ({columns}, uuid, title, venue_id, starts_at, ends_at)
            SELECT {columns}, gen_random_uuid(), 'Everyone', %s, start, start + interval '1 hour' FROM tickets_entry,
                generate_series(%s, %s) AS number, LATERAL (SELECT %s + interval '1 hour' * number AS start) AS times
            WHERE id = %s RETURNING id, account_id, page_id, starts_at
        ), led AS (
            INSERT INTO tickets_entryleader
                (account_id, entry_id, leader_id, page_id, starts_at, position, is_planned, leads)
            SELECT account_id, id, %s, page_id, starts_at, 0, true, true FROM made
        ), tagged AS (
            INSERT INTO tickets_entrytag (account_id, entry_id, tag_id, page_id, starts_at)
            SELECT account_id, id, %s, page_id, starts_at FROM made
        )
        INSERT INTO tickets_entryplaces (entry_id, account_id, capacity, taken, revision)
        SELECT id, account_id, 10, 0, 0 FROM made
    """  # noqa: S608 - words of the tests
    with connection.cursor() as cursor:
        cursor.execute(made, [venue.pk, first, last, NOW, studio.entry.pk, leader.pk, tag.pk])
        cursor.execute("ANALYZE tickets_entry, tickets_entryplaces, tickets_entryleader, tickets_entrytag")


def add_rare(studio: RiverStudio) -> None:
    """An event far away that each filter finds by *Rare*, and names that find nothing."""
    account, page, starts_at = studio.account, studio.page, NOW + timedelta(days=3000)
    at = Location.objects.create(account=account, name="Rare")
    rare = EntryFactory.create(page=page, title="Rare", venue=at, starts_at=starts_at)
    linked = {"account": account, "entry": rare, "page": page, "starts_at": starts_at}
    EntryLeader.objects.create(leader=Leader.objects.create(account=account, name="Rare"), **linked)
    EntryTag.objects.create(tag=Tag.objects.create(account=account, name="Rare"), **linked)
    Location.objects.create(account=account, name="Never")


LONG: Final = [
    {},
    *({name: who} for name in ("class", "teacher", "place", "tag") for who in ("Everyone", "Rare")),
    {"class": "Never"},
    {"place": "Never"},
    {"free": "1"},
    {"teacher": "Everyone", "tag": "Rare"},
    {"teacher": "Everyone", "place": "Never"},
    {"place": "Everyone", "free": "1", "class": "Rare"},
    {"tag": "Everyone", "class": "Rare", "from": "2031-01-01"},
    {"filter": "1"},
]


class TestMoreThanAHundredOfThem:
    @pytest.fixture(autouse=True)
    def many(self, week: RiverStudio) -> None:
        """Leaders, locations and titles enough that not all are offered, and names that sort last."""
        starts_at, account = NOW + timedelta(days=1), week.account
        entry = EntryFactory.create(page=week.page, title="A000", starts_at=starts_at)
        leaders = Leader.objects.bulk_create(Leader(account=account, name=f"A{number:03}") for number in range(101))
        EntryLeader.objects.bulk_create(
            EntryLeader(account=account, entry=entry, leader=each, page=week.page, starts_at=starts_at)
            for each in leaders
        )
        places = Location.objects.bulk_create(Location(account=account, name=f"A{number:03}") for number in range(101))
        Entry.objects.bulk_create(
            Entry(
                account=account,
                page=week.page,
                series=entry.series,
                title=f"A{number:03}",
                starts_at=starts_at,
                ends_at=entry.ends_at,
                venue=venue,
                location=venue.name,
            )
            for number, venue in enumerate(places)
        )
        EntryPlaces.objects.bulk_create(
            EntryPlaces(entry=each, account_id=account.pk, capacity=5)
            for each in Entry.objects.filter(places__isnull=True)
        )

    def test_a_name_may_be_typed(self, client: Client) -> None:
        page = client.get("/river/?filter=1").content.decode()

        assert ("Pilates</option>" in page, "Ben</option>" in page, "Loft</option>" in page) == (False, False, False)
        assert [f'name="{each}"' in page for each in ("titled", "named", "called")] == [True] * 3

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("named=BEN", ["Hatha"]),
            ("named=be", ["Hatha"]),
            ("named=Ben&teacher=1", ["Hatha"]),
            ("named=A0", []),
            ("named=Nobody", []),
            ("called=lof", ["Hatha", "Pilates"]),
            ("called=Nowhere", []),
            ("titled=pilat", ["Pilates", "Pilates"]),
            ("titled=pilat&called=Loft", ["Pilates"]),
            ("titled=pilat&named=Anna&called=Hall", ["Pilates"]),
        ],
    )
    def test_what_is_typed_finds_its_events(self, client: Client, query: str, found: list[str]) -> None:
        answer = client.get(f"/river/?{query}")

        assert titles(answer) == found
        assert ("No events match this filter. Clear filter" in page_text(answer)) is (found == [])

    def test_what_was_found_is_chosen_and_what_was_not_stays_typed(self, client: Client) -> None:
        ben = Leader.objects.get(name="Ben").pk

        found = client.get("/river/?named=be").content.decode()
        assert (f'<option value="{ben}" selected>Ben' in found, f"teacher={ben}" in found) == (True, True)
        missed = client.get("/river/?named=Nobody").content.decode()
        assert 'name="named" id="named" value="Nobody"' in missed

    def test_a_leader_of_no_coming_event_is_not_told(self, client: Client, week: RiverStudio) -> None:
        Leader.objects.create(account=week.account, name="Zelda Who Left")

        assert "Who Left" not in client.get("/river/?named=zelda").content.decode()
