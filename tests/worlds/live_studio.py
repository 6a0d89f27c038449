"""A studio with a membership on sale, connected to the sandbox or, with a key in the environment, to Stripe itself."""

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import Customer, StripeCustomer
from bookwhen.payments import upkeep
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.models import Connection
from memberships.marks import PURCHASE, stripe_metadata
from memberships.models import Price, Subscription, SubscriptionSource, SubscriptionStatus
from tests.factories.accounts import CustomerFactory
from tests.factories.payments import process_due_events

KEY = "STRIPE_LIVE_TEST_KEY"
PATIENCE_SECONDS = 120


@dataclass
class LiveStudio:
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
        return self.customer(card, test_clock=clock.id), clock.id

    def customer(self, card: str = "pm_card_visa", **given: str) -> Customer:
        """A customer here and there, with a card; on no test clock, so Stripe lists what they have among all others."""
        customer = CustomerFactory.create(account=self.price.account, email=f"{uuid.uuid4().hex}@example.org")
        there = self.v1.customers.create({"email": customer.email, **given})
        StripeCustomer.objects.create(
            account=self.price.account, customer=customer, connection=self.connection, stripe_id=there.id
        )
        self.use_card(customer, card)
        return customer

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
            process_due_events()
            return what()

        self.until(so)

    def until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < deadline, f"It did not happen within {PATIENCE_SECONDS} seconds."
            time.sleep(0.05 if self.key != os.environ.get(KEY) else 2)
