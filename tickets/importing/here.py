"""What is here already, as far as some rows of a list of bookings are concerned: events, spaces, people, bookings."""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, F
from django.db.models.functions import TruncDate

from accounts.customers import customers_by_address
from accounts.imports.rows import ListedRow
from accounts.models import Account, Customer, ListImport
from accounts.models.imports import WANTED
from groups.importing.people import group_key, name_key
from tickets.importing.lines import ENTRY, BookingLine
from tickets.models import Entry, ImportedSeat, Seat, Ticket, TicketPlaces

SHOWN: Final = 8
"""How many events are proposed for a row that names none exactly."""


@dataclass(slots=True)
class Found:
    """The events that a row may mean: the one that it names exactly, or some that come close (soonest first)."""

    exact: list[Entry] = field(default_factory=list)
    close: list[Entry] = field(default_factory=list)


class Schedule:
    """The events of some days, with their tickets, found as a row names them."""

    def __init__(self, account: Account, days: Iterable[date], chosen: Iterable[int] = ()) -> None:
        self.zone = account.zone
        wanted, ids = sorted(set(days)), set(chosen)
        entries = list(_entries_of_days(account, wanted))
        entries += Entry.objects.for_booking().filter(account=account, pk__in=ids - {each.pk for each in entries})
        self.by_id = {each.pk: each for each in entries}
        self.by_day: dict[date, list[Entry]] = defaultdict(list)
        for entry in entries:
            entry.account = account
            self.by_day[self.local(entry).date()].append(entry)
        self.tickets: dict[int, list[Ticket]] = defaultdict(list)
        on_sale = Ticket.objects.on_sale().filter(account=account, series__in={each.series_id for each in entries})
        for ticket in on_sale.order_by("position", "pk"):
            self.tickets[ticket.series_id].append(ticket)

    def local(self, entry: Entry) -> datetime:
        """When it starts on the clocks of the account's zone (naive)."""
        return entry.starts_at.astimezone(self.zone).replace(tzinfo=None)

    def find(self, line: BookingLine) -> Found:
        """The events that a row may mean."""
        if line.starts is None:
            return Found()
        there = self.by_day.get(line.starts.date(), [])
        title = group_key(line.title)
        named = [each for each in there if group_key(each.title) == title or not title]
        exact = [each for each in named if self.local(each) == line.starts]
        if not exact and not line.has_time and len(named) == 1 and title:
            exact = named
        if exact and title:
            return Found(exact)
        at_once = [each for each in there if self.local(each) == line.starts]
        close = list(dict.fromkeys([*exact, *named, *at_once]))
        return Found([], close[:SHOWN])

    def tickets_of(self, entry: Entry) -> list[Ticket]:
        """The tickets that are on sale there, in their order."""
        return self.tickets[entry.series_id]

    def ticket(self, entry: Entry, key: str, chosen: int | None = None) -> Ticket | None:
        """The ticket of an event that is called so (by its key), that was chosen, or its only one where none is."""
        there = self.tickets_of(entry)
        if chosen is not None:
            return next((each for each in there if each.pk == chosen), None)
        if not key:
            return there[0] if len(there) == 1 else None
        return next((each for each in there if group_key(each.name) == key), None)


def _entries_of_days(account: Account, days: Sequence[date]) -> Iterable[Entry]:
    if not days:
        return ()
    first = datetime.combine(days[0], time(), account.zone)
    last = datetime.combine(days[-1] + timedelta(days=1), time(), account.zone)
    found = Entry.objects.for_booking().filter(account=account, starts_at__gte=first, starts_at__lt=last)
    return (
        found.annotate(day=TruncDate("starts_at", tzinfo=account.zone)).filter(day__in=days).order_by("starts_at", "pk")
    )


