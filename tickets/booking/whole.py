"""What confirming a booking writes, in one statement: the booking, its seats, its email, and the places that it takes.

The entry's row comes last in it, so that those who book there wait for each other no longer than PostgreSQL takes to
commit: nothing of ours is between the two. If anything is not as the rule judged it, the statement fails by the CHECK
on that row (`entry_places_fit`), and nothing of it is written.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from accounts.email_queue import LETTER, letter_row, send_posted
from bookwhen.fastpath.prepared import prepared_cursor
from tickets.availability.places import TAKEN, wanted_places
from tickets.availability.waiting import call_if_waiting
from tickets.booking.notices import booked_letter
from tickets.booking.seats import CLAIM, NOBODY, PARTY_AND_SEATS, PartyGrowth, booking_row, seats_row
from tickets.models import Booking, Seat

_MINUTE: Final = timedelta(minutes=1)
# Each asks for what is before it, which sets their order (docs/design.md, *Never too many*).
_AS_JUDGED: Final = """(SELECT count(*) FROM letter) = 1 AND EXISTS (
        SELECT FROM tickets_ticket AS ticket
        WHERE ticket.id = wanted.ticket AND ticket.series_id = %(series)s::bigint AND ticket.retired_at IS NULL
            AND ticket.exclusive = (wanted.ticket = ANY(%(exclusive)s::bigint[])) AND ticket.price = 0
            AND (ticket.shown OR ticket.exclusive) AND ticket.capacity IS NOT DISTINCT FROM wanted.capacity
            AND ticket.closes_minutes_before < %(ahead)s::float8
            AND %(ahead)s::float8 <= coalesce(ticket.opens_minutes_before, 'infinity'::float8)
    )
"""
_NEEDS_NO_CONFIRMING: Final = """
            AND NOT (SELECT confirms_free_bookings FROM accounts_account WHERE id = %(account)s::bigint)"""
"""Of a stranger's booking, which nobody holds anything for: the studio may have asked for addresses a moment ago."""
_REST: Final = f"""
    {PARTY_AND_SEATS}, letter AS (
        {LETTER} FROM booking WHERE (SELECT count(*) FROM seat) = %(seats)s::int RETURNING id
    ), taken AS (
        {TAKEN.format(asked=_AS_JUDGED)}
    )
    UPDATE tickets_entryplaces SET taken = CASE
        WHEN (SELECT count(*) FROM taken) = %(kinds)s::int AND revision = %(revision)s::int{{}}
            THEN taken + %(seats)s::int
        ELSE -1 END
    WHERE entry_id = %(entry)s::bigint AND EXISTS (SELECT FROM booking)
    RETURNING (SELECT id FROM letter), (SELECT id FROM booking), waiting
"""  # noqa: S608 - all of it is ours
_FILL: Final = f"WITH booking AS (SELECT %(booking)s::bigint AS id), {_REST.format('')}"
CLAIM_AND_FILL: Final = f"WITH booking AS ({CLAIM}), {_REST.format(_NEEDS_NO_CONFIRMING)}"


def fill_booking(seats: Sequence[Seat], party: PartyGrowth, *, now: datetime) -> None:
    """Fill a booking whose key is claimed: its seats, by which their customer's party grows, its email and its places.

    The transaction must end after this soon. Raises IntegrityError, by `entry_places_fit`, where it is not as judged.
    """
    _write(_FILL, seats, party, now=now)


def claim_and_fill(seats: Sequence[Seat], *, now: datetime) -> Booking | None:
    """Make a booking (the seats' own) with all of that, no offer being charged; None where its key is known.

    Raises as above.
    """
    booking = seats[0].booking
    booking.pk = _write(CLAIM_AND_FILL, seats, NOBODY, now=now)
    return booking if booking.pk else None


def _write(statement: str, seats: Sequence[Seat], party: PartyGrowth, *, now: datetime) -> int | None:
    """Write all of it, and have the email sent: the booking (id)."""
    booking, entry, tickets = seats[0].booking, seats[0].entry, [seat.ticket for seat in seats]
    asked: dict[str, Any] = {
        **booking_row(booking),
        **seats_row(seats, party),
        **letter_row(booked_letter(booking, entry, seats, now=now)),
        **wanted_places(entry, tickets),
        "booking": booking.pk,
        "seats": len(seats),
        "series": entry.series_id,
        "exclusive": [ticket.pk for ticket in tickets if ticket.exclusive],
        "ahead": (entry.starts_at - now) / _MINUTE,
    }
    with prepared_cursor() as cursor:
        cursor.execute(statement, asked)
        made = cursor.fetchone()
    if made is None:
        return None
    letter, key, waiting = made
    send_posted(letter)
    call_if_waiting(entry.pk, waiting)
    return int(key)
