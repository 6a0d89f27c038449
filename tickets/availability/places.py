"""Taking places and giving them back: conditional statements, the hottest row last.

The CHECKs `entry_places_fit` and `ticket_places_fit` make overselling impossible, no matter what writes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import F

from bookwhen.fastpath.prepared import prepared_cursor
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
        WHERE places.capacity IS NULL OR places.taken + excluded.taken <= places.capacity
    RETURNING places.id
"""
"""Takes places of tickets (`wanted_places`), one row for each that has as many, if that is so which is `asked` too."""

# The entry's row comes last, and only when every ticket has its places: all who want one there wait for it.
_TAKE: Final = f"""
    WITH taken AS ({TAKEN.format(asked="true")})
    UPDATE tickets_entryplaces SET taken = taken + %(people)s::int
    WHERE entry_id = %(entry)s::bigint AND revision = %(revision)s::int AND taken + %(people)s::int <= capacity
        AND (SELECT count(*) FROM taken) = %(kinds)s::int
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
        SET capacity = greatest(places.capacity, least(%(agreed)s, places.taken + %(people)s))
        WHERE places.capacity IS NOT NULL
    RETURNING places.capacity
"""
_WIDEN_ENTRY: Final = """
    UPDATE tickets_entryplaces SET capacity = greatest(capacity, least(%s, taken + %s)) WHERE entry_id = %s
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
        if cursor.rowcount != 1:
            raise FullError


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
    return EntryPlaces.objects.filter(entry=entry, taken__lt=F("capacity")).exists()


def capacities_needed(entry: Entry, tickets: Iterable[Ticket]) -> Capacities:
    """The capacities an entry would need to take these tickets (repeats count) too; only tickets that fall short."""
    wanted = list(tickets)
    counts = Counter(ticket.pk for ticket in wanted)
    own = {ticket.pk: (ticket.capacity, 0) for ticket in wanted}
    rows = TicketPlaces.objects.filter(entry=entry, ticket__in=counts).values_list("ticket", "capacity", "taken")
    own |= {ticket: (capacity, taken) for ticket, capacity, taken in rows}
    places = EntryPlaces.objects.get(entry=entry)
    return Capacities(
        max(places.capacity, places.taken + len(wanted)),
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
    """Give places back at an entry (id): one for every ticket id given."""
    counts = Counter(tickets)
    with connection.cursor() as cursor:
        for ticket, places in sorted(counts.items()):
            cursor.execute(
                "UPDATE tickets_ticketplaces SET taken = taken - %s WHERE entry_id = %s AND ticket_id = %s",
                [places, entry, ticket],
            )
        cursor.execute("UPDATE tickets_entryplaces SET taken = taken - %s WHERE entry_id = %s", [counts.total(), entry])
