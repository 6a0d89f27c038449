"""Catching up, the nightly comparison, sealing anew, forgetting; and what the sandbox's faults do to webhooks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.utils import timezone

from bookwhen.celery import app
from bookwhen.jobs import retention, schedule
from bookwhen.jobs.run import Run
from bookwhen.payments import handlers, inbox, tasks, upkeep
from bookwhen.payments.encryption import decrypt, encrypt
from bookwhen.payments.gateway import Gateway, StripeDownError
from bookwhen.payments.handlers import Comparer, Cursor, Look, Outcome
from bookwhen.payments.models import Connection, EventState, FailedCall, StripeEvent
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.faults import Kind
from tests.accounts.queue import empty_queue
from tests.factories.payments import (
    ConnectionFactory,
    StripeEventFactory,
    connect_stripe,
    new_key,
    process_due_events,
    read_signing_secret,
)
from tests.factories.schedule import NOW
from tests.payments.conftest import Follower
from tests.waiting import eventually
from tests.worlds.stripe_shop import open_stripe_client

pytestmark = pytest.mark.django_db


def kept() -> list[tuple[str, str, str]]:
    return list(StripeEvent.objects.order_by("pk").values_list("type", "source", "state"))


def test_catching_up_keeps_what_is_missing_once_and_moves_the_cursor(
    connection: Connection, theirs: stripe.StripeClient
) -> None:
    customer = theirs.v1.customers.create({"email": "a@example.com"})
    theirs.v1.products.create({"name": "Not asked for"})
    theirs.v1.customers.update(customer.id, {"name": "A"})
    assert [upkeep.catch_up(connection, now=NOW) for _ in range(2)] == [2, 0]
    assert kept() == [("customer.created", "catch_up", "received"), ("customer.updated", "catch_up", "received")]
    connection.refresh_from_db()
    newest = StripeEvent.objects.latest("pk")
    assert (connection.cursor, connection.caught_up_at) == (int(newest.created_at.timestamp()), NOW)


def test_catching_up_looks_back_ten_minutes(connection: Connection, theirs: stripe.StripeClient) -> None:
    theirs.v1.customers.create({"email": "a@example.com"})
    at = theirs.v1.events.list({"limit": 1}).data[0].created
    connection.cursor = at + 601
    assert upkeep.catch_up(connection, now=NOW) == 0
    connection.cursor = at + 600
    assert upkeep.catch_up(connection, now=NOW) == 1
    assert connection.cursor == at + 600


def test_a_new_connection_begins_with_what_is_new(follower: Follower, stripe_here: Sandbox) -> None:
    key = new_key()
    client = open_stripe_client(stripe_here, key)
    client.v1.customers.create({"email": "before@example.com"})
    stripe_here.platform.offset += 3600
    made = connect_stripe(key=key)
    assert made.cursor == client.v1.events.list({"limit": 1}).data[0].created
    client.v1.customers.create({"email": "after@example.com"})
    upkeep.catch_up(made, now=NOW)
    (event,) = StripeEvent.objects.all()
    assert event.payload["data"]["object"]["email"] == "after@example.com"


def test_the_cursor_stays_until_all_were_kept(
    connection: Connection, theirs: stripe.StripeClient, stripe_here: Sandbox
) -> None:
    cursor = connection.cursor
    stripe_here.platform.offset += 60
    theirs.v1.customers.create({"email": "a@example.com"})
    stripe_here.arm("error", "GET /v1/events", times=3)
    with pytest.raises(StripeDownError):
        upkeep.catch_up(connection, now=NOW)
    connection.refresh_from_db()
    assert (connection.cursor, kept()) == (cursor, [])


def test_more_event_types_than_stripe_takes_in_one_question(
    connection: Connection, theirs: stripe.StripeClient, stripe_here: Sandbox
) -> None:
    customer = theirs.v1.customers.create({"email": "a@example.com"})
    stripe_here.platform.offset += 60
    theirs.v1.customers.delete(customer.id)
    others = ["charge.captured", "charge.failed"] * 15
    types = ["customer.deleted", *others, "customer.created"]
    found = Gateway.of(connection).events_since(0, types=types)
    assert [raw["type"] for raw in found] == ["customer.created", "customer.deleted"]


def test_every_hour_what_a_webhook_lost_is_brought(
    follower: Follower, connection: Connection, theirs: stripe.StripeClient
) -> None:
    customer = theirs.v1.customers.create({"email": "a@example.com", "name": "Ada"})
    tasks.catch_up()
    process_due_events()
    assert kept() == [("customer.created", "catch_up", "done")]
    assert follower.names == {customer.id: "Ada"}


@pytest.mark.parametrize("task", [tasks.catch_up, tasks.reconcile])
def test_one_broken_connection_does_not_stop_the_others(
    follower: Follower, stripe_here: Sandbox, task: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[int] = []

    def compare(look: Look, _cursor: Cursor) -> None:
        Gateway.of(look.connection).account()
        reached.append(look.connection.pk)

    monkeypatch.setattr(handlers, "_COMPARERS", {"accounts": Comparer("accounts", compare)})
    gone = ConnectionFactory.create(encrypted_key="", disconnected_at=NOW)
    broken = ConnectionFactory.create(encrypted_key=encrypt("sk_live_refused"))
    confused = ConnectionFactory.create(encrypted_key="not sealed at all")
    well = connect_stripe()
    before = timezone.now()

    task()

    for each in (gone, broken, confused, well):
        each.refresh_from_db()
    assert (gone.trouble, well.trouble) == ("", "")
    assert "Invalid API Key provided" in broken.trouble
    assert "can’t read your saved Stripe key" in confused.trouble
    if task is tasks.reconcile:
        assert reached == [well.pk]
        assert (broken.reconciled_at, gone.reconciled_at) == (None, None)
        assert well.reconciled_at is not None
        assert well.reconciled_at >= before
    else:
        assert well.caught_up_at is not None
        assert well.caught_up_at >= before


def test_secrets_are_sealed_anew_under_the_newest_key(connection: Connection, settings: Any) -> None:
    key, secret, old = decrypt(connection.encrypted_key), read_signing_secret(connection), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer", [old]
    upkeep.reencrypt_secrets(connection)
    settings.SECRET_KEY_FALLBACKS = []
    connection.refresh_from_db()
    assert (decrypt(connection.encrypted_key), read_signing_secret(connection)) == (key, secret)


def test_what_cannot_be_opened_stays_as_it_is(connection: Connection, settings: Any) -> None:
    before = (connection.encrypted_key, connection.secrets.get().encrypted_secret)
    settings.SECRET_KEY = "newer"
    upkeep.reencrypt_secrets(connection)
    connection.refresh_from_db()
    assert (connection.encrypted_key, connection.secrets.get().encrypted_secret) == before


def test_old_events_that_need_nothing_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    old, young = NOW - timedelta(days=90, seconds=1), NOW - timedelta(days=90)
    for state in EventState:
        for received_at in (old, old, young):
            StripeEventFactory.create(state=state, received_at=received_at)
    FailedCall.objects.create(wish="long ago", failed_at=NOW - timedelta(days=91))
    FailedCall.objects.create(wish="lately", failed_at=NOW - timedelta(days=89))
    run = Run("prune", now=NOW)
    upkeep.prune(run)
    assert (run.done, run.failed, run.left) == (5, 0, False)
    assert FailedCall.objects.get().wish == "lately"
    left = StripeEvent.objects.order_by("state", "received_at").values_list("state", "received_at")
    assert list(left) == [
        ("dead", old), ("dead", old), ("dead", young),
        ("done", young), ("ignored", young),
        ("received", old), ("received", old), ("received", young),
    ]  # fmt: skip


def test_the_sweep_calls_for_what_is_due_and_for_no_more_than_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, pk: called.append((task, pk)))
    for state in (EventState.DONE, EventState.IGNORED, EventState.DEAD):
        StripeEventFactory.create(state=state, due_at=timezone.now())
    StripeEventFactory.create(due_at=timezone.now() + timedelta(minutes=1))
    stripe = ConnectionFactory.create()
    waiting = [StripeEventFactory.create(connection=stripe, due_at=timezone.now()).pk for _ in range(40)]
    tasks.sweep_events()
    assert called == [(inbox.TASK, pk) for pk in waiting[: tasks.ENOUGH_CALLED]]


def test_one_task_goes_on_until_nothing_waits(follower: Follower) -> None:
    follower.outcome = Outcome.IGNORED
    made = [StripeEventFactory.create(type="customer.updated", due_at=timezone.now()) for _ in range(5)]
    tasks.process_stripe_event(made[2].pk)
    order = [made[number].subject for number in (2, 0, 1, 3, 4)]
    assert follower.looks == order


def test_a_task_whose_time_is_up_calls_for_another(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, pk: called.append((task, pk)))
    monkeypatch.setattr(tasks, "SECONDS", 0)
    empty_queue()  # what tests before this one called for is in it too
    follower.outcome = Outcome.IGNORED
    made = [StripeEventFactory.create(type="customer.updated", due_at=timezone.now()) for _ in range(2)]
    tasks.process_stripe_event(made[0].pk)
    assert (follower.looks, called) == ([made[0].subject], [(inbox.TASK, made[0].pk)])


def test_the_tasks_are_jobs() -> None:
    ours = {f"bookwhen.payments.tasks.{name}" for name in ("sweep_events", "catch_up", "reconcile", "prune")}
    assert ours <= set(schedule.JOBS) & set(app.tasks)
    assert inbox.TASK in app.tasks


@pytest.fixture
def called_back(live_server: Any, connection: Connection, stripe_here: Sandbox) -> Sandbox:
    """A sandbox that calls Django's live server."""
    stripe_here.flush()
    return stripe_here


