"""Two worlds for the same scenarios: the sandbox in every run; Stripe's test mode with `-m live` and a key.

    STRIPE_LIVE_TEST_KEY=sk_test_... python3 dev.py test -m live tests/live

Only a test key is taken. Everything is made on test clocks and under names of its own, and left behind at Stripe in
test mode. Webhooks cannot reach a test machine, so the news are fetched (catching up), as they are when webhooks fail.
"""

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import stripe
from django.utils import timezone

from accounts.models import Customer, StripeCustomer
from bookwhen.payments import upkeep
from bookwhen.payments.gateway import API_VERSION, Gateway
from bookwhen.payments.models import Connection
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Price, Subscription, SubscriptionSource, SubscriptionStatus
from memberships.sync import PURCHASE, stripe_metadata
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.memberships import connect
from tests.factories.payments import everything_looked_at, new_key

KEY = "STRIPE_LIVE_TEST_KEY"
PATIENCE_SECONDS = 120


@dataclass
class World:
    """A studio with a price, connected to Stripe or to its stand-in."""

    key: str
    connection: Connection
    price: Price
    v1: Any

    @property
    def gateway(self) -> Gateway:
        return Gateway.of(self.connection)

    def customer_on_a_clock(self, card: str = "pm_card_visa") -> tuple[Customer, str]:
        """A customer here and there, with a card, on a test clock (returned) that stands at now."""
        clock = self.v1.test_helpers.test_clocks.create({"frozen_time": int(time.time())})
        customer = CustomerFactory.create(account=self.price.account, email=f"{uuid.uuid4().hex}@example.org")
        there = self.v1.customers.create({"email": customer.email, "test_clock": clock.id})
        StripeCustomer.objects.create(
            account=self.price.account, customer=customer, connection=self.connection, stripe_id=there.id
        )
        self.use_card(customer, card)
        return customer, clock.id

    def use_card(self, customer: Customer, card: str) -> None:
        there = customer.at_stripe.get().stripe_id
        method = self.v1.payment_methods.attach(card, {"customer": there})
        self.v1.customers.update(there, {"invoice_settings": {"default_payment_method": method.id}})

    def buy(self, customer: Customer) -> Subscription:
        """A purchase of ours, completed as the hosted checkout completes it: nobody can click there for us."""
        purchase = Subscription.objects.create(
            account=self.price.account,
            customer=customer,
            membership=self.price.membership,
            price=self.price,
            source=SubscriptionSource.CHECKOUT,
            status=SubscriptionStatus.PENDING,
            created_at=timezone.now(),
        )
        self.v1.subscriptions.create(
            {
                "customer": customer.at_stripe.get().stripe_id,
                "items": [{"price": self.price.stripe_id}],
                "metadata": stripe_metadata(self.price.account, **{PURCHASE: purchase.uuid}),
                "billing_mode": {"type": "flexible"},
            }
        )
        return purchase

    def move_on(self, clock: str, seconds: int) -> None:
        """Move a test clock on, and wait until Stripe has done all that fell due."""
        at = self.v1.test_helpers.test_clocks.retrieve(clock).frozen_time
        self.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": at + seconds})
        self.until(lambda: self.v1.test_helpers.test_clocks.retrieve(clock).status == "ready")

    def hear(self, what: Callable[[], bool]) -> None:
        """Fetch the news and look at them until something is so here."""

        def so() -> bool:
            # On a test clock events may bear the clock's time, which must not move the cursor past those of others.
            self.connection.cursor = int(time.time()) - 3600
            upkeep.catch_up(self.connection, now=timezone.now())
            everything_looked_at()
            return what()

        self.until(so)

    def until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < deadline, f"It did not happen within {PATIENCE_SECONDS} seconds."
            time.sleep(0.05 if self.key != os.environ.get(KEY) else 2)


@pytest.fixture(params=["sandbox", pytest.param("stripe", marks=pytest.mark.live)])
def world(request: pytest.FixtureRequest, settings: Any, db: None) -> World:
    """The world of a scenario; at Stripe itself only with a test key in the environment."""
    if request.param == "sandbox":
        request.getfixturevalue("stripe_here")
        key = new_key()
    else:
        key = os.environ.get(KEY, "")
        assert key.startswith(("sk_test_", "rk_test_")), f"{KEY} must hold a key of Stripe's test mode."
        settings.STRIPE_API_BASE = ""
    account = AccountFactory.create()
    connection = connect(account, key)
    SchedulePageFactory.create(account=account)
    membership = create_membership(account, MembershipDetails(title="Gold"), group=None, now=timezone.now())
    price = add_price(membership, PriceTerms(title="Monthly", amount=4000), now=timezone.now())
    set_published(membership, published=True)
    base: Any = {"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else None
    client = stripe.StripeClient(key, stripe_version=API_VERSION, base_addresses=base)
    return World(key, connection, price, client.v1)
