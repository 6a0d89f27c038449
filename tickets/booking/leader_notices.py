"""The letter that tells customers who leads what they have booked now."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse

from accounts.email_queue import Envelope, absolute, post_letters
from accounts.models import Account, Customer, LetterKind
from tickets.details import NOBODY, LedBy
from tickets.models import Entry, Seat


def notify_leaders_changed(
    seats: Sequence[Seat], led_by: Mapping[int, LedBy], *, account: Account, key: str, now: datetime
) -> int:
    """Tell customers who have seats (each with entry, page, booking and its customer) who leads those entries (ids).

    One letter each, however many dates; once by `key`. How many there are.
    """
    theirs = by_customer(seats)
    envelopes = [
        Envelope(customer.reached_at, _context(booked, led_by, account), dedupe=f"{key}-{customer.pk}")
        for customer, booked in theirs.items()
    ]
    template = "tickets/letters/leader_changed"
    post_letters(envelopes, kind=LetterKind.LEADER_CHANGED, template=template, account=account, now=now)
    return len(envelopes)


def _context(seats: Sequence[Seat], led_by: Mapping[int, LedBy], account: Account) -> dict[str, object]:
    entries = list[Entry]({seat.entry: None for seat in seats})
    booking = seats[0].booking
    return {
        "booking": booking,
        "entries": [(entry, led_by.get(entry.pk, NOBODY).text) for entry in entries],
        "page": entries[0].page,
        "zone": account.zone,
        "link": link_to(seats),
    }


def by_customer(seats: Sequence[Seat]) -> dict[Customer, list[Seat]]:
    """Seats (with entry, booking and its customer) by who booked them, soonest first."""
    theirs = dict[Customer, list[Seat]]()
    for seat in sorted(seats, key=lambda seat: (seat.entry.starts_at, seat.entry_id)):
        theirs.setdefault(seat.booking.customer, []).append(seat)
    return theirs


def link_to(seats: Sequence[Seat]) -> str:
    """Where a customer sees these seats of theirs."""
    only = len({seat.booking_id for seat in seats}) == 1
    kwargs = {"booking": seats[0].booking.uuid}
    return absolute(reverse("my_booking", kwargs=kwargs) if only else reverse("my_bookings"))
