"""What the pages of an import of customers show: what would become of its rows, and what became of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count
from django.utils.formats import number_format

from accounts.imports.files import CELLS, LINE
from accounts.imports.retention import counts_of
from accounts.models import Customer, ListImport, ListImportRow, RowState, Verdict
from bookwhen.counts import CappedCount, capped_count
from groups.importing.judging import person_of, reader_of
from groups.importing.people import GROUP_NAMES
from groups.importing.summary import summarise
from groups.importing.targets import NEW
from groups.importing.verdicts import PersonReason
from groups.models import Group, Member
from groups.queries import with_member_counts
from tickets.dashboard.lists.phrases import WHAT_TO_DO, Words

TONES: Final = {Verdict.NEW: "good", Verdict.CHANGED: "good", Verdict.DOUBTFUL: "warn"}
LISTED: Final = 100
"""How many rows that failed or were kept are listed by name."""
PEOPLE: Final = "people"
"""What the number of all customers is called in an address."""
MOST_GROUPS: Final = 100
"""How many groups are compared with the old system's numbers."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A row as pages list it."""

    row: ListImportRow
    line: int
    """In which row of the file it stands."""
    who: str
    email: str
    groups: list[str]
    reason: Words
    tone: str
    is_wanted: bool


def checked_context(list_import: ListImport) -> dict[str, Any]:
    """What would become of the rows: by reason, and by group."""
    found = summarise(list_import)
    titles = group_names(list_import, found.targets)
    targets = sorted(
        ((titles.get(key, ""), key.startswith(f"{NEW}:"), count) for key, count in found.targets.items()),
        key=lambda each: each[0].lower(),
    )
    return {
        "reasons": [(each, WHAT_TO_DO[each.reason], TONES.get(Verdict(each.verdict), "")) for each in found.reasons],
        "targets": targets,
        "wanted": found.wanted,
        "to_check": found.of(Verdict.DOUBTFUL),
        "refused": found.of(Verdict.REFUSED),
    }


def result_context(list_import: ListImport) -> dict[str, Any]:
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
        "odd": person_lines(list_import, list(odd[:LISTED])),
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """A number of ours beside the one of the old system."""

    name: str
    label: str
    ours: str
    said: str
    difference: str
    """Empty where nothing was said; else how many more (or fewer) we have."""


def compared(list_import: ListImport, address: Mapping[str, str], *, now: datetime) -> list[Compared]:
    """People, and members of each group, beside what the operator said that the old system has.

    What is compared is counted to the last; the others up to a thousand.
    """
    account = list_import.account
    groups = list(with_member_counts(Group.objects.in_use().filter(account=account), now=now)[:MOST_GROUPS])
    names = {f"group_{group.pk}": group for group in groups}
    said = {name: int(text) for name, text in address.items() if _is_number(text) and name in {PEOPLE, *names}}
    present = Member.objects.filter(
        account=account, group__in=[names[name] for name in said if name != PEOPLE], stands_until__gt=now
    )
    exact = {f"group_{group}": count for group, count in present.order_by().values_list("group").annotate(Count("pk"))}
    customers = Customer.objects.filter(account=account)
    if PEOPLE in said:
        exact[PEOPLE] = customers.count()
    rows = [_compare(PEOPLE, "", capped_count(customers), said, exact)]
    return rows + [_compare(name, group.name, group.members_now, said, exact) for name, group in names.items()]


def _compare(name: str, label: str, ours: CappedCount, said: Mapping[str, int], exact: Mapping[str, int]) -> Compared:
    if name not in said:
        return Compared(name, label, str(ours), "", "")
    count = exact.get(name, 0)
    difference = count - said[name]
    shown = number_format(count, force_grouping=True)
    return Compared(name, label, shown, str(said[name]), f"{difference:+d}" if difference else "0")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - as many as anybody has


def person_lines(list_import: ListImport, rows: Sequence[ListImportRow]) -> list[PersonLine]:
    """Rows as pages list them."""
    reader = reader_of(list_import)
    titles = group_names(list_import, [key for row in rows for key in row.target.split(",")])
    lines = []
    for row in rows:
        person = person_of(reader, row)
        plain = row.verdict in {Verdict.NEW, Verdict.CHANGED} and row.chosen is not False
        email = person.email or " ".join(each for each in row.raw[CELLS] if "@" in each)[:100]
        lines.append(
            PersonLine(
                row=row,
                line=row.raw[LINE],
                who=person.name or email or " ".join(filter(None, row.raw[CELLS]))[:60],
                email=email,
                groups=[titles[key] for key in row.target.split(",") if key in titles],
                reason=PersonReason(row.why).label if row.why else "",
                tone=TONES.get(Verdict(row.verdict), "") if row.verdict else "",
                is_wanted=plain or (row.verdict == Verdict.DOUBTFUL and row.chosen is True),
            )
        )
    return lines


def group_names(list_import: ListImport, targets: Iterable[str]) -> dict[str, str]:
    """What the groups of these targets are called."""
    keys = set(targets) - {""}
    ids = [int(key) for key in keys if key.isdigit()]
    known = dict(Group.objects.filter(account=list_import.account, pk__in=ids).values_list("pk", "name"))
    new = list_import.mapping.get(GROUP_NAMES, {})
    names = {key: new.get(key.partition(":")[2], "") for key in keys if key.startswith(f"{NEW}:")}
    return names | {str(pk): name for pk, name in known.items()}
