"""Making and changing entries: repeated, moved, cancelled; places raised and lowered."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.history.acting import told_already
from accounts.models import Deed, SchedulePage
from bookwhen.db import violated_constraint
from tickets.availability import locks, places
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.refusals import EntryCancelledError
from tickets.models import Entry, EntryOverride, EntryPlaces, Seat, Series
from tickets.schedule.cancellation_notes import NO_NOTE, CancellationNote, keep_note
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.edit_plan import PLAIN, Change, kept_fields
from tickets.schedule.labels import change_labels, label_new
from tickets.schedule.moving import Told, Whereabouts, refile_moved, tell_of_move
from tickets.schedule.names import find_venue, name_of_venue
from tickets.schedule.overrides import (
    Scope,
    changed_fields,
    move_occurrence,
    note_own,
    overrides_of,
    usual_values,
)
from tickets.schedule.recorded import record_edited, record_entry_cancelled, record_made
from tickets.schedule.recurrence import Repeat, expand_starts, without
from tickets.schedule.series_dates import leave_out, move_rule
from tickets.waiting.ending import look_at_waiting
from tickets.wall_times import WallTimes


class BelowBookedError(Exception):
    """A capacity below what is booked: `minimum` is the least it can be."""

    def __init__(self, minimum: int) -> None:
        super().__init__(f"{minimum} are booked")
        self.minimum = minimum


class EntryPastError(Exception):
    """An entry that has started does not change any more."""


class MovedIntoPastError(Exception):
    """One of the entries that move along would have started by now."""


class NoDatesError(Exception):
    """The rule gives no date, or every one of them is left out."""


@dataclass(frozen=True, slots=True)
class EditResult:
    """What came of a change: the entries as they are now, who is told of a move, and how many kept something."""

    entries: list[Entry]
    told: Told
    kept: int = 0


def create_entries(
    page: SchedulePage,
    details: EntryDetails,
    *,
    until: date | None = None,
    repeat: Repeat | None = None,
    left_out: Collection[date] = (),
    key: UUID | None = None,
) -> list[Entry]:
    """Put an entry on a page, or several as one series; soonest first.

    They repeat as `repeat` says, or every week `until` a local day (inclusive), without the days `left_out`, which the
    series keeps. They have no tickets yet. `key` comes with the form: the same key again returns what it made, and
    nothing where that was another account. Raises TooManyEntriesError and NoDatesError.
    """
    rule, starts = _expand_rule(details, repeat or _weekly(details, until))
    kept = without(starts, left_out)
    if not kept:
        raise NoDatesError
    try:
        with transaction.atomic():
            series = Series.objects.create(
                account_id=page.account_id, page=page, rule=rule, first=starts[0] if rule else None
            )
            made = insert_entries(series, page, details, kept, key=key)
            leave_out(series, [start for start in starts if start not in kept])
            record_made(Deed.ENTRY_CREATED, made[0], made)
            return made
    except IntegrityError as error:
        if key is None or "uuid" not in violated_constraint(error):
            raise
        found = Entry.objects.filter(account=page.account_id, uuid=key).values("series")
        return list(Entry.objects.filter(series__in=found))


def edit_entries(
    entry: Entry,
    details: EntryDetails,
    *,
    scope: Scope = Scope.THIS,
    overwrite: bool = False,
    now: datetime,
    who: str = "",
) -> EditResult:
    """Change an entry, and with it those of its series that `scope` names: later ones, or all that have not started.

    Those take only what changes in this one, and keep their day: they move by as many days, to the same hour. What was
    changed for one date alone survives, unless `overwrite` says otherwise. Who has a seat at one that moves is told, by
    a job that `who` began where they are many, and their uses are filed again by the new date. Raises BelowBookedError
    and changes nothing when the capacity is below what one of them has booked; MovedIntoPastError; EntryCancelledError
    and EntryPastError for an entry that is over.
    """
    while True:
        with suppress(locks.ConcurrentBookingError), transaction.atomic():
            return _edit_in_transaction(entry, details, scope=scope, overwrite=overwrite, who=who, now=now)


def set_capacity(entries: Sequence[int], capacity: int) -> None:
    """Give entries (ids) this many places each, all or none; raises BelowBookedError naming the least possible."""
    with transaction.atomic():
        locks.lock_entry_places(entries)
        if not places.set_entry_capacities(entries, capacity):
            taken = EntryPlaces.objects.filter(pk__in=entries).aggregate(most=Max("taken"))
            raise BelowBookedError(taken["most"])


def cancel_entry(entry: Entry, *, now: datetime, note: CancellationNote = NO_NOTE) -> Sequence[Seat]:
    """Cancel an entry: every seat is cancelled, every use comes back whatever the cut-off, everyone is told.

    The `note` is kept, and its message is in what they read. Returns the seats; none when it was cancelled before.
    """
    while True:
        with suppress(locks.ConcurrentBookingError), transaction.atomic():
            locks.lock_series(entry.series_id)
            seats = locks.lock_seats_of_entry(entry)
            if not Entry.objects.live().filter(pk=entry.pk).update(cancelled_at=now):
                return []
            locks.bump_entry_revision([entry.pk])
            keep_note(entry, note, now=now)
            look_at_waiting(entry.account, {entry.pk: None}, now=now)
            with told_already():
                cancelled = cancel_by_studio(seats, at=[entry.pk], now=now)
            record_entry_cancelled(entry, cancelled.seats, note)
            return cancelled.seats


def insert_entries(
    series: Series, page: SchedulePage, details: EntryDetails, starts: Sequence[datetime], *, key: UUID | None = None
) -> list[Entry]:
    """Make entries of a series that start at these local times and are otherwise like `details`."""
    zone, venue = page.account.zone, find_venue(page.account_id, details.location)
    shared = {name: getattr(details, name) for name in (*PLAIN, "picture_id")}
    shared |= {"venue": venue, "location": name_of_venue(venue)}
    uuids = [key or uuid4(), *(uuid4() for _ in starts[1:])]
    entries = [Entry(account_id=page.account_id, page=page, series=series, uuid=uuid, **shared) for uuid in uuids]
    for entry, start in zip(entries, starts, strict=True):
        entry.set_times(WallTimes(start, start + details.duration), zone)
    entries = Entry.objects.bulk_create(entries)
    EntryPlaces.objects.bulk_create(
        EntryPlaces(entry=entry, account_id=page.account_id, capacity=details.capacity) for entry in entries
    )
    label_new(entries, details.labels)
    return entries


def entries_in_scope(entry: Entry, scope: Scope, *, now: datetime) -> list[Entry]:
    """An entry as it is now, and first; and those of its series that `scope` names, with account, page and places."""
    found = Entry.objects.select_related("account", "page", "places").order_by("starts_at", "pk")
    this = found.get(pk=entry.pk)
    if scope is Scope.THIS:
        return [this]
    after = this.starts_at if scope is Scope.FOLLOWING else now
    return [this, *found.upcoming(after).filter(series=this.series_id).exclude(pk=this.pk)]


def lock_changeable(entry: Entry, scope: Scope, *, now: datetime) -> list[Entry]:
    """The same, with their series held, for who changes them. Raises EntryCancelledError and EntryPastError."""
    locks.lock_series(entry.series_id)
    entries = entries_in_scope(entry, scope, now=now)
    if entries[0].cancelled_at:
        raise EntryCancelledError
    if entries[0].starts_at <= now:
        raise EntryPastError
    return entries


def _weekly(details: EntryDetails, until: date | None) -> Repeat | None:
    return Repeat(until=until) if until and until >= details.starts.date() else None


def _expand_rule(details: EntryDetails, repeat: Repeat | None) -> tuple[str, list[datetime]]:
    """The rule and the local starts of entries like `details`; no rule where there is only one."""
    if repeat is None:
        return "", [details.starts]
    rule = repeat.rule(details.starts)
    starts = expand_starts(rule, details.starts)
    return (rule if len(starts) > 1 else ""), starts


def _edit_in_transaction(
    entry: Entry, details: EntryDetails, *, scope: Scope, overwrite: bool, who: str, now: datetime
) -> EditResult:
    entries = lock_changeable(entry, scope, now=now)
    ids = [each.pk for each in entries]
    members = locks.lock_charged_members(ids)
    locks.bump_entry_revision(ids)
    was, befores = entry_details(entries[0]), {each.pk: Whereabouts.of(each) for each in entries}
    said, venue = overrides_of(entries), None
    if details.location != was.location:
        venue = find_venue(entry.account_id, details.location)
        details = replace(details, location=name_of_venue(venue))
    kept = {} if overwrite else kept_fields(entries, was, details, said)
    change = Change(was, details, venue, {each.pk: kept.get(each.pk, set()) for each in entries})
    if change.capacity is not None:
        set_capacity([each.pk for each in entries if "capacity" not in change.kept[each.pk]], change.capacity)
    for each in entries:
        change.apply(each)
    _keep_own(entries, change, scope, said)
    moved = [each for each in entries if Whereabouts.of(each) != befores[each.pk]]
    if any(each.starts_at <= now for each in moved):
        raise MovedIntoPastError
    Entry.objects.bulk_update(entries, [*Entry.TIMES, *change.columns])
    labels = change_labels(entries, details.labels, for_once=scope is Scope.THIS, overwrite=overwrite)
    refile_moved(moved, members, now=now)
    look_at_waiting(entries[0].account, {each.pk: befores[each.pk].starts_at for each in moved}, now=now)
    record_edited(entries, was, details, labels)
    return EditResult(
        entries, tell_of_move(moved, befores, who=who, now=now), sum(1 for own in change.kept.values() if own)
    )


def _keep_own(entries: Sequence[Entry], change: Change, scope: Scope, said: Mapping[int, EntryOverride]) -> None:
    """Keep what is for one date alone, and how the series goes on after a change of several."""
    changed = changed_fields(change.was, change.now_is)
    if scope is Scope.THIS:
        others = Entry.objects.live().filter(series=entries[0].series_id).exclude(pk=entries[0].pk)
        if changed and (found := list(others.select_related("account", "places"))):
            note_own(entries[0], change.was, change.now_is, usual_values(found))
        return
    for each in entries:
        move_occurrence(each, said.get(each.pk), change.shift, changed - change.kept[each.pk])
    if change.shift:
        move_rule(entries[0].series_id, change.shift, since=change.was.starts)
