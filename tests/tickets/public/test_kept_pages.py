"""A stranger's page that is kept is the page that would be drawn now, whatever has changed; and 304 who has it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from bookwhen.fastpath.fingerprint import Fingerprint
from bookwhen.fastpath.known import Known
from bookwhen.fastpath.prepared import prepared_cursor
from tests.browsing import open_browser
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, create_customer_with_login, describe
from tests.tickets.public.changes import Changes
from tests.tickets.public.test_membership_options import put_on_sale
from tests.tickets.public.test_schedule import add_entries
from tests.worlds.river import RiverStudio
from tickets.calendar import without_stamps
from tickets.models import Entry, EntryPlaces, Ticket, TicketPlaces
from tickets.public.schedule import feed, page

pytestmark = pytest.mark.django_db

PAGE, FEED = "/river/", "/river/calendar.ics"
SOLD: Final = (PAGE, FEED, "/river/?from=2030-01-17")
EVERYTHING: Final = ""
TOUCHED: Final = {
    EVERYTHING: "",
    "boolean": "NOT {}",
    "character varying": "{} || 'x'",
    "text": "{} || 'x'",
    "integer": "{} + 1",
    "smallint": "{} + 1",
    "bigint": "{} + 1",
    "timestamp with time zone": "coalesce({}, '2030-01-15 11:00Z') + interval '1 hour'",
    "timestamp without time zone": "coalesce({}, '2030-01-17 12:00') + interval '1 hour'",
    "uuid": "gen_random_uuid()",
    "jsonb": """{} || '{{"x": 1}}'""",
}
"""How a column's value becomes another, by its type."""
LINKS: Final = {"memberships_membership_pages", "tickets_ticket_groups"}
"""Tables whose rows are there or not."""
UNTOUCHED: Final = {
    "tickets_series": "its key alone joins tickets to entries",
    "memberships_subscription": "a stranger has none",
    "payments_connection": "a feed sells nothing",
}
"""Tables that a page's statements name, and that change nothing of what a stranger sees there."""


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    clear()


@pytest.fixture
def shop(studio: RiverStudio) -> RiverStudio:
    """River Studio sells a membership that opens its ticket, on this page alone, and few places are left."""
    put_on_sale(studio.group).pages.add(studio.page)
    put_on_sale(studio.group, "Elsewhere").pages.add(SchedulePageFactory.create(account=studio.account))
    Ticket.objects.filter(pk=studio.drop_in.pk).update(capacity=3, cost="cost", price=1200)
    Ticket.objects.filter(pk=studio.gold.pk).update(capacity=1)
    EntryPlaces.objects.filter(entry=studio.entry).update(capacity=3)
    TicketPlaces.objects.create(
        account_id=studio.account.pk, entry=studio.entry, ticket=studio.drop_in, capacity=3, taken=1
    )
    exclusive = EntryFactory.create(page=studio.page, title="Members", starts_at=NOW + timedelta(days=4))
    TicketFactory.create(entry=exclusive, group=studio.group)
    describe(studio.entry)
    return studio


@contextmanager
def undone() -> Iterator[None]:
    """Whatever changes in it has not been."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def clear() -> None:
    everything: tuple[Any, ...] = (page.PAGES, page.SHOWN, feed.FEEDS)
    for kept in everything:
        kept._known = Known(32_000_000, kept._known._weigh)  # noqa: SLF001 - as in a new process


def look(path: str = PAGE, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def shown(path: str) -> bytes:
    """What a stranger gets, but for the instant at which a feed was made."""
    return without_stamps(look(path).content)


def plainly(path: str) -> bytes:
    """What would be drawn now."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Known, "get", lambda _self, _key: None)
        return shown(path)


def columns_read(path: str) -> list[tuple[str, str]]:
    """Every column that the statements of a page name, with its table, as they are made for the page itself."""
    clear()
    with CaptureQueriesContext(connection) as made:
        look(path)
    columns = sorted({pair for each in made if "sha256" not in each["sql"] for pair in _columns(each["sql"])})
    return [*columns, *sorted((table, EVERYTHING) for table in LINKS & {table for table, _ in columns})]


def _columns(sql: str) -> set[tuple[str, str]]:
    named = re.findall(r'(?:FROM|JOIN) "(\w+)"(?: (\w\d+))?', sql)
    columns = re.findall(r'"?(\w+)"?\."(\w+)"', sql)
    found = {(table, column) for table, alias in named for name, column in columns if name == (alias or table)}
    assert {table for table, _ in found} == {table for table, _ in named}
    return found


