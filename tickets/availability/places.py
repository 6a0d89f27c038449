"""Taking places and giving them back: conditional statements, the hottest row last.

While anyone waits at an entry, what comes free there is `reserved` in the same statement, and a worker is called that
offers it (`tickets.availability.waiting`, docs/decisions/0061).

The CHECKs `entry_places_fit` and `ticket_places_fit` make overselling impossible, no matter what writes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import F

from bookwhen.fastpath.prepared import prepared_cursor
from tickets.availability.waiting import call_if_waiting
from tickets.models import Entry, EntryPlaces, Ticket, TicketPlaces


class FullError(Exception):
    """The entry, or the ticket there, has not that many places left."""


class PartyFullError(Exception):
    """The customer's offers do not let them bring that many people to this event."""


@dataclass(frozen=True, slots=True)
class Capacities:
    """Capacities at one entry: its own, and by ticket (id) those of tickets that have a number there."""

    entry: int
    tickets: Mapping[int, int]


TAKEN: Final = """
    INSERT INTO tickets_ticketplaces AS places (account_id, entry_id, ticket_id, capacity, taken)
    SELECT %(account)s::bigint, %(entry)s::bigint, wanted.ticket, wanted.capacity, wanted.places
    FROM unnest(%(tickets)s::bigint[], %(capacities)s::int[], %(places)s::int[]) AS wanted (ticket, capacity, places)
    WHERE (wanted.capacity IS NULL OR wanted.places <= wanted.capacity) AND {asked}
    ORDER BY wanted.ticket
    ON CONFLICT (ticket_id, entry_id) DO UPDATE SET taken = places.taken + excluded.taken
        WHERE places.capacity IS NULL OR places.taken + places.reserved + excluded.taken <= places.capacity
    RETURNING places.id
"""
"""Takes places of tickets (`wanted_places`), one row for each that has as many, if that is so which is `asked` too."""

# The entry's row comes last, and only when every ticket has its places: all who want one there wait for it.
_TAKE: Final = f"""
    WITH taken AS ({TAKEN.format(asked="true")})
    UPDATE tickets_entryplaces SET taken = taken + %(people)s::int
    WHERE entry_id = %(entry)s::bigint AND revision = %(revision)s::int
        AND taken + reserved + %(people)s::int <= capacity AND (SELECT count(*) FROM taken) = %(kinds)s::int
    RETURNING waiting
"""  # noqa: S608 - all of it is ours
# The rows are held in the order of their customers, so that two who cancel never wait for each other.
_LEAVE_PARTIES: Final = """
    WITH held AS MATERIALIZED (
        SELECT id, customer_id FROM tickets_party
        WHERE entry_id = %(entry)s AND customer_id = ANY(%(customers)s)
        ORDER BY customer_id FOR UPDATE
    )
    UPDATE tickets_party AS party SET seats = party.seats - leaving.people
    FROM held, unnest(%(customers)s::bigint[], %(people)s::int[]) AS leaving (customer, people)
    WHERE party.id = held.id AND leaving.customer = held.customer_id
"""
_WIDEN_TICKET: Final = """
    INSERT INTO tickets_ticketplaces AS places (account_id, entry_id, ticket_id, capacity, taken)
    VALUES (
        %(account)s, %(entry)s, %(ticket)s,
        CASE WHEN %(number)s::int IS NOT NULL THEN greatest(%(number)s, least(%(agreed)s, %(people)s)) END, 0
    )
    ON CONFLICT (ticket_id, entry_id) DO UPDATE
        SET capacity = greatest(places.capacity, least(%(agreed)s, places.taken + places.reserved + %(people)s))
        WHERE places.capacity IS NOT NULL
    RETURNING places.capacity
"""
_WIDEN_ENTRY: Final = """
    UPDATE tickets_entryplaces SET capacity = greatest(capacity, least(%s, taken + reserved + %s)) WHERE entry_id = %s
"""
_FREE_TICKET: Final = """
    UPDATE tickets_ticketplaces SET taken = taken - %(places)s,
        reserved = reserved + CASE WHEN waiting > 0 AND capacity IS NOT NULL THEN %(places)s ELSE 0 END
    WHERE entry_id = %(entry)s AND ticket_id = %(ticket)s
"""
_FREE_ENTRY: Final = """
    UPDATE tickets_entryplaces SET taken = taken - %(places)s,
        reserved = reserved + CASE WHEN waiting > 0 THEN %(places)s ELSE 0 END
    WHERE entry_id = %(entry)s RETURNING waiting
"""
_SET_ENTRY: Final = """
    UPDATE tickets_entryplaces SET capacity = %(capacity)s, reserved = CASE
        WHEN waiting > 0 AND capacity < %(capacity)s THEN reserved + %(capacity)s - capacity
        ELSE least(reserved, %(capacity)s - taken) END
    WHERE entry_id = ANY(%(entries)s) AND taken <= %(capacity)s RETURNING entry_id, waiting
"""
_SET_TICKET: Final = """
    INSERT INTO tickets_ticketplaces AS places (account_id, entry_id, ticket_id, capacity, taken)
    SELECT account_id, id, %(ticket)s, %(capacity)s::int, 0 FROM tickets_entry WHERE id = ANY(%(entries)s) ORDER BY id
    ON CONFLICT (ticket_id, entry_id) DO UPDATE SET capacity = excluded.capacity, reserved = CASE
        WHEN excluded.capacity IS NULL THEN 0
        WHEN places.waiting > 0 AND places.capacity < excluded.capacity
            THEN places.reserved + excluded.capacity - places.capacity
        ELSE greatest(least(places.reserved, excluded.capacity - places.taken), 0) END
    RETURNING places.entry_id, places.waiting
"""


