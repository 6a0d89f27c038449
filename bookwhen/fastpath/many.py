"""Rows of a model written many at a time, by one statement that PostgreSQL plans once in a connection."""

import json
from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar

from django.db.models import Model

from bookwhen.fastpath.prepared import prepared_cursor

M = TypeVar("M", bound=Model)

_INSERT: Final = "INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json)"
_CONFLICT: Final = " ON CONFLICT ({key}) DO UPDATE SET {changes}"
_UPDATE: Final = (
    "UPDATE {table} SET {changes} FROM json_populate_recordset(NULL::{table}, %s::json) AS written"
    " WHERE {table}.{pk} = written.{pk} AND {table}.account_id = written.account_id"
)


class RowWriter(Generic[M]):
    """Inserts or updates instances of a model: however many, the statement and its plan are the same.

    Django's `bulk_create` and `bulk_update` write a statement for just so many rows, and have it planned, each time.
    `columns` (attnames) are what is written; all others are left as they are, or to what the database has for them.
    The values go as JSON, and PostgreSQL makes of each what its column is: a value must be what the column takes.
    """

    def __init__(self, model: type[M], columns: Sequence[str], *, key: Sequence[str] = ()) -> None:
        """`key`: the columns of a unique constraint; `insert` updates the row that is there already."""
        self._columns = tuple(columns)
        fields = {field.attname: str(field.column) for field in model._meta.concrete_fields}
        key_column = str(model._meta.pk.column)
        table, pk = _quoted(model._meta.db_table), _quoted(key_column)
        names = [_quoted(fields[name]) for name in self._columns]
        self._insert = _INSERT.format(table=table, names=", ".join(names))
        if key:
            keys = [_quoted(fields[name]) for name in key]
            changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in names if name not in keys)
            self._insert += _CONFLICT.format(key=", ".join(keys), changes=changes)
        changes = ", ".join(f"{name} = written.{name}" for name in names)
        self._update = _UPDATE.format(table=table, pk=pk, changes=changes)
        self._json = [(name, fields[name]) for name in self._columns]
        self._whose = (model._meta.pk.attname, key_column)

    def insert(self, rows: Sequence[M]) -> None:
        """Insert rows, which don't learn their numbers."""
        self._write(self._insert, rows, self._json)

    def update(self, rows: Sequence[M]) -> None:
        """Update rows, each of its own account (`account_id`)."""
        self._write(self._update, rows, [self._whose, ("account_id", "account_id"), *self._json])

    @staticmethod
    def _write(statement: str, rows: Sequence[M], columns: Sequence[tuple[str, str]]) -> None:
        if rows:
            told: list[dict[str, Any]] = [{column: getattr(row, name) for name, column in columns} for row in rows]
            with prepared_cursor() as cursor:
                cursor.execute(statement, [json.dumps(told, default=str)])


def _quoted(name: str) -> str:
    return f'"{name}"'
