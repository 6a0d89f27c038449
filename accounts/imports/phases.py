"""The phases of a list import, as its long job goes through them."""

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.imports.rows import JUDGED, ListedRow, listed_rows
from accounts.imports.sources import ListSource, source_of
from accounts.models import ListImport, ListImportRow, Operation, RowState
from accounts.operations.kinds import Kind, Phase, Step
from bookwhen.collecting import without_collecting
from bookwhen.text import storable, without_secrets

READ: Final = "read"
JUDGE: Final = "judge"
APPLY: Final = "apply"
UNDO: Final = "undo"
BATCH: Final = 500
"""How many rows are undone at a time."""
JUDGED_TOGETHER: Final = 2000
"""How many rows are judged at a time: what it costs to look around is the same for few."""
_WRITE_VERDICTS: Final = """
    UPDATE accounts_listimportrow AS written SET
        verdict = judged.verdict, why = judged.why, person = judged.person, target = judged.target, what = judged.what,
        next_at = judged.next_at
    FROM jsonb_to_recordset(%s::jsonb) AS judged(
        id bigint, verdict text, why text, person text, target text, what text, next_at timestamptz
    )
    WHERE written.account_id = %s AND written.id = judged.id
"""
"""For a whole batch one statement of one length."""
ERROR_LENGTH: Final = 1000

log = logging.getLogger(__name__)


def kind_of_source(source: ListSource) -> Kind:
    """Imports of a source as a kind of long job."""
    phases = {
        READ: Phase(gettext_lazy("Reading the list"), _read, waits=True),
        JUDGE: Phase(gettext_lazy("Checking each row"), _judge, waits=True),
        APPLY: Phase(gettext_lazy("Importing"), _apply),
        UNDO: Phase(gettext_lazy("Undoing the import"), _undo),
    }
    return Kind(source.name, source.label, source.page, phases)


def judge_rows(list_import: ListImport, rows: Sequence[ListedRow], *, now: datetime) -> None:
    """Judge rows (ascending, of one import), and write the verdicts that are other ones now."""
    before = [row.judged() for row in rows]
    source_of(list_import).judge(list_import, rows, now)
    changed = [row for row, said in zip(rows, before, strict=True) if row.judged() != said]
    judged = [{"id": row.pk} | dict(zip(JUDGED, row.judged(), strict=True)) for row in changed]
    if judged:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_VERDICTS, [json.dumps(judged, default=datetime.isoformat), list_import.account_id])


def row_error(error: Exception) -> str:
    """Why a row failed, as it is kept: sentences for people as they are, anything else in general words."""
    log.warning("A row of an import failed: %s", error, exc_info=error)
    words = str(error) if getattr(error, "is_for_people", False) else _("Something went wrong on our side.")
    return storable(without_secrets(words))[:ERROR_LENGTH]


def _import_of(operation: Operation) -> ListImport:
    found = ListImport.objects.get(operation=operation)
    found.operation, found.account = operation, operation.account
    return found


def _read(operation: Operation, now: datetime) -> Step:
    list_import = _import_of(operation)
    batch = source_of(list_import).read(list_import, operation.cursor, now)
    count = _add(list_import, batch.rows)
    return Step(batch.cursor, count, batch.total)


def _add(list_import: ListImport, rows: Iterable[ListImportRow]) -> int:
    """Number rows that are not there yet and write them; how many there are then. A batch read again adds none."""
    by_key = {row.key: row for row in rows}
    kept = list_import.rows.filter(key__in=by_key).values_list("key", flat=True)
    for key in kept:
        del by_key[key]
    count: int = list_import.rows.aggregate(last=Max("number"))["last"] or 0
    for number, row in enumerate(by_key.values(), count + 1):
        row.account_id, row.list_import, row.number = list_import.account_id, list_import, number
    ListImportRow.objects.bulk_create(by_key.values(), batch_size=BATCH)
    return count + len(by_key)


@without_collecting()
def _judge(operation: Operation, now: datetime) -> Step:
    list_import = _import_of(operation)
    after = operation.cursor.get("after", 0)
    rows = listed_rows(list_import.rows.filter(number__gt=after).order_by("number")[:JUDGED_TOGETHER])
    total = list_import.rows.count() if operation.total is None else operation.total
    if not rows:
        return Step(None, total, total)
    with transaction.atomic():
        judge_rows(list_import, rows, now=now)
    return Step({"after": rows[-1].number}, min(total, operation.done + len(rows)), total)


@without_collecting()
def _apply(operation: Operation, now: datetime) -> Step:
    list_import = _import_of(operation)
    cursor = source_of(list_import).apply(list_import, operation.cursor, now)
    wanted = list_import.rows.wanted()
    total = wanted.count() if operation.total is None else operation.total
    return Step(cursor, wanted.exclude(state=RowState.READ).count(), total)


def _undo(operation: Operation, now: datetime) -> Step:
    from accounts.imports.moves import undo_next

    list_import = _import_of(operation)
    source = source_of(list_import)
    standing = list_import.rows.standing().order_by("-number")
    below = operation.cursor.get("below")
    rows = list((standing.filter(number__lt=below) if below else standing)[:BATCH])
    for row in rows:
        _undo_row(source, list_import, row, now)
    done = operation.done + len(rows)
    if rows:
        return Step({"below": rows[-1].number}, done, done + standing.filter(number__lt=rows[-1].number).count())
    source.clear(list_import, now)
    undo_next(list_import, now=now)
    return Step(None, done, done)


def _undo_row(source: ListSource, list_import: ListImport, row: ListImportRow, now: datetime) -> None:
    """Take back what became of a row; one that fails is kept, says why, and stops no other."""
    try:
        with transaction.atomic():
            why = source.undo(list_import, row, now)
            state = RowState.KEPT if why else RowState.UNDONE
            ListImportRow.objects.filter(pk=row.pk).update(state=state, error=why)
    except Exception as error:  # noqa: BLE001 - whatever one row does, others go on
        ListImportRow.objects.filter(pk=row.pk).update(state=RowState.KEPT, error=row_error(error))
