"""Making and changing entries: repeated, moved, cancelled; places raised and lowered."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.models import SchedulePage
from groups.locks import hold_members
from offers.models import OfferUse
from offers.periods import local_day
from offers.services import refile_members
from tickets import notices
from tickets.cancelling import cancel_by_hand
from tickets.models import Entry, EntryPlaces, Seat, Series
from tickets.recurrence import starts, to_instant, weekly_until


class BelowBookedError(Exception):
    """A capacity below what is booked: `minimum` is the least it can be."""

    def __init__(self, minimum: int) -> None:
        super().__init__(f"{minimum} are booked")
        self.minimum = minimum


class EntryCancelledError(Exception):
    """A cancelled entry does not change any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What an operator says of an entry. `starts` is a naive local time in the account's zone."""

    title: str
    starts: datetime
    duration: timedelta
    capacity: int
    description: str = ""
    location: str = ""
    per_booking: int = 6


_PLAIN: Final = ("title", "description", "location", "per_booking")


def create_entries(page: SchedulePage, details: Details, *, until: date | None = None) -> list[Entry]:
    """Put an entry on a page, or one every week until a local day (inclusive), as one series; soonest first.

    They have no tickets yet.
    """
    rule = weekly_until(details.starts, until) if until else ""
    with transaction.atomic():
        series = Series.objects.create(account_id=page.account_id, page=page, rule=rule)
        return _add(series, page, details, starts(rule, details.starts, page.account.zone))


def extend_series(series: Series, *, until: date) -> list[Entry]:
    """Go on with a weekly series, after its last entry and like it, until a local day (inclusive)."""
    last = Entry.objects.select_related("page__account", "places").filter(series=series).order_by("-starts_at").first()
    if last is None:
        return []
    details = details_of(last)
    rule = weekly_until(details.starts, until)
    with transaction.atomic():
        Series.objects.filter(pk=series.pk).update(rule=rule)
        return _add(series, last.page, details, starts(rule, details.starts, last.page.account.zone)[1:])


def details_of(entry: Entry) -> Details:
    """What an entry (with its page's account and places) is like now."""
    return Details(
        title=entry.title,
        starts=timezone.make_naive(entry.starts_at, entry.page.account.zone),
        duration=entry.ends_at - entry.starts_at,
        capacity=entry.places.capacity,
        description=entry.description,
        location=entry.location,
        per_booking=entry.per_booking,
    )


def edit_entries(entry: Entry, details: Details, *, later_too: bool, now: datetime) -> list[Entry]:
    """Change an entry, with `later_too` also those of its series that start after it; returns what was changed.

    Later ones keep their day: they move by as much wall-clock time as this one does. Who has a seat at one that moves
    is told, and their uses are filed again by the new date. Raises BelowBookedError and changes nothing when the
    capacity is below what one of them has booked; EntryCancelledError for a cancelled entry.
    """
    if entry.cancelled_at:
        raise EntryCancelledError
    entries = [entry]
    if later_too:
        entries += (
            Entry.objects.filter(series=entry.series_id, starts_at__gt=entry.starts_at, cancelled_at__isnull=True)
            .select_related("account", "page")
            .order_by("starts_at", "pk")
        )
    while True:
        with suppress(_OneMoreError), transaction.atomic():
            _edit(entries, details, now=now)
            return entries


def set_capacity(entries: Sequence[int], capacity: int) -> None:
    """Give entries (ids) this many places each, all or none; raises BelowBookedError naming the least possible."""
    with transaction.atomic():
        changed = EntryPlaces.objects.filter(pk__in=entries, taken__lte=capacity).update(capacity=capacity)
        if changed != len(entries):
            taken = EntryPlaces.objects.filter(pk__in=entries).aggregate(most=Max("taken"))
            raise BelowBookedError(taken["most"])


