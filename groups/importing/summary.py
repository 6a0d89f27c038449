"""What a list of people comes to, in numbers, and which groups it names."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BooleanField, Case, Count, When
from django.db.models.fields.json import KeyTextTransform

from accounts.imports.files import CELLS
from accounts.imports.tables.cells import pieces
from accounts.models import ListImport
from accounts.models.imports import WANTED
from groups.importing.columns import PersonColumn
from groups.importing.people import COLUMNS, group_key
from groups.importing.verdicts import PersonReason
from groups.models import Group

MOST_CELLS: Final = 2000
"""How many different cells are looked at for names of groups."""


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows are so for one reason, and how many of them are wanted."""

    verdict: str
    reason: PersonReason
    count: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the rows of an import come to."""

    reasons: list[ReasonCount]
    targets: Mapping[str, int]
    """How many wanted rows lead to which group (a target)."""

    @property
    def wanted(self) -> int:
        """How many rows will be imported."""
        return sum(each.wanted for each in self.reasons)

    def of(self, verdict: str) -> int:
        """How many rows have a verdict."""
        return sum(each.count for each in self.reasons if each.verdict == verdict)


def summarise(list_import: ListImport) -> Summary:
    """What the rows of an import come to. One statement, which reads each row once."""
    is_wanted = Case(When(WANTED, then=True), default=False, output_field=BooleanField())
    found = list_import.rows.order_by().exclude(why="").annotate(is_wanted=is_wanted)
    counts: Counter[tuple[str, str]] = Counter()
    wanted: Counter[str] = Counter()
    targets: Counter[str] = Counter()
    for row in found.values("verdict", "why", "target", "is_wanted").annotate(count=Count("pk")):
        counts[row["verdict"], row["why"]] += row["count"]
        if row["is_wanted"]:
            wanted[row["why"]] += row["count"]
            targets.update(dict.fromkeys(filter(None, row["target"].split(",")), row["count"]))
    places = {reason: place for place, reason in enumerate(PersonReason)}
    reasons = [
        ReasonCount(verdict, PersonReason(why), count, wanted[why])
        for (verdict, why), count in sorted(counts.items(), key=lambda each: places[PersonReason(each[0][1])])
    ]
    return Summary(reasons, targets)


def names_of_groups(list_import: ListImport, columns: Mapping[str, Any]) -> dict[str, str]:
    """The names in the columns of groups by their keys, as the list writes them first, in the order of the alphabet."""
    found: dict[str, str] = {}
    for number, column in enumerate(columns.get(COLUMNS, [])):
        if column != PersonColumn.GROUP:
            continue
        cell = KeyTextTransform(str(number), KeyTextTransform(CELLS, "raw"))
        said = list_import.rows.order_by().annotate(said=cell).values_list("said", flat=True).distinct()
        for text in said[:MOST_CELLS]:
            for name in pieces(text or ""):
                found.setdefault(group_key(name), name[:200])
    found.pop("", None)
    return dict(sorted(found.items()))


def known_names(list_import: ListImport, names: Mapping[str, str]) -> dict[str, str]:
    """The groups (ids) that are called as some names (by key) say."""
    groups = Group.objects.in_use().filter(account=list_import.account).order_by("-pk")
    by_key = {group_key(name): str(pk) for pk, name in groups.values_list("pk", "name")}
    return {key: by_key[key] for key in names if key in by_key}
