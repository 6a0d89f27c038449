"""Stripe keeps a failure under its idempotency key for a day: the next try has another, after looking what was made."""

from typing import Any

import pytest
from django.utils import timezone

from bookwhen.payments import connections
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, StripeDownError
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.payments.models import FailedCall
from bookwhen.payments.stripe_params import Recurring
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Membership, Price
from tests.worlds.seller import Seller
from tests.worlds.till import Till, payment_of
from tickets.models import Refund, RefundReason, RefundState
from tickets.money.refunds import create_refund, submit_refund

FAULTS = ["error", "error_after", "cut", "cut_after"]
"""Nothing was made, or something was; and Stripe said so, or nobody did."""


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookwhen.payments.transport.RETRIES", 0)


def of_kind(seller: Seller, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = seller.sandbox.platform.worlds[seller.key].of(kind)
    return found


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("path", "kind"), [("products", "product"), ("prices", "price")])
def test_p6_a_membership_is_made_once_however_stripe_fails(seller: Seller, fault: Any, path: str, kind: str) -> None:
    before, now = len(of_kind(seller, kind)), timezone.now()
    membership = create_membership(seller.account, MembershipDetails(title="Silver"), group=None, now=now)
    seller.sandbox.arm(fault, f"POST /v1/{path}")
    with pytest.raises(StripeDownError):
        add_price(membership, PriceTerms(title="Monthly", amount=900), now=now)
    price = Price.objects.get(membership=membership)
    set_published(membership, published=True)

    bought = seller.sell(price=price)

    assert bought.is_live
    assert len(of_kind(seller, kind)) == before + 1
    assert Membership.objects.get(pk=membership.pk).product == of_kind(seller, "product")[-1]["id"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("path", "kind"), [("customers", "customer"), ("checkout/sessions", "checkout.session")])
def test_p6_a_checkout_is_opened_once_however_stripe_fails(seller: Seller, fault: Any, path: str, kind: str) -> None:
    customer = seller.customer()
    seller.sandbox.arm(fault, f"POST /v1/{path}")
    with pytest.raises(StripeDownError):
        seller.buy(customer)

    assert seller.sell(customer).is_live

    assert len([each for each in of_kind(seller, "customer") if each["email"] == customer.email]) == 1
    # A basket that was not sent has another payment the next time: a checkout of the first is nobody's, and expires.
    assert len(of_kind(seller, kind)) <= 2
    assert [each["status"] for each in of_kind(seller, "checkout.session")].count("complete") == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_p6_money_goes_back_once_however_stripe_fails(till: Till, fault: Any) -> None:
    entry = till.entry()
    payment = till.pay(till.fill(entry, till.ticket(entry, 1000)))
    made = create_refund(payment.pk, 400, RefundReason.OPERATOR, now=timezone.now()).refund
    till.seller.sandbox.arm(fault, "POST /v1/refunds")
    submit_refund(made.pk, now=timezone.now())
    assert Refund.objects.get().state == RefundState.QUEUED

    Refund.objects.update(due_at=timezone.now())
    submit_refund(made.pk, now=timezone.now())

    assert Refund.objects.get().state == RefundState.DONE
    assert [each["amount"] for each in of_kind(till.seller, "refund")] == [400]
    assert payment_of(payment.booking).refunded == 400


def test_p6_a_refund_whose_worker_died_is_looked_for_however_long_ago_that_was(till: Till) -> None:
    """After a day Stripe has forgotten the key, and nobody has noted that the call failed."""
    entry = till.entry()
    payment = till.pay(till.fill(entry, till.ticket(entry, 1000)))
    made = create_refund(payment.pk, 400, RefundReason.OPERATOR, now=timezone.now()).refund
    submit_refund(made.pk, now=timezone.now())
    Refund.objects.update(state=RefundState.QUEUED, stripe_id="", due_at=timezone.now(), done_at=None)
    till.seller.sandbox.platform.worlds[till.seller.key].answered.clear()

    submit_refund(made.pk, now=timezone.now())

    assert Refund.objects.get().state == RefundState.DONE
    assert [each["amount"] for each in of_kind(till.seller, "refund")] == [400]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("path", "kind"),
    [("webhook_endpoints", "webhook_endpoint"), ("billing_portal/configurations", "billing_portal.configuration")],
)
def test_p6_a_connection_is_set_up_once_however_stripe_fails(seller: Seller, fault: Any, path: str, kind: str) -> None:
    before = len(of_kind(seller, kind))
    seller.sandbox.arm(fault, f"POST /v1/{path}")
    assert connections.check(seller.connection, now=timezone.now()).trouble

    seller.connection.refresh_from_db()
    found = connections.check(seller.connection, now=timezone.now())

    assert found.is_well, found.trouble
    assert len(of_kind(seller, kind)) == before + 1


