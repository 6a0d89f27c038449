"""Bank debits in the stand-in: complete and unpaid for days, then paid or refused; and what its checkout refuses."""

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import (
    ACCOUNT_PAYS,
    ACCOUNT_PAYS_INCOMPLETE,
    ACCOUNT_REFUSES,
    ACCOUNT_REFUSES_INCOMPLETE,
)
from tests.worlds.stripe_shop import StripeShop

DEBITS = ["sepa_debit", "bacs_debit", "us_bank_account"]


def again(shop: StripeShop, session: stripe.checkout.Session) -> stripe.checkout.Session:
    return shop.v1.checkout.sessions.retrieve(session.id)


def test_a_debit_is_complete_and_unpaid_until_the_bank_answers(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session()
    assert sandbox.shopper.debit(str(session.url)).location == f"http://shop.test/done?session={session.id}"
    done = again(shop, session)
    intent = shop.v1.payment_intents.retrieve(str(done.payment_intent), {"expand": ["latest_charge"]})
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert (done.status, done.payment_status, intent.status, intent.latest_charge.status) == (
        "complete",
        "unpaid",
        "processing",
        "pending",
    )
    assert shop.events()[-3:] == ["charge.pending", "payment_intent.processing", "checkout.session.completed"]
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.payment_intents.cancel(intent.id)
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.refunds.create({"payment_intent": intent.id})
    sandbox.advance("week")
    assert again(shop, session).payment_status == "paid"
    assert shop.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert shop.events()[-3:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    assert shop.v1.refunds.create({"payment_intent": intent.id}).amount == 1000


def test_a_debit_that_the_bank_refuses(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session()
    sandbox.shopper.debit(str(session.url), ACCOUNT_REFUSES)
    sandbox.advance("week")
    done = again(shop, session)
    assert (done.status, done.payment_status) == ("complete", "unpaid")
    assert shop.v1.payment_intents.retrieve(str(done.payment_intent)).status == "requires_payment_method"
    assert shop.events()[-3:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]


@pytest.mark.parametrize(
    ("account", "meanwhile", "later", "bill"),
    [
        (ACCOUNT_PAYS, "active", "active", "paid"),
        (ACCOUNT_PAYS_INCOMPLETE, "incomplete", "active", "paid"),
        (ACCOUNT_REFUSES, "active", "past_due", "open"),
        (ACCOUNT_REFUSES_INCOMPLETE, "incomplete", "incomplete_expired", "void"),
    ],
)
def test_a_subscription_that_begins_by_debit(
    shop: StripeShop, sandbox: Sandbox, account: str, meanwhile: str, later: str, bill: str
) -> None:
    session = shop.membership()
    sandbox.shopper.debit(str(session.url), account)
    done = again(shop, session)
    assert (done.payment_status, shop.subscription(done.subscription).status) == ("unpaid", meanwhile)
    sandbox.advance("day")
    assert shop.subscription(done.subscription).status == meanwhile
    sandbox.advance(str(3 * 86400 + 60))
    found = shop.v1.subscriptions.retrieve(str(done.subscription), {"expand": ["latest_invoice"]})
    assert isinstance(found.latest_invoice, stripe.Invoice)
    assert (found.status, found.latest_invoice.status) == (later, bill)
    assert again(shop, session).payment_status == ("paid" if bill == "paid" else "unpaid")


def test_a_change_by_debit_is_made_while_its_bill_is_on_its_way(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.membership()
    sandbox.shopper.debit(str(session.url))
    bought = shop.v1.subscriptions.list().data[0]
    dearer = shop.v1.prices.create(
        {
            "product": str(bought["items"].data[0].price.product),
            "currency": "gbp",
            "unit_amount": 9000,
            "recurring": {"interval": "month"},
        }
    )

    changed = shop.v1.subscriptions.update(
        bought.id,
        {
            "items": [{"id": bought["items"].data[0].id, "price": dearer.id}],
            "payment_behavior": "pending_if_incomplete",
            "proration_behavior": "always_invoice",
        },
    )

    assert (changed.pending_update, changed["items"].data[0].price.id) == (None, dearer.id)


def test_a_renewal_by_debit_stays_active_while_it_is_on_its_way(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.membership()
    sandbox.shopper.debit(str(session.url))
    sandbox.advance("week")
    sandbox.advance("period")
    found = shop.v1.subscriptions.retrieve(str(again(shop, session).subscription), {"expand": ["latest_invoice"]})
    assert isinstance(found.latest_invoice, stripe.Invoice)
    assert (found.status, found.latest_invoice.status, found.latest_invoice.billing_reason) == (
        "active",
        "open",
        "subscription_cycle",
    )
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.invoices.pay(found.latest_invoice.id)
    assert sandbox.end_debits(paid=True) == 1
    assert shop.v1.invoices.retrieve(found.latest_invoice.id).status == "paid"


def test_what_is_excluded_is_not_offered(shop: StripeShop, sandbox: Sandbox) -> None:
    session = shop.session(excluded_payment_method_types=DEBITS)
    url = str(session.url)
    assert "bank debit" not in sandbox.shopper.look(url).text
    assert sandbox.shopper.debit(url).status == 400
    assert again(shop, session).status == "open"
    with pytest.raises(stripe.InvalidRequestError):
        shop.session(excluded_payment_method_types=["card", *DEBITS])


def test_a_total_that_no_card_can_pay(shop: StripeShop) -> None:
    def lines(amount: int) -> list[dict[str, object]]:
        data = {"currency": "gbp", "unit_amount": amount, "product_data": {"name": "Mat hire"}}
        return [{"quantity": 1, "price_data": data}]

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.session(line_items=lines(29))
    assert refused.value.code == "amount_too_small"
    assert shop.session(line_items=lines(30)).amount_total == 30


@pytest.mark.parametrize(("mode", "once", "fits"), [("payment", 100, 0), ("subscription", 20, 1)])
def test_more_lines_than_a_checkout_takes(shop: StripeShop, mode: str, once: int, fits: int) -> None:
    one = {"price": shop.price(500).id, "quantity": 1}
    recurring = [{"price": shop.monthly.id, "quantity": 1}] * fits
    assert shop.session(mode=mode, line_items=[*recurring, *[one] * once]).amount_total
    with pytest.raises(stripe.InvalidRequestError):
        shop.session(mode=mode, line_items=[*recurring, *[one] * (once + 1)])
