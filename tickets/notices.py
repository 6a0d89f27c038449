"""The letters that bookings give rise to, written in the transaction that they tell of."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from accounts.letters import absolute, post
from tickets.calendar import calendar_of
from tickets.models import Booking, Entry, Seat


def booked(booking: Booking, entry: Entry, *, now: datetime) -> None:
    """Confirm a booking to its customer, with an .ics file."""
    _tell("booked", booking, entry, list(booking.seats.filter(entry=entry).select_related("ticket")), now=now)


def cancelled(booking: Booking, entry: Entry, seats: Sequence[Seat], *, by_studio: bool, now: datetime) -> None:
    """Tell a customer which seats were cancelled, by whom, and whether their uses came back."""
    _tell("cancelled", booking, entry, seats, now=now, by_studio=by_studio)


def moved(booking: Booking, entry: Entry, seats: Sequence[Seat], *, before: datetime, now: datetime) -> None:
    """Tell a customer that an entry they booked takes place at another time or place, with the new .ics file."""
    _tell("moved", booking, entry, seats, now=now, before=before)


def _tell(kind: str, booking: Booking, entry: Entry, seats: Sequence[Seat], *, now: datetime, **rest: object) -> None:
    context = {
        "booking": booking,
        "entry": entry,
        "page": entry.page,
        "seats": seats,
        "zone": entry.account.zone,
        "link": absolute(reverse("my_booking", kwargs={"booking": booking.uuid})),
        **rest,
    }
    post(
        kind=kind,
        recipient=booking.customer.email,
        template=f"tickets/letters/{kind}",
        context=context,
        account=entry.account,
        now=now,
        calendar=calendar_of([entry], name=entry.title, now=now),
    )
