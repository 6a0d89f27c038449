"""What the pages of an import of customers show: what would become of its rows, and what became of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from accounts.imports.retention import counts_of
from accounts.imports.summary import summarise
from accounts.models import ListImport, ListImportRow, RowState, Verdict
from groups.importing.judging import person_of, reader_of
from groups.importing.people import GROUP_NAMES
from groups.importing.targets import key_of_new
from groups.importing.verdicts import PersonReason
from groups.models import Group
from tickets.dashboard.lists.shown import TONES, ListKind, RowLine, Target, row_line

LISTED: Final = 100
"""How many rows that failed or were kept are listed by name."""


def checked_context(kind: ListKind, list_import: ListImport) -> dict[str, Any]:
    """What would become of the rows: by reason, and by what they lead to."""
    found = summarise(list_import, kind.reasons)
    return {
        "reasons": [
            (each, kind.what_to_do[each.reason], TONES.get(Verdict(each.verdict), "")) for each in found.reasons
        ],
        "targets": kind.targets(list_import, found.targets),
        "wanted": found.wanted,
        "to_check": found.of(Verdict.DOUBTFUL),
        "refused": found.of(Verdict.REFUSED),
    }


def result_context(kind: ListKind, list_import: ListImport) -> dict[str, Any]:
    """What became of the rows, and which failed or were kept."""
    counts = counts_of(list_import)
    odd = list_import.rows.filter(state__in=[RowState.FAILED, RowState.KEPT]).order_by("number")
    left = list_import.rows.filter(state=RowState.READ).exclude(verdict=Verdict.UNCHANGED)
    return {
        "standing": counts.get(RowState.APPLIED, 0) + counts.get(RowState.KEPT, 0),
        "undone": counts.get(RowState.UNDONE, 0),
        "failed": counts.get(RowState.FAILED, 0),
        "kept": counts.get(RowState.KEPT, 0),
        "unchanged": list_import.rows.filter(state=RowState.READ, verdict=Verdict.UNCHANGED).count(),
        "left_out": left.count(),
        "told": list_import.rows.filter(after__told=True).count(),
        "made": list_import.rows.standing().filter(after__made=True).count(),
        "odd": kind.lines(list_import, list(odd[:LISTED])),
    }


def person_lines(list_import: ListImport, rows: Sequence[ListImportRow]) -> list[RowLine]:
    """Rows of people as pages list them."""
    reader = reader_of(list_import)
    titles = group_names(list_import, [key for row in rows for key in row.target.split(",")])
    lines = []
    for row in rows:
        person = person_of(reader, row)
        groups = [titles[key] for key in row.target.split(",") if key in titles]
        lines.append(row_line(PersonReason, row, person.name, person.email, groups))
    return lines


def group_targets(list_import: ListImport, targets: Mapping[str, int]) -> list[Target]:
    """How many rows lead to which group, by its name."""
    titles = group_names(list_import, targets)
    found = [
        Target(title=titles.get(key, ""), is_new=bool(key_of_new(key, list_import.mapping)), count=count)
        for key, count in targets.items()
    ]
    return sorted(found, key=lambda each: each.title.lower())


def group_names(list_import: ListImport, targets: Iterable[str]) -> dict[str, str]:
    """What the groups of these targets are called."""
    keys = set(targets) - {""}
    ids = [int(key) for key in keys if key.isdigit()]
    known = dict(Group.objects.filter(account=list_import.account, pk__in=ids).values_list("pk", "name"))
    new = list_import.mapping.get(GROUP_NAMES, {})
    names = {key: new.get(name, "") for key in keys if (name := key_of_new(key, list_import.mapping))}
    return names | {str(pk): name for pk, name in known.items()}
