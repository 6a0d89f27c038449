import time

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import FAILS_LATER
from tests.worlds.stripe_shop import StripeShop, period_end

DAY = 86_400


def test_the_whole_life(shop: StripeShop, sandbox: Sandbox) -> None:
    """Bought, renewed, the card fails, paid again, cancelled in the portal, kept, cancelled at once."""
    customer = shop.customer(card=None)
    found = shop.bought(customer=customer.id)
    assert found.status == "active"
    first_end = period_end(found)

    sandbox.advance("period")
    found = shop.subscription(found.id)
    assert (found.status, period_end(found) > first_end) == ("active", True)
    assert [i.status for i in shop.v1.invoices.list({"subscription": found.id}).data] == ["paid", "paid"]

    portal = shop.v1.billing_portal.sessions.create({"customer": customer.id, "return_url": "http://shop.test/"})
    assert "renews on" in sandbox.shopper.look(portal.url).text
    assert sandbox.shopper.update_card(portal.url, FAILS_LATER).location == portal.url
    sandbox.advance("period")
    assert shop.subscription(found.id).status == "past_due"
    invoice = shop.invoice(found)
    assert (invoice.status, invoice.billing_reason, invoice.attempt_count) == ("open", "subscription_cycle", 1)

    assert sandbox.shopper.pay(str(invoice.hosted_invoice_url)).status == 303
    assert shop.subscription(found.id).status == "active"
    assert shop.invoice(found).status == "paid"

    sandbox.shopper.cancel(portal.url, found.id)
    found = shop.subscription(found.id)
    assert (found.cancel_at, found.cancel_at_period_end) == (period_end(found), False)
    assert found.cancellation_details
    assert found.cancellation_details.reason == "cancellation_requested"
    sandbox.shopper.keep(portal.url, found.id)
    found = shop.subscription(found.id)
    assert (found.cancel_at, found.canceled_at) == (None, None)

    found = shop.v1.subscriptions.cancel(found.id)
    assert (found.status, found.ended_at is not None) == ("canceled", True)
    assert shop.events()[-1] == "customer.subscription.deleted"
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.cancel(found.id)


def test_a_scheduled_end_comes(shop: StripeShop) -> None:
    clock = shop.clock()
    found = shop.subscribe(shop.customer(test_clock=clock.id))
    found = shop.v1.subscriptions.update(found.id, {"cancel_at_period_end": True})
    assert (found.cancel_at_period_end, found.cancel_at) == (True, period_end(found))
    shop.advance(clock, period_end(found))
    ended = shop.subscription(found.id)
    assert (ended.status, ended.ended_at) == ("canceled", period_end(found))
    assert len(shop.v1.invoices.list({"subscription": found.id}).data) == 1


def test_an_end_at_a_time_and_its_undoing(shop: StripeShop) -> None:
    found = shop.subscribe(shop.customer())
    at = int(time.time()) + 3 * DAY
    assert shop.v1.subscriptions.update(found.id, {"cancel_at": at}).cancel_at == at
    assert shop.v1.subscriptions.update(found.id, {"cancel_at": ""}).cancel_at is None


@pytest.mark.parametrize(
    ("rule", "status", "reason"),
    [("cancel", "canceled", "payment_failed"), ("unpaid", "unpaid", None), ("past_due", "past_due", None)],
)
def test_when_all_retries_failed(
    shop: StripeShop, sandbox: Sandbox, rule: str, status: str, reason: str | None
) -> None:
    sandbox.set_rule(rule)  # type: ignore[arg-type]
    clock = shop.clock()
    customer = shop.customer(test_clock=clock.id)
    found = shop.subscribe(customer)
    shop.card(customer, "pm_card_chargeCustomerFail")
    shop.advance(clock, period_end(found) + 2 * 3600)
    assert shop.subscription(found.id).status == "past_due"
    assert shop.invoice(found).next_payment_attempt == period_end(found) + 3600 + 3 * DAY
    shop.advance(clock, period_end(found) + 16 * DAY)
    found = shop.subscription(found.id)
    assert found.cancellation_details
    assert (found.status, found.cancellation_details.reason) == (status, reason)
    assert (shop.invoice(found).attempt_count, shop.invoice(found).next_payment_attempt) == (4, None)


def test_a_new_card_pays_the_next_retry(shop: StripeShop) -> None:
    clock = shop.clock()
    customer = shop.customer(test_clock=clock.id)
    found = shop.subscribe(customer)
    shop.card(customer, "pm_card_chargeCustomerFail")
    shop.advance(clock, period_end(found) + 2 * 3600)
    shop.card(customer, "pm_card_visa")
    shop.advance(clock, period_end(found) + 4 * DAY)
    assert (shop.subscription(found.id).status, shop.invoice(found).status) == ("active", "paid")


