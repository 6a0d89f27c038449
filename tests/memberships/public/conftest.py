"""A studio that sells Gold through the sandbox, and a browser in which a customer has logged in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookwhen.sandbox.stripe import Sandbox
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory
from tests.worlds.gold_shop import GoldShop
from tests.worlds.seller import open_seller


@pytest.fixture
def shop(db: None, stripe_here: Sandbox) -> GoldShop:
    seller = open_seller(stripe_here, name="River Studio", slug="river", time_zone="Europe/London")
    page, membership = seller.page, seller.membership
    page.slug, page.title = "river", "River Studio"
    page.save()
    membership.description = "Yoga as you like it."
    membership.save()
    OfferFactory.create(group=membership.group, page=page, limit=3)
    start = timezone.now().replace(microsecond=0) + timedelta(days=2)
    entry = EntryFactory.create(page=page, title="Morning yoga", location="Boat house", starts_at=start)
    TicketFactory.create(entry=entry, group=membership.group, name="Gold place")
    return GoldShop(seller, entry)
