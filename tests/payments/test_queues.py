"""Who calls workers for Stripe's events: enough for each connection, never too many; and who looks if none comes."""

from datetime import timedelta
from typing import Final

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from bookwhen import queues
from bookwhen.celery import app
from bookwhen.payments import inbox, tasks
from bookwhen.payments.handlers import Outcome
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, StripeEvent
from tests.accounts.queue import empty_queue, take_tasks
from tests.factories.payments import ConnectionFactory, StripeEventFactory
from tests.factories.schedule import NOW
from tests.payments.conftest import Follower

pytestmark = pytest.mark.django_db

SECOND: Final = timedelta(seconds=1)


def test_a_worker_that_is_told_nothing_takes_from_all_queues() -> None:
    assert set(app.amqp.queues.consume_from) == set(queues.ALL)


def test_the_sweep_calls_for_the_oldest_event_of_each_connection_first(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", lambda _task, pk: called.append(pk))
    flood, calm = ConnectionFactory.create_batch(2)
    now = timezone.now()
    first, *_rest = [StripeEventFactory.create(connection=flood, due_at=now - 40 * SECOND).pk for _ in range(40)]
    alone = StripeEventFactory.create(connection=calm, due_at=now).pk
    tasks.sweep_events()
    assert (called[:2], len(called)) == ([first, alone], tasks.ENOUGH_CALLED)


def test_the_sweep_calls_for_many_connections_but_not_for_all_there_could_be(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", lambda _task, pk: called.append(pk))
    now = timezone.now()
    made = [StripeEventFactory.create(due_at=now - SECOND).pk for _ in range(tasks.MOST_CALLED + 1)]
    tasks.sweep_events()
    assert (len(called), set(called) < set(made)) == (tasks.MOST_CALLED, True)


def test_a_flood_of_one_connection_does_not_keep_a_worker_from_anothers_event(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    flood, calm = ConnectionFactory.create_batch(2)
    told = IncomingEvent.read(
        {
            "id": "evt_new", "type": "customer.subscription.updated", "created": 1, "livemode": False,
            "data": {"object": {"id": "sub_new"}},
        }
    )  # fmt: skip
    StripeEventFactory.create_batch(40, connection=flood)
    empty_queue()
    for connection in (flood, calm):
        with django_capture_on_commit_callbacks(execute=True):
            assert inbox.receive_event(connection.pk, told, EventSource.WEBHOOK, now=NOW)
    mine = StripeEvent.objects.get(connection=calm)
    assert take_tasks("events") == [(inbox.TASK, [mine.pk])]


def test_the_sweep_looks_at_what_no_worker_of_that_queue_has_taken(follower: Follower) -> None:
    follower.outcome = Outcome.IGNORED
    young = StripeEventFactory.create(type="customer.updated", due_at=timezone.now())
    tasks.sweep_events()
    young.refresh_from_db()
    assert young.state == "received"
    StripeEvent.objects.update(due_at=timezone.now() - tasks.LEFT_AFTER)
    tasks.sweep_events()
    young.refresh_from_db()
    assert young.state == "ignored"


def test_a_task_calls_for_no_other_while_enough_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SECONDS", 0)
    called: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", lambda _task, pk: called.append(pk))
    event = StripeEventFactory.create(due_at=timezone.now() + timedelta(hours=1))
    empty_queue()
    tasks.process_stripe_event(event.pk)
    for number in range(queues.ENOUGH):
        app.send_task(inbox.TASK, [number])
    tasks.process_stripe_event(event.pk)
    empty_queue()
    assert called == [event.pk]
