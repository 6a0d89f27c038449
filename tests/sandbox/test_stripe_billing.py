"""The engine that bills: items, quantities, prorations and what is billed next, to the penny."""

from typing import Any

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox
from tests.worlds.stripe_shop import StripeShop, period_end

DAY = 86_400
APRIL = 1_806_580_800  # 1 April 2027, 12:00 UTC: thirty days to the next renewal
HALF = APRIL + 15 * DAY


@pytest.fixture
def clock(shop: StripeShop) -> stripe.test_helpers.TestClock:
    return shop.v1.test_helpers.test_clocks.create({"frozen_time": APRIL})


@pytest.fixture
def customer(shop: StripeShop, clock: stripe.test_helpers.TestClock) -> stripe.Customer:
    return shop.customer(test_clock=clock.id)


def change(shop: StripeShop, found: stripe.Subscription, **given: Any) -> stripe.Subscription:
    asked: Any = given
    return shop.v1.subscriptions.update(found.id, asked)


def preview(shop: StripeShop, found: stripe.Subscription, **details: Any) -> stripe.Invoice:
    asked: Any = {"subscription": found.id}
    if details:
        asked["subscription_details"] = details
    return shop.v1.invoices.create_preview(asked)


def item(found: stripe.Subscription, place: int = 0) -> str:
    return str(found["items"].data[place].id)


def amounts(invoice: stripe.Invoice) -> list[int]:
    return [line.amount for line in invoice.lines.data]


def swapped(found: stripe.Subscription, price: stripe.Price, **more: Any) -> list[dict[str, Any]]:
    return [{"id": item(found), "price": price.id, **more}]


def test_items_and_quantities_add_up(shop: StripeShop, customer: stripe.Customer) -> None:
    extra = shop.price(250, "month")
    found = shop.subscribe(customer, items=[{"price": shop.monthly.id, "quantity": 3}, {"price": extra.id}])
    assert amounts(shop.invoice(found)) == [3000, 250]
    assert (shop.invoice(found).amount_paid, preview(shop, found).amount_due) == (3250, 3250)


def test_the_next_invoice_is_as_it_was_previewed(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock
) -> None:
    found = shop.subscribe(customer)
    dearer = shop.price(3000, "month")
    shop.advance(clock, HALF)
    change(shop, found, items=swapped(found, dearer))
    shown = preview(shop, found)
    assert (shown.id or "").startswith("upcoming_in")
    assert (shown.status, shown.billing_reason, shown.created) == ("draft", "upcoming", period_end(found))
    assert amounts(shown) == [-500, 1500, 3000]
    assert [i.status for i in shop.v1.invoices.list({"subscription": found.id}).data] == ["paid"]
    shop.advance(clock, period_end(found) + 2 * 3600)
    billed = shop.invoice(found)
    assert (amounts(billed), billed.total, billed.amount_paid) == (amounts(shown), shown.total, shown.amount_due)
    assert (billed.period_start, billed.period_end) == (APRIL, period_end(found))


def test_a_change_is_previewed_as_it_is_billed(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock
) -> None:
    found = shop.subscribe(customer)
    dearer = shop.price(3333, "month")
    at = APRIL + 10 * DAY + 12_345
    shop.advance(clock, at)
    given: Any = {"items": swapped(found, dearer, quantity=2), "proration_behavior": "always_invoice"}
    shown = preview(shop, found, proration_date=at, **given)
    left = (period_end(found) - at) / (30 * DAY)
    assert amounts(shown) == [-round(1000 * left), round(6666 * left)]
    assert all(line.parent.subscription_item_details.proration for line in shown.lines.data)  # type: ignore[union-attr]
    assert shop.subscription(found.id)["items"].data[0].price.id == shop.monthly.id
    shop.advance(clock, at + 600)
    change(shop, found, proration_date=at, **given)
    assert (amounts(shop.invoice(found)), shop.invoice(found).amount_paid) == (amounts(shown), shown.amount_due)


@pytest.mark.parametrize("behaviour", ["create_prorations", "none"])
def test_what_a_change_leaves_for_the_next_invoice(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock, behaviour: str
) -> None:
    found = shop.subscribe(customer)
    dearer = shop.price(3000, "month")
    shop.advance(clock, HALF)
    details: Any = {"items": swapped(found, dearer), "proration_behavior": behaviour}
    due = {"create_prorations": [-500, 1500, 3000], "none": [3000]}[behaviour]
    assert amounts(preview(shop, found, **details)) == due
    change(shop, found, **details)
    waiting: Any = {"customer": customer.id, "pending": True}
    assert [each.amount for each in shop.v1.invoice_items.list(waiting).data][::-1] == due[:-1]
    assert amounts(preview(shop, found)) == due
    assert shop.v1.invoices.list({"subscription": found.id}).data[0].billing_reason == "subscription_create"


