"""The letter that tells customers where what they have booked takes place now, or how to join it."""

from collections.abc import Sequence
from datetime import datetime

from accounts.email_queue import Envelope, post_letters
from accounts.models import LetterKind
from tickets.booking.leader_notices import by_customer, link_to
from tickets.calendar import booking_invitations
from tickets.models import Booking, Entry, Location, Seat


def notify_location_changed(seats: Sequence[Seat], location: Location, *, key: str, now: datetime) -> int:
    """Tell customers who have seats (each with all that letters say) at a location (with its account) what it is now.

    One letter each, however many dates, with new .ics files; once by `key`. How many there are.
    """
    account = location.account
    envelopes = [
        Envelope(
            customer.reached_at,
            _context(booked, location),
            dedupe=f"{key}-{customer.pk}",
            calendar=_calendar(booked, now=now),
        )
        for customer, booked in by_customer(seats).items()
    ]
    template = "tickets/letters/location_changed"
    post_letters(envelopes, kind=LetterKind.LOCATION_CHANGED, template=template, account=account, now=now)
    return len(envelopes)


def _context(seats: Sequence[Seat], location: Location) -> dict[str, object]:
    entries = list[Entry]({seat.entry: None for seat in seats})
    return {
        "booking": seats[0].booking,
        "entries": entries,
        "location": location,
        "page": entries[0].page,
        "zone": location.account.zone,
        "link": link_to(seats),
    }


def _calendar(seats: Sequence[Seat], *, now: datetime) -> str:
    dates = dict[Booking, dict[Entry, None]]()
    for seat in seats:
        dates.setdefault(seat.booking, {})[seat.entry] = None
    return "".join(booking_invitations(booking, entries, now=now) for booking, entries in dates.items())