def leave_parties(entry: int, people: Mapping[int, int]) -> None:
    """Take people out of customers' parties at an event (ids): so many of each."""
    if not people:
        return
    with connection.cursor() as cursor:
        row: dict[str, Any] = {"entry": entry, "customers": list(people), "people": list(people.values())}
        cursor.execute(_LEAVE_PARTIES, row)


def take_places(entry: Entry, tickets: Iterable[Ticket]) -> None:
    """Take a place at an entry (with its `places`) for every ticket given (repeats count), or raise FullError.

    Also raised when the entry was moved or cancelled since its `places` were read.

    The transaction must end after this soon: everybody who wants a place at this entry waits for its row.
    """
    wanted = list(tickets)
    with prepared_cursor() as cursor:
        cursor.execute(_TAKE, {**wanted_places(entry, wanted), "people": len(wanted)})
        found = cursor.fetchone()
    if found is None:
        raise FullError
    call_if_waiting(entry.pk, *found)


def wanted_places(entry: Entry, tickets: Sequence[Ticket]) -> dict[str, Any]:
    """What a statement asks that takes places for tickets (repeats count) at an entry (with its `places`)."""
    counts = Counter(ticket.pk for ticket in tickets)
    kinds = sorted({ticket.pk: ticket for ticket in tickets}.values(), key=lambda each: each.pk)
    return {
        "account": entry.account_id,
        "entry": entry.pk,
        "tickets": [ticket.pk for ticket in kinds],
        "capacities": [ticket.capacity for ticket in kinds],
        "places": [counts[ticket.pk] for ticket in kinds],
        "kinds": len(kinds),
        "revision": entry.places.revision,
    }


def has_places_left(entry: Entry) -> bool:
    """Whether an entry has a place left at this moment."""
    return EntryPlaces.objects.filter(entry=entry, capacity__gt=F("taken") + F("reserved")).exists()


def capacities_needed(entry: Entry, tickets: Iterable[Ticket]) -> Capacities:
    """The capacities an entry would need to take these tickets (repeats count) too; only tickets that fall short."""
    wanted = list(tickets)
    counts = Counter(ticket.pk for ticket in wanted)
    own = {ticket.pk: (ticket.capacity, 0) for ticket in wanted}
    gone = F("taken") + F("reserved")
    rows = TicketPlaces.objects.filter(entry=entry, ticket__in=counts).values_list("ticket", "capacity", gone)
    own |= {ticket: (capacity, taken) for ticket, capacity, taken in rows}
    places = EntryPlaces.objects.get(entry=entry)
    return Capacities(
        max(places.capacity, places.taken + places.reserved + len(wanted)),
        {
            ticket: taken + counts[ticket]
            for ticket, (capacity, taken) in own.items()
            if capacity is not None and taken + counts[ticket] > capacity
        },
    )


def raise_capacities(entry: Entry, tickets: Iterable[Ticket], room: Capacities) -> None:
    """Raise capacities at an entry as far as these tickets (repeats count) need it, and not beyond `room`.

    What an operator agrees to by *Raise the capacity to 11 and book*. Call it before `take_places`, in its transaction,
    with the same tickets: their `capacity` becomes the one at this entry.
    """
    wanted = list(tickets)
    counts = Counter(ticket.pk for ticket in wanted)
    short = {ticket.pk: ticket for ticket in wanted if ticket.pk in room.tickets}
    with connection.cursor() as cursor:
        for pk, ticket in sorted(short.items()):
            row = {
                "account": entry.account_id,
                "entry": entry.pk,
                "ticket": pk,
                "number": ticket.capacity,
                "agreed": room.tickets[pk],
                "people": counts[pk],
            }
            cursor.execute(_WIDEN_TICKET, row)
            found = cursor.fetchone()
            ticket.capacity = found[0] if found else None
        cursor.execute(_WIDEN_ENTRY, [room.entry, len(wanted), entry.pk])


def free_places(entry: int, tickets: Iterable[int]) -> None:
    """Give places back at an entry (id): one for every ticket id given. They are for those who wait, if anyone does."""
    counts = Counter(tickets)
    with connection.cursor() as cursor:
        for ticket, places in sorted(counts.items()):
            cursor.execute(_FREE_TICKET, {"entry": entry, "ticket": ticket, "places": places})
        cursor.execute(_FREE_ENTRY, {"entry": entry, "places": counts.total()})
        found = cursor.fetchall()
    for (waiting,) in found:
        call_if_waiting(entry, waiting)


def set_entry_capacities(entries: Sequence[int], capacity: int) -> bool:
    """Give entries (ids) this many places each; False where one of them has more taken: then nothing is kept.

    What is more than before is for those who wait.
    """
    return _set_capacities(_SET_ENTRY, {"entries": list(entries), "capacity": capacity}) == len(entries)


def set_ticket_capacities(ticket: int, entries: Sequence[int], capacity: int | None) -> None:
    """Give a ticket (id) this number at each of these entries (ids); the constraint refuses fewer than are taken.

    Every entry gets its row, so that a booking under way, which has read the old number, meets the new one.
    """
    _set_capacities(_SET_TICKET, {"ticket": ticket, "entries": list(entries), "capacity": capacity})


def _set_capacities(statement: str, asked: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        found = cursor.fetchall()
    for entry, waiting in found:
        call_if_waiting(entry, waiting)
    return len(found)
