import time

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import ASKS_ALWAYS, ASKS_ONCE, DECLINED
from tests.worlds.stripe_shop import CANCEL, StripeShop


def again(shop: StripeShop, session: stripe.checkout.Session) -> stripe.checkout.Session:
    return shop.v1.checkout.sessions.retrieve(session.id)


def test_a_payment(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session(client_reference_id="basket-1", payment_intent_data={"metadata": {"basket": "1"}})
    assert (session.status, session.payment_status, session.ui_mode) == ("open", "unpaid", "hosted_page")
    assert "£10.00" in sandbox.shopper.look(str(session.url)).text
    seen = sandbox.shopper.pay(str(session.url))
    assert (seen.status, seen.location) == (303, f"http://shop.test/done?session={session.id}")
    paid = again(shop, session)
    assert (paid.status, paid.payment_status, paid.amount_total, paid.url) == ("complete", "paid", 1000, None)
    intent = shop.v1.payment_intents.retrieve(str(paid.payment_intent), {"expand": ["latest_charge"]})
    assert (intent.status, intent.metadata["basket"]) == ("succeeded", "1")
    assert paid.customer_details
    assert paid.customer_details.email == "jenny@example.com"
    assert shop.events()[-1] == "checkout.session.completed"
    assert sandbox.shopper.look(str(session.url)).status == 410


def test_a_membership_with_something_bought_once(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session(
        mode="subscription",
        customer=shop.customer(card=None).id,
        line_items=[{"price": shop.monthly.id, "quantity": 1}, {"price": shop.price(500).id, "quantity": 2}],
        subscription_data={"metadata": {"purchase": "7"}, "billing_mode": {"type": "flexible"}},
    )
    sandbox.shopper.pay(str(session.url))
    done = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items", "subscription.latest_invoice"]})
    found = done.subscription
    assert isinstance(found, stripe.Subscription)
    assert (found.status, found.metadata["purchase"], done.amount_total) == ("active", "7", 2000)
    assert isinstance(found.latest_invoice, stripe.Invoice)
    assert (found.latest_invoice.status, found.latest_invoice.amount_paid) == ("paid", 2000)
    assert found.latest_invoice.parent
    assert found.latest_invoice.parent.subscription_details
    assert found.latest_invoice.parent.subscription_details.subscription == found.id
    assert done.line_items
    assert [item.amount_total for item in done.line_items.data] == [1000, 1000]


def test_a_trial_needs_no_payment(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.membership(subscription_data={"trial_period_days": 14})
    sandbox.shopper.pay(str(session.url))
    done = again(shop, session)
    assert (done.payment_status, done.amount_total) == ("no_payment_required", 0)
    assert shop.subscription(done.subscription).status == "trialing"
    assert shop.v1.customers.retrieve(str(done.customer)).email == "jenny@example.com"


def test_a_declined_card_leaves_it_open(shop: StripeShop, sandbox: Sandbox) -> None:
    for session in (shop.session(), shop.membership()):
        seen = sandbox.shopper.pay(str(session.url), DECLINED)
        assert (seen.status, "Your card was declined." in seen.text) == (402, True)
        assert again(shop, session).status == "open"
        assert sandbox.shopper.pay(str(session.url)).status == 303
        assert again(shop, session).status == "complete"


@pytest.mark.parametrize("card", [ASKS_ALWAYS, ASKS_ONCE])
def test_three_d_secure(shop: StripeShop, sandbox: Sandbox, card: str) -> None:
    for session in (shop.session(), shop.membership()):
        url = str(session.url)
        assert sandbox.shopper.pay(url, card).location == url
        assert "Your bank asks" in sandbox.shopper.look(url).text
        assert sandbox.shopper.authenticate(url, passed=False).status == 402
        assert again(shop, session).status == "open"
        assert sandbox.shopper.pay(url, card).location == url
        assert str(sandbox.shopper.authenticate(url).location).endswith(session.id)
        assert (again(shop, session).status, again(shop, session).payment_status) == ("complete", "paid")


def test_a_card_that_asks_always_fails_the_renewal(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.membership()
    sandbox.shopper.pay(str(session.url), ASKS_ALWAYS)
    sandbox.shopper.authenticate(str(session.url))
    sandbox.advance("period")
    assert shop.subscription(again(shop, session).subscription).status == "past_due"
    assert "invoice.payment_action_required" in shop.events()


def test_abandoned_and_expired(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session(expires_at=int(time.time()) + 1800)
    sandbox.shopper.pay(str(session.url), DECLINED)
    assert sandbox.shopper.abandon(str(session.url)).location == CANCEL
    assert again(shop, session).status == "open"
    assert shop.v1.checkout.sessions.expire(session.id).status == "expired"
    assert shop.v1.payment_intents.retrieve(str(again(shop, session).payment_intent)).status == "canceled"
    assert sandbox.shopper.pay(str(session.url)).status == 400
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        shop.v1.checkout.sessions.expire(session.id)


def test_it_expires_by_itself(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session(expires_at=int(time.time()) + 1800)
    sandbox.advance("hour")
    assert again(shop, session).status == "expired"
    assert shop.events()[-1] == "checkout.session.expired"
    # The caller's clock was not moved: a new one still lives for half an hour.
    assert shop.session(expires_at=int(time.time()) + 1800).status == "open"


def test_a_completed_one_cannot_be_expired(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session()
    sandbox.shopper.pay(str(session.url))
    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        shop.v1.checkout.sessions.expire(session.id)


def test_what_stripe_refuses(shop: StripeShop) -> None:
    soon = int(time.time()) + 60
    for wrong, param in (({"expires_at": soon}, "expires_at"), ({"mode": "subscription"}, "line_items")):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.session(**wrong)
        assert refused.value.param == param


def test_refunds(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session()
    sandbox.shopper.pay(str(session.url))
    intent = str(again(shop, session).payment_intent)
    part = shop.v1.refunds.create({"payment_intent": intent, "amount": 400, "reason": "requested_by_customer"})
    assert (part.status, part.amount) == ("succeeded", 400)
    charge = shop.v1.charges.list({"payment_intent": intent}).data[0]
    assert (charge.amount_refunded, charge.refunded) == (400, False)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        shop.v1.refunds.create({"payment_intent": intent, "amount": 601})
    assert shop.v1.refunds.create({"payment_intent": intent}).amount == 600
    charge = shop.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert charge.refunds
    assert (charge.amount_refunded, charge.refunded, len(charge.refunds.data)) == (1000, True, 2)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.refunds.create({"payment_intent": intent})
    assert refused.value.code == "charge_already_refunded"
    assert shop.events()[-4:] == ["refund.created", "charge.refunded", "refund.created", "charge.refunded"]
