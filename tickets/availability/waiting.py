"""The counters of those who wait at an entry, and what came free for them (docs/decisions/0061, 0067).

`waiting` counts the requests that wait at an entry, and those that would come there by one ticket; while it is above 0,
what comes free is `reserved`. Only the offering takes from that, or leaves it to the public. Rows are locked as
everywhere: the tickets' in their order, then the entry's.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import connection

from bookwhen.queue import enqueue
from tickets.models import Entry, EntryPlaces, Ticket, TicketPlaces

TASK: Final = "tickets.tasks.offer_spaces"

_JOIN_TICKET: Final = """
    INSERT INTO tickets_ticketplaces AS places (account_id, entry_id, ticket_id, capacity, taken, waiting)
    VALUES (%(account)s, %(entry)s, %(ticket)s, %(capacity)s::int, 0, 1)
    ON CONFLICT (ticket_id, entry_id) DO UPDATE SET waiting = places.waiting + 1
"""
_JOIN_ENTRY: Final = "UPDATE tickets_entryplaces SET waiting = waiting + 1 WHERE entry_id = %(entry)s"
# What was reserved for the last who waits is the public's.
_LEAVE: Final = """
    UPDATE {table} SET waiting = waiting - 1, reserved = CASE WHEN waiting > 1 THEN reserved ELSE 0 END
    WHERE entry_id = %(entry)s {only}
"""
_LEAVE_TICKET: Final = _LEAVE.format(table="tickets_ticketplaces", only="AND ticket_id = %(ticket)s")
_LEAVE_ENTRY: Final = _LEAVE.format(table="tickets_entryplaces", only="")
_TAKE: Final = """
    {table} SET taken = taken + %(people)s, waiting = waiting - 1,
        reserved = CASE WHEN waiting > 1 THEN greatest(reserved - %(people)s, 0) ELSE 0 END
    WHERE entry_id = %(entry)s
"""
_TAKE_OFFERED: Final = f"""
    WITH taken AS (
        UPDATE {_TAKE.format(table="tickets_ticketplaces")} AND ticket_id = %(ticket)s
            AND (capacity IS NULL OR taken + %(people)s <= capacity)
        RETURNING id
    )
    UPDATE {_TAKE.format(table="tickets_entryplaces")} AND taken + %(people)s <= capacity
        AND revision = %(revision)s AND EXISTS (SELECT FROM taken)
"""
# All that they waited for, in the order in which everybody holds them.
_LOCK_TICKETS: Final = """
    SELECT FROM tickets_ticketplaces WHERE entry_id = %(entry)s AND ticket_id = ANY(%(tickets)s::bigint[])
    ORDER BY ticket_id FOR NO KEY UPDATE
"""
_GIVE_UP_TICKETS: Final = """
    UPDATE tickets_ticketplaces AS places SET reserved = 0
    FROM unnest(%(tickets)s::bigint[], %(free)s::int[]) AS seen (ticket, free)
    WHERE places.entry_id = %(entry)s AND places.ticket_id = seen.ticket AND places.capacity - places.taken = seen.free
        AND places.reserved > 0
"""
_GIVE_UP_ENTRY: Final = """
    UPDATE tickets_entryplaces SET reserved = 0
    WHERE entry_id = %(entry)s AND capacity - taken = %(entry_free)s AND waiting = %(waiting)s
        AND revision = %(revision)s
"""


@dataclass(frozen=True, slots=True)
class FreePlaces:
    """What nobody has taken at an entry, reserved or not, and of its tickets (ids) that have a number there."""

    entry: int
    tickets: Mapping[int, int]
    reserved: int
    """How many of the entry's came free for those who wait."""
    waiting: int
    """How many requests wait there."""
    revision: int

    def of(self, ticket: int) -> int:
        """How many can be had by a ticket (id)."""
        return min(self.entry, self.tickets.get(ticket, self.entry))

    def without(self, ticket: int, people: int) -> "FreePlaces":
        """What is left once somebody who waited has so many by a ticket (id)."""
        tickets = {**self.tickets, **({ticket: self.tickets[ticket] - people} if ticket in self.tickets else {})}
        reserved = max(self.reserved - people, 0)
        return replace(self, entry=self.entry - people, tickets=tickets, reserved=reserved, waiting=self.waiting - 1)


def call_if_waiting(entry: int, waiting: int) -> None:
    """Have a worker look at an entry (id) where so many wait, once the current transaction commits."""
    if waiting:
        enqueue(TASK, entry)


def read_free(entry: int) -> FreePlaces:
    """What is free at an entry (id) now. Two statements."""
    places = EntryPlaces.objects.get(entry=entry)
    rows = TicketPlaces.objects.filter(entry=entry, capacity__isnull=False).values_list("ticket", "capacity", "taken")
    return FreePlaces(
        places.capacity - places.taken,
        {ticket: capacity - taken for ticket, capacity, taken in rows if capacity is not None},
        places.reserved,
        places.waiting,
        places.revision,
    )


def start_waiting(entry: Entry, tickets: Collection[Ticket]) -> None:
    """Count one more who waits, and hold the places that they wait for until the transaction ends."""
    with connection.cursor() as cursor:
        for ticket in sorted(tickets, key=lambda each: each.pk):
            row = {"account": entry.account_id, "entry": entry.pk, "ticket": ticket.pk, "capacity": ticket.capacity}
            cursor.execute(_JOIN_TICKET, row)
        cursor.execute(_JOIN_ENTRY, {"entry": entry.pk})


def stop_waiting(entry: int, tickets: Iterable[int]) -> None:
    """Count one fewer who waits at an entry for tickets (ids)."""
    with connection.cursor() as cursor:
        for ticket in sorted(tickets):
            cursor.execute(_LEAVE_TICKET, {"entry": entry, "ticket": ticket})
        cursor.execute(_LEAVE_ENTRY, {"entry": entry})


def take_offered_places(entry: Entry, ticket: Ticket, people: int, others: Collection[int] = ()) -> bool:
    """Take so many places for somebody who waited, reserved or not; they wait no more. False where there are fewer.

    Nor do they for the `others` (ids) by which they would have come. False also where the entry was moved or cancelled
    since its `places` were read.
    """
    row: dict[str, Any] = {"entry": entry.pk, "ticket": ticket.pk, "people": people, "revision": entry.places.revision}
    with connection.cursor() as cursor:
        if others:
            cursor.execute(_LOCK_TICKETS, {"entry": entry.pk, "tickets": [ticket.pk, *others]})
        for other in others:
            cursor.execute(_LEAVE_TICKET, {"entry": entry.pk, "ticket": other})
        cursor.execute(_TAKE_OFFERED, row)
        return bool(cursor.rowcount)


def give_up_reserved(entry: int, seen: FreePlaces) -> bool:
    """Leave to the public what nobody who waits can have; False where it is not as it was `seen`, so look again.

    More may have come free meanwhile, or somebody else waits. In a transaction.
    """
    row: dict[str, Any] = {
        "entry": entry,
        "tickets": sorted(seen.tickets),
        "free": [seen.tickets[ticket] for ticket in sorted(seen.tickets)],
        "entry_free": seen.entry,
        "waiting": seen.waiting,
        "revision": seen.revision,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP_TICKETS, row)
        cursor.execute(_GIVE_UP_ENTRY, row)
        return bool(cursor.rowcount)
