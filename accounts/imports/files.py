"""Files that lists come in as: kept until their rows are, which one worker does in one transaction.

One that can be read in more than one way (another sheet, other letters) is kept until its rows are taken in.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from accounts.imports.services import begin_import
from accounts.imports.sources import ListSource
from accounts.imports.tables.faults import UnreadableFileError
from accounts.imports.tables.reading import MOST_ROWS, Asked, Summary, Table, open_table
from accounts.models import Account, ListFile, ListImport
from bookwhen.text import machine_line

BATCH: Final = 2000
MOST_LETTERS: Final = 8_000_000
"""Rows, and about how many letters of them, are written at a time."""
NAME_LENGTH: Final = 100
CELLS: Final = "cells"
LINE: Final = "line"
"""The words of a row as it came in: its cells, and in which row of the file it stood."""
READ_AS: Final = "read_as"
"""The mapping's word for how somebody wants the file read: which sheet, in which encoding."""

Row = tuple[int, list[str]]
"""In which row of the file, and its cells."""

_INSERT: Final = """
    INSERT INTO accounts_listimportrow (
        account_id, list_import_id, number, key, raw, what, person, target, currency, decided, verdict, why, state,
        before, after, error
    )
    SELECT %(account)s::bigint, %(list)s::bigint, %(first)s::bigint + place, row ->> 'line', row, '', '', '', '',
        '{}'::jsonb, '', '', 'read', '{}'::jsonb, '{}'::jsonb, ''
    FROM jsonb_array_elements(%(rows)s::jsonb) WITH ORDINALITY AS given(row, place)
"""
_DECIDE: Final = """
    UPDATE accounts_listimportrow AS written SET decided = said.decided, chosen = said.chosen
    FROM jsonb_to_recordset(%s::jsonb) AS said(key text, decided jsonb, chosen boolean)
    WHERE written.account_id = %s AND written.list_import_id = %s AND written.key = said.key
"""


def begin_from_file(
    account: Account, source: ListSource, data: bytes, name: str, *, who: str, key: UUID, now: datetime
) -> ListImport:
    """Begin to read a list that was uploaded; the same key again returns the import that it began.

    Raises accounts.operations.services.OperationOpenError.
    """
    with transaction.atomic():
        found = begin_import(account, source, who=who, key=key, now=now)
        kept = {"name": machine_line(name, NAME_LENGTH), "data": data, "size": len(data)}
        ListFile.objects.get_or_create(list_import=found, account=account, defaults=kept)
    return found


def read_file(list_import: ListImport, known: Collection[str]) -> None:
    """Turn the file of an import into its rows, keep what was learned of it as a whole, and forget it. Safe to repeat.

    Where it cannot be read on, the rows before stay, and `trouble` in `found` says so. One that can be read in more
    than one way is not forgotten yet; read in other letters, it keeps what was decided of its rows.
    """
    file = ListFile.objects.filter(account=list_import.account_id, list_import=list_import).first()
    if file is None or not file.size:
        return
    asked = Asked(**list_import.mapping.get(READ_AS, {}), time_zone=list_import.account.time_zone)
    summary, table, trouble = Summary([]), Table([], iter(())), ""
    with transaction.atomic():
        decided, sheet = _decided(list_import), list_import.found.get("sheet", "")
        list_import.rows.all().delete()
        try:
            table = open_table(bytes(file.data), known, asked)
            summary.heading = table.heading
            _keep_rows(list_import, table, summary)
        except UnreadableFileError as error:
            trouble = str(error)
        if table.sheet == sheet:
            _decide_again(list_import, decided)
        if len(table.sheets) < 2 and len(table.ways) < 2:  # noqa: PLR2004 - more than one
            forget_file(list_import)
        list_import.found = {
            "file": file.name, "sheet": table.sheet, "sheets": table.sheets, "encoding": table.encoding,
            "ways": [[way.encoding, way.words] for way in table.ways], "rows": summary.rows,
            "columns": summary.columns, "samples": summary.samples, "days": summary.days, "trouble": trouble,
            "is_cut": summary.rows >= MOST_ROWS,
        }  # fmt: skip
        list_import.save(update_fields=["found"])


def has_file(list_import: ListImport) -> bool:
    """Whether the file of an import is still there, so that it can be read in another way."""
    found = list_import.found
    if len(found.get("sheets", [])) < 2 and len(found.get("ways", [])) < 2:  # noqa: PLR2004 - more than one
        return False
    return ListFile.objects.filter(account=list_import.account_id, list_import=list_import, size__gt=0).exists()


def forget_file(list_import: ListImport) -> None:
    """Forget what the file of an import holds; what it was called stays."""
    ListFile.objects.filter(account=list_import.account_id, list_import=list_import).update(data=b"", size=0)


def _decided(list_import: ListImport) -> Sequence[Mapping[str, object]]:
    """What the operator said of single rows, or of all of one reason."""
    said = list_import.rows.order_by().exclude(decided={}, chosen=None)
    return list(said.values("key", "decided", "chosen"))


def _decide_again(list_import: ListImport, decided: Sequence[Mapping[str, object]]) -> None:
    if decided:
        with connection.cursor() as cursor:
            cursor.execute(_DECIDE, [json.dumps(decided), list_import.account_id, list_import.pk])


def _keep_rows(list_import: ListImport, table: Table, summary: Summary) -> None:
    """Write rows, a batch at a time; those before one that cannot be read are not lost with it."""
    rows, fault = islice(table.rows, MOST_ROWS), None
    while fault is None:
        some, fault = _next_rows(rows)
        if not some:
            break
        first = summary.rows
        for _line, cells in some:
            summary.add(cells)
        given = json.dumps([{LINE: line, CELLS: cells} for line, cells in some], ensure_ascii=False)
        with connection.cursor() as cursor:
            asked: dict[str, int | str] = {
                "account": list_import.account_id,
                "list": list_import.pk,
                "first": first,
                "rows": given,
            }
            cursor.execute(_INSERT, asked)
    if fault is not None:
        raise fault


def _next_rows(rows: Iterator[Row]) -> tuple[list[Row], UnreadableFileError | None]:
    some: list[Row] = []
    letters = 0
    try:
        for row in islice(rows, BATCH):
            some.append(row)
            letters += sum(map(len, row[1]))
            if letters > MOST_LETTERS:
                break
    except UnreadableFileError as error:
        return some, error
    return some, None