def touch(table: str, column: str) -> bool:
    """Give every row of a table another value in a column, or delete them; whether the database let it."""
    with connection.cursor() as cursor:
        kind = type_of(table, column)
        if kind is None:  # of another table that has the same short name in the statement
            return False
        value = TOUCHED[kind].format(f'"{column}"')
        update = f'UPDATE "{table}" SET "{column}" = {value}'  # noqa: S608 - names that Django wrote
        change = update if column != EVERYTHING else f'DELETE FROM "{table}"'  # noqa: S608
        try:
            with transaction.atomic():
                cursor.execute(change)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except DatabaseError:
            return False
        finally:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return True


def type_of(table: str, column: str) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            [table, column],
        )
        found = cursor.fetchone()
    return EVERYTHING if column == EVERYTHING else found and found[0]


@pytest.mark.parametrize("path", SOLD)
def test_every_table_that_a_page_reads_is_in_its_fingerprint(shop: RiverStudio, path: str) -> None:
    read = columns_read(path)
    before = shown(path)
    says_more = set[str]()

    for table, column in read:
        with undone():
            if touch(table, column):
                after = shown(path)
                assert (table, column, after) == (table, column, plainly(path))
                if after != before:
                    says_more.add(table)
        assert shown(path) == before

    quiet = {table for table, _ in read} - says_more
    assert quiet == {table for table, _ in read} & set(UNTOUCHED) - ({"payments_connection"} if path != FEED else set())


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(Changes.KINDS), st.integers(0, 12), st.integers(0, 60)), min_size=1, max_size=6
    )
)
def test_whatever_happens_the_page_is_as_it_would_be_drawn(
    shop: RiverStudio, steps: list[tuple[str, int, int]]
) -> None:
    changes, now = Changes(shop), NOW
    with undone():
        for kind, number, hours in steps:
            for path in SOLD:
                look(path)
            changes.apply(kind, number)
            now += timedelta(hours=hours)
            with travel(now, tick=False):
                assert [shown(path) for path in SOLD] == [plainly(path) for path in SOLD]


def test_what_time_alone_changes(shop: RiverStudio) -> None:
    Ticket.objects.filter(pk=shop.drop_in.pk).update(opens_minutes_before=60, closes_minutes_before=30)
    instants = [shop.entry.starts_at - timedelta(minutes=each) for each in (61, 60, 31, 30, 1, 0)]
    seen = set()
    for instant in (*instants, *(each + timedelta(microseconds=1) for each in instants)):
        with travel(instant, tick=False):
            seen.add(look().content)
            assert [shown(path) for path in SOLD] == [plainly(path) for path in SOLD]
    assert len(seen) == 3


def test_a_day_to_begin_at_is_over_at_its_midnight(shop: RiverStudio) -> None:
    midnight = NOW.replace(day=17, hour=0)
    for instant in (midnight - timedelta(microseconds=1), midnight):
        with travel(instant, tick=False):
            assert look(SOLD[2]).content == plainly(SOLD[2])
            assert ('content="noindex"' in look(SOLD[2]).content.decode()) == (instant < midnight)


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_that_is_kept_costs_one_statement(
    shop: RiverStudio, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count - 1):
        entry = EntryFactory.create(page=shop.page, starts_at=NOW + timedelta(days=5 + number))
        TicketFactory.create(entry=entry, group=shop.group)
    for path in SOLD:
        look(path)

        with django_assert_num_queries(1):
            look(path)


@pytest.mark.usefixtures("shop")
class TestWhoHasIt:
    @pytest.mark.parametrize("path", SOLD)
    def test_is_told_that_nothing_has_changed(self, path: str) -> None:
        first = look(path)
        etag = first["ETag"]
        assert (first.status_code, etag[:3], len(etag)) == (200, 'W/"', 36)

        for said in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
            for ask in (Client().get, Client().head):
                answer = ask(path, headers={"if-none-match": said})
                assert (answer.status_code, answer.content, answer.cookies) == (304, b"", {})
                assert {name: answer.get(name) for name in ("ETag", "Cache-Control", "Vary")} == {
                    name: first.get(name) for name in ("ETag", "Cache-Control", "Vary")
                }
        for said in ('"other"', 'W/"other"', ""):
            answer = look(path, **{"if-none-match": said})
            assert (answer.status_code, answer.content) == (200, first.content)

    def test_gets_what_has_changed(self, shop: RiverStudio) -> None:
        etags = [look(path)["ETag"] for path in SOLD]

        Entry.objects.filter(pk=shop.entry.pk).update(title="Pilates")

        answers = [look(path, **{"if-none-match": etag}) for path, etag in zip(SOLD, etags, strict=True)]
        assert [(each.status_code, "Pilates" in each.content.decode()) for each in answers] == [(200, True)] * 3

    def test_in_whichever_process_it_was_drawn(self) -> None:
        etags = [look(path)["ETag"] for path in SOLD]
        with travel(NOW + timedelta(minutes=3), tick=False), pytest.MonkeyPatch.context() as patch:
            patch.setattr(Known, "get", lambda _self, _key: None)
            assert [look(path)["ETag"] for path in SOLD] == etags

    def test_asks_again_each_time(self) -> None:
        assert (look()["Cache-Control"], look()["Vary"]) == ("no-cache", "Cookie, Accept-Encoding")
        assert (look(FEED)["Cache-Control"], look(FEED).get("Vary")) == ("public, max-age=300", "Accept-Encoding")


