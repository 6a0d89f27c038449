"""What a subscription becomes later: schedules, and pauses of collection."""

from typing import Any

import pytest
import stripe

from tests.worlds.stripe_shop import StripeShop, period_end

DAY = 86_400
APRIL = 1_806_580_800  # 1 April 2027, 12:00 UTC: thirty days to the next renewal


@pytest.fixture
def clock(shop: StripeShop) -> stripe.test_helpers.TestClock:
    return shop.v1.test_helpers.test_clocks.create({"frozen_time": APRIL})


@pytest.fixture
def found(shop: StripeShop, clock: stripe.test_helpers.TestClock) -> stripe.Subscription:
    return shop.subscribe(shop.customer(test_clock=clock.id))


def planned(shop: StripeShop, found: stripe.Subscription, *later: dict[str, Any], **more: Any) -> Any:
    made = shop.v1.subscription_schedules.create({"from_subscription": found.id})
    first = made.phases[0]
    now: Any = {"items": [{"price": shop.monthly.id}], "start_date": first.start_date, "end_date": first.end_date}
    asked: Any = {"phases": [now, *later], **more}
    return shop.v1.subscription_schedules.update(made.id, asked)


def preview(shop: StripeShop, found: stripe.Subscription) -> int:
    return shop.v1.invoices.create_preview({"subscription": found.id}).amount_due


def test_a_change_at_the_next_billing_date(
    shop: StripeShop, found: stripe.Subscription, clock: stripe.test_helpers.TestClock
) -> None:
    dearer = shop.price(3000, "month")
    schedule = planned(shop, found, {"items": [{"price": dearer.id}], "proration_behavior": "none"})
    assert (schedule.status, schedule.current_phase.end_date) == ("active", period_end(found))
    assert shop.subscription(found.id).schedule == schedule.id
    assert shop.subscription(found.id)["items"].data[0].price.id == shop.monthly.id
    assert preview(shop, found) == 3000
    shop.advance(clock, period_end(found) + 2 * 3600)
    changed = shop.subscription(found.id)
    assert (changed["items"].data[0].price.id, changed.status) == (dearer.id, "active")
    assert (shop.invoice(changed).amount_paid, shop.invoice(changed).billing_reason) == (3000, "subscription_cycle")
    shop.advance(clock, period_end(changed) + 2 * 3600)
    schedule = shop.v1.subscription_schedules.retrieve(schedule.id)
    assert (schedule.status, schedule.released_subscription, schedule.subscription) == ("released", found.id, None)
    assert shop.subscription(found.id).schedule is None
    assert shop.invoice(found).amount_paid == 3000
    told = [kind.rpartition(".")[2] for kind in shop.events() if kind.startswith("subscription_schedule.")]
    assert told == ["created", "updated", "updated", "completed", "released"]


def test_a_change_in_the_middle_of_a_period_is_prorated(
    shop: StripeShop, found: stripe.Subscription, clock: stripe.test_helpers.TestClock
) -> None:
    made = shop.v1.subscription_schedules.create({"from_subscription": found.id})
    half, dearer = APRIL + 15 * DAY, shop.price(3000, "month")
    phases: Any = [
        {"items": [{"price": shop.monthly.id}], "start_date": APRIL, "end_date": half},
        {"items": [{"price": dearer.id}], "proration_behavior": "always_invoice"},
    ]
    shop.v1.subscription_schedules.update(made.id, {"phases": phases})
    shop.advance(clock, half)
    assert [line.amount for line in shop.invoice(found).lines.data] == [-500, 1500]


def test_what_was_to_come_can_be_given_up(shop: StripeShop, found: stripe.Subscription) -> None:
    schedule = planned(shop, found, {"items": [{"price": shop.price(3000, "month").id}]})
    with pytest.raises(stripe.InvalidRequestError, match="managed by the subscription schedule"):
        shop.v1.subscriptions.update(found.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError, match="already attached"):
        shop.v1.subscription_schedules.create({"from_subscription": found.id})
    released = shop.v1.subscription_schedules.release(schedule.id)
    assert (released.status, shop.subscription(found.id).schedule) == ("released", None)
    assert preview(shop, found) == 1000
    assert shop.v1.subscriptions.update(found.id, {"cancel_at_period_end": True}).cancel_at_period_end
    with pytest.raises(stripe.InvalidRequestError, match="is released"):
        shop.v1.subscription_schedules.release(schedule.id)


