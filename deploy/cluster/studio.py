"""The studio that is booked at: its entries, its membership with subscribers, and Stripe's clock."""

import json
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from django.utils import timezone

from accounts.customers import get_or_create_customers
from accounts.stripe_connection import connect_account
from bench.bookings import Offering
from bench.data import World, ordinary
from bookwhen.sandbox.stripe.shopper import Seen, Shopper
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, set_published
from tickets.availability.facts import person_of_customer
from tickets.checkout.memberships import buy_membership
from tickets.models import Entry, TicketCost

KEY: Final = "sk_test_cluster"
ENTRIES: Final = 20
PLENTY: Final = 100_000
SUBSCRIBERS: Final = 5
CONTESTED: Final = 2
LAST_PLACES: Final = 5


class Studio:
    """All of it, made by the services that everybody uses."""

    def __init__(self, stripe: str, contests: int) -> None:
        self._stripe = stripe
        self.world = World(crowd=0)
        self.page = f"/{self.world.page.slug}/"
        connect_account(self.world.account, KEY, now=timezone.now())
        self.free = [_offering(entry) for entry in self.world.entries(ENTRIES, places=PLENTY)]
        self.priced = [_offering(_priced(entry)) for entry in self.world.entries(ENTRIES, places=PLENTY)]
        last = self.world.entries(CONTESTED * contests, places=LAST_PLACES)
        self.contested = [entry.pk for entry in last]
        self._contests = [_offering(entry) for entry in last]
        self._subscribe()

    def next_contest(self) -> list[Offering]:
        """Entries with few places that nobody has booked at yet."""
        taken, self._contests = self._contests[:CONTESTED], self._contests[CONTESTED:]
        return taken

    def pay(self, url: str) -> Seen:
        """Pay at the checkout: its address is as the stand-in knows itself, on its own machine."""
        here = urlsplit(self._stripe).netloc
        return Shopper(self._stripe).pay(urlsplit(url)._replace(netloc=here).geturl())

    def renew(self) -> None:
        """Let Stripe's time move on until every subscription was renewed."""
        self.at_stripe("advance", by="period")

    def at_stripe(self, path: str, **form: object) -> Any:  # noqa: ANN401 - JSON
        """Press a button of the stand-in, or look."""
        body = urlencode(form).encode() if form else None
        asked = Request(f"{self._stripe}/_sandbox/{path}", body, {"Accept": "application/json"})  # noqa: S310 - ours
        with urlopen(asked, timeout=60) as answer:  # noqa: S310 - ours
            return json.loads(answer.read())

    def _subscribe(self) -> None:
        account, page, now = self.world.account, self.world.page, timezone.now()
        membership = create_membership(account, MembershipDetails(title="Gold"), group=None, now=now)
        price = add_price(membership, PriceTerms(title="Monthly", amount=4000), now=now)
        set_published(membership, published=True)
        for number in range(SUBSCRIBERS):
            names = {f"subscriber{number}@example.org": f"Subscriber {number}"}
            (customer,) = get_or_create_customers(account, names, confirmed=True)
            who = person_of_customer(customer)
            _basket, url = buy_membership(None, price, customer, page, who=who, now=now)
            self.pay(url)


def _offering(entry: Entry) -> Offering:
    return Offering.of(entry, ordinary(entry))


def _priced(entry: Entry) -> Entry:
    ticket = ordinary(entry)
    ticket.cost, ticket.price = TicketCost.COST, 1200
    ticket.save(update_fields=["cost", "price"])
    return entry
