"""Stripe's news while things break: nothing is lost, and nothing is applied twice."""

import json
import signal
import subprocess
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.conf import settings
from django.db import connection as database
from django.utils import timezone
from redis import Redis

from accounts.models import Letter
from bookwhen.payments import inbox
from bookwhen.payments.claims import LEASE
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, EventState, StripeEvent
from bookwhen.payments.tasks import sweep_events
from groups.models import Standing
from memberships.models import Milestone, MilestoneKind, Subscription, SubscriptionStatus
from tests.waiting import eventually
from tests.worlds.seller import Seller

pytestmark = pytest.mark.django_db(transaction=True)

LATER: Final = LEASE + LEASE


def end_at_stripe(seller: Seller, bought: Subscription) -> StripeEvent:
    """The subscription ends at Stripe, and the event reaches us."""
    seller.gateway.cancel_now(bought.stripe_id, key="now")
    raw: dict[str, Any] = seller.sandbox.platform.worlds[seller.key].of("event")[-1]
    assert raw["type"] == "customer.subscription.deleted"
    told = IncomingEvent.read(json.loads(json.dumps(raw)))
    inbox.receive_event(seller.connection.pk, told, EventSource.WEBHOOK, now=timezone.now())
    return StripeEvent.objects.get(stripe_id=raw["id"])


def worker_has_asked(seller: Seller) -> Callable[[], bool]:
    """Whether a worker's question has reached Stripe, which is slow to answer it."""
    return lambda: all(fault["kind"] != "slow" for fault in seller.sandbox.platform.faults.armed())


def is_applied_once(bought: Subscription, event: StripeEvent) -> None:
    bought.refresh_from_db()
    event.refresh_from_db()
    assert (bought.status, event.state) == (SubscriptionStatus.CANCELED, EventState.DONE)
    assert Milestone.objects.filter(kind=MilestoneKind.ENDED).count() == 1
    assert Letter.objects.filter(kind="membership_ended").count() == 1
    assert [standing.until is None for standing in Standing.objects.all()] == [False]


def test_a_worker_killed_in_the_middle_of_an_event(seller: Seller, worker: subprocess.Popen[bytes]) -> None:
    bought = seller.sell()
    seller.sandbox.arm("slow", f"GET /v1/subscriptions/{bought.stripe_id}", milliseconds=5000)
    event = end_at_stripe(seller, bought)
    eventually(worker_has_asked(seller))

    worker.kill()
    worker.wait()

    event.refresh_from_db()
    assert (event.state, event.attempts) == (EventState.RECEIVED, 1)
    assert not inbox.process_event(event.pk, now=timezone.now())  # another worker may still be at it
    assert inbox.process_event(event.pk, now=timezone.now() + LATER)
    assert not inbox.process_event(event.pk, now=timezone.now() + LATER)
    is_applied_once(bought, event)


def test_the_broker_is_emptied_before_a_worker_came(seller: Seller, worker: subprocess.Popen[bytes]) -> None:
    bought = seller.sell()
    worker.send_signal(signal.SIGSTOP)
    event = end_at_stripe(seller, bought)
    Redis.from_url(settings.REDIS_URL).flushdb()
    worker.send_signal(signal.SIGCONT)

    sweep_events()
    sweep_events()

    eventually(lambda: StripeEvent.objects.get(pk=event.pk).state == EventState.DONE)
    is_applied_once(bought, event)


def test_the_database_cuts_every_connection_while_a_worker_looks(
    seller: Seller, worker: subprocess.Popen[bytes]
) -> None:
    """What a restart of PostgreSQL is to those who use it."""
    bought = seller.sell()
    seller.sandbox.arm("slow", f"GET /v1/subscriptions/{bought.stripe_id}", milliseconds=1500)
    event = end_at_stripe(seller, bought)
    eventually(worker_has_asked(seller))

    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchall() != []

    def done() -> bool:
        # Whatever became of that try, the event is taken again when it is due, by the same worker.
        StripeEvent.objects.filter(pk=event.pk, state=EventState.RECEIVED).update(due_at=timezone.now())
        sweep_events()
        return StripeEvent.objects.get(pk=event.pk).state == EventState.DONE

    eventually(done)
    is_applied_once(bought, event)
