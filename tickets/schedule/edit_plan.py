"""What a change of one entry does to it and to others of its series: which of them take what, and what each keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bookwhen.folded import fold_name
from tickets.models import Entry, EntryOverride, Location
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.moving import Whereabouts
from tickets.schedule.names import name_of_venue
from tickets.schedule.overrides import (
    FIELDS,
    TIME,
    Difference,
    Shift,
    changed_fields,
    overrides_of,
    own_fields,
    usual_values,
    values_of,
)
from tickets.wall_times import WallTimes

PLAIN: Final = ("title", "description", "location", "per_booking")
"""The columns of an entry that are said of it as they are, and are neither its times nor its picture."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changes in some entries, and which of that each (id) keeps for its date alone."""

    was: EntryDetails
    now_is: EntryDetails
    venue: Location | None
    """Where they are, if that changes."""
    kept: Mapping[int, set[str]]

    @property
    def shift(self) -> Shift:
        """By how much they move."""
        return Shift.between(self.was, self.now_is)

    @property
    def capacity(self) -> int | None:
        """How many places they have, if that changes."""
        return self.now_is.capacity if self.now_is.capacity != self.was.capacity else None

    @property
    def columns(self) -> list[str]:
        """What changes of what is no time."""
        changed = [name for name in PLAIN if getattr(self.now_is, name) != getattr(self.was, name)]
        return [*changed, "venue"] if "location" in changed else changed

    def apply(self, entry: Entry) -> None:
        """Give an entry what changed; nothing is saved."""
        kept, zone = self.kept[entry.pk], entry.account.zone
        times = entry.wall_times(zone)
        lasts = times.duration if self.now_is.duration == self.was.duration else self.now_is.duration
        if TIME not in kept and (self.shift or lasts != times.duration):
            starts = self.shift.apply(times.starts) if self.shift else times.starts
            entry.set_times(WallTimes(starts, starts + lasts), zone)
        for name in self.columns:
            if ("location" if name == "venue" else name) not in kept:
                setattr(entry, name, self.venue if name == "venue" else getattr(self.now_is, name))


def kept_fields(
    entries: Sequence[Entry], was: EntryDetails, now_is: EntryDetails, said: Mapping[int, EntryOverride]
) -> dict[int, set[str]]:
    """By entry (id) what of a change of the first it does not take, since it has that for its date alone."""
    like, changed = [values_of(was), usual_values(entries)], changed_fields(was, now_is)
    return {each.pk: own_fields(each, said.get(each.pk), like=like, among=changed) for each in entries[1:]}


@dataclass(frozen=True, slots=True)
class EditedDate:
    """An entry as it would be (unsaved), when it was, and whether those booked would be told of it."""

    entry: Entry
    was: WallTimes
    will: WallTimes
    is_moved: bool

    @property
    def same_day(self) -> bool:
        """Whether it stays on its day, and is on at other hours."""
        return self.was.starts.date() == self.will.starts.date()


@dataclass(frozen=True, slots=True)
class EditPlan:
    """What a change would do: to which entries, and which of them keep something for their date alone."""

    dates: Sequence[EditedDate]
    stays: Sequence[Difference]

    @property
    def moved(self) -> list[EditedDate]:
        """Those at another time or place, of which everyone booked is told."""
        return [each for each in self.dates if each.is_moved]

    @property
    def booked(self) -> int:
        """How many spaces are booked at those."""
        return sum(each.entry.places.taken for each in self.moved)


def plan_edit(
    entries: Sequence[Entry], details: EntryDetails, *, overwrite: bool, labels_change: bool = False
) -> EditPlan:
    """What changing entries (`entries_in_scope`: the one that is edited first) would do; they change, unsaved.

    `labels_change` says that leaders or tags change too, of which nothing is reckoned date by date. Two
    statements at most; nothing is made, not even a location by a new name.
    """
    was = entry_details(entries[0])
    if details.location != was.location:
        account = entries[0].account_id
        venue = Location.objects.filter(account=account, folded=fold_name(details.location)).first()
        details = replace(details, location=name_of_venue(venue) or details.location)
    kept = {} if overwrite else kept_fields(entries, was, details, overrides_of(entries))
    changed = changed_fields(was, details)
    change = Change(was, details, None, {each.pk: kept.get(each.pk, set()) for each in entries})
    dates = [_date(each, change) for each in entries if labels_change or change.kept[each.pk] < changed]
    stays = [
        Difference(each, tuple(name for name in FIELDS if name in own))
        for each in entries
        if (own := change.kept[each.pk])
    ]
    return EditPlan(sorted(dates, key=lambda each: each.was.starts), stays)


def _date(entry: Entry, change: Change) -> EditedDate:
    zone, before = entry.account.zone, Whereabouts.of(entry)
    was = entry.wall_times(zone)
    change.apply(entry)
    return EditedDate(entry, was, entry.wall_times(zone), is_moved=Whereabouts.of(entry) != before)
