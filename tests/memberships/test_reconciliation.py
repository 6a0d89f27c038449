from datetime import timedelta
from typing import Any, Final

import pytest
from django.utils import timezone

from memberships.models import Difference, Subscription, SubscriptionStatus
from tests.comparing import compare_memberships as reconcile
from tests.comparing import compare_payments as reconcile_payments
from tests.worlds.seller import Seller
from tickets.checkout.settling import settle_overdue
from tickets.models import Booking, Payment

LATER = timedelta(hours=2)


def found(seller: Seller) -> list[tuple[str, str, str, bool]]:
    """What comparison found: field, ours, Stripe's, and whether it was put right."""
    rows = Difference.objects.filter(account=seller.account).order_by("pk")
    return [(row.field, row.ours, row.stripes, row.repaired_at is not None) for row in rows]


def test_where_nothing_differs_nothing_is_found(seller: Seller) -> None:
    bought = seller.sell()

    reconcile(seller.connection, timezone.now())

    bought.refresh_from_db()
    assert found(seller) == []
    assert bought.revision == 1


def test_ours_beside_stripes_and_put_right(seller: Seller) -> None:
    bought = seller.sell()
    seller.stripe.subscriptions.cancel(bought.stripe_id)

    reconcile(seller.connection, timezone.now())

    bought.refresh_from_db()
    assert bought.status == SubscriptionStatus.CANCELED
    assert bought.ended_at is not None
    assert found(seller) == [
        ("status", "active", "canceled", True),
        ("ended_at", "", bought.ended_at.isoformat(), True),
    ]


def test_a_purchase_that_nobody_told_us_of_is_found(seller: Seller) -> None:
    purchase, url = seller.start_checkout()
    seller.sandbox.shopper.pay(url)

    reconcile(seller.connection, timezone.now())

    purchase.refresh_from_db()
    assert purchase.status == SubscriptionStatus.ACTIVE
    assert found(seller) == [("missing", "", "active", True)]


def test_a_checkout_that_was_left_is_closed_once_stripe_says_so(seller: Seller) -> None:
    purchase, _url = seller.start_checkout()
    reconcile_payments(seller.connection, timezone.now() + LATER)
    purchase.refresh_from_db()
    assert purchase.status == SubscriptionStatus.PENDING

    seller.gateway.expire_session(purchase.session)
    reconcile_payments(seller.connection, timezone.now() + LATER)

    purchase.refresh_from_db()
    assert purchase.status == SubscriptionStatus.ABANDONED


def test_a_purchase_whose_checkout_nobody_was_sent_to_is_given_up(seller: Seller) -> None:
    purchase, _url = seller.start_checkout()
    Subscription.objects.filter(pk=purchase.pk).update(session="")
    Payment.objects.update(session="")

    settle_overdue(Booking.objects.get().pk, now=timezone.now() + LATER)

    purchase.refresh_from_db()
    assert purchase.status == SubscriptionStatus.ABANDONED


def test_what_stripe_does_not_have_is_told_and_left(seller: Seller) -> None:
    bought = seller.sell()
    Subscription.objects.filter(pk=bought.pk).update(stripe_id="sub_gone")

    reconcile(seller.connection, timezone.now())

    assert ("missing", "active", "", False) in found(seller)


def test_every_invoice_that_was_missed_is_taken_in(seller: Seller) -> None:
    bought = seller.sell()
    for _ in range(3):
        seller.sandbox.advance("period")

    reconcile(seller.connection, timezone.now())

    assert [invoice.status for invoice in bought.invoices.all()] == ["paid"] * 4


HOLDS: Final = [
    {"collection_method": "send_invoice", "days_until_due": 7},
    {"pause_collection": {"behavior": "keep_as_draft"}},
]
"""What leaves the next bill a draft: for an hour, or for good."""


def bill_more(seller: Seller, bought: Subscription, quantity: int) -> None:
    """Bill a larger quantity at once."""
    (item,) = seller.stripe.subscriptions.retrieve(bought.stripe_id)["items"].data
    more: Any = {"items": [{"id": item.id, "quantity": quantity}], "proration_behavior": "always_invoice"}
    seller.stripe.subscriptions.update(bought.stripe_id, more)


@pytest.mark.parametrize("holds", HOLDS)
@pytest.mark.parametrize(("pause", "status"), [({"behavior": "void"}, "void"), ("", "paid")])
def test_a_bill_missed_before_a_draft_is_found(seller: Seller, pause: Any, status: str, holds: Any) -> None:
    """A draft has no number that would tell that a bill before it is missing, so those are listed."""
    bought = seller.sell()
    seller.sync_subscription(bought)
    seller.stripe.subscriptions.update(bought.stripe_id, {"pause_collection": pause})
    bill_more(seller, bought, 2)  # nobody hears of this one
    missed = str(seller.stripe.subscriptions.retrieve(bought.stripe_id).latest_invoice)
    seller.stripe.subscriptions.update(bought.stripe_id, {"pause_collection": ""})
    seller.stripe.subscriptions.update(bought.stripe_id, holds)
    bill_more(seller, bought, 3)
    seller.sync_subscription(bought)
    assert sorted(bought.invoices.values_list("status", flat=True)) == ["draft", "paid"]

    reconcile(seller.connection, timezone.now())

    assert bought.invoices.get(stripe_id=missed).status == status
    assert found(seller) == [("invoice", "", status, True)]
    reconcile(seller.connection, timezone.now())
    assert found(seller) == [("invoice", "", status, True)]


def test_a_draft_with_nothing_missing_before_it_is_followed_no_further(seller: Seller) -> None:
    bought = seller.sell()
    seller.stripe.subscriptions.update(bought.stripe_id, {"pause_collection": {"behavior": "keep_as_draft"}})
    bill_more(seller, bought, 2)
    seller.sync_subscription(bought)
    bought.refresh_from_db()
    revision = bought.revision

    reconcile(seller.connection, timezone.now())

    bought.refresh_from_db()
    assert (found(seller), bought.revision) == ([], revision)
