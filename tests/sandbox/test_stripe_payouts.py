"""Payouts at the stand-in for Stripe, also where Stripe's ways hurt; all of it by Stripe's own document."""

import pytest
import stripe

from bookwhen.sandbox.stripe import Sandbox, payouts
from bookwhen.sandbox.stripe.balance import fee_of
from tests.worlds.bank import Bank
from tests.worlds.stripe_shop import StripeShop

HOUR, DAY = 3600, 86_400


@pytest.fixture
def paid(shop: StripeShop, sandbox: Sandbox) -> str:
    """A payment of 10.00 (its id) in an account that pays out every day."""
    sandbox.platform.pays_out = True
    session = shop.session()
    sandbox.shopper.pay(str(session.url))
    return str(shop.v1.checkout.sessions.retrieve(session.id).payment_intent)


def first_payout(shop: StripeShop, sandbox: Sandbox) -> stripe.Payout:
    """Let time pass until there is one."""
    while not (found := shop.v1.payouts.list().data):
        sandbox.advance(str(HOUR))
    return found[0]


def told(shop: StripeShop) -> list[str]:
    return [each for each in shop.events() if each.startswith("payout.")]


def test_a_payout_is_told_of_step_by_step(shop: StripeShop, sandbox: Sandbox, paid: str) -> None:
    assert shop.v1.payouts.list().data == []
    made = first_payout(shop, sandbox)
    assert (made.amount, made.status, made.reconciliation_status) == (1000 - fee_of(1000), "pending", "in_progress")
    assert shop.v1.balance_transactions.list({"payout": made.id}).data == []

    sandbox.advance(str(7 * HOUR))
    made = shop.v1.payouts.retrieve(made.id)
    assert (made.status, made.reconciliation_status) == ("in_transit", "completed")
    sandbox.advance(str(2 * DAY))
    assert shop.v1.payouts.retrieve(made.id).status == "paid"
    assert told(shop) == ["payout.created", "payout.updated", "payout.reconciliation_completed", "payout.paid"]


def test_what_it_holds_has_itself_and_pages(shop: StripeShop, sandbox: Sandbox, paid: str) -> None:
    made = first_payout(shop, sandbox)
    sandbox.advance(str(DAY))

    first = shop.v1.balance_transactions.list({"payout": made.id, "limit": 1, "expand": ["data.source"]})
    assert (first.data[0].type, first.data[0].amount, first.has_more) == ("payout", -made.amount, True)
    rest = shop.v1.balance_transactions.list({"payout": made.id, "limit": 1, "starting_after": first.data[0].id})
    assert [(each.type, each.net) for each in rest.data] == [("charge", made.amount)]


def test_one_that_failed_is_in_a_later_one(shop: StripeShop, sandbox: Sandbox, paid: str) -> None:
    made = first_payout(shop, sandbox)
    sandbox.advance(str(4 * DAY))
    Bank(sandbox).payout_fails(made.id)
    sandbox.advance(str(2 * DAY))

    again, failed = shop.v1.payouts.list().data
    assert (failed.status, failed.failure_code, again.amount) == ("failed", "could_not_process", made.amount)
    held = shop.v1.balance_transactions.list({"payout": again.id}).data
    assert [each.type for each in held] == ["payout", "payout_failure"]
    assert "payout.failed" in told(shop)


def test_of_one_made_by_hand_nothing_is_told(shop: StripeShop, sandbox: Sandbox, paid: str) -> None:
    with sandbox.platform.lock:
        (world,) = sandbox.platform.worlds.values()
        made = payouts.by_hand(world, 500, "gbp")

    with pytest.raises(stripe.InvalidRequestError, match="only be filtered on automatic"):
        shop.v1.balance_transactions.list({"payout": made["id"]})


def test_what_is_owed_waits_until_more_is_paid(shop: StripeShop, sandbox: Sandbox, paid: str) -> None:
    first_payout(shop, sandbox)
    Bank(sandbox).refund(paid)
    sandbox.advance(str(5 * DAY))

    assert len(shop.v1.payouts.list().data) == 1
