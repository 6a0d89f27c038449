"""Stripe's events: how many a second are stored as they come in, and how many are followed by workers."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

from django.db import connection as database
from django.utils import timezone

from accounts.customers import get_or_create_customers
from accounts.models import Account, SchedulePage
from accounts.stripe_connection import connect_account
from bench import targets
from bench.client import Caller, crowd
from bench.pages import CLIENTS, OK, UnexpectedAnswerError
from bench.report import Row
from bench.site import Site
from bench.statements import Counter
from bookwhen.celery import app
from bookwhen.payments import tasks, upkeep
from bookwhen.payments.encryption import decrypt
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.models import Connection, EventState, StripeEvent
from bookwhen.sandbox.stripe.deliveries import signature
from bookwhen.sandbox.stripe.shopper import Shopper
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from tickets.availability.facts import person_of_customer
from tickets.checkout.memberships import buy_membership

SUBSCRIPTIONS: Final = 200
CALLS: Final = 6000
WARM_UP: Final = 400
PLENTY: Final = 1_000_000
SLOW_MS: Final = 150
PATIENCE: Final = 300.0
KEY: Final = "sk_test_bench"


class Shop:
    """A studio with subscribers, and what Stripe has to tell it: nothing reaches it by itself."""

    def __init__(self, site: Site, account: Account, page: SchedulePage) -> None:
        self.site = site
        self.at_stripe("faults", kind="drop", times=PLENTY)
        now = timezone.now()
        self.connection: Connection = connect_account(account, KEY, now=now)
        membership = create_membership(account, MembershipDetails(title="Gold"), group=None, now=now)
        price = add_price(membership, PriceTerms(title="Monthly", amount=4000), now=now)
        set_published(membership, published=True)
        shopper = Shopper(site.stripe)
        for number in range(SUBSCRIPTIONS):
            names = {f"subscriber{number}@example.org": f"Subscriber {number}"}
            (customer,) = get_or_create_customers(account, names, confirmed=True)
            who = person_of_customer(customer)
            _basket, url = buy_membership(None, price, customer, page, who=who, now=now)
            shopper.pay(url)

    def at_stripe(self, path: str, **form: object) -> dict[str, Any]:
        """Press a button of the sandbox's panel."""
        with urlopen(f"{self.site.stripe}/_sandbox/{path}", urlencode(form).encode()) as answer:  # noqa: S310 - ours
            return json.loads(answer.read() or "{}") if "json" in answer.headers["Content-Type"] else {}

    def news(self) -> list[dict[str, Any]]:
        """Every event of a subscription that Stripe made so far."""
        return Gateway.of(self.connection).events_since(0, types=["customer.subscription.updated"])

    def keep_news(self) -> None:
        """Keep what is new at Stripe, but let no worker take it yet."""
        self.connection.refresh_from_db()
        upkeep.catch_up(self.connection, now=timezone.now() + timedelta(hours=1))

    def let_follow(self) -> tuple[int, float]:
        """Let workers take what is kept: how many events there were, and how many seconds until all were followed."""
        events = _waiting()
        began = time.perf_counter()
        StripeEvent.objects.filter(state=EventState.RECEIVED).update(due_at=timezone.now())
        tasks.sweep_events()
        while _waiting():
            if time.perf_counter() - began > PATIENCE:
                message = f"{_waiting()} of {events} events were not followed in {PATIENCE} s."
                raise UnexpectedAnswerError(message)
            time.sleep(0.05)
        return events, time.perf_counter() - began


