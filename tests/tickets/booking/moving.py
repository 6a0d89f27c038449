"""Seats to move from one entry to another, and a club whose members have booked them."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from accounts.models import Account, Customer, Letter, SchedulePage
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
from tickets.booking.move import Moved, MoveOrder, move_seat
from tickets.booking.move_terms import (
    SEAT_FACTS,
    MoveTerms,
    UseChoice,
    move_terms,
    read_facts_of_move,
)
from tickets.booking.request import StudioOrder, WantedTicket
from tickets.consistency import check_books
from tickets.models import Entry, Seat, Ticket

if TYPE_CHECKING:
    from groups.models import Group
    from offers.models import Offer


def read_seat(pk: int) -> Seat:
    return Seat.objects.for_letters().select_related(*SEAT_FACTS).get(pk=pk)


def booked(entry: Entry, ticket: Ticket, customer: Customer | None = None, **order: Any) -> Seat:
    customer = customer or CustomerFactory.create(account=entry.account, name="Ada")
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")]
    made = book_by_studio(load_entry(entry), customer, wanted, key=uuid4(), now=NOW, order=StudioOrder(**order))
    Letter.objects.all().delete()
    return read_seat(made.booking.seats.get().pk)


def terms_of(seat: Seat, target: Entry, ticket: Ticket) -> MoveTerms:
    return move_terms(seat, target, ticket, read_facts_of_move(seat, target, now=NOW), now=NOW)


def move(seat: Seat, entry: Entry, ticket: Ticket, use: UseChoice | None = None, **order: Any) -> Moved:
    """Move as an operator who reads what will be done, and takes the first choice."""
    target = load_entry(entry)
    terms = terms_of(seat, target, ticket)
    wanted = {"ticket": ticket.pk, "use": use or terms.choices[0], "terms_version": terms.version, **order}
    return move_seat(seat, target, MoveOrder(**wanted), now=NOW)


def taken(*entries: Entry) -> list[int]:
    return [load_entry(entry).places.taken for entry in entries]


def books(account: Account) -> list[str]:
    return [str(each) for each in check_books(account=account, now=NOW)]


class Club:
    """A member of a group with an offer, and an exclusive ticket at every entry."""

    def __init__(self, page: SchedulePage, **offer: Any) -> None:
        self.page = page
        self.group: Group = GroupFactory.create(account=page.account, name="Ten a month")
        self.offer: Offer = OfferFactory.create(group=self.group, page=page, **offer)
        self.customer = create_customer_with_login(page.account, name="Mia")
        self.member = add_member(self.group, self.customer)

    def ticket(self, entry: Entry) -> Ticket:
        return TicketFactory.create(entry=entry, group=self.group, name="Member")

    def book(self, entry: Entry, ticket: Ticket, *names: str) -> list[Seat]:
        wanted = [
            WantedTicket(ticket=ticket.pk, name=name, attendee=Attendee.GUEST if number else Attendee.SELF)
            for number, name in enumerate(names or ["Mia"])
        ]
        who = person_of_customer(self.customer)
        made = book(load_entry(entry), self.customer, wanted, who=who, key=uuid4(), now=NOW).booking
        Letter.objects.all().delete()
        return [read_seat(seat.pk) for seat in made.seats.order_by("pk")]
