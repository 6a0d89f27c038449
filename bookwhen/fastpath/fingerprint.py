"""One statement that tells whether anything has changed of what several compiled queries read."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connections, transaction

from bookwhen.fastpath.compiled import CompiledQuery
from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.replica.routing import alias_to_read


class Given(NamedTuple):
    """An argument that `Fingerprint.read` is given by this name."""

    name: str


class Read(NamedTuple):
    """An argument that an earlier statement reads: a column of its only row, or of all rows where a list is wanted."""

    statement: str
    column: str


Argument = Given | Read | int


@dataclass(frozen=True, slots=True)
class Reading:
    """A compiled query, and what it is asked with."""

    query: CompiledQuery[Any]
    arguments: tuple[Argument, ...]


class Fingerprint:
    """A hash of every row that these readings read, each by the very SQL of its query: what they read, it tells.

    A column that a query reads one day is in it without anybody's doing. Readings go by a name (letters only), with
    which later ones take arguments from them.
    """

    def __init__(self, **readings: Reading) -> None:
        self._readings = readings

    def read(self, **given: object) -> bytes:
        """The hash of what is there now, in one statement."""
        sql, params = self.filled(given)
        with prepared_cursor() as cursor:
            cursor.execute(sql, params)
            (found,) = cursor.fetchone()
        return bytes(found)

    def filled(self, given: Mapping[str, object]) -> tuple[str, list[Any]]:
        """The statement, and its parameters where this is given."""
        sql, params = self._written
        return sql, [given[each.name] if isinstance(each, Given) else each for each in params]

    @cached_property
    def _written(self) -> tuple[str, list[Any]]:
        """The statement, and its parameters: values, and names of what is given."""
        columns: dict[str, list[Any]] = {}
        parts, params = [], list[Any]()
        for name, reading in self._readings.items():
            sql, own = _fill_in(reading, columns)
            selected = columns[name] = reading.query.columns
            parts.append(
                f"{name} ({', '.join(f'c{number}' for number in range(len(selected)))}) AS MATERIALIZED ({sql})"
            )
            params += own
        # A row as text is in brackets and quotes, so the rows of one reading cannot pass for those of another.
        told = ", '|', ".join(f"(SELECT string_agg({name}::text, '') FROM {name})" for name in self._readings)
        sql = f"WITH {', '.join(parts)} SELECT sha256(convert_to(concat({told}), 'UTF8'))"
        return sql, params


def _fill_in(reading: Reading, columns: dict[str, list[Any]]) -> tuple[str, list[Any]]:
    """The SQL of a reading, where earlier statements stand in place of what they tell; and its parameters."""
    sql, places = reading.query.statement
    kinds = reading.query.kinds
    remaining, params = iter(places), list[Any]()

    def fill(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        place, value = next(remaining)
        argument = value if place is None else reading.arguments[place]
        if place is not None and isinstance(argument, Read):
            return _subquery(argument, columns, is_list=kinds[place] == list[int])
        params.append(argument)
        return "%s"

    return re.sub("%s|%%", fill, sql), params


def _subquery(wanted: Read, columns: dict[str, list[Any]], *, is_list: bool) -> str:
    statement = columns[wanted.statement]
    number = [name for name, _ in statement].index(wanted.column)
    column = f"c{number}"
    if isinstance(statement[number][1], ArrayField):
        column = f"DISTINCT unnest({column})"
    inner = f"(SELECT {column} FROM {wanted.statement})"  # noqa: S608 - names of ours
    return f"ARRAY{inner}" if is_list else inner


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Have everything that is read see the database as it was at one instant.

    In a transaction that is open already nothing changes: it is a test's.
    """
    alias: Final = alias_to_read()
    if connections[alias].in_atomic_block:
        yield
        return
    with transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
