"""Whatever Stripe sends, one object keeps no sweep from going on, and one source makes up for another."""

import copy
from typing import Any, Final

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Customer
from bookwhen.payments import inbox, upkeep
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import EventSource, EventState, StripeEvent
from bookwhen.payments.stripe_objects import read_subscription
from bookwhen.payments.stripe_values import UnreadableError
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.old_shapes import ACCOUNT_VERSION, as_listed
from memberships.applying import apply_stripe_state
from memberships.models import Membership, Price, Subscription, SubscriptionStatus
from memberships.sync import sync_subscription
from memberships.webhooks import HANDLER
from tests.comparing import compare_memberships as reconcile
from tests.memberships.stripe_says.conftest import AtStripe, history

LONG: Final = "Ada " * 60
SOURCES: Final = (EventSource.CATCH_UP, EventSource.WEBHOOK)


def events_of(at_stripe: AtStripe, kind: str) -> list[dict[str, Any]]:
    """What Stripe has to tell of a kind, in today's shape."""
    world = at_stripe.sandbox.platform.worlds[at_stripe.seller.key]
    return [copy.deepcopy(each) for each in world.of("event") if each["type"] == kind]


def receive(at_stripe: AtStripe, event: dict[str, Any], source: EventSource) -> bool:
    return inbox.receive_event(at_stripe.seller.connection.pk, IncomingEvent.read(event), source, now=timezone.now())


def work() -> None:
    while inbox.process_event(now=timezone.now()):
        pass


# --- P5


@pytest.mark.parametrize(
    "kind", ["invoice.created", "invoice.finalized", "invoice.paid", "customer.subscription.updated"]
)
def test_p5_old_and_new_shapes_name_the_same_subscription(at_stripe: AtStripe, kind: str) -> None:
    bought = at_stripe.seller.sell()
    at_stripe.sandbox.advance("period")
    new = events_of(at_stripe, kind)[-1]
    old = as_listed(new)

    assert (new["api_version"], old["api_version"]) == ("2026-05-27.dahlia", ACCOUNT_VERSION)
    assert [HANDLER.subject_of(kind, each["data"]["object"]) for each in (new, old)] == [bought.stripe_id] * 2


def test_p5_what_stripe_lists_in_its_old_version_is_followed(at_stripe: AtStripe) -> None:
    bought, bill = at_stripe.sell_failing()
    at_stripe.sandbox.shopper.pay(bill.hosted_url)
    listed = at_stripe.seller.gateway.events_since(0, types=["invoice.paid"])
    assert [("parent" in each["data"]["object"], each["api_version"]) for each in listed] == [
        (False, ACCOUNT_VERSION)
    ] * 2

    at_stripe.catch_up()

    bought.refresh_from_db()
    assert (bought.status, history(bought)[-1]) == ("active", "paid_again")


@pytest.mark.parametrize(("first", "second"), [SOURCES, SOURCES[::-1]])
def test_p5_what_one_source_told_unreadably_another_may_bring(
    at_stripe: AtStripe, first: EventSource, second: EventSource
) -> None:
    bought, bill = at_stripe.sell_failing()
    at_stripe.sandbox.shopper.pay(bill.hosted_url)
    good = events_of(at_stripe, "invoice.paid")[-1]
    bad = {**good, "data": {"object": {"id": bill.stripe_id, "object": "invoice"}}}

    assert receive(at_stripe, bad, first)
    assert StripeEvent.objects.get(stripe_id=good["id"]).state == EventState.IGNORED
    assert receive(at_stripe, good, second)
    assert not receive(at_stripe, bad, first)
    assert not receive(at_stripe, good, second)
    work()

    bought.refresh_from_db()
    kept = StripeEvent.objects.get(stripe_id=good["id"])
    assert (kept.state, kept.source, kept.subject) == (EventState.DONE, second, bought.stripe_id)
    assert bought.status == SubscriptionStatus.ACTIVE


# --- P10


