"""Reckoning instants anew from wall times, when what is known of a time zone has changed (docs/decisions/0024)."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Account
from accounts.zones import find_zone
from tickets.availability import locks
from tickets.booking import notices
from tickets.models import Entry, Seat
from tickets.schedule.moving import refile_moved
from tickets.wall_times import to_instants

NEAR: Final = timedelta(days=2)
"""How far a change of rules can move an entry: across the date line at most."""
BATCH: Final = 100
"""How many series are read at a time."""

log = logging.getLogger(__name__)


class UnknownZoneError(Exception):
    """Nobody knows the account's time zone: its entries cannot be reckoned."""


@dataclass(frozen=True, slots=True)
class Correction:
    """An entry that is not at the instants of its wall times, and these; whose it is: bookings and customers (ids)."""

    entry: Entry
    starts_at: datetime
    ends_at: datetime
    bookings: frozenset[int]
    customers: frozenset[int]


@dataclass(frozen=True, slots=True)
class ReckonResult:
    """How many entries were corrected, how many kept no wall times and do so now, and how many customers were told."""

    corrected: int = 0
    completed: int = 0
    told: int = 0

    def __add__(self, other: "ReckonResult") -> "ReckonResult":
        return ReckonResult(self.corrected + other.corrected, self.completed + other.completed, self.told + other.told)


def find_corrections(account: Account, *, now: datetime) -> list[Correction]:
    """What `reckon_entries` would correct, soonest first. Raises UnknownZoneError."""
    zone, found = _zone_of(account), list[Correction]()
    for entries in _by_series(account, zone, now=now):
        outdated = [each for each in entries if _is_outdated(each, zone)]
        seats = _seats_at(outdated)
        for entry in outdated:
            instants, theirs = _reckoned(entry, zone), seats[entry.pk]
            bookings, customers = (frozenset(seat[part] for seat in theirs) for part in (0, 1))
            found.append(Correction(entry, *instants, bookings, customers))
    return sorted(found, key=lambda each: (each.starts_at, each.entry.pk))


def reckon_entries(account: Account, *, now: datetime) -> ReckonResult:
    """Put an account's entries still to come at the instants of their wall times, one series at a time.

    Who has booked is told, once a booking and series: the hour that they know is right, their calendars may not be.
    Uses are filed again by the local day. Entries that keep no wall times, written by the release before this, keep
    what the clocks show at them now. Safe to run again, or twice at once. Raises UnknownZoneError.
    """
    zone, result = _zone_of(account), ReckonResult()
    for entries in _by_series(account, zone, now=now):
        if any(_is_outdated(each, zone) or not each.keeps_wall_times for each in entries):
            result += _reckon_series(account, entries, zone, now=now)
    return result


def keep_wall_times(account: Account, *, now: datetime) -> int:
    """Let entries keep the times that clocks show at them now, where the release before this wrote none; how many.

    What new rules for clocks have moved is left to the keeper, who decides when people are told; the log says so.
    Raises UnknownZoneError.
    """
    zone, kept, moved = _zone_of(account), 0, 0
    for entries in _by_series(account, zone, now=now):
        moved += sum(_is_outdated(each, zone) for each in entries)
        if missing := [each for each in entries if not each.keeps_wall_times]:
            kept += _keep_in_series(account, missing, zone)
    if moved:
        log.error(
            "Rules for clocks have changed: %d entries of %s start at another time than was said. Run reckon_times.",
            moved,
            account.slug,
        )
    return kept


def _keep_in_series(account: Account, found: Sequence[Entry], zone: ZoneInfo) -> int:
    """The same for entries of one series, as they are once it is held."""
    with transaction.atomic():
        locks.lock_series(found[0].series_id)
        live = Entry.objects.live().filter(account=account, pk__in=[each.pk for each in found])
        missing = [each for each in live.order_by("pk") if not each.keeps_wall_times]
        for entry in missing:
            entry.keep_wall_times(entry.wall_times(zone))
        Entry.objects.bulk_update(missing, Entry.TIMES)
    return len(missing)


def _zone_of(account: Account) -> ZoneInfo:
    if zone := find_zone(account.time_zone):
        return zone
    raise UnknownZoneError(account.time_zone)


def _by_series(account: Account, zone: ZoneInfo, *, now: datetime) -> Iterator[list[Entry]]:
    """The entries still to come by either reckoning, a list for each series that has some."""
    live = Entry.objects.live().filter(account=account, starts_at__gt=now - NEAR)
    series = list(live.order_by("series").values_list("series", flat=True).distinct())
    for first in range(0, len(series), BATCH):
        entries = live.filter(series__in=series[first : first + BATCH]).order_by("series", "starts_at", "pk")
        for _series, theirs in groupby(entries, key=lambda entry: entry.series_id):
            if ahead := [each for each in theirs if max(each.starts_at, _reckoned(each, zone)[0]) > now]:
                yield ahead


def _reckon_series(account: Account, found: Sequence[Entry], zone: ZoneInfo, *, now: datetime) -> ReckonResult:
    """Correct these entries of one series, as they are once it is held."""
    while True:
        with suppress(locks.ConcurrentBookingError), transaction.atomic():
            locks.lock_series(found[0].series_id)
            live = Entry.objects.live().filter(account=account, pk__in=[each.pk for each in found])
            entries = list(live.select_related("account").order_by("pk"))
            completed = [each for each in entries if not each.keeps_wall_times]
            for entry in completed:
                entry.keep_wall_times(entry.wall_times(zone))
            outdated = [each for each in entries if _is_outdated(each, zone)]
            ids = [each.pk for each in outdated]
            members = locks.lock_charged_members(ids)
            locks.bump_entry_revision(ids)
            for entry in outdated:
                entry.set_times(entry.wall_times(zone), zone)
            Entry.objects.bulk_update({*completed, *outdated}, Entry.TIMES)
            refile_moved(outdated, members, now=now)
            return ReckonResult(len(outdated), len(completed), _notify(outdated, now=now))


def _reckoned(entry: Entry, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return to_instants(entry.wall_times(zone), zone)


def _is_outdated(entry: Entry, zone: ZoneInfo) -> bool:
    return _reckoned(entry, zone) != (entry.starts_at, entry.ends_at)


def _seats_at(entries: Sequence[Entry]) -> dict[int, list[tuple[int, int]]]:
    """By entry (id), the booking and the customer (ids) of each seat there."""
    found = defaultdict[int, list[tuple[int, int]]](list)
    seats = Seat.objects.live().booked().filter(entry__in=entries)
    for entry, booking, customer in seats.values_list("entry", "booking", "customer"):
        found[entry].append((booking, customer))
    return found


def _notify(entries: Sequence[Entry], *, now: datetime) -> int:
    """Write to everyone with a seat at one of these entries still to come, once a booking; how many customers."""
    seats = (
        Seat.objects.live()
        .booked()
        .upcoming(now)
        .filter(entry__in=entries)
        .for_letters()
        .select_related("booking__customer")
        .order_by("booking", "pk")
    )
    customers = set[int]()
    for booking, theirs in groupby(seats, key=lambda seat: seat.booking):
        notices.notify_clocks_changed(booking, list(theirs), now=now)
        customers.add(booking.customer_id)
    return len(customers)
