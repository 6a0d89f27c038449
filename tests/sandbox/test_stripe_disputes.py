"""Disputes at the stand-in for Stripe, and refunds in all their ways; all of it by Stripe's own document."""

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox
from tests.worlds.bank import Bank
from tests.worlds.stripe_shop import StripeShop


@pytest.fixture
def bank(sandbox: Sandbox) -> Bank:
    return Bank(sandbox)


@pytest.fixture
def paid(shop: StripeShop, sandbox: Sandbox) -> str:
    """A payment of 10.00 (its id)."""
    session = shop.session()
    sandbox.shopper.pay(str(session.url))
    return str(shop.v1.checkout.sessions.retrieve(session.id).payment_intent)


def told(shop: StripeShop, since: int = 0) -> list[str]:
    """The types of the events about money that went back, oldest first."""
    return [each for each in shop.events() if "dispute" in each or "refund" in each][since:]


def test_a_dispute_takes_the_money_and_refuses_refunds_until_it_is_won(shop: StripeShop, bank: Bank, paid: str) -> None:
    made = shop.v1.disputes.retrieve(bank.dispute(paid))
    assert (made.status, made.amount, made.is_charge_refundable) == ("needs_response", 1000, False)
    assert [(each.amount, each.net) for each in made.balance_transactions] == [(-1000, -3000)]
    assert shop.v1.charges.retrieve(str(made.charge)).disputed is True
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        shop.v1.refunds.create({"payment_intent": paid})
    assert refusal.value.code == "charge_disputed"

    answered = shop.v1.disputes.update(made.id, {"evidence": {"uncategorized_text": "winning_evidence"}})

    assert (answered.status, [each.amount for each in answered.balance_transactions]) == ("won", [-1000, 1000])
    assert shop.v1.refunds.create({"payment_intent": paid}).amount == 1000
    assert told(shop) == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
        "refund.created",
        "charge.refunded",
    ]


def test_an_accepted_dispute_is_lost(shop: StripeShop, bank: Bank, paid: str) -> None:
    closed = shop.v1.disputes.close(bank.dispute(paid, 400))
    assert (closed.status, closed.amount) == ("lost", 400)
    with pytest.raises(stripe.InvalidRequestError, match="already lost"):
        shop.v1.disputes.close(closed.id)
    assert bank.sums(paid) == (0, 400)


def test_an_inquiry_takes_nothing_and_is_closed_by_a_full_refund(shop: StripeShop, bank: Bank, paid: str) -> None:
    asked = shop.v1.disputes.retrieve(bank.dispute(paid, inquiry=True))
    assert (asked.status, asked.balance_transactions, asked.is_charge_refundable) == (
        "warning_needs_response",
        [],
        True,
    )

    shop.v1.refunds.create({"payment_intent": paid, "amount": 400})
    assert shop.v1.disputes.retrieve(asked.id).status == "warning_needs_response"
    shop.v1.refunds.create({"payment_intent": paid})

    assert shop.v1.disputes.retrieve(asked.id).status == "warning_closed"
    assert bank.sums(paid) == (1000, 0)


def test_an_inquiry_can_become_a_dispute(shop: StripeShop, bank: Bank, paid: str) -> None:
    asked = bank.dispute(paid, inquiry=True)
    bank.escalates(asked)
    assert shop.v1.disputes.retrieve(asked).status == "needs_response"
    assert bank.sums(paid) == (0, 1000)


def test_disputes_are_listed_by_payment_charge_and_time(shop: StripeShop, bank: Bank, paid: str) -> None:
    first, second = bank.dispute(paid, 100), bank.dispute(paid, 200)
    listed = shop.v1.disputes.list({"payment_intent": paid, "expand": ["data.payment_intent"]}).data
    assert [(each.id, each.payment_intent.id) for each in listed] == [(second, paid), (first, paid)]  # type: ignore[union-attr]
    charge = str(shop.v1.disputes.retrieve(first).charge)
    assert [each.id for each in shop.v1.disputes.list({"charge": charge, "limit": 1}).data] == [second]
    assert shop.v1.disputes.list({"created": {"gt": shop.sandbox.platform.now()}}).data == []


def test_a_refund_can_fail_after_it_was_made(shop: StripeShop, bank: Bank, paid: str) -> None:
    made = shop.v1.refunds.create({"payment_intent": paid, "amount": 400})
    bank.refund_becomes(made.id, "failed", "expired_or_canceled_card")

    failed = shop.v1.refunds.retrieve(made.id)
    assert (failed.status, failed.failure_reason, bank.sums(paid)) == ("failed", "expired_or_canceled_card", (0, 0))
    assert told(shop, 2) == ["refund.updated", "charge.refund.updated", "refund.failed"]
    assert shop.v1.refunds.create({"payment_intent": paid}).amount == 1000


def test_only_a_refund_that_waits_for_the_customer_can_be_cancelled(shop: StripeShop, bank: Bank, paid: str) -> None:
    made = shop.v1.refunds.create({"payment_intent": paid})
    with pytest.raises(stripe.InvalidRequestError, match="cannot be canceled"):
        shop.v1.refunds.cancel(made.id)
    bank.refund_becomes(made.id, "requires_action")

    assert shop.v1.refunds.cancel(made.id).status == "canceled"
    assert bank.sums(paid) == (0, 0)