def subscribe(at_stripe: AtStripe, name: str, email: str, price: str = "") -> str:
    person = at_stripe.v1.customers.create({"email": email, "name": name})
    items = [{"price": price or at_stripe.seller.price.stripe_id}]
    asked = {"customer": person.id, "items": items, "collection_method": "send_invoice", "days_until_due": 14}
    return str(at_stripe.v1.subscriptions.create(asked).id)


def test_p10_a_long_name_and_a_long_title_are_cut(at_stripe: AtStripe) -> None:
    Membership.objects.update(title="T" * 150)
    made = subscribe(at_stripe, LONG, "ada@example.org", at_stripe.price(unit_amount=5500))

    found = sync_subscription(at_stripe.seller.account, made, now=timezone.now())

    assert found is not None
    assert (found.customer.name, len(found.price.title)) == (LONG[:200].strip(), 100)


def test_p10_one_bad_subscription_keeps_no_others_news_from_being_found(
    at_stripe: AtStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three: the first and the last were cancelled at Stripe, the middle one cannot be read."""
    bought = [at_stripe.seller.sell() for _ in range(3)]
    for each in (bought[0], bought[2]):
        at_stripe.v1.subscriptions.cancel(each.stripe_id)
    world = at_stripe.sandbox.platform.worlds[at_stripe.seller.key]
    monkeypatch.setitem(world.objects["subscription"][bought[1].stripe_id], "start_date", 2**40)
    monkeypatch.setitem(world.objects["subscription"][bought[1].stripe_id], "created", 2**40)

    with pytest.raises(UnreadableError, match="“created” we can’t read"):
        reconcile(at_stripe.seller.connection, timezone.now())

    found = Subscription.objects.order_by("pk").values_list("status", flat=True)
    assert list(found) == ["canceled", "active", "canceled"]


def test_p10_a_strangers_subscription_that_cannot_be_read_is_nobodys_trouble(
    at_stripe: AtStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought = at_stripe.seller.sell()
    theirs = subscribe(at_stripe, "Bea", "bea@example.org", at_stripe.addon())
    world = at_stripe.sandbox.platform.worlds[at_stripe.seller.key]
    monkeypatch.setitem(world.objects["subscription"][theirs], "start_date", 2**40)
    monkeypatch.setitem(world.objects["subscription"][theirs], "created", 2**40)
    at_stripe.v1.subscriptions.cancel(bought.stripe_id)

    reconcile(at_stripe.seller.connection, timezone.now())

    bought.refresh_from_db()
    assert bought.status == SubscriptionStatus.CANCELED


def test_p10_an_event_that_nothing_can_be_made_of_keeps_no_others_from_being_caught_up(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()
    at_stripe.v1.subscriptions.cancel(bought.stripe_id)
    world = at_stripe.sandbox.platform.worlds[at_stripe.seller.key]
    odd = next(iter(world.objects["event"].values()))
    odd["type"], odd["created"] = "invoice.paid", 2**62

    upkeep.catch_up(at_stripe.seller.connection, now=timezone.now())
    work()

    bought.refresh_from_db()
    assert bought.status == SubscriptionStatus.CANCELED


ODD: Final[list[Any]] = [
    None, True, -1, 0, 1.5, 2**31, 2**63, -(10**30), "", "x", "x" * 5000, "\0", "\ud800", "\u202e\u200b", [], [[]], {},
    {"id": None}, {"data": None}, "9999-12-31", "javascript:alert(1)", "https://" + "a" * 6000, "GBPX", "💷",
]  # fmt: skip


READ: Final = frozenset(
    {
        "amount_due", "amount_paid", "attempt_count", "billing_cycle_anchor", "billing_reason", "cancel_at", "created",
        "collection_method", "currency", "current_period_end", "current_period_start", "due_date", "ended_at",
        "hosted_invoice_url", "interval", "interval_count", "items", "next_payment_attempt", "number", "quantity",
        "reason", "schedule", "start_date", "status", "total", "trial_end", "unit_amount", "unit_amount_decimal",
    }
)  # fmt: skip
"""What a field is called that we read: most changes are to be in these."""


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where in an object something could stand instead."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[str | int, ...]] = []
    for name, inner in pairs:
        found.append((*path, name))
        if isinstance(inner, dict | list):
            found += places(inner, (*path, name))
    return found


def changed(raw: Any, path: tuple[str | int, ...], value: Any, *, missing: bool) -> None:
    """Put something else into a place of an object, or take it out; nothing where the place is not there any more."""
    *way, last = path
    inside: Any = raw
    for name in way:
        inside = inside.get(name) if isinstance(inside, dict) else None
    if isinstance(inside, dict):
        inside[last] = value
        if missing:
            del inside[last]


def listed_subscription(at_stripe: AtStripe) -> dict[str, Any]:
    """A subscription as Stripe lists it for the night's comparison."""
    asked = {"status": "all", "expand": ["data.latest_invoice", "data.customer"]}
    found: dict[str, Any] = at_stripe.v1.subscriptions.list(asked).data[0].to_dict()
    return found


def test_p10_whatever_a_subscription_holds_it_is_kept_or_refused_by_its_reading(at_stripe: AtStripe) -> None:
    bought = at_stripe.seller.sell()
    made = listed_subscription(at_stripe)
    item = made["items"]["data"][0]
    flat = {**made, "items": {**made["items"], "data": {0: item}}}
    where = [path for path in places(flat) if path[-1] != "id"]
    read = [path for path in where if path[-1] in READ]
    kept = 0

    @settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(read) | st.sampled_from(where), st.sampled_from(ODD) | st.integers(), st.booleans()
            ),
            min_size=1,
            max_size=4,
        )
    )
    def save(changes: list[tuple[tuple[str | int, ...], Any, bool]]) -> None:
        nonlocal kept
        raw = copy.deepcopy(flat)
        for path, value, missing in changes:
            changed(raw, path, value, missing=missing)
        if isinstance(raw.get("items"), dict) and isinstance(raw["items"].get("data"), dict):
            raw["items"]["data"] = list(raw["items"]["data"].values())
        with transaction.atomic():
            try:
                reading = read_subscription(raw)
            except UnreadableError:
                return
            seen = Subscription.objects.get(pk=bought.pk).revision
            apply_stripe_state(at_stripe.seller.account, reading, seen=seen, buyer=None, now=timezone.now())
            kept += 1
            transaction.set_rollback(True)

    save()
    assert kept > 50


