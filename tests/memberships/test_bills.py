"""Which bills a look at Stripe lists and writes: what is new, however long the subscription has been going on."""

from dataclasses import replace
from typing import Any, Final

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.history.forgetting import opened_history
from memberships.bills import bills_to_list
from memberships.models import Invoice, Milestone, Subscription
from tests.worlds.seller import Seller

RENEWAL: Final = 13
"""Statements of a look that finds a renewal, with the email about it, and the savepoint that a test begins with."""


def looked_at(seller: Seller, bought: Subscription, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[int]]:
    """How many statements a look took, and how many bills each list of Stripe's held."""
    listed: list[int] = []
    gateway = type(seller.gateway)
    ask_page = gateway.ask_page

    def counted(self: Any, *args: Any, **more: Any) -> Any:
        found, after = ask_page(self, *args, **more)
        listed.append(len(found))
        return found, after

    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as statements:
        patch.setattr(gateway, "ask_page", counted)
        seller.sync_subscription(bought)
    return len(statements), listed


def test_the_tenth_renewal_takes_what_the_third_did(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bills are counted one by one: where the new one has the number after that of ours, none is missing."""
    bought = seller.sell()
    took = []
    for _month in range(9):
        seller.sandbox.advance("period")
        took.append(looked_at(seller, bought, monkeypatch))
    assert [listed for _statements, listed in took] == [[2], *[[]] * 8]
    assert {statements for statements, _listed in took[2:]} == {RENEWAL}
    assert Invoice.objects.filter(subscription=bought).count() == 10


@pytest.mark.parametrize(
    ("now", "was", "comes_next"),
    [
        ("A1B2-0010", "A1B2-0009", True),
        ("A1B2-10000", "A1B2-9999", True),
        ("BILL-2030-0002", "BILL-2030-0001", True),
        ("A1B2-0010", "A1B2-0008", False),
        ("A1B2-0010", "A1B2-0010", False),
        ("A1B2-0009", "A1B2-0010", False),
        ("BILL-2030-0002", "BILL-2029-0001", False),
        ("0010", "0009", False),
        ("", "A1B2-0009", False),
        ("", "", False),
        ("A1B2-²", "A1B2-1", False),
    ],
)
def test_a_number_that_follows_anothers(seller: Seller, now: str, was: str, *, comes_next: bool) -> None:
    """Only a number that says so, beyond doubt, keeps bills from being listed."""
    bought = seller.sell()
    for _month in range(2):
        seller.sandbox.advance("period")
        seller.sync_subscription(bought)
    newest = bought.invoices.latest("created_at")
    Invoice.objects.filter(pk=newest.pk).update(number=was)
    reading = seller.gateway.subscription(bought.stripe_id)
    assert reading.invoice is not None
    new = replace(reading, invoice=replace(reading.invoice, id="in_new", number=now))
    known = Subscription.objects.get(pk=bought.pk)
    assert list(bills_to_list(seller.account, [(new, known)])) == ([] if comes_next else [bought.stripe_id])


def test_a_draft_waits_for_its_number_and_then_all_that_is_missing_is_found(
    seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought = seller.sell()
    for _month in range(3):
        seller.sandbox.advance("period")
        seller.sync_subscription(bought)
    seller.sandbox.advance("period")  # nobody hears of this one
    missed = seller.stripe.subscriptions.retrieve(bought.stripe_id).latest_invoice
    end = Subscription.objects.get(pk=bought.pk).period_end
    assert end is not None
    seller.sandbox.advance("month")
    while seller.gateway.subscription(bought.stripe_id).invoice.status != "draft":  # type: ignore[union-attr]
        seller.sandbox.advance("hour")
    assert looked_at(seller, bought, monkeypatch)[1] == []
    assert not Invoice.objects.filter(stripe_id=missed).exists()
    seller.sandbox.advance("day")
    (listed,) = looked_at(seller, bought, monkeypatch)[1]
    assert listed >= 2
    assert Invoice.objects.get(stripe_id=missed).status == "paid"


def test_bills_that_were_missed_are_found_at_the_next_new_one(seller: Seller) -> None:
    bought = seller.sell()
    for _month in range(3):
        seller.sandbox.advance("period")
        seller.sync_subscription(bought)
    for _missed in range(3):
        seller.sandbox.advance("period")
    seller.sync_subscription(bought)
    assert Invoice.objects.filter(subscription=bought, status="paid").count() == 7


def test_a_draft_that_stripe_does_not_list_is_forgotten_and_an_older_paid_bill_is_not(seller: Seller) -> None:
    bought = seller.sell()
    for _month in range(3):
        seller.sandbox.advance("period")
        seller.sync_subscription(bought)
    latest = bought.invoices.latest("created_at")
    facts = {"account": latest.account, "subscription": bought, "currency": latest.currency}
    for name, status in (("in_lost", "draft"), ("in_kept", "paid")):
        Invoice.objects.create(
            stripe_id=name, status=status, amount_due=1, amount_paid=0, created_at=latest.created_at, **facts
        )
    seller.sync_subscription(bought)
    assert not Invoice.objects.filter(stripe_id="in_lost").exists()
    assert Invoice.objects.filter(stripe_id="in_kept").exists()


def test_who_was_imported_is_listed_from_the_beginning_once(seller: Seller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an imported subscription only the latest bill is known: the first new one brings all that came before."""
    bought = seller.sell()
    for _month in range(4):
        seller.sandbox.advance("period")
        seller.sync_subscription(bought)
    latest = bought.invoices.latest("created_at")
    with opened_history():
        bought.invoices.exclude(pk=latest.pk).delete()
    told = Milestone.objects.count()

    for expected in ([6], []):
        seller.sandbox.advance("period")
        assert looked_at(seller, bought, monkeypatch)[1] == expected
    assert Invoice.objects.filter(subscription=bought).count() == 7
    assert Milestone.objects.count() == told + 2
