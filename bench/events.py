"""Stripe's events: how many a second are stored as they come in, and how many are followed by workers."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any, Final

from django.db import connection as database
from django.utils import timezone

from accounts.models import Letter
from bench import targets
from bench.client import CLIENTS, OK, Act, Caller, Crowd, UnexpectedAnswerError
from bench.report import Row, compared
from bench.shop import PLENTY, Shop
from bench.site import SIGNING_SECRET, Server
from bench.workbench import Workbench
from bookwhen.celery import app
from bookwhen.payments import tasks, upkeep
from bookwhen.payments.encryption import decrypt
from bookwhen.payments.models import EventState, StripeEvent
from bookwhen.sandbox.stripe.deliveries import signature

SUBSCRIPTIONS: Final = 200
SLOW_MS: Final = 150
PATIENCE: Final = 240.0

_WAITING: Final = """
    SELECT (SELECT count(*) FROM payments_stripeevent AS bench WHERE state = 'received'),
        (SELECT count(*) FROM accounts_letter AS bench WHERE sent_at IS NULL AND failed_at IS NULL)
"""
"""The alias keeps it out of the count of statements."""


def stored(bench: Workbench) -> Iterator[Row]:
    """Signed events of as many subscriptions, sent by 8 clients; no worker looks at them meanwhile."""
    server, shop, model = bench.site.server, bench.shop, _model(bench.shop)
    ours = sending(server, f"/stripe/webhooks/{shop.connection.endpoint}/", _secret(shop), model)
    floor = floor_of_events(bench, model)
    bench.warm_up(ours, floor)
    StripeEvent.objects.all().delete()
    crowds: list[Crowd] = []
    rounds = bench.take_turns(lambda: bench.rate(ours, crowds=crowds), lambda: bench.rate(floor))
    yield compared(f"Stripe events stored, {CLIENTS} clients", rounds, "/s", targets.EVENTS_STORED, at_least=True)
    yield Row("  99 % within", max(each.percentile(0.99) for each in crowds), "ms")
    yield Row("  lost", sum(len(each.acts) for each in crowds) - StripeEvent.objects.count(), "", 0)
    acts = 200
    with bench.counter.counting(acts=acts) as counted:
        for number in range(acts):
            ours(0, number)
    yield Row("  statements", counted.statements, "", targets.EVENT_STORED_STATEMENTS)
    StripeEvent.objects.all().delete()
    app.control.purge()


def followed(bench: Workbench) -> Iterator[Row]:
    """Renewals of all subscriptions, one event each, with the email about each; then the same in other ways."""
    shop, floor = bench.shop, floor_of_events(bench, _model(bench.shop))
    # Nobody waits here for the emails about what other parts booked.
    app.control.purge()
    Letter.objects.filter(sent_at=None).delete()
    shop.subscribe(SUBSCRIPTIONS)
    renewals = Renewals(shop)
    with bench.site.worker():
        renewals.keep()
        renewals.follow()  # the purchases: everybody who works is warm then
        rounds = bench.take_turns(renewals.one_each, lambda: bench.rate(floor))
        name = "Stripe events followed, one a subscription, with email"
        yield compared(name, rounds, "/s", targets.EVENTS_FOLLOWED, at_least=True)
        yield Row("  not followed", renewals.odd(), "", 0)
        yield from _counted(bench, renewals)
        renewals.renew()
        yield Row("Stripe events followed, all of a renewal", renewals.follow(), "/s")
        shop.at_stripe("faults", kind="slow", only="GET", times=PLENTY, milliseconds=SLOW_MS)
        yield Row(f"  one a subscription, when Stripe takes {SLOW_MS} ms", renewals.one_each(), "/s")


def _counted(bench: Workbench, renewals: "Renewals") -> Iterator[Row]:
    """What one event costs in statements, its email with it."""
    before = Letter.objects.count()
    renewals.renew(one=True)
    events, _letters = _waiting()
    with bench.counter.counting(acts=events) as counted:
        renewals.follow()
    yield Row("  statements", counted.statements, "", targets.EVENT_FOLLOWED_STATEMENTS)
    yield Row("  BEGIN, SAVEPOINT, COMMIT …", counted.others)
    yield Row("  subscriptions of which nothing was told", SUBSCRIPTIONS - events, "", 0)
    yield Row("  events without an email", events - (Letter.objects.count() - before), "", 0)


class Renewals:
    """All subscriptions are renewed, and Stripe tells of it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def renew(self, *, one: bool = False) -> None:
        """Let a month go by, and keep what Stripe tells: all of it, or the last event of each subscription alone."""
        self._shop.renew()
        self.keep()
        if one:
            about = StripeEvent.objects.filter(subject__startswith="sub_")
            newest = about.order_by("subject", "-pk").distinct("subject").values("pk")
            StripeEvent.objects.filter(state=EventState.RECEIVED).exclude(pk__in=newest).delete()

    def keep(self) -> None:
        """Keep what is new at Stripe, but let no worker take it yet."""
        self._shop.connection.refresh_from_db()
        upkeep.catch_up(self._shop.connection, now=timezone.now() + timedelta(hours=1))

    def one_each(self) -> float:
        """Renew, and let one event of each subscription be followed: how many a second."""
        self.renew(one=True)
        return self.follow()

    def follow(self) -> float:
        """Let workers take what is kept: how many events a second, until all were followed and all emails sent."""
        events, _letters = _waiting()
        began = time.perf_counter()
        StripeEvent.objects.filter(state=EventState.RECEIVED).update(due_at=timezone.now())
        tasks.sweep_events()
        while any(left := _waiting()):
            if time.perf_counter() - began > PATIENCE:
                message = f"After {PATIENCE:.0f} s {left[0]} of {events} events and {left[1]} emails still wait."
                raise UnexpectedAnswerError(message)
            time.sleep(0.05)
        return events / (time.perf_counter() - began)

    def odd(self) -> int:
        """How many events were not followed."""
        return StripeEvent.objects.exclude(state=EventState.DONE).count()


def floor_of_events(bench: Workbench, model: dict[str, Any]) -> Act:
    """The floor's event, sent by as many clients."""
    return sending(bench.site.floor, "/events/", SIGNING_SECRET, model)


def sending(server: Server, path: str, secret: str, model: dict[str, Any]) -> Act:
    """Each of the clients sends one event after the other, each of a subscription of its own and signed."""
    callers = [Caller(server.port) for _ in range(CLIENTS)]
    numbers, mark = count(), time.monotonic_ns()

    def act(client: int, _number: int) -> str:
        name = f"{mark}n{next(numbers)}"
        about = model["data"]["object"] | {"id": f"sub_{name}"}
        body = json.dumps(model | {"id": f"evt_{name}", "data": {"object": about}}, indent=2).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{server.port}\r\n"
            "Connection: close\r\n"
            "Content-Type: application/json; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"Stripe-Signature: {signature(body, [secret], int(time.time()))}\r\n\r\n"
        )
        status = callers[client].send(head.encode() + body)
        return "" if status == OK else f"an event was answered {status}"

    return act


def _model(shop: Shop) -> dict[str, Any]:
    """An event as Stripe tells it. Nobody is renewed for it: all who are renewed together were bought together."""
    shop.subscribe(1)
    return shop.news()[0]


def _secret(shop: Shop) -> str:
    return decrypt(shop.connection.secrets.get().encrypted_secret)


def _waiting() -> tuple[int, int]:
    """How many events and how many emails wait."""
    with database.cursor() as cursor:
        cursor.execute(_WAITING)
        events, letters = cursor.fetchone()
    return int(events), int(letters)
