"""Which bills a look at Stripe lists and writes: what is new, however long the subscription has been going on."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memberships.models import Invoice, Milestone, Subscription
from tests.worlds.seller import Seller


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
    bought = seller.sell()
    took = []
    for _month in range(9):
        seller.sandbox.advance("period")
        took.append(looked_at(seller, bought, monkeypatch))
    assert [listed for _statements, listed in took[2:]] == [[2]] * 7
    assert len({statements for statements, _listed in took[2:]}) == 1
    assert Invoice.objects.filter(subscription=bought).count() == 10


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
    bought.invoices.exclude(pk=latest.pk).delete()
    told = Milestone.objects.count()

    for expected in (6, 2):
        seller.sandbox.advance("period")
        assert looked_at(seller, bought, monkeypatch)[1] == [expected]
    assert Invoice.objects.filter(subscription=bought).count() == 7
    assert Milestone.objects.count() == told + 2
