"""A shop with one monthly membership, and what its customers do."""

import time
from typing import Any

import stripe

from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.document import VERSION
from bookwhen.sandbox.stripe.shopper import PAYS

SUCCESS = "http://shop.test/done?session={CHECKOUT_SESSION_ID}"
CANCEL = "http://shop.test/basket"


class StripeShop:
    def __init__(self, sandbox: Sandbox, client: stripe.StripeClient) -> None:
        self.sandbox = sandbox
        self.client = client
        self.v1 = client.v1
        self.product = self.v1.products.create({"name": "Gold"})
        self.monthly = self.price(1000, interval="month")

    def price(self, amount: int, interval: Any = None, count: int = 1) -> stripe.Price:
        asked: Any = {"product": self.product.id, "currency": "gbp", "unit_amount": amount}
        if interval:
            asked["recurring"] = {"interval": interval, "interval_count": count}
        return self.v1.prices.create(asked)

    def clock(self) -> stripe.test_helpers.TestClock:
        return self.v1.test_helpers.test_clocks.create({"frozen_time": int(time.time())})

    def advance(self, clock: stripe.test_helpers.TestClock, to: int) -> None:
        self.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": to})
        assert self.v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready"

    def customer(self, card: str | None = "pm_card_visa", **given: Any) -> stripe.Customer:
        asked: Any = {"email": "jenny@example.com", **given}
        made = self.v1.customers.create(asked)
        if card:
            self.card(made, card)
        return made

    def card(self, customer: stripe.Customer, token: str) -> str:
        method = self.v1.payment_methods.attach(token, {"customer": customer.id})
        self.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
        return method.id

    def subscribe(self, customer: stripe.Customer, **given: Any) -> stripe.Subscription:
        asked: Any = {"customer": customer.id, "items": [{"price": self.monthly.id}], **given}
        return self.v1.subscriptions.create(asked)

    def session(self, **given: Any) -> stripe.checkout.Session:
        asked: Any = {
            "mode": "payment",
            "success_url": SUCCESS,
            "cancel_url": CANCEL,
            "line_items": [{"price": self.price(500).id, "quantity": 2}],
        }
        asked |= given
        return self.v1.checkout.sessions.create(asked)

    def membership(self, **given: Any) -> stripe.checkout.Session:
        return self.session(mode="subscription", line_items=[{"price": self.monthly.id, "quantity": 1}], **given)

    def bought(self, card: str = PAYS, **given: Any) -> stripe.Subscription:
        session = self.membership(**given)
        self.sandbox.shopper.pay(str(session.url), card)
        return self.subscription(self.v1.checkout.sessions.retrieve(session.id).subscription)

    def subscription(self, key: Any) -> stripe.Subscription:
        return self.v1.subscriptions.retrieve(key if isinstance(key, str) else key.id)

    def invoice(self, subscription: stripe.Subscription) -> stripe.Invoice:
        return self.v1.invoices.list({"subscription": subscription.id, "limit": 1}).data[0]

    def events(self) -> list[str]:
        """The types of all events, oldest first."""
        return [str(event.type) for event in self.v1.events.list({"limit": 100}).auto_paging_iter()][::-1]


def period_end(subscription: stripe.Subscription) -> int:
    return int(subscription["items"].data[0].current_period_end)


def open_stripe_client(sandbox: Sandbox, key: str) -> stripe.StripeClient:
    return stripe.StripeClient(key, stripe_version=VERSION, base_addresses={"api": sandbox.url}, max_network_retries=0)
