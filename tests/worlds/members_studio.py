"""A studio whose members book exclusive tickets: a group, its one offer, and entries in two days (from `NOW`)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from accounts.models import Account, Customer
from groups.models import Group, Member
from offers.eligibility import Attendee
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, Ticket


class MembersStudio:
    """A group whose offer covers the whole page: `limit` tickets a month, counted from the 3rd; None is no limit.

    Every entry takes place an hour after the one before, and has an exclusive ticket of the group.
    """

    def __init__(
        self,
        *,
        members: int = 1,
        entries: int = 1,
        capacity: int = 50,
        limit: int | None = 3,
        additional_attendees: int = 0,
        **account: Any,
    ) -> None:
        self.page = SchedulePageFactory.create(**{f"account__{name}": value for name, value in account.items()})
        self.account: Account = self.page.account
        self.group: Group = GroupFactory.create(account=self.account, name="Members")
        self.offer = OfferFactory.create(
            group=self.group, page=self.page, limit=limit, additional_attendees=additional_attendees
        )
        self.entries: list[Entry] = []
        self.tickets: list[Ticket] = []
        for number in range(entries):
            self.add_entry(starts_at=NOW + timedelta(days=2, hours=number), capacity=capacity)
        self.customers: list[Customer] = []
        self.members: list[Member] = []
        for _ in range(members):
            self.add_member()

    @property
    def entry(self) -> Entry:
        return self.entries[0]

    @property
    def ticket(self) -> Ticket:
        return self.tickets[0]

    @property
    def customer(self) -> Customer:
        return self.customers[0]

    @property
    def member(self) -> Member:
        return self.members[0]

    def add_entry(self, *, ticket_capacity: int | None = None, **fields: Any) -> Entry:
        """Put an entry on the page, with an exclusive ticket of the group."""
        entry = EntryFactory.create(page=self.page, **fields)
        ticket = TicketFactory.create(entry=entry, group=self.group, name="Member place", capacity=ticket_capacity)
        self.entries.append(entry)
        self.tickets.append(ticket)
        return entry

    def add_member(self, **fields: Any) -> Customer:
        """Put a customer with a login into the group by hand, long ago."""
        self.customers.append(create_customer_with_login(self.account, **fields))
        self.members.append(add_member(self.group, self.customers[-1], anchor=date(2030, 1, 3)))
        return self.customers[-1]

    def book(self, *attendees: Attendee, customer: int = 0, entry: int = 0, key: UUID | None = None) -> Booking:
        """Book an entry's ticket for a customer: for themselves unless said otherwise."""
        who = self.customers[customer]
        names = {Attendee.SELF: "Ada", Attendee.GUEST: "Guest"}
        wanted = [
            WantedTicket(ticket=self.tickets[entry].pk, name=names[each], attendee=each)
            for each in attendees or [Attendee.SELF]
        ]
        found = load_entry(self.entries[entry])
        return book(found, who, wanted, who=person_of_customer(who), key=key or uuid4(), now=NOW).booking

    def try_to_book(self, *attendees: Attendee, customer: int = 0, entry: int = 0, key: UUID | None = None) -> str:
        """Book, and say what the customer would read: how many tickets were booked, or why not."""
        return booking_outcome(lambda: self.book(*attendees, customer=customer, entry=entry, key=key))


def booking_outcome(act: Callable[[], Booking]) -> str:
    """What a customer would read: booked, or the reasons of a refusal. Anything else is an error page, and raised."""
    try:
        return f"booked {act().seats.count()}"
    except BookingRefusedError as refused:
        return " ".join(verdict.reason for verdict in refused.verdicts)
