"""A visitor at an entry: who they are, the basket that they carry along, and what the rule knows of both."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest

from bookwhen.outages import outage_of
from tickets.annotated import TicketAtEntry, VisitedEntry
from tickets.availability.facts import (
    EMPTY_BASKET,
    BasketFacts,
    Facts,
    Person,
    identify_person,
    load_facts,
    on_behalf,
)
from tickets.booking.hold import release_overdue_baskets_at
from tickets.models import HELD_STATES, Booking, Entry
from tickets.money.pricing import basket_facts
from tickets.public.basket.cookie import get_basket_cookie
from tickets.public.booked_cookie import remembered_bookings
from tickets.public.order.choice import Choice, read_choice, read_whose
from tickets.public.pages import entry_or_404

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EntryContext:
    """What a request at an entry finds, with the choice in its query. `basket`: theirs, open or at the checkout.

    `remembered`: what this browser booked lately, without a login or before an address was proved (uuids).
    """

    entry: VisitedEntry
    who: Person
    basket: Booking | None
    basket_facts: BasketFacts
    facts: Facts
    choice: Choice
    remembered: Sequence[UUID] = ()
    is_new_form: bool = False
    """A guest has sent a form that had made nothing yet when the entry was read."""

    @property
    def basket_has_items(self) -> bool:
        """Whether there is anything in the basket."""
        return bool(self.basket_facts.tickets or (self.basket and self.basket.membership_price_id))

    @property
    def basket_quantity(self) -> int:
        """How many tickets of this entry are in the basket."""
        return self.basket_facts.tickets.get(self.entry.pk, 0)

    @property
    def chosen_tickets(self) -> list[TicketAtEntry]:
        """The tickets that were chosen, one a line: two of the same are there twice."""
        return [ticket for ticket in self.facts.visible for _ in range(self.choice.counts.get(ticket.pk, 0))]

    @cached_property
    def booker(self) -> dict[str, str]:
        """What is known of the booker: a guest's address and name as they typed them for their basket.

        The name is not the account's own for that address, which is nobody else's business. One statement for guests
        with a basket.
        """
        if self.basket is None or self.who.proved:
            return {"email": self.who.address, "name": self.who.name}
        own = self.basket.seats.live().filter(is_for_booker=True)
        name = own.values_list("attendee_name", flat=True).first()
        return {"email": self.basket.address, "name": name or self.who.name}


def load_entry_context(
    request: HttpRequest, page: str, entry: UUID, *, now: datetime, seat: UUID | None = None
) -> EntryContext:
    """What is found at an entry (of a page's slug; else 404). `seat`: the first that the form makes which was sent.

    Where too little is left, baskets that held places there for too long are released first, and it is judged again.
    """
    found = _load_context(request, page, entry, seat, now=now)
    if not _is_short(found, now=now) or getattr(found.entry, "overdue", None) is False:
        return found
    return _load_context(request, page, entry, seat, now=now) if _try_to_release(found.entry, now=now) else found


def _try_to_release(entry: Entry, *, now: datetime) -> bool:
    """Release them, if that can be: a page is shown even by a database that is read-only for a while."""
    try:
        return bool(release_overdue_baskets_at(entry, now=now))
    except DatabaseError as error:
        if outage_of(error) is None:
            raise
        log.warning("Baskets whose time is up could not be released: %s", error)
        return False


def _load_context(request: HttpRequest, page: str, entry: UUID, seat: UUID | None, *, now: datetime) -> EntryContext:
    remembered = remembered_bookings(request)
    found = entry_or_404(page, entry, request.user, remembered=remembered, seat=seat, now=now)
    who = on_behalf(identify_person(found.account, request.user), read_whose(request.GET))
    if who.booked_by is not None:
        # What their login booked there or waits for is not for the one whom they book for now.
        for name in ("own_booking", "own_request", "own_request_state"):
            setattr(found, name, None)
    basket = get_basket_cookie(request, found.account)
    if basket is not None and basket.state not in HELD_STATES:
        basket = None
    held = _basket_facts(basket, who) if basket else EMPTY_BASKET
    facts = load_facts(found, who, now=now, basket=held, sold=getattr(found, "sold", None))
    whose = who.customer.pk if who.customer and who.booked_by else 0
    choice, is_new_form = read_choice(request.GET, facts.visible, whose), getattr(found, "made", None) is False
    return EntryContext(found, who, basket, held, facts, choice, remembered, is_new_form)


def _basket_facts(basket: Booking, who: Person) -> BasketFacts:
    """What a basket adds to the facts; its membership opens nothing to anybody but its customer."""
    found = basket_facts(basket)
    mine = who.customer is not None and who.customer.pk == basket.customer_id
    return found if mine else BasketFacts(tickets=found.tickets)


def _is_short(found: EntryContext, *, now: datetime) -> bool:
    """Whether there are fewer places than are chosen, or none at all, at an entry that could be booked."""
    event, counts = found.facts.situation.event, found.choice.counts
    if event.cancelled or event.starts_at <= now:
        return False
    if event.places_left < max(found.choice.total, 1):
        return True
    tickets = ((ticket.pk, found.facts.situation.tickets[ticket.pk].places_left) for ticket in found.facts.visible)
    return any(left is not None and left < max(counts.get(ticket, 0), 1) for ticket, left in tickets)
