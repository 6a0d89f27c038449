"""What visitors see while PostgreSQL, the cache or the broker is away, slow, full or read-only; and afterwards."""

import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from redis import Redis

from bench.client import Answer
from bookwhen.celery import app
from tests.browsing import text_of
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import EntryFactory, TicketFactory, load_entry
from tests.faults.web import Booking, Web, serving
from tests.faults.wire import Break
from tests.waiting import eventually
from tests.worlds.till import person_of
from tickets.booking.request import Guest, WantedTicket
from tickets.checkout.basket import add_tickets
from tickets.models import Booking as Booked
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

SYNC = b"S\x00\x00\x00\x04"
"""The end of what is asked of PostgreSQL at once."""
NOTHING = "Nothing was booked, paid or changed. Please try again in a minute."
UNSURE = "We can’t tell whether that went through. Try again: if it did go through, it won’t be done twice."


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[Web]:
    with serving(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def web(server: Web, transactional_db: None) -> Generator[Web]:
    yield server
    server.mend()


@pytest.fixture
def entry() -> Entry:
    return EntryFactory.create(capacity=50)


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry)


@pytest.fixture
def form(web: Web, entry: Entry, ticket: Ticket) -> Booking:
    """Somebody at the review step."""
    return Booking(web.visitor(), entry, ticket)


def fill_pool(web: Web, address: str) -> None:
    """Have all four threads at work, so that the pool holds as many connections."""
    with ThreadPoolExecutor(8) as visitors:
        list(visitors.map(lambda _number: web.visitor().get(address), range(16)))


def assert_sorry(answer: Answer, *words: str) -> None:
    """It is the page of an outage, quickly, and says so."""
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30"), answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.seconds < 3.5
    for each in words:
        assert each in text_of(answer.text)


