"""What Stripe's documentation allows, and our sandbox never does: we lean on what is promised alone."""

from itertools import combinations
from typing import Any

import pytest
from django.utils import timezone

from bookwhen.payments import connections
from bookwhen.payments.gateway import DeclinedError, GoneError, StripeDownError
from bookwhen.payments.handlers import Outcome
from memberships.webhooks import handle_subject
from tests.memberships.test_deleted_at_stripe import KINDS, count, delete
from tests.payments.otherwise import answer_otherwise
from tests.worlds.seller import Seller

FAILED = 400
NOT_FOUND = 404
GONE = [gone for number in (1, 2) for gone in combinations(KINDS, number)]


def tell_no_code(_asked: str, status: int, answer: Any) -> tuple[int, Any]:
    """An error says what it must: its type. Whether something is missing, the status tells."""
    if status < FAILED:
        return status, answer
    is_missing = answer["error"].get("code") == "resource_missing"
    return NOT_FOUND if is_missing else status, {"error": {"type": answer["error"]["type"]}}


@pytest.mark.parametrize("gone", GONE, ids="-".join)
def test_p9_what_is_missing_is_made_again_though_no_code_says_so(
    seller: Seller, monkeypatch: pytest.MonkeyPatch, gone: tuple[str, ...]
) -> None:
    answer_otherwise(monkeypatch, tell_no_code)
    customer = seller.customer()
    seller.gateway.expire_session(seller.start_checkout(customer)[0].session)
    before = {kind: count(seller, kind) for kind in KINDS}
    delete(seller, *gone)

    assert seller.sell(customer).is_live

    of_old = "product" in gone and "price" not in gone
    assert {kind: count(seller, kind) for kind in KINDS} == before | {"price": 1 + of_old}


def test_p14_an_account_that_does_not_say_whether_it_can_be_charged_has_no_trouble(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the id is required of an account."""

    def tell_little(asked: str, status: int, answer: Any) -> tuple[int, Any]:
        return status, {key: answer[key] for key in ("id", "object")} if asked.endswith("/v1/account") else answer

    answer_otherwise(monkeypatch, tell_little)
    assert connections.check(seller.connection, now=timezone.now()).trouble == ""


def test_what_paid_a_bill_is_found_among_what_was_tried(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    bought = seller.sell()
    session = seller.gateway.session(bought.session)
    paid_by = seller.gateway.intent_of(session)

    def tell_all(asked: str, status: int, answer: Any) -> tuple[int, Any]:
        if "/v1/invoice_payments" in asked:
            payment = {"type": "payment_intent", "payment_intent": "pi_tried"}
            tried = [answer["data"][0] | {"status": each, "payment": payment} for each in ("canceled", "open")]
            answer["data"] = [*tried, *answer["data"]]
        return status, answer

    answer_otherwise(monkeypatch, tell_all)
    assert seller.gateway.intent_of(session) == paid_by
    assert paid_by.startswith("pi_")


def test_a_payment_that_bears_nothing_is_nobodys(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    intent = seller.gateway.intent_of(seller.gateway.session(seller.sell().session))

    def tell_nothing(_asked: str, status: int, answer: Any) -> tuple[int, Any]:
        return status, {key: value for key, value in answer.items() if key != "metadata"}

    answer_otherwise(monkeypatch, tell_nothing)
    assert seller.gateway.payment_metadata(intent) == {}


def test_a_checkout_without_an_address_is_no_booking(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = seller.customer()

    def tell_no_address(asked: str, status: int, answer: Any) -> tuple[int, Any]:
        return status, answer | {"url": None} if "/v1/checkout/sessions" in asked else answer

    answer_otherwise(monkeypatch, tell_no_address)
    for _again in range(2):
        with pytest.raises(StripeDownError):
            seller.buy(customer)


def test_an_event_of_what_was_deleted_and_never_ours_is_nobodys(seller: Seller) -> None:
    bought, now = seller.sell(), timezone.now()
    assert handle_subject(seller.connection, "sub_deletedTestData", now) is Outcome.IGNORED
    delete(seller, "subscription")
    with pytest.raises(GoneError):
        seller.sync_subscription(bought)


NOT_STRIPES = (
    b'{"error": "upstream"}',
    b'{"error": null}',
    b"{}",
    b"[]",
    b"null",
    b"",
    b"<html>",
    b"\xff\xfe",
    b'"no"',
)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 502])
def test_p6_what_answers_in_stripes_place_is_a_failure_and_no_word_of_stripes(
    seller: Seller, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """A proxy on the way says in its own form that it failed."""
    monkeypatch.setattr("bookwhen.payments.transport.RETRIES", 0)
    for body in NOT_STRIPES:
        answer_otherwise(monkeypatch, lambda *_asked, body=body: (status, body))
        with pytest.raises(StripeDownError):
            seller.gateway.customer("cus_1")
        with pytest.raises(StripeDownError):
            seller.gateway.subscription("sub_1")


def test_p6_a_page_of_somebody_elses_is_no_answer(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookwhen.payments.transport.RETRIES", 0)
    for body in NOT_STRIPES[3:]:
        answer_otherwise(monkeypatch, lambda *_asked, body=body: (200, body))
        with pytest.raises(StripeDownError):
            seller.gateway.customer("cus_1")


def test_what_is_no_call_of_stripes_is_no_missing_object(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    error = {"type": "invalid_request_error", "message": "Unrecognized request URL (GET: /v1/customers/cus_1)."}
    answer_otherwise(monkeypatch, lambda *_asked: (404, {"error": error}))
    with pytest.raises(DeclinedError):
        seller.gateway.customer("cus_1")
