"""The address at which Stripe calls back: what it keeps, what it refuses, and that it never waits."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from bookwhen.payments import connections, inbox, tasks
from bookwhen.payments.claims import LEASE
from bookwhen.payments.encryption import encrypt
from bookwhen.payments.handlers import Outcome
from bookwhen.payments.models import Connection, EndpointSecret, StripeEvent
from bookwhen.sandbox.stripe.deliveries import signature
from tests.accounts.queue import empty_queue, take_tasks
from tests.factories.payments import (
    StripeEventFactory,
    connect_stripe,
    deliver_event,
    event_json,
    process_due_events,
    read_signing_secret,
)
from tests.factories.schedule import NOW
from tests.payments.conftest import Follower
from tests.races.crowd import run_at_once


@pytest.fixture
def endpoint(follower: Follower, connection: Connection) -> Connection:
    """A connection whose endpoint takes the events of customers."""
    empty_queue()
    return connection


@pytest.mark.django_db(transaction=True)
def test_an_event_is_kept_as_received_and_handed_to_a_worker(endpoint: Connection) -> None:
    sent = event_json(created=1_893_456_000, api_version="2026-05-27.dahlia")
    assert deliver_event(sent, to=endpoint) == 200
    event = StripeEvent.objects.get()
    assert event.payload == sent
    assert (event.connection, event.stripe_id, event.type, event.subject) == (
        endpoint, sent["id"], "customer.updated", "cus_1",
    )  # fmt: skip
    assert (event.state, event.source, event.attempts, event.error) == ("received", "webhook", 0, "")
    assert (event.created_at.isoformat(), event.api_version) == ("2030-01-01T00:00:00+00:00", "2026-05-27.dahlia")
    assert event.due_at == event.received_at
    assert event.handled_at is None
    assert take_tasks() == [("bookwhen.payments.tasks.process_stripe_event", [event.pk])]


@pytest.mark.django_db(transaction=True)
def test_the_same_again_is_taken_and_not_kept_twice(endpoint: Connection) -> None:
    sent = event_json()
    assert [deliver_event(sent, to=endpoint) for _ in range(3)] == [200, 200, 200]
    assert StripeEvent.objects.count() == 1
    assert len(take_tasks()) == 1


def test_two_connections_may_have_an_event_of_the_same_name(endpoint: Connection) -> None:
    other = connect_stripe()
    sent = event_json()
    assert (deliver_event(sent, to=endpoint), deliver_event(sent, to=other)) == (200, 200)
    assert StripeEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_called_once_for_a_burst_and_again_once_it_was_taken(endpoint: Connection) -> None:
    for number in range(6):
        assert deliver_event(event_json(data={"object": {"id": f"cus_{number % 3}"}}), to=endpoint) == 200
    first, *_rest, last = StripeEvent.objects.order_by("pk")
    assert take_tasks() == [(inbox.TASK, [first.pk])]
    StripeEvent.objects.filter(pk=last.pk).update(attempts=1, due_at=last.due_at + LEASE)
    assert deliver_event(event_json(), to=endpoint) == 200
    assert take_tasks() == []  # the one before the last still waits for that worker
    StripeEvent.objects.update(attempts=1, due_at=last.due_at + LEASE)
    assert deliver_event(event_json(), to=endpoint) == 200
    assert take_tasks() == [(inbox.TASK, [StripeEvent.objects.latest("pk").pk])]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "waits",
    [
        {"attempts": 1},  # it failed, and nobody was called since
        {"due_at": NOW},  # whoever was called for it should have come long ago
    ],
)
def test_another_worker_is_called_where_nobody_was_a_moment_ago(endpoint: Connection, waits: dict[str, Any]) -> None:
    """The worker that a broker has lost is not counted on for ever."""
    StripeEventFactory.create(connection=endpoint, **{"due_at": timezone.now(), **waits})
    assert deliver_event(event_json(), to=endpoint) == 200
    assert take_tasks() == [(inbox.TASK, [StripeEvent.objects.latest("pk").pk])]


def test_what_nobody_looks_after_is_kept_as_ignored(endpoint: Connection) -> None:
    assert deliver_event(event_json(type="charge.updated"), to=endpoint) == 200
    event = StripeEvent.objects.get()
    assert (event.state, event.subject, event.handled_at) == ("ignored", "", event.received_at)
    assert take_tasks() == []


@pytest.mark.parametrize(
    ("seconds", "status"), [(-299, 200), (-301, 400), (-600, 400), (0, 200), (299, 200), (302, 400), (3600, 400)]
)
@pytest.mark.usefixtures("_at_noon")
def test_a_signature_is_good_for_five_minutes(endpoint: Connection, seconds: int, status: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert deliver_event(event_json(), to=endpoint, at=at) == status
    assert StripeEvent.objects.count() == (status == 200)


def test_signed_with_any_accepted_secret(endpoint: Connection) -> None:
    old = read_signing_secret(endpoint)
    connections.renew_endpoint(endpoint, now=timezone.now())
    new = read_signing_secret(endpoint)
    assert old != new
    signed_by = ([old], [new], [new, old], ["whsec_wrong", old])
    assert [deliver_event(event_json(), *secrets, to=endpoint) for secrets in signed_by] == [200] * 4
    assert deliver_event(event_json(), "whsec_wrong", to=endpoint) == 400
    assert StripeEvent.objects.count() == 4


def test_a_replaced_secret_is_accepted_for_a_day(endpoint: Connection) -> None:
    old = read_signing_secret(endpoint)
    connections.renew_endpoint(endpoint, now=timezone.now() - timedelta(days=1, seconds=1))
    assert deliver_event(event_json(), old, to=endpoint) == 400
    assert deliver_event(event_json(), to=endpoint) == 200


@pytest.mark.parametrize("header", ["", "nonsense", "t=,v1=", "t=²,v1=ab", "v1=ab", "t=1,v0=ab", "t=9999999999,v1=é"])
def test_nonsense_is_no_signature(endpoint: Connection, header: str) -> None:
    answer = Client().post(
        f"/stripe/webhooks/{endpoint.endpoint}/", "{}", "application/json", HTTP_STRIPE_SIGNATURE=header
    )
    assert answer.status_code == 400


def test_a_body_that_was_changed_is_refused(endpoint: Connection) -> None:
    header = signature(b'{"id": "evt_1"}', [read_signing_secret(endpoint)], int(timezone.now().timestamp()))
    for body in (b'{"id": "evt_2"}', b'{"id": "evt_1\xff"}'):
        answer = Client().post(
            f"/stripe/webhooks/{endpoint.endpoint}/", body, "application/json", HTTP_STRIPE_SIGNATURE=header
        )
        assert answer.status_code == 400
    assert StripeEvent.objects.count() == 0


@pytest.mark.parametrize(
    "sent",
    [
        "", "[]", "null", "7", "{}", '{"id": "evt_1"}', "{", '{"id":',
        event_json(id=7), event_json(id=""), event_json(id="e" * 256), event_json(type=None),
        event_json(type="t" * 101),
        event_json(created="soon"), event_json(created=10**20), event_json(data={"object": []}), event_json(data=None),
        event_json(livemode="no"), event_json(livemode=True), event_json(account="acct_another"),
    ],
)  # fmt: skip
def test_what_is_no_event_for_this_connection_is_refused_without_a_write(endpoint: Connection, sent: str) -> None:
    assert deliver_event(sent, to=endpoint) == 400
    assert StripeEvent.objects.count() == 0
    endpoint.refresh_from_db()
    assert endpoint.heard_at is None


def test_another_accounts_event_at_this_endpoint_is_refused(endpoint: Connection) -> None:
    assert deliver_event(event_json(), read_signing_secret(connect_stripe()), to=endpoint) == 400
    assert StripeEvent.objects.count() == 0


def test_an_event_that_names_this_account_is_taken(endpoint: Connection) -> None:
    assert deliver_event(event_json(account=endpoint.stripe_account), to=endpoint) == 200


def test_a_nul_character_does_not_stop_an_event(endpoint: Connection) -> None:
    sent = event_json(data={"object": {"id": "cus_1", "name": "a\x00b", "path": "c:\\u0000"}})
    assert deliver_event(sent, to=endpoint) == 200
    assert StripeEvent.objects.get().payload["data"]["object"]["name"] == "a\ufffdb"


def test_other_addresses_methods_and_sizes(endpoint: Connection) -> None:
    url = f"/stripe/webhooks/{endpoint.endpoint}/"
    assert Client().get(url).status_code == 405
    assert Client().post("/stripe/webhooks/11111111-1111-4111-8111-111111111111/").status_code == 404
    assert Client().post(url, b"x" * (512 * 1024), "application/json").status_code == 400
    assert Client().post(url, b"x" * (512 * 1024 + 1), "application/json").status_code == 413
    secret = read_signing_secret(endpoint)
    connections.disconnect(endpoint, now=NOW)
    assert deliver_event(event_json(), secret, to=endpoint) == 404


def test_heard_of_at_most_once_a_minute(endpoint: Connection) -> None:
    heard = []
    for ago in (None, 30, 59, 61):
        if ago is not None:
            Connection.objects.update(heard_at=timezone.now() - timedelta(seconds=ago))
        endpoint.refresh_from_db()
        before = endpoint.heard_at
        deliver_event(event_json(), to=endpoint)
        endpoint.refresh_from_db()
        heard.append(endpoint.heard_at != before)
    assert heard == [True, False, False, True]


def test_one_event_takes_one_statement_once_the_endpoint_is_known(
    endpoint: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    secret = read_signing_secret(endpoint)
    for statements in (2, 1, 1):
        with django_assert_num_queries(statements):
            assert deliver_event(event_json(), secret, to=endpoint) == 200


def test_a_secret_that_was_retired_a_moment_ago_is_refused_at_once(endpoint: Connection) -> None:
    secret = read_signing_secret(endpoint)
    assert deliver_event(event_json(), secret, to=endpoint) == 200
    endpoint.secrets.update(retires_at=timezone.now())
    assert deliver_event(event_json(), secret, to=endpoint) == 400
    assert StripeEvent.objects.count() == 1


def test_a_secret_that_was_rotated_a_moment_ago_is_accepted_at_once(endpoint: Connection) -> None:
    assert deliver_event(event_json(), to=endpoint) == 200
    EndpointSecret.objects.create(
        connection=endpoint, encrypted_secret=encrypt("whsec_rotated"), added_at=timezone.now()
    )
    assert deliver_event(event_json(), "whsec_rotated", to=endpoint) == 200
    EndpointSecret.objects.update(retires_at=timezone.now())
    assert deliver_event(event_json(), "whsec_rotated", to=endpoint) == 400
    assert StripeEvent.objects.count() == 2


def test_a_connection_that_ended_a_moment_ago_is_not_found_at_once(endpoint: Connection) -> None:
    secret = read_signing_secret(endpoint)
    assert deliver_event(event_json(), secret, to=endpoint) == 200
    Connection.objects.update(disconnected_at=NOW)
    assert deliver_event(event_json(), secret, to=endpoint) == 404
    assert StripeEvent.objects.count() == 1


def test_an_answer_sets_no_cookie_and_wakes_no_session(endpoint: Connection) -> None:
    client = Client()
    assert client.post(f"/stripe/webhooks/{endpoint.endpoint}/", "{}", "application/json").headers.keys() == {
        "Content-Type",
        "Content-Length",
        "X-Request-ID",
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_the_same_event_eight_times_at_one_instant_is_one_row(endpoint: Connection) -> None:
    sent, secret = event_json(), read_signing_secret(endpoint)
    assert run_at_once(8, lambda _: deliver_event(sent, secret, to=endpoint)) == [200] * 8
    event = StripeEvent.objects.get()
    assert take_tasks() == [(inbox.TASK, [event.pk])]


@pytest.mark.django_db(transaction=True)
def test_the_answer_does_not_wait_for_processing(endpoint: Connection, follower: Follower) -> None:
    """While a worker is in the middle of a look at a subject, more of its events are taken, and looked at after it."""
    looking, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        looking.set()
        assert go_on.wait(30)

    follower.before, follower.outcome = wait, Outcome.IGNORED
    assert deliver_event(event_json(), to=endpoint) == 200
    worker = threading.Thread(target=closing, args=(process_due_events,))
    worker.start()
    try:
        assert looking.wait(30)
        assert [deliver_event(event_json(), to=endpoint) for _ in range(3)] == [200] * 3
        assert list(StripeEvent.objects.order_by("pk").values_list("state", "attempts")) == [
            ("received", 1), ("received", 0), ("received", 0), ("received", 0),
        ]  # fmt: skip
    finally:
        go_on.set()
        worker.join()
    process_due_events()
    assert set(StripeEvent.objects.values_list("state", flat=True)) == {"ignored"}
    assert follower.looks == ["cus_1", "cus_1"]


def closing(act: Callable[[], None]) -> None:
    try:
        act()
    finally:
        database.close()


POST = """
import sys, django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from django.test import Client
from bookwhen.payments import handlers
handlers.register_handler(handlers.Handler(frozenset({"customer.updated"}), lambda kind, about: about["id"], None))
url, header, body = sys.argv[1:]
print(Client().post(url, body, "application/json", headers={"stripe-signature": header}).status_code)
"""


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_down_an_event_is_kept_and_the_sweep_has_it_looked_at(
    endpoint: Connection, follower: Follower
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    name = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database.settings_dict['NAME']}"
    broken = {"REDIS_URL": f"redis://127.0.0.1:{closed}/0", "CACHE_URL": settings.CACHE_URL, "DATABASE_URL": name}
    body = json.dumps(event_json())
    header = signature(body.encode(), [read_signing_secret(endpoint)], int(timezone.now().timestamp()))
    asked = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", POST, f"/stripe/webhooks/{endpoint.endpoint}/", header, body],
        env={**os.environ, **broken, "DJANGO_SETTINGS_MODULE": "bookwhen.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert asked.stdout == "200\n"
    event = StripeEvent.objects.get()
    assert (event.state, take_tasks()) == ("received", [])

    tasks.sweep_events()

    assert take_tasks() == [(inbox.TASK, [event.pk])]
    follower.outcome = Outcome.IGNORED
    tasks.process_stripe_event(event.pk)
    event.refresh_from_db()
    assert event.state == "ignored"
