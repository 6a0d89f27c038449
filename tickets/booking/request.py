"""What a booking is asked for, and what comes of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from accounts.models import Customer
from offers.eligibility import Ask, Attendee
from tickets.availability.facts import EMPTY_BASKET, BasketFacts, Person
from tickets.availability.places import Capacities
from tickets.models import Booking, Entry, Ticket
from tickets.money.pricing import basket_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTicket:
    """One wanted ticket (id) and who is to attend."""

    ticket: int
    name: str
    email: str = ""
    attendee: Attendee = Attendee.GUEST
    is_for_booker: bool = False
    """Whether the customer comes themselves, also by an ordinary ticket, of which the rule is not asked."""

    @property
    def ask(self) -> Ask:
        """What the rule is asked."""
        return Ask(self.ticket, self.attendee)


@dataclass(frozen=True, slots=True)
class BasketHold:
    """To put what is wanted into a basket, a new one where none is given, which holds it until an aware instant."""

    until: datetime
    basket: Booking | None = None
    limit: datetime | None = None
    """The instant after which nothing renews what a basket holds that has no such limit yet; none: it has none."""
    network: str = ""
    """The network that a guest comes from (`bookwhen.client_address`); empty: it is not known, or does not matter."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who books without a login: what they call themselves, and the network that they come from."""

    name: str = ""
    network: str = ""


NO_GUEST: Final = Guest()


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What is to be booked at an entry: for which customer, asked by whom, by which form (its key)."""

    entry: Entry
    customer: Customer
    wanted: Sequence[WantedTicket]
    who: Person
    key: UUID
    hold: BasketHold | None = None
    """Set where it is only put into a basket."""
    booker_name: str = ""
    """What a guest calls themselves; empty where the customer is who books."""
    is_offered: bool = False
    """Whether it is offered to somebody who waits, so that what is reserved may be taken too."""
    others: Sequence[int] = ()
    """The other tickets (ids) that they wait for, and then no more."""

    @property
    def seats(self) -> list[UUID]:
        """The uuids of the seats that this form makes: sent again, it is known by them."""
        return seat_uuids(self.key, len(self.wanted))

    @property
    def basket_facts(self) -> BasketFacts:
        """What the basket adds to the facts that the rule judges by."""
        return basket_facts(self.hold.basket) if self.hold and self.hold.basket else EMPTY_BASKET


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioOrder:
    """How the studio books for somebody."""

    charges: bool = False
    """Whether the customer's offers are charged for what they cover, as if they had booked it themselves."""
    terms_version: str | None = None
    """What the operator saw that it charges (`StudioTerms.version`); none: nobody saw it."""
    notes_price: bool = True
    """Whether what a ticket costs, less the customer’s discount, is noted as owed."""
    owed: int | None = None
    """What the operator saw that is noted, in minor units; none: nobody saw it."""
    tells: bool = True
    """Whether the customer is emailed a confirmation."""
    room: Capacities | None = None
    """The capacities that the operator agreed to raise to."""
    booker_name: str = ""
    """What somebody is called who came by, and whom the studio knows by nothing else; empty: the customer's own."""


PLAIN_ORDER: Final = StudioOrder()


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking, and whether this call put into it what was asked: a form that was sent before finds the same again."""

    booking: Booking
    is_new: bool


def with_split_tickets(request: BookingRequest, tickets: Sequence[Ticket]) -> BookingRequest:
    """What is wanted, by the tickets that the entry has now, where it got copies of them since they were chosen."""
    unknown = {each.ticket for each in request.wanted} - {ticket.pk for ticket in tickets}
    if not unknown:
        return request
    copies = copies_at(request.entry.account_id, tickets, unknown)
    wanted = (replace(each, ticket=copies.get(each.ticket, each.ticket)) for each in request.wanted)
    return replace(request, wanted=tuple(wanted))


def copies_at(account: int, tickets: Iterable[Ticket], chosen: Collection[int]) -> dict[int, int]:
    """By chosen ticket (id), which of an entry's own tickets it is one with, of those that are none of them.

    One statement, where any of the entry's is a copy, or was copied.
    """
    own = {ticket.family: ticket.pk for ticket in tickets}
    others = set(chosen) - set(own.values())
    if not (others and own):
        return {}
    found = Ticket.objects.filter(account=account, pk__in=others).only("pk", "split_from")
    return {each.pk: own[each.family] for each in found if each.family in own}


def seat_uuids(key: UUID, count: int) -> list[UUID]:
    """The uuids of the seats that a form (by its key) makes of so many wanted tickets, in their order."""
    return [uuid5(key, str(number)) for number in range(count)]
