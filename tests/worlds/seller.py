"""A studio that sells a membership through the Stripe sandbox, and customers who buy it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import stripe
from django.utils import timezone

from accounts.models import Account, Customer, SchedulePage
from bookwhen.payments.gateway import API_VERSION, Gateway
from bookwhen.payments.handlers import Outcome
from bookwhen.payments.models import Connection
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import PAYS
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import Membership, Price, Subscription
from memberships.webhooks import handle_subject
from tests.factories.accounts import AccountFactory, CustomerFactory, SchedulePageFactory
from tests.factories.payments import connect_without_webhook
from tickets.availability.facts import person_of_customer
from tickets.checkout.memberships import buy_membership
from tickets.checkout.settling import settle_purchase


@dataclass
class Seller:
    """A studio with one page and one published membership, *Gold*, at 40.00 a month, and its world in the sandbox."""

    sandbox: Sandbox
    key: str
    account: Account
    page: SchedulePage
    membership: Membership
    price: Price

    @property
    def stripe(self) -> Any:
        """Stripe as somebody with the studio's key sees it, past our gateway."""
        base: Any = {"api": self.sandbox.url}
        return stripe.StripeClient(self.key, stripe_version=API_VERSION, base_addresses=base).v1

    @property
    def connection(self) -> Connection:
        connection = self.account.connection
        assert connection is not None
        return connection

    @property
    def gateway(self) -> Gateway:
        return Gateway.of(self.connection)

    def customer(self, **fields: Any) -> Customer:
        return CustomerFactory.create(account=self.account, **fields)

    def buy(self, customer: Customer, price: Price | None = None) -> str:
        """Somebody who presses *Continue to payment*: the address of Stripe's page."""
        who, wanted = person_of_customer(customer), price or self.price
        return buy_membership(None, wanted, customer, self.page, who=who, now=timezone.now())[1]

    def start_checkout(self, customer: Customer | None = None, price: Price | None = None) -> tuple[Subscription, str]:
        """Somebody at the checkout: the purchase, and the address of Stripe's page."""
        customer = customer or self.customer()
        price = price or self.price
        url = self.buy(customer, price)
        purchase = Subscription.objects.with_connection().get(
            customer=customer, membership=price.membership, status="pending"
        )
        return purchase, url

    def sell(self, customer: Customer | None = None, price: Price | None = None, card: str = PAYS) -> Subscription:
        """Somebody who has bought the membership and come back from the checkout."""
        purchase, url = self.start_checkout(customer, price)
        self.sandbox.shopper.pay(url, card)
        return settle_purchase(purchase, now=timezone.now())

    def subscribe_at_stripe(self) -> str:
        """Somebody in Stripe's dashboard gives Bea, whom we do not know, a subscription: its id there."""
        person = self.stripe.customers.create({"email": "Bea@Example.org", "name": "Bea"})
        card = self.stripe.payment_methods.attach("pm_card_visa", {"customer": person.id})
        self.stripe.customers.update(person.id, {"invoice_settings": {"default_payment_method": card.id}})
        made = self.stripe.subscriptions.create({"customer": person.id, "items": [{"price": self.price.stripe_id}]})
        return str(made.id)

    def sync_subscription(self, subscription: Subscription) -> Outcome:
        """What a worker does for any event of a subscription."""
        return handle_subject(self.connection, subscription.stripe_id, timezone.now())

    def retrieve_subscription(self, subscription: Subscription) -> Any:
        return self.stripe.subscriptions.retrieve(subscription.stripe_id)


def open_seller(sandbox: Sandbox, **account: Any) -> Seller:
    """A seller in a world of its own."""
    key = f"sk_test_{uuid4().hex}"
    studio = AccountFactory.create(**account)
    connect_without_webhook(studio, key)
    page = SchedulePageFactory.create(account=studio)
    now = timezone.now()
    membership = create_membership(studio, MembershipDetails(title="Gold"), group=None, now=now)
    price = add_price(membership, PriceTerms(title="Monthly", amount=4000), now=now)
    set_published(membership, published=True)
    membership.refresh_from_db()
    return Seller(sandbox, key, studio, page, membership, price)