@dataclass(slots=True)
class Here:
    """What matters to some rows of one list, kept up to date while they are judged one after the other."""

    schedule: Schedule
    known: Mapping[str, Customer] = field(default_factory=dict)
    """By folded address."""
    named: Mapping[str, list[Customer]] = field(default_factory=dict)
    """By the key of their name, as far as a row has no address."""
    imported: set[UUID] = field(default_factory=set)
    """Which rows (keys) came in before."""
    brought: set[UUID] = field(default_factory=set)
    """Which rows (keys) come earlier in the list."""
    attends: set[tuple[int, int, str]] = field(default_factory=set)
    """Who of which customer (by the key of a name) has a space at which event."""
    free: dict[tuple[int, int | None], int] = field(default_factory=dict)
    """How many spaces are left: of an event (id, None), and of a ticket that has a number there."""
    charged: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many uses earlier rows charge, by person and by offer and period."""

    def room(self, entry: Entry, ticket: Ticket) -> bool:
        """Whether a space is left for one more row."""
        return self._left(entry, ticket) > 0

    def take(self, entry: int, ticket: int, count: int = 1) -> None:
        """Count spaces as taken by rows."""
        for key in ((entry, None), (entry, ticket)):
            if key in self.free:
                self.free[key] -= count

    def _left(self, entry: Entry, ticket: Ticket) -> int:
        left = self.free[entry.pk, None]
        return min(left, self.free.get((entry.pk, ticket.pk), left))


def look(list_import: ListImport, rows: Sequence[ListedRow], lines: Sequence[BookingLine]) -> Here:
    """Read what matters to these rows, in as many statements for many as for few."""
    account = list_import.account
    days = {line.starts.date() for line in lines if line.starts}
    schedule = Schedule(account, days, [row.decided[ENTRY] for row in rows if ENTRY in row.decided])
    here = Here(schedule)
    here.known = customers_by_address(account, {line.address for line in lines if line.address})
    here.named = _named(account, {line.booker or line.name for line in lines if not line.has_address})
    keys = [line.key for line in lines]
    here.imported = set(ImportedSeat.objects.filter(account=account, key__in=keys).values_list("key", flat=True))
    people = [customer.pk for customer in here.known.values()]
    people += [customer.pk for several in here.named.values() for customer in several]
    theirs = Seat.objects.live().booked().filter(account=account, customer__in=people, entry__in=schedule.by_id)
    for entry, customer, name in theirs.values_list("entry", "customer", "attendee_name"):
        here.attends.add((entry, customer, name_key(name)))
    _count_places(here, account)
    return here


def _named(account: Account, names: set[str]) -> dict[str, list[Customer]]:
    found: dict[str, list[Customer]] = defaultdict(list)
    for customer in Customer.objects.filter(account=account, name__in=names - {""}).order_by("pk"):
        found[name_key(customer.name)].append(customer)
    return found


def _count_places(here: Here, account: Account) -> None:
    entries = here.schedule.by_id
    here.free = {(pk, None): each.places.free for pk, each in entries.items()}
    for pk, each in entries.items():
        numbers = {ticket.pk: ticket.capacity for ticket in here.schedule.tickets_of(each)}
        here.free |= {(pk, ticket): number for ticket, number in numbers.items() if number is not None}
    counted = TicketPlaces.objects.filter(account_id=account.pk, entry__in=entries)
    left = F("capacity") - F("taken") - F("reserved")
    for entry, ticket, count in counted.annotate(left=left).values_list("entry", "ticket", "left"):
        here.free[entry, ticket] = sys.maxsize if count is None else count


def count_earlier(list_import: ListImport, rows: Sequence[ListedRow], here: Here) -> None:
    """Count what earlier rows of the list take of spaces and of uses."""
    earlier = list_import.rows.filter(WANTED, number__lt=rows[0].number).exclude(pk__in=[row.pk for row in rows])
    targets = [
        f"{pk}:{each.pk}" for pk, entry in here.schedule.by_id.items() for each in here.schedule.tickets_of(entry)
    ]
    counted = earlier.order_by().filter(target__in=targets).values_list("target").annotate(count=Count("pk"))
    for target, count in counted:
        entry, _colon, ticket = target.partition(":")
        here.take(int(entry), int(ticket), count)
    people = {row.person for row in rows if row.person}
    for person, what in earlier.filter(person__in=people).exclude(what="").values_list("person", "what"):
        here.charged[person, what] += 1