# --- P14


def test_p14_twelve_foreign_subscriptions_cost_no_call_each(at_stripe: AtStripe, stripe_here: Sandbox) -> None:
    bought = at_stripe.seller.sell()
    addon = at_stripe.addon()
    for number in range(12):
        subscribe(at_stripe, "Bea", f"bea{number}@example.org", addon)
    for path in ("GET /v1/subscriptions/", "GET /v1/customers/", "POST /v1/invoices/create_preview"):
        stripe_here.arm("error", path, times=99)

    reconcile(at_stripe.seller.connection, timezone.now())

    assert [each["times"] for each in stripe_here.platform.faults.armed() if each["times"] < 1000] == [99, 99, 99]
    assert list(Subscription.objects.values_list("pk", flat=True)) == [bought.pk]
    assert Customer.objects.count() == 1


def test_p14_foreign_ones_are_not_looked_at_for_an_event_either(at_stripe: AtStripe, stripe_here: Sandbox) -> None:
    theirs = subscribe(at_stripe, "Bea", "bea@example.org", at_stripe.addon())
    for path in ("GET /v1/customers/", "GET /v1/invoices", "POST /v1/invoices/create_preview"):
        stripe_here.arm("error", path, times=99)

    assert sync_subscription(at_stripe.seller.account, theirs, now=timezone.now()) is None
    assert [each["times"] for each in stripe_here.platform.faults.armed() if each["times"] < 1000] == [99, 99, 99]


def test_a_price_that_is_not_plain_is_never_put_on_sale(at_stripe: AtStripe) -> None:
    Price.objects.update(amount_known=False)
    assert not Price.objects.on_sale().exists()