@pytest.mark.parametrize(("mode", "credited"), [("flexible", 500), ("classic", 1500)])
def test_flexible_billing_credits_what_was_debited(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock, mode: str, credited: int
) -> None:
    """The dearer price was never charged for: flexible billing credits the cheaper one, classic the present one."""
    found = shop.subscribe(customer, billing_mode={"type": mode})
    change(shop, found, items=swapped(found, shop.price(3000, "month")), proration_behavior="none")
    shop.advance(clock, HALF)
    dearest = swapped(found, shop.price(4000, "month"))
    shown = preview(shop, found, items=dearest, proration_behavior="always_invoice")
    assert amounts(shown) == [-credited, 2000]


def test_an_item_comes_and_goes(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock
) -> None:
    found = shop.subscribe(customer)
    extra = shop.price(600, "month")
    shop.advance(clock, HALF)
    found = change(shop, found, items=[{"price": extra.id}], proration_behavior="always_invoice")
    assert (len(found["items"].data), amounts(shop.invoice(found))) == (2, [300])
    found = change(shop, found, items=[{"id": item(found, 1), "deleted": True}], proration_behavior="always_invoice")
    assert (len(found["items"].data), amounts(shop.invoice(found))) == (1, [-300])
    with pytest.raises(stripe.InvalidRequestError, match="at least one active plan"):
        change(shop, found, items=[{"id": item(found), "deleted": True}])
    with pytest.raises(stripe.InvalidRequestError, match="same plan"):
        change(shop, found, items=[{"price": shop.monthly.id}])
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription_item"):
        change(shop, found, items=[{"id": "si_none"}])


def test_another_interval_begins_a_new_period_and_bills_it(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock
) -> None:
    found = shop.subscribe(customer)
    yearly = shop.price(9000, "year")
    shop.advance(clock, HALF)
    assert amounts(preview(shop, found, items=swapped(found, yearly))) == [-500, 9000]
    assert amounts(preview(shop, found, items=swapped(found, yearly), proration_behavior="none")) == [9000]
    found = change(shop, found, items=swapped(found, yearly))
    assert (shop.invoice(found).amount_paid, found.billing_cycle_anchor) == (8500, HALF)
    assert (period_end(found) - HALF) // DAY == 366
    assert preview(shop, found).amount_due == 9000


def test_the_anchor_can_be_moved_to_now(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock
) -> None:
    found = shop.subscribe(customer)
    shop.advance(clock, HALF)
    found = change(shop, found, billing_cycle_anchor="now")
    assert (amounts(shop.invoice(found)), found.billing_cycle_anchor) == ([-500, 1000], HALF)


def test_a_change_that_cannot_be_paid(shop: StripeShop, customer: stripe.Customer) -> None:
    found = shop.subscribe(customer)
    shop.card(customer, "pm_card_chargeCustomerFail")
    given: Any = {"items": swapped(found, shop.price(3000, "month")), "proration_behavior": "always_invoice"}
    with pytest.raises(stripe.CardError):
        change(shop, found, payment_behavior="error_if_incomplete", **given)
    same = shop.subscription(found.id)
    assert (same["items"].data[0].price.id, same.status) == (shop.monthly.id, "active")
    assert len(shop.v1.invoices.list({"subscription": found.id}).data) == 1
    changed = change(shop, found, **given)
    assert (changed["items"].data[0].price.unit_amount, changed.status) == (3000, "past_due")
    assert (shop.invoice(found).status, shop.invoice(found).amount_due) == ("open", 2000)


def test_what_is_refused_changes_nothing(shop: StripeShop, customer: stripe.Customer) -> None:
    found = shop.subscribe(customer)
    told = len(shop.events())
    with pytest.raises(stripe.InvalidRequestError, match="proration date"):
        change(shop, found, metadata={"a": "1"}, items=swapped(found, shop.monthly, quantity=2), proration_date=1)
    with pytest.raises(stripe.InvalidRequestError, match="does not model"):
        change(shop, found, items=swapped(found, shop.monthly), pending_invoice_item_interval={"interval": "month"})
    assert len(shop.events()) == told
    assert shop.subscription(found.id).metadata.to_dict() == {}


