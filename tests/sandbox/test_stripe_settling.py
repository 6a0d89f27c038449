"""Discounts, and what becomes of bills: voided, written off, paid elsewhere, from credit or late, and sent."""

from typing import Any

import pytest
import stripe

from bookwhen.sandbox.stripe import discounting, panel, panel_page
from bookwhen.sandbox.stripe.errors import Refused
from tests.worlds.stripe_shop import StripeShop, period_end

DAY = 86_400
APRIL = 1_806_580_800  # 1 April 2027, 12:00 UTC: thirty days to the next renewal


@pytest.fixture
def clock(shop: StripeShop) -> stripe.test_helpers.TestClock:
    return shop.v1.test_helpers.test_clocks.create({"frozen_time": APRIL})


@pytest.fixture
def customer(shop: StripeShop, clock: stripe.test_helpers.TestClock) -> stripe.Customer:
    return shop.customer(test_clock=clock.id)


def coupon(shop: StripeShop, **given: Any) -> list[dict[str, str]]:
    asked: Any = given
    return [{"coupon": shop.v1.coupons.create(asked).id}]


def next_due(shop: StripeShop, found: stripe.Subscription) -> int:
    return shop.v1.invoices.create_preview({"subscription": found.id}).amount_due


def past_due(shop: StripeShop, clock: stripe.test_helpers.TestClock, customer: stripe.Customer) -> stripe.Subscription:
    """A subscription whose renewal could not be paid."""
    found = shop.subscribe(customer)
    shop.card(customer, "pm_card_chargeCustomerFail")
    shop.advance(clock, period_end(found) + 2 * 3600)
    found = shop.subscription(found.id)
    assert found.status == "past_due"
    return found


def test_discounts_of_item_and_subscription(shop: StripeShop, customer: stripe.Customer) -> None:
    extra = shop.price(333, "month")
    items = [
        {"price": shop.monthly.id, "quantity": 2, "discounts": coupon(shop, percent_off=12.5, duration="forever")},
        {"price": extra.id},
    ]
    off = coupon(shop, amount_off=500, currency="gbp", duration="forever")
    invoice = shop.invoice(shop.subscribe(customer, items=items, discounts=off))
    assert [line.amount for line in invoice.lines.data] == [2000, 333]
    taken = [[each.amount for each in line.discount_amounts or []] for line in invoice.lines.data]
    assert taken == [[250, 420], [80]]  # 500 over 1,750 and 333
    assert (invoice.subtotal, invoice.total, invoice.amount_paid) == (2083, 1583, 1583)
    assert [each.amount for each in invoice.total_discount_amounts or []] == [250, 500]


@pytest.mark.parametrize(
    ("duration", "dues"),
    [
        ({"duration": "once"}, [500, 1000, 1000]),
        ({"duration": "forever"}, [500, 500, 500]),
        ({"duration": "repeating", "duration_in_months": 2}, [500, 500, 1000]),
    ],
)
def test_a_discount_lasts_as_long_as_it_says(
    shop: StripeShop, clock: stripe.test_helpers.TestClock, customer: stripe.Customer, duration: Any, dues: list[int]
) -> None:
    found = shop.subscribe(customer, discounts=coupon(shop, percent_off=50, **duration))
    paid = [shop.invoice(found).amount_paid]
    for _ in range(2):
        shown = next_due(shop, found)
        shop.advance(clock, period_end(shop.subscription(found.id)) + 2 * 3600)
        paid.append(shop.invoice(found).amount_paid)
        assert paid[-1] == shown
    assert paid == dues
    assert len(shop.subscription(found.id).discounts) == (duration["duration"] == "forever")


def test_a_discount_is_given_and_taken_back(shop: StripeShop, customer: stripe.Customer) -> None:
    found = shop.subscribe(customer)
    asked: Any = {"discounts": coupon(shop, id="SUMMER", percent_off=25, duration="forever")}
    shop.v1.subscriptions.update(found.id, asked)
    full = shop.v1.subscriptions.retrieve(found.id, {"expand": ["discounts.source.coupon"]})
    assert full.discounts[0].source.coupon.percent_off == 25  # type: ignore[union-attr]
    assert next_due(shop, found) == 750
    assert shop.v1.subscriptions.delete_discount(found.id).deleted is True
    assert next_due(shop, found) == 1000
    assert shop.v1.coupons.delete("SUMMER").deleted is True


