"""Who leads entries, where they are, and their tags, as a form says it: by names; what has none yet is made.

A date on which somebody takes over keeps who was to lead it (`EntryLeader.is_planned`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from accounts.history.recording import record
from bookwhen.folded import fold_name
from tickets.models import Entry, EntryLeader, EntryTag, Leader, Location, Tag
from tickets.schedule.names import CREATED, N, about_named, restore_named
if TYPE_CHECKING:
    from tickets.schedule.entries import EntryDetails


def planned_leaders(entry: Entry) -> tuple[str, ...]:
    """The names of those whom a series means to lead an entry, whoever does."""
    rows = EntryLeader.objects.filter(account=entry.account_id, entry=entry, is_planned=True)
    return tuple(rows.order_by("position", "pk").values_list("leader__name", flat=True))


def tags_at(entry: Entry) -> tuple[str, ...]:
    """The names of an entry's tags."""
    rows = EntryTag.objects.filter(account=entry.account_id, entry=entry)
    return tuple(rows.order_by("tag__folded", "pk").values_list("tag__name", flat=True))


def named(model: type[N], account: int, names: Iterable[str]) -> list[N]:
    """The leaders, locations or tags of an account (id) by these names, in their order, each once.

    One that is not there yet is made; an archived one comes back.
    """
    wanted = {fold_name(name): name for name in reversed(list(names))}
    if not wanted:
        return []
    there = _by_name(model, account, wanted)
    model._default_manager.bulk_create(
        [model(account_id=account, name=name) for folded, name in reversed(wanted.items()) if folded not in there],
        ignore_conflicts=True,
    )
    made = _by_name(model, account, wanted.keys() - there.keys())
    for each in made.values():
        record(CREATED[model], about_named(each), account=account)
    for each in there.values():
        restore_named(each)
    return [(there | made)[folded] for folded in reversed(wanted)]


def _by_name(model: type[N], account: int, folded: Collection[str]) -> dict[str, N]:
    found = model._default_manager.filter(account=account, folded__in=folded) if folded else ()
    return {each.folded: each for each in found}


def find_venue(account: int, name: str) -> Location | None:
    """The location of an account (id) by a name; none for no name."""
    found = named(Location, account, [name] if name else [])
    return found[0] if found else None


def said_of(venue: Location | None) -> str:
    """What entries say of where they are."""
    return venue.name if venue else ""


def change_people(
    entries: Sequence[Entry], was: "EntryDetails", now_is: "EntryDetails", *, later_too: bool
) -> None:
    """Give entries of one series the leaders and tags that the first of them is to have now, where those change.

    Of an entry that repeats, who leads one date alone takes over for it.
    """
    if not _are_same(was.leaders, now_is.leaders):
        series = Entry.objects.filter(account=entries[0].account_id, series=entries[0].series_id)
        repeats = series.exclude(pk=entries[0].pk).exists()
        set_leaders(entries, now_is.leaders, for_once=repeats and not later_too)
    if not _are_same(was.tags, now_is.tags):
        set_tags(entries, now_is.tags)


def _are_same(names: Iterable[str], others: Iterable[str]) -> bool:
    return [*map(fold_name, names)] == [*map(fold_name, others)]


def attach(entries: Sequence[Entry], *, leaders: Sequence[str], tags: Sequence[str]) -> None:
    """Give new entries of one series their leaders and tags."""
    account = entries[0].account_id
    _add_leaders(entries, named(Leader, account, leaders))
    _add_tags(entries, named(Tag, account, tags))


def set_tags(entries: Sequence[Entry], tags: Sequence[str]) -> None:
    """Have entries of one series these tags and no others."""
    account, keys = entries[0].account_id, [each.pk for each in entries]
    wanted = named(Tag, account, tags)
    EntryTag.objects.filter(account=account, entry__in=keys).exclude(tag__in=wanted).delete()
    _add_tags(entries, wanted)


def set_leaders(entries: Sequence[Entry], leaders: Sequence[str], *, for_once: bool) -> None:
    """Have entries of one series led by these, the first of them in any case.

    `for_once`: they take over on one date of a series, and who was to lead it is kept. Else the series means them to
    lead from now on; of later entries, who takes over for a date still does.
    """
    account = entries[0].account_id
    wanted = named(Leader, account, leaders)
    rows = EntryLeader.objects.filter(account=account, entry__in=[each.pk for each in entries])
    before = dict[int, list[EntryLeader]]()
    for row in rows.order_by("position", "pk"):
        before.setdefault(row.entry_id, []).append(row)
    places = {leader.pk: place for place, leader in enumerate(wanted)}
    after = list[EntryLeader]()
    for number, entry in enumerate(entries):
        theirs = before.get(entry.pk, [])
        keeps_substitute = number > 0 and any(row.leads != row.is_planned for row in theirs)
        planned = _places(theirs, planned=True) if for_once else places
        leading = _places(theirs, planned=False) if keeps_substitute else places
        after += _rows(entry, planned, leading)
    rows.delete()
    EntryLeader.objects.bulk_create(after)


def _places(rows: Iterable[EntryLeader], *, planned: bool) -> dict[int, int]:
    """The leaders (ids) who are planned, or who lead, with their positions."""
    return {row.leader_id: row.position for row in rows if (row.is_planned if planned else row.leads)}


def _rows(entry: Entry, planned: Mapping[int, int], leading: Mapping[int, int]) -> list[EntryLeader]:
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


def _add_leaders(entries: Iterable[Entry], leaders: Sequence[Leader]) -> None:
    places = {leader.pk: place for place, leader in enumerate(leaders)}
    EntryLeader.objects.bulk_create([row for entry in entries for row in _rows(entry, places, places)])


def _add_tags(entries: Iterable[Entry], tags: Sequence[Tag]) -> None:
    rows = [EntryTag(account_id=entry.account_id, entry=entry, tag=tag) for entry in entries for tag in tags]
    EntryTag.objects.bulk_create(rows, ignore_conflicts=True)
