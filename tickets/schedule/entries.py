"""Making and changing entries: repeated, moved, cancelled; places raised and lowered."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.history.acting import told_already
from accounts.models import Deed, SchedulePage
from bookwhen.db import violated_constraint
from tickets.availability import locks
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.refusals import EntryCancelledError
from tickets.details import NOBODY, leaders_at
from tickets.models import Entry, EntryPlaces, Seat, Series
from tickets.schedule.moving import Told, Whereabouts, refile_moved, tell_of_move
from tickets.schedule.people_and_places import (
    attach,
    change_people,
    find_venue,
    planned_leaders,
    said_of,
    tags_at,
)
from tickets.schedule.recorded import record_edited, record_entry_cancelled, record_made
from tickets.schedule.recurrence import expand_starts, weekly_rule
from tickets.wall_times import WallTimes, to_instant


class BelowBookedError(Exception):
    """A capacity below what is booked: `minimum` is the least it can be."""

    def __init__(self, minimum: int) -> None:
        super().__init__(f"{minimum} are booked")
        self.minimum = minimum


class EntryPastError(Exception):
    """An entry that has started does not change any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetails:
    """What an operator says of an entry. `starts` is a naive local time in the account's zone.

    It ends `duration` later on the clock: 22:00 and eight hours are 06:00, also in a night when clocks change.
    """

    title: str
    starts: datetime
    duration: timedelta
    capacity: int
    description: str = ""
    location: str = ""
    per_booking: int = 6
    leaders: tuple[str, ...] = ()
    """Their names; who has none yet by that name is added to the account's, and so is a location or a tag."""
    tags: tuple[str, ...] = ()
    picture_id: int | None = None


@dataclass(frozen=True, slots=True)
class EditResult:
    """What came of a change: the entries as they are now, and who is told that theirs moved."""

    entries: list[Entry]
    told: Told


_PLAIN: Final = ("title", "description", "location", "per_booking", "picture_id")


def create_entries(
    page: SchedulePage, details: EntryDetails, *, until: date | None = None, key: UUID | None = None
) -> list[Entry]:
    """Put an entry on a page, or one every week until a local day (inclusive), as one series; soonest first.

    They have no tickets yet. `key` comes with the form: the same key again returns what it made, and nothing where that
    was another account. Raises TooManyEntriesError.
    """
    rule, starts = _expand_rule(details, until)
    try:
        with transaction.atomic():
            series = Series.objects.create(account_id=page.account_id, page=page, rule=rule)
            made = _insert_entries(series, page, details, starts, key=key)
            record_made(Deed.ENTRY_CREATED, made[0], made)
            return made
    except IntegrityError as error:
        if key is None or "uuid" not in violated_constraint(error):
            raise
        found = Entry.objects.filter(account=page.account_id, uuid=key).values("series")
        return list(Entry.objects.filter(series__in=found))


def extend_series(series: Series, *, until: date, after: datetime | None = None) -> list[Entry]:
    """Go on with a weekly series, after its last entry and like it, until a local day (inclusive).

    Weeks up to the aware instant `after` are left out: a series that ended long ago goes on from now. A single entry
    becomes weekly by it. Raises TooManyEntriesError.
    """
    with transaction.atomic():
        locks.lock_series(series.pk)
        last = last_entry(series)
        if last is None:
            return []
        # Who takes over for that date alone does not lead what follows.
        details, zone = replace(entry_details(last), leaders=planned_leaders(last)), last.account.zone
        rule, starts = _expand_rule(details, until)
        new = [each for each in starts[1:] if after is None or to_instant(each, zone) > after]
        if not new:
            return []
        Series.objects.filter(pk=series.pk).update(rule=rule)
        made = _insert_entries(series, last.page, details, new)
        record_made(Deed.ENTRY_REPEATED, last, made)
        return made


def last_entry(series: Series) -> Entry | None:
    """The last entry of a series, which it is continued after."""
    last = Entry.objects.select_related("account", "page__account", "places").filter(series=series)
    return last.order_by("-starts_at", "-pk").first()


def entry_details(entry: Entry) -> EntryDetails:
    """What an entry (with its account and places) is like now."""
    times = entry.wall_times(entry.account.zone)
    return EntryDetails(
        title=entry.title,
        starts=times.starts,
        duration=times.duration,
        capacity=entry.places.capacity,
        description=entry.description,
        location=entry.location,
        per_booking=entry.per_booking,
        leaders=leaders_at([entry.pk]).get(entry.pk, NOBODY).leaders,
        tags=tags_at(entry),
        picture_id=entry.picture_id,
    )


def edit_entries(entry: Entry, details: EntryDetails, *, later_too: bool, now: datetime, who: str = "") -> EditResult:
    """Change an entry, with `later_too` also those of its series that start after it.

    Later ones take only what changes in this one, and keep their day: each of their own wall times moves by as much as
    this one's. Who has a seat at one that moves is told, by a job that `who` began where they are many, and their uses
    are filed again by the new date. Raises BelowBookedError and changes nothing when the capacity is below what one of
    them has booked; EntryCancelledError and EntryPastError for an entry that is over.
    """
    while True:
        with suppress(locks.ConcurrentBookingError), transaction.atomic():
            return _edit_in_transaction(entry, details, later_too=later_too, who=who, now=now)


