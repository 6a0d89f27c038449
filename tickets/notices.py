"""The letters that bookings give rise to, written in the transaction that they tell of."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from accounts.letters import absolute, post
from groups.models import Member
from tickets.calendar import booking_calendar
from tickets.models import Booking, Entry, Seat
from tickets.queries import free_again_until


def booked(booking: Booking, entry: Entry, seats: Sequence[Seat], *, now: datetime) -> None:
    """Confirm a booking's seats (each with its ticket) to its customer, with an .ics file."""
    calendar = booking_calendar(booking, entry, gone=False, now=now)
    cutoff = free_again_until(entry, entry.account)
    matters = any(seat.use_id for seat in seats) and not entry.account.returns_late_uses and now < cutoff
    _tell("booked", booking, entry, seats, calendar=calendar, now=now, cutoff=cutoff if matters else None)


def cancelled(booking: Booking, entry: Entry, seats: Sequence[Seat], *, by_studio: bool, now: datetime) -> None:
    """Tell a customer which seats were cancelled, by whom, and whether their uses came back.

    With the last seat of the booking goes an .ics file that takes the event out of their calendar.
    """
    remaining = list(booking.seats.filter(entry=entry, cancelled_at__isnull=True).select_related("ticket"))
    calendar = "" if remaining else booking_calendar(booking, entry, gone=True, now=now)
    _tell("cancelled", booking, entry, seats, calendar=calendar, now=now, by_studio=by_studio, remaining=remaining)


def released(member: Member, seats: Sequence[Seat], *, key: str, now: datetime) -> None:
    """Tell a customer which places were given back because the membership that opened them has ended; once by `key`."""
    by_entry = defaultdict[Entry, list[Seat]](list)
    for seat in sorted(seats, key=lambda seat: (seat.entry.starts_at, seat.pk)):
        by_entry[seat.entry].append(seat)
    account = member.group.account
    post(
        kind="released",
        recipient=member.customer.email,
        template="tickets/letters/released",
        context={
            "customer": member.customer,
            "group": member.group,
            "places": list(by_entry.items()),
            "count": len(seats),
            "page": next(iter(by_entry)).page,
            "zone": account.zone,
        },
        account=account,
        now=now,
        dedupe=key,
    )


def moved(booking: Booking, entry: Entry, seats: Sequence[Seat], *, before: datetime, now: datetime) -> None:
    """Tell a customer that an entry they booked takes place at another time or place, with the new .ics file."""
    calendar = booking_calendar(booking, entry, gone=False, now=now)
    _tell("moved", booking, entry, seats, calendar=calendar, now=now, before=before)


def _tell(
    kind: str,
    booking: Booking,
    entry: Entry,
    seats: Sequence[Seat],
    *,
    calendar: str,
    now: datetime,
    **rest: object,
) -> None:
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
        calendar=calendar,
    )