def test_a_schedule_ends_with_its_subscription(
    shop: StripeShop, found: stripe.Subscription, clock: stripe.test_helpers.TestClock
) -> None:
    later = {"items": [{"price": shop.price(3000, "month").id}]}
    schedule = planned(shop, found, later, end_behavior="cancel")
    shop.advance(clock, period_end(found) + 2 * 3600)
    shop.advance(clock, period_end(shop.subscription(found.id)))
    assert shop.subscription(found.id).status == "canceled"
    assert shop.v1.subscription_schedules.retrieve(schedule.id).status == "completed"
    other = shop.subscribe(shop.customer())
    schedule = shop.v1.subscription_schedules.create({"from_subscription": other.id})
    shop.v1.subscriptions.cancel(other.id)
    assert shop.v1.subscription_schedules.retrieve(schedule.id).status == "canceled"
    again = shop.subscribe(shop.customer())
    schedule = shop.v1.subscription_schedules.create({"from_subscription": again.id})
    assert shop.v1.subscription_schedules.cancel(schedule.id).status == "canceled"
    assert shop.subscription(again.id).status == "canceled"


def test_the_phase_that_runs_follows_and_can_be_changed(shop: StripeShop, found: stripe.Subscription) -> None:
    schedule = shop.v1.subscription_schedules.create({"from_subscription": found.id})
    asked: Any = {"items": [{"id": found["items"].data[0].id, "quantity": 2}]}
    shop.v1.subscriptions.update(found.id, asked)
    phase = shop.v1.subscription_schedules.retrieve(schedule.id).phases[0]
    assert phase["items"][0].quantity == 2
    items: Any = [{"price": shop.monthly.id, "quantity": 3}]
    phases: Any = [{"items": items, "start_date": phase.start_date, "end_date": phase.end_date}]
    shop.v1.subscription_schedules.update(schedule.id, {"phases": phases, "proration_behavior": "none"})
    assert shop.subscription(found.id)["items"].data[0].quantity == 3
    phases[0]["start_date"] += 1
    with pytest.raises(stripe.InvalidRequestError, match="start_date"):
        shop.v1.subscription_schedules.update(schedule.id, {"phases": phases})


@pytest.mark.parametrize(
    ("behaviour", "status"), [("void", "void"), ("mark_uncollectible", "uncollectible"), ("keep_as_draft", "draft")]
)
def test_while_collection_is_paused_no_bill_is_collected(
    shop: StripeShop, found: stripe.Subscription, clock: stripe.test_helpers.TestClock, behaviour: Any, status: str
) -> None:
    shop.v1.customers.update(str(found.customer), {"balance": -300})
    resumes_at = period_end(found) + 10 * DAY
    shop.v1.subscriptions.update(found.id, {"pause_collection": {"behavior": behaviour, "resumes_at": resumes_at}})
    assert preview(shop, found) == 700
    shop.advance(clock, period_end(found) + 2 * DAY)
    paused = shop.subscription(found.id)
    assert (paused.status, period_end(paused) > period_end(found)) == ("active", True)
    assert (shop.invoice(found).status, shop.invoice(found).auto_advance) == (status, False)
    assert (shop.invoice(found).amount_due, shop.invoice(found).amount_paid) == (1000, 0)
    assert shop.v1.customers.retrieve(str(found.customer)).balance == -300
    shop.advance(clock, resumes_at)
    assert shop.subscription(found.id).pause_collection is None
    shop.advance(clock, period_end(paused) + 2 * 3600)
    assert (shop.invoice(found).status, shop.invoice(found).amount_paid) == ("paid", 700)


def test_a_bill_that_was_there_is_collected_all_the_same(
    shop: StripeShop, found: stripe.Subscription, clock: stripe.test_helpers.TestClock
) -> None:
    shop.advance(clock, period_end(found))
    shop.v1.subscriptions.update(found.id, {"pause_collection": {"behavior": "void"}})
    shop.advance(clock, period_end(found) + 2 * 3600)
    assert shop.invoice(found).status == "paid"
    changed: Any = {"items": [{"id": found["items"].data[0].id, "quantity": 2}], "proration_behavior": "always_invoice"}
    shop.v1.subscriptions.update(found.id, changed)
    assert shop.invoice(found).status == "void"
    shop.v1.subscriptions.update(found.id, {"pause_collection": ""})
    assert preview(shop, found) == 2000
