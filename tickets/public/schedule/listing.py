"""An entry as a line of the schedule: what it says of itself, from rows that were read for many entries at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from offers.periods import local_day
from tickets.annotated import TicketAtEachEntry, TicketAtEntry
from tickets.availability.facts import is_ticket_visible
from tickets.details import NO_DETAILS, NOBODY, Details, LedBy
from tickets.models import Entry, Ticket

FEW: Final = 5
"""From this many places left on, their number is told."""


@dataclass(frozen=True, kw_only=True)
class EntryLine:
    """An entry, with the tickets that the visitor may know of (`taken` there)."""

    entry: Entry
    tickets: Sequence[TicketAtEntry]
    now: datetime
    led_by: LedBy = NOBODY
    tags: Sequence[str] = ()

    @cached_property
    def state(self) -> str:
        """What can be had: nothing (empty), closed, full, soon, members or open."""
        if not self.on_sale:
            return "closed" if self.tickets else ""
        if self.places_left == 0:
            return "full"
        if self.opens_at is not None:
            return "soon"
        return "members" if self.members_only else "open"

    @property
    def is_bookable(self) -> bool:
        """Whether somebody can book it, now or once its sale begins."""
        return self.state not in {"", "closed", "full"}

    @cached_property
    def on_sale(self) -> list[TicketAtEntry]:
        """The tickets whose sale has not ended."""
        return [ticket for ticket in self.tickets if self.closes_at(ticket) > self.now]

    @property
    def open_now(self) -> list[TicketAtEntry]:
        """Those of them whose sale has begun."""
        return [ticket for ticket in self.on_sale if self._opens(ticket) <= self.now]

    def _opens(self, ticket: Ticket) -> datetime:
        before = ticket.opens_minutes_before
        return self.now if before is None else self.entry.starts_at - timedelta(minutes=before)

    @cached_property
    def members_only(self) -> bool:
        """Whether every ticket is exclusive."""
        return bool(self.tickets) and all(ticket.exclusive for ticket in self.tickets)

    @cached_property
    def places_left(self) -> int:
        """How many places can still be booked, whichever ticket runs out."""
        left = self.entry.places.free
        limits = [self.left_of(ticket) for ticket in self.on_sale]
        counted = [limit for limit in limits if limit is not None]
        return max(min(left, sum(counted)) if len(counted) == len(limits) else left, 0)

    @property
    def few_left(self) -> int | None:
        """The number of places left, when it is small enough to be told."""
        return self.places_left if self.places_left <= FEW else None

    @property
    def opens_at(self) -> datetime | None:
        """When sale begins, while no ticket can be booked yet."""
        waits = [ticket.opens_minutes_before for ticket in self.tickets]
        if None in waits:
            return None
        first = self.entry.starts_at - timedelta(minutes=max((wait for wait in waits if wait), default=0))
        return first if first > self.now else None

    def closes_at(self, ticket: Ticket) -> datetime:
        """When sale of a ticket ends."""
        return self.entry.starts_at - timedelta(minutes=ticket.closes_minutes_before)

    @staticmethod
    def left_of(ticket: TicketAtEntry) -> int | None:
        """How many of a ticket are left here; none: as many as the entry has places."""
        return None if ticket.capacity is None else max(ticket.capacity - (ticket.taken or 0), 0)


def entry_lines(
    entries: Iterable[Entry],
    tickets: Iterable[TicketAtEachEntry],
    groups: AbstractSet[int],
    details: Details = NO_DETAILS,
    *,
    now: datetime,
) -> list[EntryLine]:
    """The entries with their tickets (as `tickets_at` says), as a visitor sees them who stands in these groups."""
    shown = defaultdict[int, list[TicketAtEachEntry]](list)
    for ticket in tickets:
        if is_ticket_visible(ticket, groups):
            shown[ticket.entry_id].append(ticket)
    return [
        EntryLine(
            entry=entry,
            tickets=shown[entry.pk],
            now=now,
            led_by=details.led_by.get(entry.pk, NOBODY),
            tags=details.tags.get(entry.pk, ()),
        )
        for entry in entries
    ]


def by_day(lines: Iterable[EntryLine], zone: ZoneInfo) -> Iterator[tuple[date, list[EntryLine]]]:
    """The lines under the local day each starts on."""
    for day, found in groupby(lines, key=lambda line: local_day(line.entry.starts_at, zone)):
        yield day, list(found)