def stored(shop: Shop, counter: Counter) -> list[Row]:
    """Signed events of as many subscriptions, sent by 8 clients; no worker looks at them meanwhile."""
    requests = list(_requests(shop, CALLS + WARM_UP))
    callers = [Caller(shop.site.port) for _ in range(CLIENTS)]

    def act(client: int, _number: int) -> str:
        status = callers[client].send(requests.pop())
        return "" if status == OK else f"an event was answered {status}"

    crowd(CLIENTS, act, seconds=PATIENCE, most=WARM_UP // CLIENTS)
    with counter.counting(acts=CALLS) as count:
        found = crowd(CLIENTS, act, seconds=PATIENCE, most=CALLS // CLIENTS)
    if found.problems:
        raise UnexpectedAnswerError(found.problems[0])
    kept = StripeEvent.objects.count()
    StripeEvent.objects.all().delete()
    app.control.purge()
    return [
        Row(f"Stripe events stored, {CLIENTS} clients", found.rate, "/s", targets.EVENTS_STORED_PER_SECOND,
            at_least=True),
        Row("  p99", found.percentile(0.99), "ms"),
        Row("  statements", count.statements, "", targets.EVENT_STORED_STATEMENTS, counted=True),
        Row("  lost", CALLS + WARM_UP - kept, "", 0, counted=True),
    ]  # fmt: skip


def followed(shop: Shop, counter: Counter) -> Iterator[Row]:
    """Renewals of all subscriptions: all events of them, one event of each, and the same with a Stripe that is slow."""
    with shop.site.worker():
        shop.keep_news()
        shop.let_follow()  # the purchases: everybody who works is warm then
        for name, act in (
            ("Stripe events followed, all of a renewal", _Renewals(targets.EVENTS_FOLLOWED_PER_SECOND)),
            ("Stripe events followed, one a subscription", _Renewals(targets.EVENTS_FOLLOWED_PER_SECOND, one=True)),
            (
                f"  the same when Stripe takes {SLOW_MS} ms",
                _Renewals(targets.EVENTS_FOLLOWED_PER_SECOND_SLOWLY, one=True, slow=True),
            ),
        ):
            yield from act.follow(name, shop, counter)


@dataclass(frozen=True, slots=True)
class _Renewals:
    """How the renewals of all subscriptions are told, and how fast they are to be followed."""

    target: float
    one: bool = False
    slow: bool = False

    def follow(self, name: str, shop: Shop, counter: Counter) -> Iterator[Row]:
        shop.at_stripe("advance", by="period")
        shop.keep_news()
        if self.one:
            newest = StripeEvent.objects.order_by("subject", "-pk").distinct("subject").values("pk")
            StripeEvent.objects.filter(state=EventState.RECEIVED).exclude(pk__in=newest).delete()
        if self.slow:
            shop.at_stripe("faults", kind="slow", only="GET", times=PLENTY, milliseconds=SLOW_MS)
        with counter.counting(acts=_waiting()) as count:
            events, seconds = shop.let_follow()
        odd = StripeEvent.objects.exclude(state=EventState.DONE).count()
        yield Row(name, events / seconds, "/s", self.target, at_least=True)
        yield Row("  statements", count.statements, "", targets.EVENT_FOLLOWED_STATEMENTS, counted=True)
        yield Row("  BEGIN, SAVEPOINT, COMMIT …", count.others, "")
        yield Row("  not followed", odd, "", 0, counted=True)


def _requests(shop: Shop, number: int) -> Iterator[bytes]:
    """Events as Stripe sends them, each of a subscription of its own, signed and ready to be sent."""
    one = shop.news()[0]
    secret = decrypt(shop.connection.secrets.get().encrypted_secret)
    for index in range(number):
        about = one["data"]["object"] | {"id": f"sub_bench{index}"}
        event = one | {"id": f"evt_bench{index}", "data": {"object": about}}
        body = json.dumps(event, indent=2).encode()
        head = (
            f"POST /stripe/webhooks/{shop.connection.endpoint}/ HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{shop.site.port}\r\n"
            "Content-Type: application/json; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"Stripe-Signature: {signature(body, [secret], int(time.time()))}\r\n\r\n"
        )
        yield head.encode() + body


def _waiting() -> int:
    with database.cursor() as cursor:
        # The alias keeps it out of the count of statements.
        cursor.execute("SELECT count(*) FROM payments_stripeevent AS bench WHERE state = 'received'")
        (count,) = cursor.fetchone()
    return int(count)