def test_the_discount_of_a_customer_counts_where_the_subscription_has_none(
    shop: StripeShop, customer: stripe.Customer
) -> None:
    plain, reduced = shop.subscribe(customer), shop.subscribe(customer)
    half, quarter = (coupon(shop, percent_off=percent, duration="forever") for percent in (50, 25))
    asked: Any = {"discounts": quarter}
    shop.v1.subscriptions.update(reduced.id, asked)
    world = next(each for each in shop.sandbox.platform.worlds.values() if customer.id in each.objects["customer"])
    discounting.give_customer(world, world.get("customer", customer.id), world.get("coupon", half[0]["coupon"]))
    assert (next_due(shop, plain), next_due(shop, reduced)) == (500, 750)
    assert shop.v1.customers.delete_discount(customer.id).deleted is True
    assert (next_due(shop, plain), next_due(shop, reduced)) == (1000, 750)


def test_a_proration_bears_its_discount(
    shop: StripeShop, clock: stripe.test_helpers.TestClock, customer: stripe.Customer
) -> None:
    found = shop.subscribe(customer, discounts=coupon(shop, percent_off=50, duration="forever"))
    shop.advance(clock, APRIL + 15 * DAY)
    items = [{"id": found["items"].data[0].id, "price": shop.price(3000, "month").id}]
    asked: Any = {"items": items, "proration_behavior": "always_invoice"}
    shop.v1.subscriptions.update(found.id, asked)
    assert [line.amount for line in shop.invoice(found).lines.data] == [-250, 750]
    assert (shop.invoice(found).total, next_due(shop, found)) == (500, 1500)


@pytest.mark.parametrize("how", ["void", "mark_uncollectible"])
def test_p7_a_bill_that_is_forgiven_makes_the_subscription_active(
    shop: StripeShop, clock: stripe.test_helpers.TestClock, customer: stripe.Customer, how: str
) -> None:
    found = past_due(shop, clock, customer)
    invoice = shop.invoice(found)
    forgive = shop.v1.invoices.void_invoice if how == "void" else shop.v1.invoices.mark_uncollectible
    assert forgive(invoice.id).amount_paid == 0
    assert shop.subscription(found.id).status == "active"


def test_a_first_bill_that_is_voided_ends_what_never_began(shop: StripeShop) -> None:
    found = shop.subscribe(shop.customer("pm_card_chargeCustomerFail"))
    shop.v1.invoices.void_invoice(shop.invoice(found).id)
    assert shop.subscription(found.id).status == "incomplete_expired"


def test_a_void_bill_gives_back_what_it_took_of_the_credit(
    shop: StripeShop, clock: stripe.test_helpers.TestClock, customer: stripe.Customer
) -> None:
    found = shop.subscribe(customer)
    shop.card(customer, "pm_card_chargeCustomerFail")
    shop.v1.customers.update(customer.id, {"balance": -400})
    shop.advance(clock, period_end(found) + 2 * 3600)
    invoice = shop.invoice(found)
    assert (invoice.amount_due, invoice.status, shop.v1.customers.retrieve(customer.id).balance) == (600, "open", 0)
    shop.v1.invoices.void_invoice(invoice.id)
    assert shop.v1.customers.retrieve(customer.id).balance == -400


def test_a_bill_paid_from_credit_and_one_too_small_to_charge(shop: StripeShop, customer: stripe.Customer) -> None:
    shop.v1.customers.update(customer.id, {"balance": -1500})
    found = shop.subscribe(customer)
    invoice = shop.invoice(found)
    assert (found.status, invoice.status, invoice.amount_due, invoice.amount_paid) == ("active", "paid", 0, 0)
    assert shop.v1.invoice_payments.list({"invoice": invoice.id}).data == []
    shop.v1.customers.update(customer.id, {"balance": -990})
    invoice = shop.invoice(shop.subscribe(customer))
    assert (invoice.total, invoice.amount_due, invoice.ending_balance) == (1000, 0, 10)