def test_the_preview_of_a_new_subscription_and_of_an_ending_one(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock
) -> None:
    asked: Any = {
        "customer": customer.id,
        "subscription_details": {"items": [{"price": shop.monthly.id, "quantity": 2}]},
    }
    assert shop.v1.invoices.create_preview(asked).amount_due == 2000
    assert shop.v1.subscriptions.list({"customer": customer.id}).data == []
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.invoices.create_preview({"customer": customer.id})
    assert (refused.value.http_status, refused.value.code) == (404, "invoice_upcoming_none")
    found = shop.subscribe(customer)
    assert shop.v1.invoices.create_preview({"customer": customer.id}).amount_due == 1000
    change(shop, found, cancel_at_period_end=True)
    with pytest.raises(stripe.InvalidRequestError, match="No upcoming invoices"):
        preview(shop, found)
    assert preview(shop, found, cancel_at_period_end=False).amount_due == 1000
    shop.advance(clock, HALF)
    change(shop, found, items=swapped(found, shop.price(3000, "month")))
    assert preview(shop, found).amount_due == 1000
    shop.advance(clock, period_end(found) + 2 * 3600)
    assert (shop.subscription(found.id).status, shop.invoice(found).amount_paid) == ("canceled", 1000)


def test_what_was_put_on_the_next_invoice_and_the_balance_count(shop: StripeShop, customer: stripe.Customer) -> None:
    found = shop.subscribe(customer)
    made = shop.v1.invoice_items.create({"customer": customer.id, "amount": 700, "currency": "gbp"})
    shop.v1.customers.update(customer.id, {"balance": -200})
    shown = preview(shop, found)
    assert (amounts(shown), shown.total, shown.amount_due, shown.starting_balance) == ([700, 1000], 1700, 1500, -200)
    shop.v1.invoice_items.delete(made.id)
    assert preview(shop, found).amount_due == 800


def test_cancelling_at_once_can_credit_and_bill(
    shop: StripeShop, customer: stripe.Customer, clock: stripe.test_helpers.TestClock
) -> None:
    found = shop.subscribe(customer)
    shop.advance(clock, HALF)
    shop.v1.subscriptions.cancel(found.id, {"prorate": True, "invoice_now": True})
    assert shop.invoice(found).total == -500
    assert shop.v1.customers.retrieve(customer.id).balance == -500


def test_fractions_tiers_and_use(shop: StripeShop, customer: stripe.Customer) -> None:
    def price(**given: Any) -> stripe.Price:
        recurring = {"interval": "month", **given.pop("recurring", {})}
        asked: Any = {"product": shop.product.id, "currency": "gbp", "recurring": recurring, **given}
        return shop.v1.prices.create(asked)

    def due(price: stripe.Price, **given: Any) -> int:
        asked: Any = {"customer": customer.id, "subscription_details": {"items": [{"price": price.id, **given}]}}
        return shop.v1.invoices.create_preview(asked).total

    fraction = price(unit_amount_decimal="0.05")
    assert (fraction.unit_amount, str(fraction.unit_amount_decimal)) == (None, "0.05")
    assert (due(fraction, quantity=30), due(fraction, quantity=29)) == (2, 1)
    tiers = [{"up_to": 5, "unit_amount": 700, "flat_amount": 100}, {"up_to": "inf", "unit_amount": 500}]
    graduated = price(billing_scheme="tiered", tiers_mode="graduated", tiers=tiers)
    volume = price(billing_scheme="tiered", tiers_mode="volume", tiers=tiers)
    assert [due(graduated, quantity=n) for n in (1, 5, 7)] == [800, 3600, 4600]
    assert [due(volume, quantity=n) for n in (1, 5, 7)] == [800, 3600, 3500]
    assert "tiers" not in shop.v1.prices.retrieve(volume.id)
    full = shop.v1.prices.retrieve(volume.id, {"expand": ["tiers"]})
    assert full.tiers
    assert [tier.up_to for tier in full.tiers] == [5, None]
    metered = price(unit_amount=10, recurring={"usage_type": "metered", "meter": "mtr_1"})
    found = shop.subscribe(customer, items=[{"price": metered.id}, {"price": shop.monthly.id}])
    assert "quantity" not in found["items"].data[0]
    assert amounts(shop.invoice(found)) == [1000]


def test_every_item_is_looked_at_when_listing_by_price(
    shop: StripeShop, sandbox: Sandbox, customer: stripe.Customer
) -> None:
    extra = shop.price(250, "month")
    found = shop.subscribe(customer, items=[{"price": shop.monthly.id}, {"price": extra.id}])
    assert [s.id for s in shop.v1.subscriptions.list({"price": extra.id, "customer": customer.id}).data] == [found.id]
    assert sandbox.complaints == []