def test_p6_what_is_asked_for_otherwise_under_a_key_is_asked_for_under_another(seller: Seller) -> None:
    key = idempotency_key("customer", 1)
    first = seller.gateway.create_customer(email="a@example.com", name="", metadata={}, key=key)
    second = seller.gateway.create_customer(email="a@example.com", name="Ada", metadata={}, key=key)
    assert first == second
    assert FailedCall.objects.get().attempts == 1


def test_p6_a_refusal_that_is_kept_stands_in_the_way_of_nothing(seller: Seller) -> None:
    """What Stripe refused for a reason that was mended there goes through at the next click."""
    key = idempotency_key("price", 1)
    wanted = Recurring(
        product="prod_later",
        title="Monthly",
        amount=400,
        currency="GBP",
        interval="month",
        interval_count=1,
        metadata={},
    )
    with pytest.raises(GoneError):
        seller.gateway.create_price(wanted, key=key)
    seller.stripe.products.create({"id": "prod_later", "name": "Later"})
    assert seller.gateway.create_price(wanted, key=key).amount == 400


@pytest.mark.parametrize("fault", ["busy", "in_use"])
def test_p6_what_stripe_has_not_begun_is_tried_again_under_the_same_key(seller: Seller, fault: Any) -> None:
    seller.sandbox.arm(fault, "POST /v1/customers", times=3)
    key = idempotency_key("customer", 1)
    with pytest.raises(StripeDownError):
        seller.gateway.create_customer(email="a@example.com", name="", metadata={}, key=key)
    assert FailedCall.objects.get().attempts == 0
    seller.sandbox.platform.faults.clear()
    seller.gateway.create_customer(email="a@example.com", name="", metadata={}, key=key)
    assert len(of_kind(seller, "customer")) == 1


def test_p14_being_asked_too_much_once_is_waited_for(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("bookwhen.payments.transport.PAUSES", (0.5, 1.0, 2.0))
    monkeypatch.setattr("bookwhen.payments.transport.time.sleep", waits.append)
    seller.sandbox.arm("busy", "GET /v1/customers", times=2)
    assert list(seller.gateway.ask_all("customers.list", {})) == []
    assert [round(each) for each in waits] in ([0, 1], [1, 1])


@pytest.mark.parametrize("fault", ["busy", "error", "cut"])
def test_p14_a_page_in_the_middle_of_a_list_is_asked_for_again(
    seller: Seller, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookwhen.payments.transport.PAGE", 2)
    monkeypatch.setattr("bookwhen.payments.transport.PAUSES", ())
    monkeypatch.setattr("bookwhen.payments.transport.LONG_PAUSES", (0.01, 0.01, 0.01))
    for number in range(5):
        seller.stripe.customers.create({"email": f"{number}@example.com"})
    found = iter(seller.gateway.ask_all("customers.list", {}))
    names = [next(found)["email"], next(found)["email"]]
    seller.sandbox.arm(fault, "GET /v1/customers", times=3)
    names += [each["email"] for each in found]
    assert names == [f"{number}@example.com" for number in (4, 3, 2, 1, 0)]


def test_a_refusal_says_what_stripe_said(seller: Seller) -> None:
    with pytest.raises(DeclinedError) as refused:
        Gateway.of(seller.connection).ask("refunds.create", {"amount": 4})
    assert "payment_intent" in str(refused.value)
