"""Merging two customers and booking for them, as these tests do."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.merging.services import Merged, merge_customers
from accounts.models import Customer
from groups.models import Group
from offers.eligibility import Attendee
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book, book_by_studio
from tickets.booking.request import StudioOrder, WantedTicket
from tickets.consistency import check_books
from tickets.models import Booking, Entry, Ticket


def merge(survivor: Customer, gone: Customer) -> Merged:
    """Make the second one the first."""
    return merge_customers(survivor.account, survivor=survivor.pk, gone=gone.pk, now=NOW)


def findings() -> list[str]:
    """What is wrong in the books."""
    return [f"{each.kind}: {each.counted} {each.should_be}" for each in check_books(now=NOW)]


def make_entry(group: Group, *, days: int = 2) -> tuple[Entry, Ticket]:
    """An entry so many days ahead on the account's first page, and a ticket of the group's."""
    page = group.account.pages.order_by("pk")[0]
    entry = EntryFactory.create(page=page, starts_at=NOW + timedelta(days=days), title=f"Class in {days}")
    return entry, TicketFactory.create(entry=entry, group=group)


def book_place(
    entry: Entry, ticket: Ticket, customer: Customer, *, attendee: Attendee = Attendee.SELF, name: str = "Ada"
) -> Booking:
    """Book one place for a member."""
    wanted = [WantedTicket(ticket=ticket.pk, name=name, attendee=attendee)]
    who = person_of_customer(customer)
    return book(load_entry(entry), customer, wanted, who=who, key=uuid4(), now=NOW).booking


def book_for(entry: Entry, ticket: Ticket, customer: Customer) -> Booking:
    """Book one place for anybody, by the studio and without a use."""
    wanted = [WantedTicket(ticket=ticket.pk, name=customer.name, attendee=Attendee.SELF)]
    return book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=NOW).booking


def book_by_hand(entry: Entry, ticket: Ticket, customer: Customer) -> Booking:
    """The same now, and charging a use."""
    now, wanted = timezone.now(), [WantedTicket(ticket=ticket.pk, name=customer.name, attendee=Attendee.SELF)]
    order = StudioOrder(charges=True)
    return book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=now, order=order).booking
