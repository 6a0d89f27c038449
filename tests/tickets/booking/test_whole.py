"""A booking is written in one statement: what that is, when it is refused, and that it is all or nothing."""

import json
import re
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, Letter
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tickets.availability.facts import ANONYMOUS, load_facts
from tickets.booking.book import book, book_as_seen
from tickets.booking.refusals import (
    BookingRefusedError,
    KeyTakenError,
    RefusedError,
    TicketGoneError,
    TicketHasCostError,
)
from tickets.booking.request import Booked, WantedTicket
from tickets.models import Booking, Entry, EntryPlaces, Seat, Ticket, TicketCost, TicketPlaces

pytestmark = pytest.mark.django_db

OWN: Final = {"id", "uuid", "key", "booking_id"}
"""What two bookings of the same never share."""


def offer(capacity: int | None = None) -> tuple[Entry, Ticket, Customer]:
    entry = EntryFactory.create(capacity=10)
    ticket = TicketFactory.create(entry=entry, capacity=capacity)
    return load_entry(entry), ticket, CustomerFactory.create(account=entry.account, name="Ada Lovelace")


def wanted(ticket: Ticket) -> list[WantedTicket]:
    return [
        WantedTicket(ticket=ticket.pk, name="Ada", email="ada@example.org", is_for_booker=True),
        WantedTicket(ticket=ticket.pk, name="Ben"),
    ]


def book_after(change: Callable[[Entry, Ticket], object], *, key: UUID | None = None) -> Booked:
    """Book two tickets by what was seen before a change."""
    entry, ticket, customer = offer()
    facts = load_facts(entry, ANONYMOUS, now=NOW)
    change(entry, ticket)
    return book_as_seen(entry, customer, wanted(ticket), facts=facts, key=key or uuid4(), now=NOW)


def told(booking: Booking) -> list[Any]:
    """Every column of what a booking is made of, but for what only it has."""
    seats = Seat.objects.filter(booking=booking).order_by("pk").values()
    letter = Letter.objects.filter(text__contains=str(booking.uuid)).values().get()
    rows = [*Booking.objects.filter(pk=booking.pk).values(), *seats, letter]
    text = json.dumps([{name: value for name, value in row.items() if name not in OWN} for row in rows], default=str)
    own = f"{booking.uuid}|{booking.reference}"
    return [*json.loads(re.sub(own, "…", text)), len(seats)]


def test_it_writes_what_many_statements_write() -> None:
    entry, ticket, customer = offer(capacity=7)
    facts = load_facts(entry, ANONYMOUS, now=NOW)
    typed: dict[str, Any] = {"now": NOW, "booker_name": "Ada L"}

    with CaptureQueriesContext(connection) as at_once:
        first = book_as_seen(entry, customer, wanted(ticket), facts=facts, key=uuid4(), **typed)
    second = book(load_entry(entry), customer, wanted(ticket), who=ANONYMOUS, key=uuid4(), **typed)

    assert len([each for each in at_once if not (each["sql"] or "").startswith(("SAVEPOINT", "RELEASE"))]) == 1
    assert (first.is_new, second.is_new) == (True, True)
    assert told(first.booking) == told(second.booking)
    assert TicketPlaces.objects.values_list("capacity", "taken").get() == (7, 4)
    assert EntryPlaces.objects.values_list("capacity", "taken").get() == (10, 4)


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"retired_at": NOW}, TicketGoneError),
        ({"shown": False}, TicketGoneError),
        ({"cost": TicketCost.COST, "price": 500}, TicketHasCostError),
        ({"exclusive": True}, BookingRefusedError),
        ({"capacity": 1}, BookingRefusedError),
    ],
)
def test_a_ticket_that_changed_since_it_was_seen_is_judged_again(
    changed: dict[str, Any], refused: type[RefusedError]
) -> None:
    with pytest.raises(refused):
        book_after(lambda _entry, ticket: Ticket.objects.filter(pk=ticket.pk).update(**changed))

    assert (Booking.objects.count(), Seat.objects.count(), Letter.objects.count()) == (0, 0, 0)
    assert list(TicketPlaces.objects.values_list("taken", flat=True)) in ([], [0])
    assert EntryPlaces.objects.get().taken == 0


def test_an_entry_that_was_moved_since_is_judged_again_and_booked_as_it_is() -> None:
    booked = book_after(lambda entry, _ticket: EntryPlaces.objects.filter(entry=entry).update(revision=8))

    facts = Letter.objects.get().facts
    assert facts is not None
    assert (booked.is_new, facts["entry"]["revision"], EntryPlaces.objects.get().taken) == (True, 8, 2)


def test_who_finds_it_full_has_written_nothing() -> None:
    with pytest.raises(BookingRefusedError):
        book_after(lambda entry, _ticket: EntryPlaces.objects.filter(entry=entry).update(taken=9))

    assert (Booking.objects.count(), Seat.objects.count(), Letter.objects.count()) == (0, 0, 0)
    assert EntryPlaces.objects.get().taken == 9


def test_the_same_form_finds_its_booking_and_another_customers_is_refused() -> None:
    entry, ticket, customer = offer()
    facts, key = load_facts(entry, ANONYMOUS, now=NOW), uuid4()
    first = book_as_seen(entry, customer, wanted(ticket), facts=facts, key=key, now=NOW)
    again = book_as_seen(entry, customer, wanted(ticket), facts=facts, key=key, now=NOW)

    assert (again.is_new, again.booking) == (False, first.booking)
    other = CustomerFactory.create(account=entry.account)
    with pytest.raises(KeyTakenError):
        book_as_seen(entry, other, wanted(ticket), facts=facts, key=key, now=NOW)
    assert (Seat.objects.count(), Letter.objects.count(), EntryPlaces.objects.get().taken) == (2, 1, 2)
