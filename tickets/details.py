"""Who leads entries, and their tags: read for one of them or for many at once, and said in a line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext as _

from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from tickets.models import Entry, EntryLeader, EntryTag

if TYPE_CHECKING:
    from tickets.annotated import DescribedEntry

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedBy:
    """The names of those who lead an entry, and of those who were to and don't, each in order."""

    leaders: Names = ()
    instead_of: Names = ()

    @property
    def text(self) -> str:
        """All of it in a line; empty where nobody leads it."""
        if not self.leaders or not self.instead_of:
            return _listed(self.leaders)
        told = {"leaders": _listed(self.leaders), "others": _listed(self.instead_of)}
        return _("%(leaders)s for %(others)s") % told


NOBODY: Final = LedBy()


@dataclass(frozen=True, slots=True)
class Details:
    """Who leads entries and what tags they have, by entry (id)."""

    led_by: Mapping[int, LedBy] = field(default_factory=dict)
    tags: Mapping[int, Names] = field(default_factory=dict)


NO_DETAILS: Final = Details()


@dataclass(frozen=True, slots=True)
class DetailRows:
    """The same as PostgreSQL tells it, to be compared with what was read before."""

    leaders: Sequence[tuple[Any, ...]]
    tags: Sequence[tuple[Any, ...]]

    @classmethod
    def read(cls, entries: list[int]) -> "DetailRows":
        """Of these entries (ids)."""
        return cls(read_leaders_at.rows(entries), read_tags_at.rows(entries)) if entries else cls((), ())

    @property
    def details(self) -> Details:
        """What they tell."""
        leaders = _led_by(read_leaders_at.models(list(self.leaders)))
        tags = dict[int, list[str]]()
        for row in read_tags_at.models(list(self.tags)):
            tags.setdefault(row.entry_id, []).append(row.tag.name)
        return Details(leaders, {entry: tuple(names) for entry, names in tags.items()})


@compiled_query
def read_leaders_at(entries: list[int]) -> QuerySet[EntryLeader]:
    """Who leads entries (ids), or was to, in order."""
    found = EntryLeader.objects.filter(IsOneOf("entry", entries)).select_related("leader")
    return found.only("entry", "leads", "leader__name").order_by("position", "id")


@compiled_query
def read_tags_at(entries: list[int]) -> QuerySet[EntryTag]:
    """The tags of entries (ids), in order."""
    found = EntryTag.objects.filter(IsOneOf("entry", entries)).select_related("tag")
    return found.only("entry", "tag__name").order_by("tag__folded", "id")


def leaders_at(entries: Iterable[int]) -> Mapping[int, LedBy]:
    """Who leads entries (ids); those that nobody leads, or was to, are left out."""
    return _led_by(read_leaders_at(list(entries)))


def with_names(entries: QuerySet[Entry]) -> "QuerySet[DescribedEntry]":
    """The same for each of some entries, read along with it: what the page of one says."""
    leading = EntryLeader.objects.filter(entry=OuterRef("pk")).order_by("position", "id")
    tagging = EntryTag.objects.filter(entry=OuterRef("pk")).order_by("tag__folded", "id")
    return entries.annotate(
        leader_names=ArraySubquery(leading.filter(leads=True).values("leader__name")),
        replaced_names=ArraySubquery(leading.filter(leads=False).values("leader__name")),
        tag_names=ArraySubquery(tagging.values("tag__name")),
    )


def details_of(entry: "DescribedEntry") -> Details:
    """What was read along with an entry."""
    leading = LedBy(tuple(entry.leader_names), tuple(entry.replaced_names))
    return Details({entry.pk: leading}, {entry.pk: tuple(entry.tag_names)})


def _led_by(rows: Iterable[EntryLeader]) -> dict[int, LedBy]:
    found = dict[int, tuple[list[str], list[str]]]()
    for row in rows:
        found.setdefault(row.entry_id, ([], []))[not row.leads].append(row.leader.name)
    return {entry: LedBy(tuple(leads), tuple(instead)) for entry, (leads, instead) in found.items()}


def _listed(names: Names) -> str:
    if len(names) < 2:  # noqa: PLR2004 - two are joined by a word
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