@pytest.mark.django_db(transaction=True)
def test_stripe_calls_and_is_heard(
    follower: Follower, called_back: Sandbox, connection: Connection, theirs: stripe.StripeClient
) -> None:
    customer = theirs.v1.customers.create({"email": "a@example.com", "name": "Ada"})
    called_back.flush()
    assert kept() == [("customer.created", "webhook", "received")]
    assert theirs.v1.events.list({"type": "customer.created"}).data[0].pending_webhooks == 0
    process_due_events()
    assert kept() == [("customer.created", "webhook", "done")]
    assert follower.names == {customer.id: "Ada"}
    connection.refresh_from_db()
    assert connection.heard_at is not None


@pytest.mark.django_db(transaction=True)
def test_while_a_secret_is_rolled_at_stripe_both_sign_and_we_know_the_old(
    called_back: Sandbox, connection: Connection, theirs: stripe.StripeClient
) -> None:
    called_back.roll_secret(connection.webhook_endpoint)
    theirs.v1.customers.create({"email": "a@example.com"})
    called_back.flush()
    assert kept() == [("customer.created", "webhook", "received")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fault", "answers", "sources"),
    [
        ("duplicate", [200, 200], ["webhook"]),
        ("delay", [200], ["webhook"]),
        ("drop", [], ["catch_up"]),
        ("old", [400], ["catch_up"]),
        ("wrong", [400], ["catch_up"]),
    ],
)
def test_faults_on_the_way(
    called_back: Sandbox,
    connection: Connection,
    theirs: stripe.StripeClient,
    fault: Kind,
    answers: list[int],
    sources: list[str],
) -> None:
    called_back.arm(fault, milliseconds=100)
    customer = theirs.v1.customers.create({"email": "a@example.com", "name": "Ada"})
    eventually(lambda: called_back.deliveries()[-1]["tries"][: len(answers)] == answers)
    upkeep.catch_up(connection, now=timezone.now())
    process_due_events()
    (event,) = StripeEvent.objects.all()
    assert ([event.source], event.state, event.subject) == (sources, "done", customer.id)
