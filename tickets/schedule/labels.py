"""Who leads entries, and their tags: given to new ones, and changed for one date or for a series from then on.

A date on which somebody takes over keeps who was to lead it (`EntryLeader.is_planned`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from bookwhen.folded import fold_name
from tickets.models import Entry, EntryLeader, EntryTag, Leader, Tag
from tickets.schedule.details import Labels
from tickets.schedule.names import named

T = TypeVar("T")
Places = Mapping[int, int]
"""Leaders (ids) with their positions."""
NONE: Final = Labels()


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What an entry had, and has now."""

    before: Labels
    after: Labels

    @property
    def told(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Leaders before and after, and tags."""
        return (self.before.leaders, self.after.leaders), (self.before.tags, self.after.tags)


def labels_of(entry: Entry) -> Labels:
    """Who leads an entry, and its tags."""
    return _read(entry, leads=True)


def planned_labels(entry: Entry) -> Labels:
    """The same for what goes on like it: who takes over for its date alone does not lead that."""
    return _read(entry, is_planned=True)


def _read(entry: Entry, **which: bool) -> Labels:
    leaders = EntryLeader.objects.filter(entry=OuterRef("pk"), **which).order_by("position", "pk")
    tags = EntryTag.objects.filter(entry=OuterRef("pk")).order_by("tag__folded", "pk")
    named_both = (ArraySubquery(leaders.values("leader__name")), ArraySubquery(tags.values("tag__name")))
    found = Entry.objects.filter(account=entry.account_id, pk=entry.pk).values_list(*named_both).first()
    return Labels(*map(tuple, found)) if found else NONE


def label_new(entries: Sequence[Entry], labels: Labels | None) -> None:
    """Give new entries of one series their leaders and tags."""
    if not labels or labels == NONE:
        return
    account = entries[0].account_id
    leaders, tags = named(Leader, account, labels.leaders), named(Tag, account, labels.tags)
    places = {leader.pk: place for place, leader in enumerate(leaders)}
    EntryLeader.objects.bulk_create([row for entry in entries for row in _rows(entry, places, places)])
    EntryTag.objects.bulk_create(_tagged(entry, tag.pk) for entry in entries for tag in tags)


def change_labels(
    entries: Sequence[Entry], labels: Labels | None, *, for_once: bool, overwrite: bool = False
) -> LabelChange | None:
    """Give entries of one series, which is held, the leaders and tags that the first of them is to have now.

    Nothing where nothing is said of them. `for_once`: of an entry that repeats, its date alone changes. Otherwise the
    others take only what they have in common with the first, or with most, unless `overwrite` says so.
    """
    if labels is None:
        return None
    before = labels_of(entries[0])
    if not _are_same(before.leaders, labels.leaders):
        series = Entry.objects.filter(account=entries[0].account_id, series=entries[0].series_id)
        once = for_once and series.exclude(pk=entries[0].pk).exists()
        set_leaders(entries, labels.leaders, for_once=once, overwrite=overwrite)
    if not _are_same(before.tags, labels.tags):
        set_tags(entries, labels.tags, overwrite=overwrite)
    return LabelChange(before, labels_of(entries[0]))


def set_leaders(entries: Sequence[Entry], leaders: Sequence[str], *, for_once: bool, overwrite: bool = False) -> None:
    """Have the first of some entries of one series led by these; and the others that were meant to be led as it was.

    `for_once`: they take over on its date, and who was to lead it is kept. Else the series means them to lead from now
    on; on other dates, who takes over there still does.
    """
    account, keys = entries[0].account_id, [each.pk for each in entries]
    places: Places = {leader.pk: place for place, leader in enumerate(named(Leader, account, leaders))}
    rows = EntryLeader.objects.filter(account=account, entry__in=keys)
    before: dict[int, list[EntryLeader]] = {key: [] for key in keys}
    for row in rows.order_by("position", "pk"):
        before[row.entry_id].append(row)
    planned = {key: _places(theirs, planned=True) for key, theirs in before.items()}
    taking = _taking(keys, {key: tuple(sorted(found.items())) for key, found in planned.items()}, overwrite=overwrite)
    after = list[EntryLeader]()
    for entry in entries:
        if entry.pk not in taking:
            continue
        theirs = before[entry.pk]
        substituted = entry.pk != keys[0] and not overwrite and any(row.leads != row.is_planned for row in theirs)
        leading = _places(theirs, planned=False) if substituted else places
        after += _rows(entry, planned[entry.pk] if for_once else places, leading)
    rows.filter(entry__in=taking).delete()
    EntryLeader.objects.bulk_create(after)


def set_tags(entries: Sequence[Entry], tags: Sequence[str], *, overwrite: bool = False) -> None:
    """Have the first of some entries of one series these tags and no others; and those that had the same as it."""
    account, keys = entries[0].account_id, [each.pk for each in entries]
    wanted = named(Tag, account, tags)
    rows = EntryTag.objects.filter(account=account, entry__in=keys)
    before: dict[int, list[int]] = {key: [] for key in keys}
    for entry, tag in rows.order_by("tag").values_list("entry", "tag"):
        before[entry].append(tag)
    taking = _taking(keys, {key: tuple(found) for key, found in before.items()}, overwrite=overwrite)
    rows.filter(entry__in=taking).delete()
    EntryTag.objects.bulk_create(_tagged(entry, tag.pk) for entry in entries if entry.pk in taking for tag in wanted)


def _taking(keys: Sequence[int], before: Mapping[int, T], *, overwrite: bool) -> set[int]:
    """Which entries (ids) take what the first of them has from now on: those that have what it had, or most have."""
    (usual, _), *_others = Counter(before.values()).most_common(1)
    like = {before[keys[0]], usual}
    return {key for key in keys if overwrite or before[key] in like}


def _places(rows: Iterable[EntryLeader], *, planned: bool) -> Places:
    """The leaders who are planned, or who lead."""
    return {row.leader_id: row.position for row in rows if (row.is_planned if planned else row.leads)}


def _rows(entry: Entry, planned: Places, leading: Places) -> list[EntryLeader]:
    return [
        EntryLeader(
            account_id=entry.account_id,
            entry=entry,
            leader_id=leader,
            position=place,
            is_planned=leader in planned,
            leads=leader in leading,
        )
        for leader, place in {**planned, **leading}.items()
    ]


def _tagged(entry: Entry, tag: int) -> EntryTag:
    return EntryTag(account_id=entry.account_id, entry=entry, tag_id=tag)


def _are_same(names: Iterable[str], others: Iterable[str]) -> bool:
    return [*map(fold_name, names)] == [*map(fold_name, others)]
