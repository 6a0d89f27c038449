"""What Prometheus is told, and who may ask."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Letter, MailOutage
from bookwhen.installation.dashboard.state import read_stored
from bookwhen.installation.models import Backup, Heartbeat, Installation, SetAside
from bookwhen.payments.models import Connection, StripeEvent
from tests.browsing import open_browser
from tests.factories.accounts import AccountFactory, UserFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW
from tickets.models import Booking, Refund, Release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]

TOKEN = "a-token-for-prometheus"
HOUR = timedelta(hours=1)

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.SITE_URL = "http://testserver"


def scrape() -> Any:
    return Client(headers={"authorization": f"Bearer {TOKEN}"}).get("/metrics")


def samples() -> Samples:
    families = text_string_to_metric_families(scrape().content.decode())
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def value(name: str, **labels: str) -> float | None:
    return samples().get((f"bookwhen_{name}", frozenset(labels.items())))


def make_letter(**fields: Any) -> Letter:
    return Letter.objects.create(
        kind="booked", recipient="ada@example.org", subject="x", text="x",
        **{"created_at": NOW - 2 * HOUR, "due_at": NOW, **fields},
    )  # fmt: skip


def make_event(state: str, received_at: Any, **fields: Any) -> StripeEvent:
    return StripeEvent.objects.create(
        connection=ConnectionFactory.create(), stripe_id=f"evt_{state}", type="invoice.paid", created_at=received_at,
        payload={}, source="webhook", state=state, due_at=received_at, received_at=received_at, **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ä"]
)
def test_without_the_token_there_is_no_such_page(authorization: str) -> None:
    client = open_browser(UserFactory.create())

    assert client.get("/metrics", headers={"authorization": authorization}).status_code == 404


def test_where_no_token_is_set_there_is_no_such_page(settings: Any) -> None:
    settings.METRICS_TOKEN = ""

    assert [
        Client(headers={"authorization": each}).get("/metrics").status_code for each in ("Bearer ", "Bearer x")
    ] == [
        404,
        404,
    ]


def test_it_is_text_for_prometheus_that_nobody_keeps() -> None:
    response = scrape()

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in response.headers["Cache-Control"]


def test_it_is_only_read(client: Client) -> None:
    assert Client(headers={"authorization": f"Bearer {TOKEN}"}).post("/metrics").status_code == 405


def test_requests_are_counted_by_view_and_class_of_status() -> None:
    before = value("responses_total", view="account_login", status="2xx") or 0
    unmatched = value("responses_total", view="none", status="4xx") or 0

    Client().get("/accounts/login/")
    for number in range(3):
        Client().get(f"/nowhere/{number}/")

    assert value("responses_total", view="account_login", status="2xx") == before + 1
    assert value("responses_total", view="none", status="4xx") == unmatched + 3
    assert (value("request_seconds_count", view="account_login") or 0) >= 1


def test_a_views_name_is_all_that_a_label_says() -> None:
    Client().get("/ada@example.org/")
    Client().get("/some-studio/")

    labels = {dict(labels).get("view", "") for _name, labels in samples()}
    assert {each for each in labels if "ada@" in each or "some-studio" in each} == set()


def test_rows_that_keep_failing_are_counted_with_the_oldest() -> None:
    for item, since in (("1", NOW - HOUR), ("2", NOW)):
        SetAside.objects.create(job="x.tasks.sweep", item=item, since=since, retry_at=NOW + HOUR, error="x")

    assert value("rows_failing") == 2
    assert value("rows_failing_oldest_seconds") == 3600


def test_what_waits_is_counted_with_the_oldest() -> None:
    make_letter()
    make_letter(fault="server", fault_since=NOW)
    make_letter(fault="mailbox", fault_since=NOW, created_at=NOW - 9 * HOUR)
    make_letter(sent_at=NOW)
    make_letter(failed_at=NOW - HOUR, fault="address")
    make_letter(failed_at=NOW - 30 * HOUR, fault="address")
    make_letter(held_until=NOW + HOUR, created_at=NOW - 9 * HOUR)
    make_event("received", NOW - HOUR)
    make_event("dead", NOW - 5 * HOUR)
    MailOutage.objects.create(since=NOW - HOUR, error="no", retry_at=NOW)

    assert value("waiting", kind="letters") == 2
    assert value("waiting_oldest_seconds", kind="letters") == 7200
    assert value("letters_faulty", fault="server") == 1
    assert value("failed", kind="letters") == 1
    assert value("waiting", kind="events") == 1
    assert value("waiting_oldest_seconds", kind="events") == 3600
    assert value("failed", kind="events") == 1
    assert value("mail_outage_seconds") == 3600


def test_when_all_is_well_nothing_waits() -> None:
    found = samples()

    assert {
        (name, dict(labels).get("kind")): number for (name, labels), number in found.items() if "waiting_" in name
    } == {
        ("bookwhen_waiting_oldest_seconds", kind): 0.0
        for kind in ("letters", "events", "baskets", "refunds", "releases")
    }
    assert value("mail_outage_seconds") == 0
    assert value("connections_in_trouble") == 0
    assert value("findings") == 0
    assert value("up", server="database") == value("up", server="broker") == 1


def test_what_never_was_is_infinitely_old() -> None:
    assert (value("heartbeat_age_seconds"), value("backup_age_seconds")) == (float("inf"), float("inf"))


def test_heartbeat_and_backup_have_an_age() -> None:
    Heartbeat.objects.create(name="beat", beaten_at=NOW - timedelta(seconds=90))
    Heartbeat.objects.create(name="job:accounts.tasks.sweep_letters", beaten_at=NOW - timedelta(seconds=30))
    Backup.objects.create(started_at=NOW - 3 * HOUR, finished_at=NOW - 2 * HOUR, kind="dump", place="/x")

    assert value("heartbeat_age_seconds") == 90
    assert value("job_age_seconds", task="accounts.tasks.sweep_letters") == 30
    assert value("backup_age_seconds") == 7200


@pytest.mark.parametrize(
    ("site", "quiet"),
    [("", 0), ("http://testserver", 0), ("https://TESTSERVER/", 0), ("https://book.example", 1)],
)
def test_a_copy_of_another_site_is_quiet(site: str, quiet: int, settings: Settings) -> None:
    settings.COPIES_ARE_QUIET = True
    Installation.objects.update_or_create(pk=1, defaults={"site_url": site})

    assert value("quiet_copy") == quiet


def test_connections_in_trouble_are_counted() -> None:
    ConnectionFactory.create(trouble="Stripe doesn’t accept your key")
    ConnectionFactory.create(trouble="gone", disconnected_at=NOW)
    ConnectionFactory.create()

    assert value("connections_in_trouble") == 1


def test_a_broker_that_is_away_leaves_the_rest(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert value("up", server="broker") == 0
    assert value("up", server="database") == 1
    assert value("queue_waiting") is None


def test_a_database_that_is_away_leaves_the_rest(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    with monkeypatch.context() as meanwhile:
        meanwhile.setitem(connection.settings_dict, "PORT", "1")
        found = samples()

    assert found["bookwhen_up", frozenset({("server", "database")})] == 0
    assert ("bookwhen_waiting", frozenset({("kind", "letters")})) not in found
    assert ("bookwhen_queue_waiting", frozenset()) in found


def test_a_scrape_costs_the_same_however_much_waits(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    scrape()
    with django_assert_num_queries(18):
        scrape()
    for _ in range(5):
        make_letter()
        AccountFactory.create()
    with django_assert_num_queries(18):
        scrape()


def test_what_it_reads_of_large_tables_it_reads_by_an_index_of_what_waits() -> None:
    with CaptureQueriesContext(connection) as captured:
        read_stored(now=timezone.now())
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in captured.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans.append("\n".join(line for (line,) in cursor.fetchall()))

        # Which of several it takes, of tables that are empty here, is PostgreSQL's affair.
        read = set(re.findall(r"(?:using|Bitmap Index Scan on) (\w+)", "\n".join(plans)))
        cursor.execute(
            """
            SELECT indrelid::regclass::text, indpred IS NOT NULL FROM pg_index
            WHERE indexrelid::regclass::text = ANY(%s)
            """,
            [list(read)],
        )
        found = set(cursor.fetchall())

    large = {each._meta.db_table for each in (Letter, StripeEvent, Booking, Refund, Release, Connection)}
    assert {(table, is_partial) for table, is_partial in found if table in large} == {(table, True) for table in large}
    assert "backup_newest" in read