@contextmanager
def failing(sqlstate: str) -> Generator[None]:
    """PostgreSQL refuses each new seat for this reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END $$"
        )
        cursor.execute("CREATE TRIGGER refuse BEFORE INSERT ON tickets_seat FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse() CASCADE")


@pytest.mark.parametrize("how", [Break.SILENT, Break.FULL])
def test_a_booking_waits_for_neither_cache_nor_broker(web: Web, entry: Entry, ticket: Ticket, how: Break) -> None:
    app.control.purge()
    forms = [Booking(web.visitor(), entry, ticket) for _number in range(4)]
    web.cache.break_(how)
    web.broker.break_(how)

    answers = [form.confirm() for form in forms]

    assert [each.status for each in answers] == [302] * 4
    assert answers[0].seconds < 2
    assert max(each.seconds for each in answers[1:]) < 0.5
    assert Booked.objects.count() == 4
    with Redis.from_url(app.conf.broker_url) as broker:
        assert broker.llen("letters") == 0
        web.mend()
        assert Booking(web.visitor(), entry, ticket).confirm().status == 302
        # It is used again, now that it answers.
        assert broker.llen("letters") == 1


def test_a_restart_of_the_database_costs_no_request(web: Web, entry: Entry, ticket: Ticket) -> None:
    page = reverse("public:entry", args=[entry.page.slug, entry.uuid])
    fill_pool(web, page)
    web.database.cut()

    assert [web.visitor().get(page).status for _number in range(8)] == [200] * 8


def test_connections_that_the_server_ended_are_not_used(web: Web, form: Booking) -> None:
    fill_pool(web, form.entry)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    eventually(lambda: _other_connections() == 0)

    assert form.confirm().status == 302


def _other_connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_while_the_database_is_away_it_is_said_and_when_it_is_back_all_is_well(web: Web, form: Booking) -> None:
    seen: list[tuple[float, Answer]] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            began = time.monotonic()
            seen.append((began, web.visitor().get(form.entry)))

    with ThreadPoolExecutor(3) as visitors:
        for _number in range(3):
            visitors.submit(look)
        time.sleep(0.5)
        web.database.break_(Break.REFUSES)
        time.sleep(5)
        web.database.mend()
        back = time.monotonic()
        time.sleep(2.5)
        over.set()

    assert {each.status for _began, each in seen} == {200, 503}
    assert {each.status for began, each in seen if began > back} == {200}
    for _began, each in seen:
        if each.status == 503:
            assert_sorry(each, "Sorry, we’ll be back in a few minutes", "Everything that’s been confirmed is safe.")


def test_a_booking_while_the_database_is_away_can_be_sent_again(web: Web, form: Booking) -> None:
    web.database.break_(Break.REFUSES)
    page = form.confirm()
    assert_sorry(page, "Sorry, we’ll be back in a few minutes", NOTHING, "Try again")
    web.database.mend()

    assert form.again(page).status == 302
    assert Booked.objects.count() == 1


@pytest.mark.parametrize("how", [Break.SILENT, Break.FULL])
def test_a_database_that_does_not_answer_new_connections_holds_nobody_up(web: Web, form: Booking, how: Break) -> None:
    web.database.cut()
    web.database.break_(how)
    web.database.cut()

    assert_sorry(form.confirm(), NOTHING)
    answer = web.visitor().get("/health/ready/")
    assert (answer.status, answer.text) == (503, '{"database": false, "redis": true, "jobs_late_since": null}')
    assert answer.seconds < 3.5


def test_a_booking_whose_commit_was_never_answered_is_made_once(web: Web, form: Booking) -> None:
    # One statement, which commits on its own: a new connection prepares it, and then has it done.
    web.database.cut()
    web.database.lose_answer_to(b"INSERT INTO tickets_seat", SYNC, SYNC)
    page = form.confirm()
    assert_sorry(page, UNSURE, "Try again")
    assert Booked.objects.count() == 1

    assert form.again(page).status == 302
    assert Booked.objects.count() == 1


@pytest.mark.parametrize(
    ("sqlstate", "heading"),
    [
        ("53100", "Sorry, we’ll be back in a few minutes"),  # the disk is full
        ("25006", "Sorry, we’ll be back in a few minutes"),  # read-only
        ("57P01", "Sorry, we’ll be back in a few minutes"),  # it is shut down
        ("57014", "Sorry, this is taking too long"),  # statement_timeout
        ("55P03", "Sorry, this is taking too long"),  # lock_timeout
        ("40P01", "Sorry, this is taking too long"),  # a deadlock
    ],
)
def test_what_the_database_refuses_for_a_while_is_not_our_mistake(
    web: Web, form: Booking, sqlstate: str, heading: str
) -> None:
    with failing(sqlstate):
        page = form.confirm()
    assert_sorry(page, heading, NOTHING, "Try again")
    assert Booked.objects.count() == 0

    assert form.again(page).status == 302
    assert Booked.objects.count() == 1


def test_a_mistake_of_ours_is_one(web: Web, form: Booking) -> None:
    with failing("P0001"):
        assert form.confirm().status == 500


def hold_the_last_place_too_long() -> Entry:
    """A class whose only place is in a basket whose time is up, which nobody has released yet."""
    entry = EntryFactory.create(capacity=1)
    ticket = TicketFactory.create(entry=entry, cost="cost", price=1200)
    customer = CustomerFactory.create(account=entry.account)
    wanted, now = [WantedTicket(ticket=ticket.pk, name="Bea")], timezone.now()
    guest = Guest(network="198.51.100.1")
    add_tickets(None, load_entry(entry), customer, wanted, who=person_of(customer), key=uuid4(), now=now, guest=guest)
    Booked.objects.update(held_until=now - timedelta(minutes=1))
    return entry


@contextmanager
def read_only(web: Web) -> Generator[None]:
    """All connections of the site are new, and may only read."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        web.database.cut()
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")


def test_a_read_only_database_shows_pages_and_books_nothing(web: Web, form: Booking) -> None:
    with read_only(web):
        page = web.visitor().get(form.entry)
        refused = form.confirm()
    assert page.status == 200
    assert_sorry(refused, NOTHING)
    # The server can be written to again: connections from before do not stay as they were. Those that were opened in
    # place of the first, before it could, are found out by one more failure.
    eventually(lambda: form.again(refused).status == 302)


def test_a_read_only_database_shows_a_class_whose_places_it_cannot_release(web: Web) -> None:
    full = hold_the_last_place_too_long()
    with read_only(web):
        page = web.visitor().get(reverse("public:entry", args=[full.page.slug, full.uuid]))

    assert page.status == 200


def test_a_statement_that_was_prepared_survives_a_migration(web: Web, form: Booking) -> None:
    for _number in range(12):
        assert web.visitor().get(form.entry).status == 200
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket ALTER COLUMN name TYPE varchar(400)")
        cursor.execute("ALTER TABLE tickets_entry ALTER COLUMN title TYPE varchar(400)")
        cursor.execute("ALTER TABLE accounts_account ALTER COLUMN name TYPE varchar(400)")
    answers = [web.visitor().get(form.entry).status for _number in range(12)]

    assert answers == [200] * 12
    assert form.confirm().status == 302


def test_stripe_is_told_to_try_again(web: Web) -> None:
    web.database.break_(Break.REFUSES)
    answer = web.visitor().post(f"/stripe/webhooks/{uuid4()}/", {})

    assert (answer.status, answer.text) == (503, "")
    assert answer.seconds < 3.5
