"""A studio that sells Gold through the sandbox, and a browser in which a customer has logged in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Customer
from bookwhen.sandbox.stripe import Sandbox
from memberships.models import Subscription
from tests.factories.accounts import UserFactory
from tests.factories.memberships import Seller, open_shop
from tests.factories.schedule import EntryFactory, OfferFactory, TicketFactory, proved_customer
from tickets.models import Entry


@dataclass
class Shop:
    """River Studio, whose Gold costs £40.00 a month and gives three places a month."""

    seller: Seller
    entry: Entry

    @property
    def gold(self) -> str:
        """Gold's page."""
        return f"/river/memberships/{self.seller.membership.pk}/"

    @property
    def by_price(self) -> dict[str, str]:
        """The form that chooses the one price."""
        return {"price": str(self.seller.price.uuid)}

    def ada(self) -> Customer:
        """Somebody with a login, whom the studio knows."""
        return proved_customer(self.seller.account, name="Ada Lovelace")

    def sold(self, customer: Customer | None = None, **given: Any) -> Subscription:
        """Gold as somebody bought it."""
        return self.seller.sell(customer or self.ada(), **given)

    def fail(self, subscription: Subscription) -> Subscription:
        """Let a subscription's next payment fail, and hear of it."""
        self.seller.sandbox.advance("period")
        self.seller.look(subscription)
        subscription.refresh_from_db()
        return subscription


def browser(customer: Customer) -> Client:
    """A browser in which this customer has logged in."""
    client = Client()
    assert customer.user is not None
    client.force_login(customer.user)
    return client


def unproved() -> Client:
    """A browser of somebody who never opened the link that we sent."""
    client = Client()
    client.force_login(UserFactory.create(email="new@example.org", proved=False))
    return client


@pytest.fixture
def shop(db: None, stripe_here: Sandbox) -> Shop:
    seller = open_shop(stripe_here, name="River Studio", slug="river", time_zone="Europe/London")
    page, membership = seller.page, seller.membership
    page.slug, page.title = "river", "River Studio"
    page.save()
    membership.description = "Yoga as you like it."
    membership.save()
    OfferFactory.create(group=membership.group, page=page, limit=3)
    start = timezone.now().replace(microsecond=0) + timedelta(days=2)
    entry = EntryFactory.create(page=page, title="Morning yoga", location="Boat house", starts_at=start)
    TicketFactory.create(entry=entry, group=membership.group, name="Gold place")
    return Shop(seller, entry)
