"""Subscriptions that are followed together come to what each would have come to alone, in few statements for all."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Letter
from bookwhen.payments import inbox, upkeep
from bookwhen.payments.gateway import StripeDownError
from bookwhen.payments.models import StripeEvent
from bookwhen.sandbox.stripe.shopper import FAILS_LATER
from groups.models import Standing
from memberships.applying import Beside, Fetched, apply_many
from memberships.models import Invoice, Milestone, Subscription, SubscriptionStatus
from memberships.next_payment import billing_of
from memberships.together import follow_together
from tests.worlds.seller import Seller

pytestmark = pytest.mark.django_db

ALTOGETHER: Final = 10
"""Statements of renewals that are followed together, however many, with the email about each."""


def follow(seller: Seller, *bought: Subscription) -> dict[str, Any]:
    return dict(follow_together(seller.account, [each.stripe_id for each in bought], now=timezone.now()))


def sell(seller: Seller, number: int) -> list[Subscription]:
    return [seller.sell(seller.customer(email=f"ada{each}@example.org", name="Ada")) for each in range(number)]


def test_however_many_it_takes_the_same_statements(seller: Seller) -> None:
    bought = sell(seller, 5)
    for _month in range(2):
        seller.sandbox.advance("period")
        for each in bought:
            seller.sync_subscription(each)
    cost = []
    for count in (2, 5):
        seller.sandbox.advance("period")
        before = Letter.objects.count()
        with CaptureQueriesContext(connection) as statements:
            found = follow(seller, *bought[:count])
        assert found == dict.fromkeys((each.stripe_id for each in bought[:count]), None)
        assert Letter.objects.count() - before == count
        cost.append(len([each for each in statements if "SAVEPOINT" not in (each["sql"] or "")]))
        for each in bought:
            seller.sync_subscription(each)
    assert cost == [ALTOGETHER, ALTOGETHER]


def refuse_cards(seller: Seller, bought: Subscription) -> None:
    customer = str(seller.retrieve_subscription(bought).customer)
    portal = seller.gateway.open_portal(customer=customer, configuration="", return_url="http://testserver/")
    seller.sandbox.shopper.update_card(portal, FAILS_LATER)


def state(bought: Subscription) -> dict[str, Any]:
    """All that is known of a subscription, by what does not differ between two of them."""
    found = Subscription.objects.get(pk=bought.pk)
    names = (
        "status", "ends_at", "ended_at", "cancel_reason", "next_amount", "cost_basis", "period_amount", "revision",
        "pause_behavior", "paid_until", "quantity", "collection_method",
    )  # fmt: skip
    letters = Letter.objects.filter(recipient=bought.customer.email)
    invoices = Invoice.objects.filter(subscription=bought).order_by("created_at", "pk")
    return {
        **{
            name: getattr(found, name) is not None if name.endswith(("_at", "_until")) else getattr(found, name)
            for name in names
        },
        "bills": list(invoices.values_list("status", "amount_due", "amount_paid", "settlement", "attempt_count")),
        "history": list(Milestone.objects.filter(subscription=bought).order_by("pk").values_list("kind", "about")),
        "letters": list(letters.order_by("pk").values_list("kind", "subject")),
        "stands": [each.until is None for each in Standing.objects.filter(ground=bought.uuid)],
    }


CHANGES: Final[dict[str, Callable[[Seller, Subscription], object]]] = {
    "nothing": lambda _seller, _bought: None,
    "ends": lambda seller, bought: seller.gateway.cancel_at_period_end(bought.stripe_id, key=bought.stripe_id),
    "ended": lambda seller, bought: seller.gateway.cancel_now(bought.stripe_id, key=bought.stripe_id),
    "fails": refuse_cards,
    "pauses": lambda seller, bought: seller.stripe.subscriptions.update(
        bought.stripe_id, {"pause_collection": {"behavior": "void"}}
    ),
    "doubles": lambda seller, bought: seller.stripe.subscriptions.update(
        bought.stripe_id,
        {
            "items": [{"id": seller.retrieve_subscription(bought)["items"].data[0].id, "quantity": 2}],
            "proration_behavior": "always_invoice",
        },
    ),
}


@pytest.mark.parametrize("periods", [0, 1, 2])
def test_together_is_as_one_by_one(seller: Seller, periods: int) -> None:
    together, alone = (dict(zip(CHANGES, sell_for(seller, mark), strict=True)) for mark in "ta")
    for name, change in CHANGES.items():
        for each in (together[name], alone[name]):
            change(seller, each)
    for _period in range(periods):
        seller.sandbox.advance("period")
    now = timezone.now()
    done = follow_together(seller.account, [each.stripe_id for each in together.values()], now=now)
    for each in [*alone.values(), *(each for each in together.values() if each.stripe_id not in done)]:
        seller.sync_subscription(each)
    assert set(done.values()) <= {None}
    assert done  # some at least are done together
    for name in CHANGES:
        assert state(together[name]) == state(alone[name]), name


def sell_for(seller: Seller, mark: str) -> list[Subscription]:
    people = (seller.customer(email=f"{mark}{name}@example.org", name="Ada") for name in CHANGES)
    return [seller.sell(each) for each in people]


def test_whoever_is_new_or_moves_is_left_to_a_look_of_their_own(seller: Seller) -> None:
    known, ended, *_rest = sell(seller, 2)
    _purchase, url = seller.start_checkout(seller.customer(email="new@example.org"))
    seller.sandbox.shopper.pay(url)
    new = next(
        each.id for each in seller.stripe.subscriptions.list().data if each.id not in {known.stripe_id, ended.stripe_id}
    )
    seller.gateway.cancel_now(ended.stripe_id, key="now")
    found = follow_together(seller.account, [new, ended.stripe_id, known.stripe_id, "sub_none"], now=timezone.now())
    assert found == {known.stripe_id: None}
    ended.refresh_from_db()
    assert ended.status == SubscriptionStatus.ACTIVE


def test_what_stripe_does_not_tell_of_one_stops_no_other(seller: Seller) -> None:
    first, second = sell(seller, 2)
    seller.sandbox.advance("period")
    seller.stripe.subscriptions.retrieve(first.stripe_id)
    del seller.sandbox.platform.worlds[seller.key].objects["subscription"][first.stripe_id]
    found = follow(seller, first, second)
    assert (list(found), str(found[first.stripe_id]), found[second.stripe_id]) == (
        [first.stripe_id, second.stripe_id],
        f"No such subscription: '{first.stripe_id}'",
        None,
    )


def test_once_stripe_is_down_nobody_else_is_asked_for(seller: Seller) -> None:
    bought = sell(seller, 3)
    seller.sandbox.arm("error", f"GET /v1/subscriptions/{bought[1].stripe_id}", times=3)
    seller.sandbox.arm("error", f"GET /v1/subscriptions/{bought[0].stripe_id}", times=3)
    found = follow(seller, *bought)
    assert [type(each) for each in found.values()] == [StripeDownError]
    seller.sandbox.platform.faults.clear()


def test_what_was_fetched_before_another_look_is_left(seller: Seller) -> None:
    """Also before one that found nothing new: Stripe may have gone to something else and back."""
    first, second = sell(seller, 2)
    seen = {each.stripe_id: Subscription.objects.get(pk=each.pk).revision for each in (first, second)}
    readings = {name: seller.gateway.subscription(name) for name in seen}
    seller.sync_subscription(first)
    fetched = {
        name: Fetched(reading, seen[name], Beside(billing=billing_of(reading, reading.cost.amount)))
        for name, reading in readings.items()
    }
    with transaction.atomic():
        assert apply_many(seller.account, fetched, now=timezone.now()) == {second.stripe_id}
    revisions = {each.stripe_id: Subscription.objects.get(pk=each.pk).revision for each in (first, second)}
    assert revisions == {name: revision + 1 for name, revision in seen.items()}


def test_events_of_many_are_followed_together_and_each_is_told_once(seller: Seller) -> None:
    bought = sell(seller, 4)
    upkeep.catch_up(seller.connection, now=timezone.now())
    while inbox.process_events(most=20, now=timezone.now()):
        pass
    seller.sandbox.advance("period")
    before = Letter.objects.count()
    seller.connection.refresh_from_db()
    upkeep.catch_up(seller.connection, now=timezone.now())
    while inbox.process_events(most=20, now=timezone.now()):
        pass
    assert set(StripeEvent.objects.values_list("state", flat=True)) == {"done"}
    told = list(Letter.objects.order_by("pk").values_list("recipient", "kind"))[before:]
    assert sorted(told) == [(each.customer.email, "membership_renewed") for each in bought]
    assert {each.milestones.filter(kind="renewed").count() for each in bought} == {1}
