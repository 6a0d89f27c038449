"""A studio that sells tickets through the Stripe sandbox, and customers with baskets."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from accounts.models import Customer
from bookwhen.sandbox.stripe import Sandbox
from bookwhen.sandbox.stripe.shopper import PAYS
from groups.models import Group
from groups.services import add_customers
from offers.eligibility import Attendee
from offers.models import Offer, OfferKind
from tests.factories.accounts import UserFactory
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory
from tests.worlds.seller import Seller, open_seller
from tickets.availability.facts import ANONYMOUS, Person, person_of_customer
from tickets.booking.request import WantedTicket
from tickets.checkout import basket as baskets
from tickets.checkout.basket import Basket
from tickets.checkout.paying import check_out
from tickets.checkout.settling import settle_payment
from tickets.models import Booking, Entry, Payment, Ticket, TicketCost


class Till:
    """A seller (as `open_shop` opens one) with what is needed to sell tickets: everything happens by the real clock."""

    def __init__(self, seller: Seller) -> None:
        self.seller, self.account, self.page = seller, seller.account, seller.page

    def entry(self, **fields: Any) -> Entry:
        starts = fields.pop("starts_at", timezone.now() + timedelta(days=3))
        return EntryFactory.create(page=self.page, starts_at=starts, **fields)

    def ticket(self, entry: Entry, price: int = 1200, **fields: Any) -> Ticket:
        cost = TicketCost.COST if price else TicketCost.FREE
        return TicketFactory.create(entry=entry, cost=cost, price=price, **fields)

    def member(self, group: Group, **fields: Any) -> Customer:
        """A customer with a login who was added to a group by hand."""
        customer = self.customer_with_login(**fields)
        add_customers(group, {customer.email: customer.name}, now=timezone.now())
        return customer

    def customer_with_login(self, **fields: Any) -> Customer:
        """A customer with a login whose address is proved."""
        return self.seller.customer(user=UserFactory.create(), **fields)

    def discount(self, group: Group | None = None, **fields: Any) -> Offer:
        """A discount offer for all tickets on the page: ten percent unless said otherwise."""
        group = group or GroupFactory.create(account=self.account)
        terms = {"percent": 10} if not {"percent", "amount_off"} & set(fields) else {}
        if "ticket" not in fields:
            fields.setdefault("page", self.page)
        return OfferFactory.create(group=group, kind=OfferKind.DISCOUNT, **terms, **fields)

    def fill(
        self,
        entry: Entry,
        *tickets: Ticket,
        customer: Customer | None = None,
        basket: Booking | None = None,
        who: Person | None = None,
        own: bool = False,
        key: UUID | None = None,
        now: datetime | None = None,
    ) -> Booking:
        """A basket with these tickets in it: a guest's, unless the customer has a login."""
        buyer = customer or (basket.customer if basket else self.seller.customer())
        person = who or person_of(buyer)
        wanted = [
            WantedTicket(
                ticket=ticket.pk,
                name=f"Attendee {number}",
                attendee=Attendee.SELF if ticket.exclusive and number == 0 else Attendee.GUEST,
                is_for_booker=own and number == 0,
            )
            for number, ticket in enumerate(tickets)
        ]
        return baskets.add_tickets(
            basket, entry, buyer, wanted, who=person, key=key or uuid4(), now=now or timezone.now()
        )

    def refresh(self, basket: Booking, now: datetime | None = None) -> Basket:
        return baskets.refresh_basket(basket, person_of(basket.customer), now=now or timezone.now())

    def check_out(self, basket: Booking, now: datetime | None = None) -> str:
        """To the checkout with a basket as it is: the address of Stripe's page, or nothing where it is booked."""
        seen = self.refresh(basket, now)
        return check_out(seen.booking, person_of(basket.customer), seen.basket_version, now=now or timezone.now())

    def pay(self, basket: Booking, card: str = PAYS) -> Payment:
        """Check out, pay at Stripe, and come back."""
        self.seller.sandbox.shopper.pay(self.check_out(basket), card)
        return self.settle(basket)

    def settle(self, basket: Booking, now: datetime | None = None) -> Payment:
        """What the return page does."""
        payment = payment_of(basket)
        settle_payment(payment, now=now or timezone.now())
        payment.refresh_from_db()
        return payment


def open_till(sandbox: Sandbox, **account: Any) -> Till:
    """A till in a world of its own."""
    return Till(open_seller(sandbox, **account))


def open_river_till(sandbox: Sandbox, name: str) -> Till:
    """A till of an account of this name, whose page is *River Studio*, at /river/."""
    till = open_till(sandbox, name=name, slug="river")
    till.page.title = "River Studio"
    till.page.save()
    return till


def person_of(customer: Customer) -> Person:
    """Who a customer is on the pages: known where they have a login, else a stranger."""
    return person_of_customer(customer) if customer.user_id else ANONYMOUS


def payment_of(basket: Booking) -> Payment:
    """The newest payment of a basket."""
    payments = Payment.objects.for_settling()
    return payments.filter(booking=basket).latest("pk")
