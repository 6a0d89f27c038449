"""A booking that is one statement, while the studio changes what it was judged by: before it, and during it.

It ends as a booking ends that is judged and written step by step: what was on sale no longer is not sold.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

import pytest

from accounts.customers import correct_name
from accounts.models import Account, Customer, Letter
from groups.catalogue import archive_group
from groups.services import remove_by_hand
from offers.models import Offer, OfferUse
from offers.services import OfferTerms, offer_terms
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.races.crowd import meanwhile
from tests.worlds.members_studio import MembersStudio
from tickets.availability.facts import ANONYMOUS, load_facts
from tickets.booking.book import book, book_as_seen
from tickets.booking.refusals import BookingRefusedError, RefusedError
from tickets.booking.request import Booked, WantedTicket
from tickets.models import Entry, EntryPlaces, Seat, Ticket, TicketPlaces
from tickets.schedule.catalogue import edit_ticket, retire_ticket, ticket_terms
from tickets.schedule.coverage import delete_offer, edit_offer
from tickets.schedule.details import entry_details
from tickets.schedule.entries import BelowBookedError, cancel_entry, edit_entries

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PLACES: Final = 5
WEEKS: Final = 7 * 24 * 60


@dataclass(frozen=True)
class Offered:
    """An event with a ticket, and a customer who has seen them."""

    entry: Entry
    ticket: Ticket
    customer: Customer

    @classmethod
    def new(cls, **entry: Any) -> "Offered":
        made = EntryFactory.create(**{"capacity": PLACES, **entry})
        ticket = TicketFactory.create(entry=made, capacity=PLACES)
        return cls(load_entry(made), ticket, CustomerFactory.create(account=made.account, name="Ada"))

    @property
    def asks(self) -> tuple[Entry, Customer, list[WantedTicket]]:
        """What a booking is asked for, as it was seen."""
        return self.entry, self.customer, [WantedTicket(ticket=self.ticket.pk, name=name) for name in ("Ada", "Ben")]

    def edit(self, **details: Any) -> None:
        fresh = load_entry(self.entry)
        edit_entries(fresh, replace(entry_details(fresh), **details), now=NOW)

    def edit_ticket(self, **terms: Any) -> None:
        fresh = Ticket.objects.select_related("series__account").get(pk=self.ticket.pk)
        edit_ticket(fresh, replace(ticket_terms(fresh), **terms), now=NOW)

    def move(self) -> None:
        self.edit(starts=entry_details(load_entry(self.entry)).starts + timedelta(days=1))

    def confirm_addresses(self) -> None:
        Account.objects.filter(pk=self.entry.account_id).update(confirms_free_bookings=True)

    @property
    def left(self) -> tuple[object, ...]:
        """What is there in the end."""
        seats = Seat.objects.live().filter(entry=self.entry)
        places = EntryPlaces.objects.filter(entry=self.entry).values_list("capacity", "taken", "revision").get()
        kinds = TicketPlaces.objects.filter(entry=self.entry, taken__gt=0).values_list("capacity", "taken")
        letters = [
            (letter.facts or {}).get("entry", {}).get("starts_at")
            for letter in Letter.objects.filter(recipient=self.customer.email, kind="booked")
        ]
        return (seats.count(), places, list(kinds), letters)


def ended(act: Callable[[], Booked]) -> str:
    """How a booking ended, for its customer."""
    try:
        return f"booked {act().booking.seats.count()}"
    except BookingRefusedError as refused:
        return str(next(verdict.reason for verdict in refused.verdicts if not verdict.allowed))
    except RefusedError as refused:
        return type(refused).__name__


CHANGES: Final[dict[str, tuple[Callable[[Offered], object], str]]] = {
    "fewer spaces": (lambda each: each.edit(capacity=1), "sold_out"),
    "more spaces": (lambda each: each.edit(capacity=9), "booked 2"),
    "fewer of the ticket": (lambda each: each.edit_ticket(capacity=1), "sold_out"),
    "more of the ticket": (lambda each: each.edit_ticket(capacity=9), "booked 2"),
    "as many of the ticket as there are spaces": (lambda each: each.edit_ticket(capacity=None), "booked 2"),
    "one at a time": (lambda each: each.edit(per_booking=1), "too_many_in_booking"),
    "the ticket is removed": (lambda each: retire_ticket(each.ticket, now=NOW), "TicketGoneError"),
    "the ticket is hidden": (lambda each: each.edit_ticket(shown=False), "TicketGoneError"),
    "the ticket gets a price": (lambda each: each.edit_ticket(cost="cost", price=500), "TicketHasCostError"),
    "the ticket is sold later": (lambda each: each.edit_ticket(opens_minutes_before=5), "not_on_sale_yet"),
    "the ticket is sold no more": (lambda each: each.edit_ticket(closes_minutes_before=WEEKS), "sale_ended"),
    "the ticket has another name": (lambda each: each.edit_ticket(name="Drop-in"), "booked 2"),
    "the event moves": (lambda each: each.move(), "booked 2"),
    "the event is cancelled": (lambda each: cancel_entry(load_entry(each.entry), now=NOW), "cancelled"),
    "free bookings must be confirmed": (lambda each: each.confirm_addresses(), "AddressNotConfirmedError"),
    "the customer is called otherwise": (lambda each: correct_name(each.customer, "Ada Lovelace"), "booked 2"),
}
"""What a studio does, and how a booking ends that comes after it."""


ENDS: Final[dict[str, tuple[Callable[[MembersStudio], object], str]]] = {
    "the offer is disabled": (lambda studio: edit_offer(studio.offer, disabled(studio.offer)), "no_offer"),
    "the offer is deleted": (lambda studio: delete_offer(studio.offer, now=NOW), "no_offer"),
    "the member is removed": (lambda studio: remove_by_hand(studio.member, now=NOW), "not_in_group"),
}
"""What ends for a member, and why they cannot book afterwards."""


def disabled(offer: Offer) -> OfferTerms:
    return replace(offer_terms(offer), enabled=False)


def test_what_changes_between_the_look_and_the_statement_ends_as_step_by_step() -> None:
    found = {}
    for name, (change, _outcome) in CHANGES.items():
        fast, slow = Offered.new(), Offered.new()
        facts = load_facts(fast.entry, ANONYMOUS, now=NOW)
        change(fast)
        change(slow)
        found[name] = ended(partial(book_as_seen, *fast.asks, facts=facts, key=uuid4(), now=NOW))
        step_by_step = ended(partial(book, load_entry(slow.entry), *slow.asks[1:], who=ANONYMOUS, key=uuid4(), now=NOW))
        assert (name, found[name], fast.left) == (name, step_by_step, slow.left)
    assert found == {name: outcome for name, (_change, outcome) in CHANGES.items()}


def test_what_changes_during_the_statement_is_before_it_where_it_was_waited_for() -> None:
    found = {}
    for name, (change, outcome) in CHANGES.items():
        each = Offered.new()
        facts = load_facts(each.entry, ANONYMOUS, now=NOW)
        booking = partial(book_as_seen, *each.asks, facts=facts, key=uuid4(), now=NOW)
        had_to_wait, told = meanwhile(partial(change, each), partial(ended, booking))
        assert (name, told) == (name, outcome if had_to_wait else "booked 2")
        found[name] = had_to_wait
    # A ticket's own words bind who reads them later: a booking that has them from a moment before comes first.
    assert {name for name, had_to_wait in found.items() if not had_to_wait} == {
        "the ticket is removed",
        "the ticket is hidden",
        "the ticket gets a price",
        "the ticket is sold later",
        "the ticket is sold no more",
        "the ticket has another name",
        "free bookings must be confirmed",
        "the customer is called otherwise",
    }


def changed(change: Callable[[], object]) -> str:
    """How it ended for the studio."""
    try:
        change()
    except BelowBookedError as error:
        return f"{error.minimum} are booked"
    return "done"


def test_a_change_that_comes_during_the_statement_finds_its_seats() -> None:
    found = {}
    for name, (change, _outcome) in CHANGES.items():
        each = Offered.new()
        facts = load_facts(each.entry, ANONYMOUS, now=NOW)
        booking = partial(book_as_seen, *each.asks, facts=facts, key=uuid4(), now=NOW)
        _had_to_wait, told = meanwhile(booking, partial(changed, partial(change, each)))
        found[name] = (told, each.left[0])
    assert found == dict.fromkeys(CHANGES, ("done", 2)) | {
        "fewer spaces": ("2 are booked", 2),
        "fewer of the ticket": ("2 are booked", 2),
        "the event is cancelled": ("done", 0),
    }


def test_a_members_booking_waits_for_what_ends_and_is_judged_by_what_is_left() -> None:
    found = {}
    for name, (end, _reason) in ENDS.items():
        studio = MembersStudio()
        found[name] = meanwhile(partial(end, studio), studio.try_to_book)
    assert found == {name: (True, reason) for name, (_end, reason) in ENDS.items()}


def test_what_ends_during_a_members_booking_finds_it_charged() -> None:
    for end, _reason in ENDS.values():
        studio = MembersStudio()
        had_to_wait, _told = meanwhile(studio.try_to_book, lambda: str(end(studio)))  # noqa: B023
        assert had_to_wait
        assert OfferUse.objects.live().filter(account=studio.account).count() == 1


def test_a_members_booking_comes_before_their_group_is_archived_or_after_it() -> None:
    """Nothing has to be waited for: what is booked stands, and what comes afterwards is refused."""
    studio = MembersStudio(members=2)
    told = meanwhile(partial(archive_group, studio.group, now=NOW), studio.try_to_book)
    assert told == (False, "booked 1")
    assert studio.try_to_book(customer=1) == "not_in_group"