@pytest.mark.usefixtures("shop")
class TestSomebodyKnown:
    def test_gets_a_page_of_their_own(self, shop: RiverStudio) -> None:
        etag = look()["ETag"]
        browser = open_browser(create_customer_with_login(shop.account))

        answer = browser.get(PAGE, headers={"if-none-match": etag})

        assert (answer.status_code, "Log out" in answer.content.decode(), answer.get("ETag")) == (200, True, None)
        assert answer["Cache-Control"] == "private, no-store"
        assert look().content == plainly(PAGE)

    @pytest.mark.parametrize("cookie", ["basket-1", "booked", "messages", "unknown"])
    def test_so_does_anyone_with_a_cookie(self, cookie: str) -> None:
        etag, browser = look()["ETag"], Client()
        browser.cookies[cookie] = "1"

        assert browser.get(PAGE, headers={"if-none-match": etag}).status_code == 200

    @pytest.mark.parametrize(
        ("host", "path"), [(f"testserver:{'0' * 300}80", PAGE), ("testserver", f"{PAGE}?from={'x' * 300}")]
    )
    def test_and_an_address_longer_than_any_of_ours(self, host: str, path: str) -> None:
        """What is kept is weighed, so that a process does not grow; its address is not."""
        assert ("ETag" in look(), "ETag" in look(path, host=host)) == (True, False)

    def test_and_an_address_that_says_more(self) -> None:
        etag = look()["ETag"]

        answer = look(f"{PAGE}?utm=%3Cb%3E", **{"if-none-match": etag})

        assert (answer.status_code, "next=%2Friver%2F%3Futm%3D%253Cb%253E" in answer.content.decode()) == (200, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [PAGE, FEED])
def test_what_changes_while_it_is_drawn_is_not_kept_as_if_it_were_shown(studio: RiverStudio, path: str) -> None:
    done = list[int]()

    def rename() -> None:
        Entry.objects.filter(pk=studio.entry.pk).update(title="Renamed")
        connection.close()

    def meanwhile(execute: Any, sql: str, params: object, many: bool, context: object) -> Any:  # noqa: FBT001 - Django's
        if "sha256" in sql and not done:
            done.append(1)
            other = threading.Thread(target=rename)
            other.start()
            other.join()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile):
        assert "Renamed" not in look(path).content.decode()

    assert done == [1]
    assert "Renamed" in look(path).content.decode()


def elsewhere(sql: str) -> None:
    """Run a statement over another connection."""

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_migration_between_two_looks_is_no_error(studio: RiverStudio) -> None:
    for _ in range(8):  # so that what draws them is prepared
        clear()
        before = [look(path).content for path in (PAGE, FEED)]
    clear()
    elsewhere("ALTER TABLE tickets_entry ALTER COLUMN title TYPE text")
    try:
        assert [look(path).content for path in (PAGE, FEED)] == before
        EntryPlaces.objects.update(taken=7)
        assert look(PAGE).status_code == 200
    finally:
        elsewhere("ALTER TABLE tickets_entry ALTER COLUMN title TYPE varchar(200)")


def test_a_fingerprint_does_not_grow_with_the_schedule(shop: RiverStudio) -> None:
    add_entries(shop.entry, 1500, "interval '1 minute' * number")
    add_entries(shop.entry, 700, "interval '-1 days' - interval '1 minute' * number")
    few = analyzed()
    add_entries(shop.entry, 6000, "interval '2 hours' * (number + 60)")
    add_entries(shop.entry, 6000, "interval '-30 days' - interval '2 hours' * number")
    add_entries(EntryFactory.create(), 2000, "interval '1 minute' * number")

    many = analyzed()

    # A feed has 1,500 entries at most, each with its places.
    assert (many[0] <= 1.3 * few[0], many[1] <= 5 * 1500) == (True, True), (few, many)


def analyzed() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_entry, tickets_entryplaces, tickets_ticket, tickets_series")
    return blocks(page.READ), blocks(feed.READ)


def blocks(fingerprint: Fingerprint) -> int:
    """How many blocks the statement of a fingerprint looks at."""
    given = {"slug": "river", "now": NOW, "since": NOW, "key": 0, "standing": [], "customer": 0}
    sql, params = fingerprint.filled(given)
    with prepared_cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        ((plan,),) = cursor.fetchone()
    return int(plan["Plan"]["Shared Hit Blocks"]) + int(plan["Plan"]["Shared Read Blocks"])