def cancel_entry(entry: Entry, *, now: datetime) -> list[Seat]:
    """Cancel an entry: every seat is cancelled, every use comes back whatever the cut-off, everyone is told."""
    while True:
        with suppress(_OneMoreError), transaction.atomic():
            _hold([entry.pk])
            Entry.objects.filter(pk=entry.pk, cancelled_at__isnull=True).update(cancelled_at=now)
            seats = Seat.objects.filter(entry=entry, cancelled_at__isnull=True).values_list("pk", flat=True)
            return cancel_by_hand(list(seats), now=now)


class _OneMoreError(Exception):
    """Another member booked while we waited for an entry's row."""


def _add(series: Series, page: SchedulePage, details: Details, instants: Sequence[datetime]) -> list[Entry]:
    entries = Entry.objects.bulk_create(
        Entry(
            account_id=page.account_id,
            page=page,
            series=series,
            starts_at=start,
            ends_at=start + details.duration,
            **{name: getattr(details, name) for name in _PLAIN},
        )
        for start in instants
    )
    EntryPlaces.objects.bulk_create(
        EntryPlaces(entry=entry, account_id=page.account_id, capacity=details.capacity) for entry in entries
    )
    return entries


def _edit(entries: Sequence[Entry], details: Details, *, now: datetime) -> None:
    zone = entries[0].account.zone
    shift = details.starts - timezone.make_naive(entries[0].starts_at, zone)
    members = _hold([entry.pk for entry in entries])
    set_capacity([entry.pk for entry in entries], details.capacity)
    moved: list[tuple[Entry, datetime]] = []
    for entry in entries:
        before = (entry.starts_at, entry.ends_at, entry.location)
        entry.starts_at = to_instant(timezone.make_naive(entry.starts_at, zone) + shift, zone)
        entry.ends_at = entry.starts_at + details.duration
        for name in _PLAIN:
            setattr(entry, name, getattr(details, name))
        if before != (entry.starts_at, entry.ends_at, entry.location):
            moved.append((entry, before[0]))
    Entry.objects.bulk_update(entries, ["starts_at", "ends_at", *_PLAIN])
    _follow([entry for entry, _before in moved], members, now=now)
    _tell_moved(moved, now=now)


def _hold(entries: Sequence[int]) -> set[int]:
    """Hold the members charged at these entries (ids), then the entries' rows, so that no booking is under way.

    The members are returned; a booking that was judged before this fails after it, by the entry's new revision.
    Raises _OneMoreError: members come before entries in the order of rows, so a late one needs a new transaction.
    """
    charged = Seat.objects.filter(entry__in=entries, cancelled_at__isnull=True, use__isnull=False)
    members = set(charged.values_list("use__period__member", flat=True))
    hold_members(members)
    list(EntryPlaces.objects.filter(pk__in=entries).order_by("pk").select_for_update().values_list("pk"))
    EntryPlaces.objects.filter(pk__in=entries).update(revision=F("revision") + 1)
    if not set(charged.values_list("use__period__member", flat=True)) <= members:
        raise _OneMoreError
    return members


def _follow(moved: Sequence[Entry], members: set[int], *, now: datetime) -> None:
    for entry in moved:
        day = local_day(entry.starts_at, entry.account.zone)
        seats = Seat.objects.filter(entry=entry, use__isnull=False).values("uuid")
        OfferUse.objects.filter(seat__in=seats).exclude(event_on=day).update(event_on=day)
    if moved and members:
        refile_members(members, now=now)


def _tell_moved(moved: Sequence[tuple[Entry, datetime]], *, now: datetime) -> None:
    befores = {entry.pk: before for entry, before in moved}
    seats = (
        Seat.objects.filter(entry__in=befores, cancelled_at__isnull=True, entry__starts_at__gt=now)
        .select_related("entry__account", "entry__page", "entry__places", "booking__customer", "ticket")
        .order_by("pk")
    )
    by_booking = defaultdict[tuple[int, int], list[Seat]](list)
    for seat in seats:
        by_booking[seat.entry_id, seat.booking_id].append(seat)
    for (entry, _booking), theirs in by_booking.items():
        notices.moved(theirs[0].booking, theirs[0].entry, theirs, before=befores[entry], now=now)