def test_a_bill_paid_elsewhere(
    shop: StripeShop, clock: stripe.test_helpers.TestClock, customer: stripe.Customer
) -> None:
    found = past_due(shop, clock, customer)
    invoice = shop.v1.invoices.pay(shop.invoice(found).id, {"paid_out_of_band": True})
    assert (invoice.status, invoice.amount_paid, invoice.amount_paid_off_stripe) == ("paid", 1000, 1000)
    assert [each.status for each in shop.v1.invoice_payments.list({"invoice": invoice.id}).data] == ["canceled"]
    assert shop.subscription(found.id).status == "active"


def test_p8_an_older_bill_may_stay_open_and_be_paid_late(
    shop: StripeShop, clock: stripe.test_helpers.TestClock, customer: stripe.Customer
) -> None:
    shop.sandbox.set_rule("past_due")
    found = past_due(shop, clock, customer)
    older = shop.invoice(found)
    shop.advance(clock, older.created + 20 * DAY)
    shop.card(customer, "pm_card_visa")
    shop.advance(clock, period_end(found) + 2 * 3600)
    assert (shop.invoice(found).status, shop.subscription(found.id).status) == ("paid", "active")
    assert shop.v1.invoices.retrieve(older.id).status == "open"
    assert shop.v1.invoices.mark_uncollectible(older.id).status == "uncollectible"
    assert shop.v1.invoices.pay(older.id).status == "paid"
    assert shop.subscription(found.id).status == "active"


@pytest.mark.parametrize(("rule", "last"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")])
def test_p15_a_subscription_that_pays_by_sent_invoices(
    shop: StripeShop, clock: stripe.test_helpers.TestClock, rule: Any, last: str
) -> None:
    shop.sandbox.set_rule(rule)
    customer = shop.customer(card=None, test_clock=clock.id)
    found = shop.subscribe(customer, collection_method="send_invoice", days_until_due=7)
    invoice = shop.invoice(found)
    assert (found.status, invoice.status, invoice.next_payment_attempt) == ("active", "draft", None)
    shop.advance(clock, APRIL + 2 * 3600)
    invoice = shop.invoice(found)
    assert (invoice.status, invoice.due_date) == ("open", APRIL + 3600 + 7 * DAY)
    assert "invoice.sent" in shop.events()
    shop.advance(clock, APRIL + 8 * DAY)
    assert shop.subscription(found.id).status == "past_due"
    shop.sandbox.shopper.pay(str(invoice.hosted_invoice_url))
    assert (shop.invoice(found).status, shop.subscription(found.id).status) == ("paid", "active")
    shop.advance(clock, APRIL + (30 + 7 + 30) * DAY)
    assert shop.subscription(found.id).status == "past_due"
    shop.advance(clock, APRIL + (30 + 7 + 31) * DAY)
    assert shop.subscription(found.id).status == last


def test_the_panel_does_what_the_dashboard_would(
    shop: StripeShop, clock: stripe.test_helpers.TestClock, customer: stripe.Customer
) -> None:
    def press(what: str, key: str) -> None:
        form = {"what": what, "id": key}
        answer = panel.answer(shop.sandbox.platform, f"{panel_page.HOME}by-hand", form, as_json=False)
        assert (answer.status, answer.location) == (303, panel_page.HOME)

    found = past_due(shop, clock, customer)
    for what, button in (("void", "Void the bill of £10.00"), ("uncollectible", "Write off the bill of £10.00")):
        assert button in panel_page.home(shop.sandbox.platform), what
    press("uncollectible", shop.invoice(found).id)
    assert shop.subscription(found.id).status == "active"
    press("half", found.id)
    assert next_due(shop, found) == 500
    press("full", found.id)
    press("pause", found.id)
    assert shop.subscription(found.id).pause_collection
    assert "collection paused until" in panel_page.home(shop.sandbox.platform)
    press("resume", found.id)
    assert shop.subscription(found.id).pause_collection is None
    assert next_due(shop, found) == 1000
    with pytest.raises(Refused, match="Unknown action"):
        press("dance", found.id)
    with pytest.raises(Refused, match="This bill is uncollectible"):
        press("void", shop.invoice(found).id)
