"""Buying with Stripe's webhooks as they come over HTTP: early, late, twice, in disorder or never."""

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from accounts.models import Letter
from bookwhen.payments.connections import check
from bookwhen.payments.models import StripeEvent
from groups.queries import members_of
from memberships.models import Milestone, MilestoneKind, Subscription, SubscriptionStatus
from tests.browsing import open_browser, page_text
from tests.factories.payments import process_due_events
from tests.sentences import WELCOME
from tests.worlds.gold_shop import GoldShop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("fault", ["none", "duplicate", "reorder", "drop", "late"])
def test_the_return_page_is_right(live_server: LiveServer, shop: GoldShop, fault: str) -> None:
    seller, ada = shop.seller, shop.create_ada()
    assert check(seller.connection, now=timezone.now()).trouble == ""
    client = open_browser(ada)
    if fault in {"duplicate", "reorder", "drop"}:
        seller.sandbox.arm(fault, times=1 if fault == "reorder" else 100)  # type: ignore[arg-type]

    seller.sandbox.shopper.pay(client.post(shop.gold, shop.price_form)["Location"])
    if fault not in {"drop", "late"}:
        seller.sandbox.flush()
        process_due_events()
        assert Subscription.objects.get().status == SubscriptionStatus.ACTIVE
    back = f"/river/memberships/bought/{Subscription.objects.get().uuid}/"
    first = client.get(back)
    seller.sandbox.platform.faults.clear()
    if fault != "drop":
        seller.sandbox.flush()
    process_due_events()
    second = client.get(back)

    assert [page_text(each).partition(" Your membership")[0] for each in (first, second)] == [f"{WELCOME} Gold"] * 2
    assert [member.customer for member in members_of(seller.membership.group, now=timezone.now())] == [ada]
    assert Letter.objects.filter(kind="membership_started").count() == 1
    assert Milestone.objects.filter(kind=MilestoneKind.STARTED).count() == 1
    assert StripeEvent.objects.exists() is (fault != "drop")
