"""The studio as it is in life: connected to the stand-in for Stripe, with memberships on sale and people who pay."""

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

from django.utils import timezone

from accounts.customers import get_or_create_customers
from accounts.stripe_connection import connect_account
from bench.data import World
from bench.site import Site
from bookwhen.payments.gateway import Gateway
from bookwhen.sandbox.stripe.shopper import Shopper
from groups.models import Group
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from memberships.models import BillingInterval, Price
from tickets.availability.facts import person_of_customer
from tickets.checkout.memberships import buy_membership

if TYPE_CHECKING:
    from bookwhen.payments.models import Connection

PLENTY: Final = 1_000_000
KEY: Final = "sk_test_bench"
BUYING: Final = 1800
"""Seconds: longer than everybody takes to buy."""
PRICES: Final = (("Monthly", 4000, BillingInterval.MONTH), ("Yearly", 40_000, BillingInterval.YEAR))


class Shop:
    """A studio that sells the memberships which open its members' tickets. Nothing that Stripe has to tell comes in."""

    def __init__(self, site: Site, world: World) -> None:
        self.site, self.world = site, world
        self.at_stripe("faults", kind="drop", times=PLENTY)
        now = timezone.now()
        self.connection: Connection = connect_account(world.account, KEY, now=now)
        self._subscribers = 0
        self.prices = [self._sell("Gold", world.crowded), self._sell("Silver", world.members)]

    def _sell(self, title: str, group: Group) -> Price:
        """A membership with two prices that opens a group; returns the monthly one."""
        now = timezone.now()
        membership = create_membership(self.world.account, MembershipDetails(title=title), group=group, now=now)
        terms = [PriceTerms(title=name, amount=amount, interval=interval) for name, amount, interval in PRICES]
        prices = [add_price(membership, each, now=now) for each in terms]
        set_published(membership, published=True)
        return prices[0]

    def subscribe(self, number: int) -> None:
        """Let people buy Gold, and pay for it, until so many have it."""
        account, now, shopper = self.world.account, timezone.now(), Shopper(self.site.stripe)
        for index in range(self._subscribers, number):
            names = {f"subscriber{index}@example.org": f"Subscriber {index}"}
            (customer,) = get_or_create_customers(account, names, confirmed=True)
            who = person_of_customer(customer)
            _basket, url = buy_membership(None, self.prices[0], customer, self.world.page, who=who, now=now)
            shopper.pay(url)
            self._subscribers += 1

    def renew(self) -> None:
        """Let a month go by at Stripe, and then as long as it took everybody to buy, so that everybody has paid."""
        self.at_stripe("advance", by="period")
        self.at_stripe("advance", by=BUYING)

    def at_stripe(self, path: str, **form: object) -> dict[str, Any]:
        """Press a button of the sandbox's panel."""
        with urlopen(f"{self.site.stripe}/_sandbox/{path}", urlencode(form).encode()) as answer:  # noqa: S310 - ours
            return json.loads(answer.read() or "{}") if "json" in answer.headers["Content-Type"] else {}

    def news(self) -> list[dict[str, Any]]:
        """The beginning of each subscription, as Stripe told it so far."""
        return Gateway.of(self.connection).events_since(0, types=["customer.subscription.created"])