def test_a_trial(shop: StripeShop) -> None:
    clock = shop.clock()
    found = shop.subscribe(shop.customer(test_clock=clock.id), trial_period_days=7)
    assert (found.status, period_end(found)) == ("trialing", found.trial_end)
    assert (shop.invoice(found).amount_due, shop.invoice(found).status) == (0, "paid")
    shop.advance(clock, period_end(found) - 2 * DAY)
    assert shop.events().count("customer.subscription.trial_will_end") == 1
    shop.advance(clock, period_end(found) + 2 * 3600)
    found = shop.subscription(found.id)
    assert (found.status, shop.invoice(found).amount_paid) == ("active", 1000)
    assert found.billing_cycle_anchor == found.trial_end


def test_a_trial_ended_now(shop: StripeShop) -> None:
    found = shop.subscribe(shop.customer(), trial_period_days=7)
    found = shop.v1.subscriptions.update(found.id, {"trial_end": "now"})
    assert (found.status, shop.invoice(found).amount_paid) == ("active", 1000)


def test_months_are_counted_from_the_anchor(shop: StripeShop) -> None:
    end_of_january = 1_801_396_800  # 31 January 2027, 12:00 UTC
    clock = shop.v1.test_helpers.test_clocks.create({"frozen_time": end_of_january})
    found = shop.subscribe(shop.customer(test_clock=clock.id))
    ends = []
    for _ in range(3):
        ends.append((period_end(found) - end_of_january) // DAY)
        shop.advance(clock, period_end(found))
        found = shop.subscription(found.id)
    assert ends == [28, 59, 89]


def test_an_upgrade_is_charged_and_a_downgrade_credited(shop: StripeShop) -> None:
    clock = shop.clock()
    customer = shop.customer(test_clock=clock.id)
    found = shop.subscribe(customer)
    item = found["items"].data[0].id
    dearer = shop.price(3000, "month")
    shop.v1.subscriptions.update(
        found.id, {"items": [{"id": item, "price": dearer.id}], "proration_behavior": "always_invoice"}
    )
    assert (shop.invoice(found).billing_reason, shop.invoice(found).amount_paid) == ("subscription_update", 2000)
    shop.v1.subscriptions.update(
        found.id, {"items": [{"id": item, "price": shop.monthly.id}], "proration_behavior": "always_invoice"}
    )
    assert shop.invoice(found).total == -2000
    assert shop.v1.customers.retrieve(customer.id).balance == -2000
    shop.advance(clock, period_end(found) + 2 * 3600)
    invoice = shop.invoice(found)
    assert (invoice.total, invoice.amount_due, invoice.ending_balance) == (1000, 0, -1000)


def test_without_a_card_or_with_one_that_asks(shop: StripeShop, sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
        shop.subscribe(shop.customer(card=None))
    found = shop.subscribe(shop.customer("pm_card_threeDSecure2Required"), payment_behavior="default_incomplete")
    assert found.status == "incomplete"
    invoice = shop.invoice(found)
    with pytest.raises(stripe.CardError) as refused:
        shop.v1.invoices.pay(invoice.id, {"off_session": False})
    assert refused.value.code == "invoice_payment_intent_requires_action"
    payment = shop.v1.invoice_payments.list({"invoice": invoice.id}).data[0].payment.payment_intent
    url = shop.v1.payment_intents.retrieve(str(payment)).next_action.redirect_to_url.url  # type: ignore[union-attr]
    assert sandbox.shopper.authenticate(str(url), passed=False).status == 402
    with pytest.raises(stripe.CardError):
        shop.v1.invoices.pay(invoice.id, {"off_session": False})
    assert sandbox.shopper.authenticate(str(url)).status == 200
    assert shop.subscription(found.id).status == "active"


def test_an_unpaid_invoice_voided(shop: StripeShop) -> None:
    found = shop.subscribe(shop.customer("pm_card_chargeCustomerFail"))
    assert found.status == "incomplete"
    invoice = shop.v1.invoices.void_invoice(shop.invoice(found).id)
    assert invoice.status == "void"
    assert shop.v1.invoice_payments.list({"invoice": invoice.id}).data[0].status == "canceled"


def test_a_deleted_customer_has_no_subscription_left(shop: StripeShop) -> None:
    customer = shop.customer()
    found = shop.subscribe(customer)
    assert shop.v1.customers.delete(customer.id).deleted is True
    assert shop.subscription(found.id).status == "canceled"
    assert shop.v1.customers.retrieve(customer.id).deleted is True


def test_lists_leave_the_cancelled_out_unless_asked(shop: StripeShop) -> None:
    customer = shop.customer()
    old, new = shop.subscribe(customer), shop.subscribe(customer)
    shop.v1.subscriptions.cancel(old.id)
    assert [s.id for s in shop.v1.subscriptions.list({"customer": customer.id}).data] == [new.id]
    every = shop.v1.subscriptions.list({"customer": customer.id, "status": "all"}).data
    assert [s.id for s in every] == [new.id, old.id]
    ended = shop.v1.subscriptions.list({"customer": customer.id, "status": "canceled"}).data
    assert [s.id for s in ended] == [old.id]
