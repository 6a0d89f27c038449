"""Somebody comes by without a booking: booked and present at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.customers import recognise_customer
from accounts.models import Customer, User
from groups.locks import lock_members
from groups.models import Member
from offers.eligibility import Attendee
from tickets.availability.places import Capacities
from tickets.booking.attendance import AttendanceClosedError, mark_attendance, may_mark
from tickets.booking.book import book_by_studio
from tickets.booking.request import Booked, StudioOrder, WantedTicket
from tickets.models import Entry, Presence, Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkIn:
    """Who came by, and with which ticket (id) they are booked."""

    name: str
    email: str
    """Empty where they gave none: then they are booked as guests of the studio itself."""
    ticket: int
    room: Capacities | None = None
    """The capacities that the operator agreed to raise to."""


def book_walk_in(entry: Entry, came: WalkIn, *, by: User, key: UUID, now: datetime) -> tuple[Booked, Seat]:
    """Book somebody who stands at the desk, as the studio does, and mark them present: both or neither.

    Somebody who gives an address is booked as its customer: their offers are charged for what they cover, and they are
    emailed a confirmation. What is not covered is noted as owed. The same key again changes nothing. Raises
    AttendanceClosedError, `places.FullError`, and what else `book_by_studio` does.
    """
    if not may_mark(entry, now=now):
        raise AttendanceClosedError
    customer = _customer(entry, came, by)
    wanted = WantedTicket(
        ticket=came.ticket,
        name=came.name,
        email=came.email,
        attendee=Attendee.SELF if came.email and not _is_there(entry, customer) else Attendee.GUEST,
        is_for_booker=bool(came.email),
    )
    order = StudioOrder(
        charges=bool(came.email),
        tells=bool(came.email),
        room=came.room,
        booker_name="" if came.email else came.name,
    )
    with transaction.atomic():
        # Marking holds the members as well: they come before the places that booking holds.
        lock_members(Member.objects.filter(customer=customer).values_list("pk", flat=True))
        booked = book_by_studio(entry, customer, [wanted], key=key, now=now, order=order)
        seat = booked.booking.seats.get()
        if booked.is_new:
            mark_attendance(entry, seat.pk, Presence.PRESENT, seen=None, by=by, now=now)
        return booked, seat


def _is_there(entry: Entry, customer: Customer) -> bool:
    """Whether a customer has a space there themselves: then somebody else came by, in their name."""
    return Seat.objects.live().filter(account=entry.account_id, entry=entry, self_attendee=customer).exists()


def _customer(entry: Entry, came: WalkIn, by: User) -> Customer:
    """Whose booking it is: theirs, or the studio's own."""
    if came.email:
        return recognise_customer(entry.account, came.email, came.name, confirmed=True)
    return recognise_customer(entry.account, entry.account.contact or by.email, entry.account.name, confirmed=False)
