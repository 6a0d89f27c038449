"""What the pages of an import show: what would become of its rows, and what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count

from accounts.imports.retention import counts_of
from accounts.models import ListImport, ListImportRow, RowState, Verdict
from bookwhen.money import money
from memberships.dashboard.importing.phrases import WHAT_TO_DO, Words, is_new_target, row_cost, target_titles
from memberships.importing.summary import summarise
from memberships.importing.verdicts import ImportReason

TONES: Final = {Verdict.NEW: "good", Verdict.DOUBTFUL: "warn", Verdict.REFUSED: "", Verdict.UNCHANGED: ""}
LISTED: Final = 100
"""How many rows that failed or were kept are listed by name."""


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row as pages list it."""

    row: ListImportRow
    who: str
    email: str
    cost: str
    membership: str
    reason: Words
    tone: str
    is_wanted: bool


def checked_context(list_import: ListImport) -> dict[str, Any]:
    """What would become of the rows: by reason, by membership, and in money a month."""
    account, found = list_import.account, summarise(list_import)
    sums = [
        {
            "currency": each.currency,
            "imported": money(each.imported, each.currency, account.locale),
            "at_stripe": money(each.at_stripe, each.currency, account.locale),
            "unknown": each.unknown,
        }
        for each in found.monthly_sums()
    ]
    targets = found.wanted_by_target()
    titles = target_titles(list_import, (key for key, _count in targets))
    first, last = found.next_payments()
    return {
        "reasons": [(each, WHAT_TO_DO[each.reason], TONES[Verdict(each.verdict)]) for each in found.reason_counts()],
        "sums": sums,
        "first_payment": first,
        "last_payment": last,
        "targets": [(titles.get(key, ""), is_new_target(key), count) for key, count in targets],
        "wanted": sum(count for _key, count in targets),
        "to_check": found.to_check(),
    }


def result_context(list_import: ListImport) -> dict[str, Any]:
    """What became of the rows, and which failed or were kept."""
    counts = counts_of(list_import)
    odd = list_import.rows.filter(state__in=[RowState.FAILED, RowState.KEPT]).order_by("number")
    by_target = list(list_import.rows.standing().order_by().values_list("target").annotate(Count("pk")))
    titles = target_titles(list_import, (key for key, _count in by_target))
    return {
        "counts": counts,
        "standing": counts.get(RowState.APPLIED, 0) + counts.get(RowState.KEPT, 0),
        "undone": counts.get(RowState.UNDONE, 0),
        "failed": counts.get(RowState.FAILED, 0),
        "kept": counts.get(RowState.KEPT, 0),
        "left_out": counts.get(RowState.READ, 0),
        "told": list_import.rows.filter(after__told=True).count(),
        "odd": row_lines(list_import, odd[:LISTED]),
        "targets": sorted((titles.get(key, ""), count) for key, count in by_target),
    }


def row_lines(list_import: ListImport, rows: Iterable[ListImportRow]) -> list[RowLine]:
    """Rows as pages list them."""
    rows = list(rows)
    titles = target_titles(list_import, (row.target for row in rows))
    return [row_line(list_import, row, titles) for row in rows]


def row_line(list_import: ListImport, row: ListImportRow, titles: dict[str, str]) -> RowLine:
    """A row as pages list it."""
    plain = row.verdict in {Verdict.NEW, Verdict.CHANGED} and row.chosen is not False
    return RowLine(
        row=row,
        who=row.raw["name"] or row.person or row.raw["email"] or row.key,
        email=row.person or row.raw["email"],
        cost=row_cost(row, list_import.account.locale),
        membership=titles.get(row.target, ""),
        reason=ImportReason(row.why).label if row.why else "",
        tone=TONES.get(Verdict(row.verdict), "") if row.verdict else "",
        is_wanted=plain or (row.verdict == Verdict.DOUBTFUL and row.chosen is True),
    )
