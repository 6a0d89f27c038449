"""What a visitor booked at an entry lately: who goes *Back* and confirms again is asked whether they mean it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets.models import Seat
from tickets.public.entry.entry_context import EntryContext
from tickets.public.order.asked import AskedOrder
from tickets.public.own import seats_of_visitor

LATELY: Final = timedelta(days=1)
"""How long after a booking the same tickets are taken for a slip: who means it says so with one more click."""


@dataclass(frozen=True, slots=True)
class BookedBefore:
    """A booking of some of the same tickets: its uuid, and what and when in a sentence."""

    booking: UUID
    sentence: str


def find_booked_before(seen: EntryContext, asked: AskedOrder, *, now: datetime) -> BookedBefore | None:
    """The visitor's latest booking there with one of these tickets, unless this very form made it.

    Theirs is what their login booked or, without one, this browser. No statement where they have no booking there.
    """
    if seen.entry.own_booking is None:
        return None
    entry, user = seen.entry, seen.who.user or 0
    seats = seats_of_visitor(entry.account_id, entry.pk, user, list(seen.remembered), now - LATELY)
    if any(seat.uuid in asked.seats for seat in seats):
        return None
    wanted = {ticket.pk for ticket in asked.tickets}
    same = next((seat.booking for seat in seats if seat.ticket_id in wanted), None)
    if same is None:
        return None
    zone = seen.entry.account.zone
    return BookedBefore(same.uuid, _sentence([seat for seat in seats if seat.booking_id == same.pk], zone))


def _sentence(seats: list[Seat], zone: ZoneInfo) -> str:
    counts = Counter(seat.ticket.name for seat in seats)
    tickets = ", ".join(name if count == 1 else f"{count} x {name}" for name, count in counts.items())
    at = timezone.localtime(seats[0].created_at, zone)
    return _("You already booked this on %(day)s at %(time)s: %(tickets)s.") % {
        "tickets": tickets,
        "day": date_format(at, "j F"),
        "time": date_format(at, "H:i"),
    }
