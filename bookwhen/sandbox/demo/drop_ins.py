"""Bookings by people without a membership, written all at once: nothing is charged for them but places."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from accounts.models import Account, Customer
from tickets.models import Booking, Channel, Entry, EntryPlaces, Seat, Ticket, TicketPlaces


@dataclass(frozen=True, slots=True)
class DropIn:
    """Who booked how many places at an entry (by the names of those who come), and when."""

    entry: Entry
    ticket: Ticket
    customer: Customer
    names: Sequence[str]
    key: UUID
    at: datetime


def book_all(account: Account, drop_ins: Sequence[DropIn]) -> None:
    """Book all of them, who are far too few to fill an entry. Nobody is written to."""
    ordered = sorted(drop_ins, key=lambda each: each.at)
    bookings = Booking.objects.bulk_create(
        Booking(
            account=account,
            page_id=each.entry.page_id,
            customer=each.customer,
            key=each.key,
            channel=Channel.CUSTOMER,
            created_at=each.at,
        )
        for each in ordered
    )
    Seat.objects.bulk_create(
        Seat(
            account=account,
            booking=booking,
            entry=each.entry,
            ticket=each.ticket,
            customer=each.customer,
            attendee_name=name,
            created_at=each.at,
        )
        for booking, each in zip(bookings, ordered, strict=True)
        for name in each.names
    )
    _take_places(account, ordered)


def _take_places(account: Account, drop_ins: Sequence[DropIn]) -> None:
    taken = Counter[tuple[int, int]]()
    for each in drop_ins:
        taken[each.entry.pk, each.ticket.pk] += len(each.names)
    TicketPlaces.objects.bulk_create(
        TicketPlaces(account_id=account.pk, entry_id=entry, ticket_id=ticket, taken=number)
        for (entry, ticket), number in taken.items()
    )
    for (entry, _ticket), number in taken.items():
        EntryPlaces.objects.filter(account_id=account.pk, entry=entry).update(taken=F("taken") + number)
