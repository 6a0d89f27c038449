"""What was changed for one date alone, and how it survives a change of its series.

A change of several entries takes, in each, only what this one changes; and of that only what the entry has in common
with this one or with most. What differs there was meant for its date, whether `EntryOverride` says so or, of entries
from before it was kept, only their values.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from tickets.models import Entry, EntryOverride
from tickets.schedule.details import EntryDetails, entry_details

FIELDS: Final = {
    "title": _("Title"),
    "time": _("Time"),
    "location": _("Location"),
    "description": _("Description"),
    "capacity": _("Maximum event size"),
    "per_booking": _("Maximum tickets per booking"),
}
"""What an entry may have for its date alone, as people call it."""
TIME: Final = "time"


class Scope(StrEnum):
    """Which entries of a series a change is for. None of them is one that has started or was cancelled."""

    THIS = "this"
    FOLLOWING = "later"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry that differs from the others of its series, and in which of `FIELDS`."""

    entry: Entry
    fields: tuple[str, ...]

    @property
    def labels(self) -> list[str]:
        """What differs, for people."""
        return [str(FIELDS[name]) for name in self.fields]


@dataclass(frozen=True, slots=True)
class Shift:
    """How a change moves the entries of a series: by days, to a time of day; each keeps its own where it is None."""

    days: timedelta
    start: time | None

    @classmethod
    def between(cls, was: EntryDetails, now_is: EntryDetails) -> "Shift":
        """What moves one entry from what it was to what it is."""
        start = now_is.starts.time()
        return cls(now_is.starts.date() - was.starts.date(), None if start == was.starts.time() else start)

    def __bool__(self) -> bool:
        return bool(self.days) or self.start is not None

    def apply(self, starts: datetime) -> datetime:
        """When something starts then; all are local and naive."""
        moved = starts + self.days if self.days else starts
        return moved if self.start is None else datetime.combine(moved.date(), self.start)


def values_of(details: EntryDetails) -> dict[str, Any]:
    """What of an entry is compared, by name of `FIELDS`; of its time neither the day nor which of two equal hours."""
    plain = {name: getattr(details, name) for name in FIELDS if name != TIME}
    return {**plain, TIME: (details.starts.time().replace(fold=0), details.duration)}


def changed_fields(was: EntryDetails, now_is: EntryDetails) -> set[str]:
    """Which of `FIELDS` a change changes; another day is another time."""
    before, after = values_of(was), values_of(now_is)
    changed = {name for name in FIELDS if before[name] != after[name]}
    return changed | ({TIME} if was.starts != now_is.starts else set())


def usual_values(entries: Sequence[Entry]) -> dict[str, Any]:
    """What most of these entries have, by name of `FIELDS`; the first's where two are as usual."""
    values = [values_of(entry_details(each)) for each in entries]
    return {name: Counter(each[name] for each in values).most_common(1)[0][0] for name in FIELDS} if values else {}


def overrides_of(entries: Collection[Entry]) -> dict[int, EntryOverride]:
    """What was changed for these entries' dates alone, by entry (id)."""
    accounts = {each.account_id for each in entries}
    found = EntryOverride.objects.filter(account_id__in=accounts, entry__in=[each.pk for each in entries])
    return {each.pk: each for each in found}


def own_fields(
    entry: Entry, override: EntryOverride | None, *, like: Sequence[Mapping[str, Any]], among: Collection[str]
) -> set[str]:
    """Which of some fields an entry has for its date alone: it is said so, or they are `like` none of these values."""
    values = values_of(entry_details(entry))
    said = set(override.fields) if override else set()
    return {name for name in among if name in said or all(values[name] != each[name] for each in like)}


def differences(this: Entry, others: Sequence[Entry]) -> list[Difference]:
    """Which other entries of its series have something for their date alone that a change of `this` would leave."""
    everything = [this, *others]
    like, said = [values_of(entry_details(this)), usual_values(everything)], overrides_of(others)
    found = [(each, own_fields(each, said.get(each.pk), like=like, among=FIELDS)) for each in others]
    return [Difference(each, tuple(name for name in FIELDS if name in own)) for each, own in found if own]


def note_own(entry: Entry, was: EntryDetails, now_is: EntryDetails, usual: Mapping[str, Any]) -> None:
    """Keep what was changed for an entry's date alone; what is now as usual is not its own any more."""
    before = EntryOverride.objects.filter(account_id=entry.account_id, pk=entry.pk).first()
    occurrence = (before and before.occurrence) or was.starts.replace(fold=0)
    values, changed = values_of(now_is), changed_fields(was, now_is)
    back = {name for name in changed if values[name] == usual.get(name)}
    if now_is.starts.date() != occurrence.date():
        back.discard(TIME)
    _save(entry, (set(before.fields if before else ()) | changed) - back, occurrence)


def move_occurrence(entry: Entry, override: EntryOverride | None, shift: Shift, taken: Collection[str]) -> None:
    """Keep, after a change of its series, what an entry still has for its date alone; not what it has `taken`."""
    if override is None:
        return
    occurrence = override.occurrence and shift.apply(override.occurrence)
    fields = set(override.fields) - set(taken)
    if TIME in override.fields and occurrence and entry_details(entry).starts.date() != occurrence.date():
        fields.add(TIME)
    _save(entry, fields, occurrence)


def _save(entry: Entry, fields: Collection[str], occurrence: datetime | None) -> None:
    if not fields:
        EntryOverride.objects.filter(account_id=entry.account_id, pk=entry.pk).delete()
        return
    EntryOverride.objects.update_or_create(
        account_id=entry.account_id,
        pk=entry.pk,
        defaults={
            "fields": [name for name in FIELDS if name in fields],
            "occurrence": occurrence if TIME in fields else None,
        },
    )
