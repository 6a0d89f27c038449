"""Seats for the pages to show."""

from uuid import uuid4

from accounts.models import Customer
from offers.eligibility import Attendee
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import (
    NOW,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book, book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Entry, Seat, Ticket


def book_seat_manually(
    entry: Entry, ticket: Ticket, name: str = "Ada", *, customer: Customer | None = None, attendee: str = ""
) -> Seat:
    """A seat that the studio booked."""
    customer = customer or CustomerFactory.create(account=entry.account, name=name)
    wanted = [WantedTicket(ticket=ticket.pk, name=attendee or name)]
    return book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=NOW).booking.seats.get()


def book_member_seat(entry: Entry, *, group_name: str = "Gold", name: str = "Mia") -> Seat:
    """A seat that a member booked, charged to the group's offer."""
    group = GroupFactory.create(account=entry.account, name=group_name)
    ticket = TicketFactory.create(entry=entry, group=group, name=f"{group_name} ticket")
    OfferFactory.create(group=group, page=entry.page, limit=3)
    customer = create_customer_with_login(entry.account, name=name)
    add_member(group, customer)
    wanted = [WantedTicket(ticket=ticket.pk, name=name, attendee=Attendee.SELF)]
    return book(
        load_entry(entry), customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW
    ).booking.seats.get()