def set_capacity(entries: Sequence[int], capacity: int) -> None:
    """Give entries (ids) this many places each, all or none; raises BelowBookedError naming the least possible."""
    with transaction.atomic():
        locks.lock_entry_places(entries)
        changed = EntryPlaces.objects.filter(pk__in=entries, taken__lte=capacity).update(capacity=capacity)
        if changed != len(entries):
            taken = EntryPlaces.objects.filter(pk__in=entries).aggregate(most=Max("taken"))
            raise BelowBookedError(taken["most"])


def cancel_entry(entry: Entry, *, now: datetime) -> Sequence[Seat]:
    """Cancel an entry: every seat is cancelled, every use comes back whatever the cut-off, everyone is told.

    Returns the seats; none when it was cancelled before.
    """
    while True:
        with suppress(locks.ConcurrentBookingError), transaction.atomic():
            locks.lock_series(entry.series_id)
            seats = locks.lock_seats_of_entry(entry)
            if not Entry.objects.live().filter(pk=entry.pk).update(cancelled_at=now):
                return []
            locks.bump_entry_revision([entry.pk])
            with told_already():
                cancelled = cancel_by_studio(seats, now=now)
            record_entry_cancelled(entry, cancelled.seats)
            return cancelled.seats


def _expand_rule(details: EntryDetails, until: date | None) -> tuple[str, list[datetime]]:
    """The rule and the local starts of entries like `details`; no rule where there is only one."""
    if until is None or until < details.starts.date() + timedelta(weeks=1):
        return "", [details.starts]
    rule = weekly_rule(details.starts, until)
    return rule, expand_starts(rule, details.starts)


def _insert_entries(
    series: Series, page: SchedulePage, details: EntryDetails, starts: Sequence[datetime], *, key: UUID | None = None
) -> list[Entry]:
    zone, venue = page.account.zone, find_venue(page.account_id, details.location)
    shared = {name: getattr(details, name) for name in _PLAIN} | {"venue": venue, "location": said_of(venue)}
    uuids = [key or uuid4(), *(uuid4() for _ in starts[1:])]
    entries = [Entry(account_id=page.account_id, page=page, series=series, uuid=uuid, **shared) for uuid in uuids]
    for entry, start in zip(entries, starts, strict=True):
        entry.set_times(WallTimes(start, start + details.duration), zone)
    entries = Entry.objects.bulk_create(entries)
    EntryPlaces.objects.bulk_create(
        EntryPlaces(entry=entry, account_id=page.account_id, capacity=details.capacity) for entry in entries
    )
    attach(entries, leaders=details.leaders, tags=details.tags)
    return entries


def _edit_in_transaction(
    entry: Entry, details: EntryDetails, *, later_too: bool, who: str, now: datetime
) -> EditResult:
    locks.lock_series(entry.series_id)
    entries = _entries_to_edit(entry, later_too=later_too)
    if entries[0].cancelled_at:
        raise EntryCancelledError
    if entries[0].starts_at <= now:
        raise EntryPastError
    ids = [each.pk for each in entries]
    members = locks.lock_charged_members(ids)
    locks.bump_entry_revision(ids)
    was = entry_details(entries[0])
    if details.capacity != was.capacity:
        set_capacity(ids, details.capacity)
    befores = {each.pk: Whereabouts.of(each) for each in entries}
    if details.location != was.location:
        venue = find_venue(entry.account_id, details.location)
        details = replace(details, location=said_of(venue))
        for each in entries:
            each.venue = venue
    for each in entries:
        _apply_change(each, was, details)
    moved = [each for each in entries if Whereabouts.of(each) != befores[each.pk]]
    changed = [name for name in _PLAIN if getattr(details, name) != getattr(was, name)]
    Entry.objects.bulk_update(entries, [*Entry.TIMES, *changed, *(["venue"] if "location" in changed else [])])
    change_people(entries, was, details, later_too=later_too)
    refile_moved(moved, members, now=now)
    record_edited(entries, was, details)
    return EditResult(entries, tell_of_move(moved, befores, who=who, now=now))


def _entries_to_edit(entry: Entry, *, later_too: bool) -> list[Entry]:
    """The entry as it is now, and with `later_too` those after it that were not cancelled."""
    found = Entry.objects.select_related("account", "page", "places").order_by("starts_at", "pk")
    this = found.get(pk=entry.pk)
    if not later_too:
        return [this]
    return [this, *found.upcoming(this.starts_at).filter(series=this.series_id)]


def _apply_change(entry: Entry, was: EntryDetails, now_is: EntryDetails) -> None:
    """Give an entry what changed from one to the other."""
    times, zone, shift = entry.wall_times(entry.account.zone), entry.account.zone, now_is.starts - was.starts
    lasts = times.duration if now_is.duration == was.duration else now_is.duration
    if shift or lasts != times.duration:
        starts = times.starts + shift if shift else times.starts
        entry.set_times(WallTimes(starts, starts + lasts), zone)
    for name in _PLAIN:
        if getattr(now_is, name) != getattr(was, name):
            setattr(entry, name, getattr(now_is, name))
