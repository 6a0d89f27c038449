"""Querysets whose SQL is written once in each process.

Django writes a statement anew for every call and takes longer for it than PostgreSQL to answer: on a public page that
was half of the work. `compiled_query` keeps the queryset as the readable description, and its SQL with it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from datetime import UTC, datetime
from functools import cached_property, update_wrapper
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BigIntegerField, BooleanField, F, Field, Func, Model, QuerySet, Value
from django.db.models.query import get_related_populators
from psycopg.sql import Literal

from bookwhen.fastpath.prepared import prepared_cursor

if TYPE_CHECKING:
    _Array = ArrayField[Any, Any]
else:
    _Array = ArrayField

M = TypeVar("M", bound=Model)

_Place = tuple[int | None, object]
Keys = list[int] | list[UUID] | list[str]
MARKERS: Final[dict[object, Callable[[int], Any]]] = {
    int: lambda number: -1_000_003 - number,
    str: "marker {}".format,
    UUID: lambda number: UUID(int=number),
    datetime: lambda number: datetime(1, 1, 1, microsecond=number, tzinfo=UTC),
    list[int]: lambda number: [-1_000_003 - number],
    list[UUID]: lambda number: [UUID(int=number)],
    list[str]: lambda number: [f"marker {number}"],
}
"""What stands for an argument while the SQL is written, by the argument's type: values that no real one has."""


class NotAParameterError(TypeError):
    """An argument of a `compiled_query` function does not reach the statement as it is."""


class _KeysField(_Array):
    """Keys as they are: nothing is asked of each of them, of which there may be thousands."""

    def get_db_prep_value(self, value: Any, connection: object, prepared: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002
        """As it came: a list, or what stands for one in a statement that is being compiled."""
        del connection, prepared
        return value


class IsOneOf(Func):
    """Whether a column is one of a list of keys, which is one parameter however long it is."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, keys: "Keys", *, of: "Field[Any, Any] | None" = None) -> None:
        super().__init__(F(column), Value(keys, output_field=_KeysField(of or BigIntegerField())))


class CompiledQuery(Generic[M]):
    """A function of a queryset, made into one that returns its rows; see `compiled_query`."""

    def __init__(self, make: Callable[..., "QuerySet[M]"]) -> None:
        update_wrapper(self, make)
        self._make = make

    def __call__(self, *arguments: object) -> list[M]:
        """What the rows with these arguments stand for."""
        return self.models(self.rows(*arguments))

    def queryset(self, *arguments: object) -> "QuerySet[M]":
        """The queryset itself: to filter further, to page, or to compare with."""
        return self._make(*arguments)

    def rows(self, *arguments: object) -> list[tuple[Any, ...]]:
        """The rows as PostgreSQL gives them: to tell whether anything has changed since they were last read."""
        _, _, sql, places = self._written
        filled: list[Any] = [value if place is None else arguments[place] for place, value in places]
        with prepared_cursor() as cursor:
            cursor.execute(sql, filled)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def models(self, rows: list[tuple[Any, ...]]) -> list[M]:
        """What such rows stand for."""
        makes = self._makes
        if self._converters:
            _, compiler, *_ = self._written
            converted = copy(compiler)
            converted.connection = connections[DEFAULT_DB_ALIAS]
            rows = [tuple(row) for row in converted.apply_converters(rows, self._converters)]
        return [makes(row) for row in rows]

    @property
    def statement(self) -> tuple[str, Sequence[_Place]]:
        """Its SQL, and its parameters: each the number of an argument, or None and a value."""
        _, _, sql, places = self._written
        return sql, places

    @cached_property
    def kinds(self) -> list[object]:
        """The types of its arguments."""
        return [kind for name, kind in get_annotations(self._make).items() if name != "return"]

    @property
    def columns(self) -> "list[tuple[str, Field[Any, Any]]]":
        """What its rows hold, in order: names, of which the first of several counts, and fields."""
        _, compiler, *_ = self._written
        return [(alias or column.target.attname, column.output_field) for column, _, alias in compiler.select]

    @cached_property
    def _makes(self) -> Callable[[tuple[Any, ...]], M]:
        """Makes a model of a row, as Django's `ModelIterable` does, which works out for each query how."""
        _, compiler, *_ = self._written
        info, select = compiler.klass_info, compiler.select
        model, fields = info["model"], info["select_fields"]
        start, end = fields[0], fields[-1] + 1
        names = [column.target.attname for column, *_ in select[start:end]]
        populators = get_related_populators(info, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # of a later one
        annotated = list(compiler.annotation_col_map.items())

        def make(row: tuple[Any, ...]) -> M:
            made: M = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
            for populator in populators:
                populator.populate(row, made)
            for name, place in annotated:
                setattr(made, name, row[place])
            return made

        return make

    @cached_property
    def _converters(self) -> Any:  # noqa: ANN401 - Django's own
        _, compiler, *_ = self._written
        return compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])

    @cached_property
    def _written(self) -> tuple[Any, Any, str, Sequence[_Place]]:
        """The model, what wrote its SQL, the SQL, and its parameters: (number of the argument, or None and a value).

        Written twice, with other markers: what differs must be an argument.
        """
        kinds = self.kinds
        first, second = ([MARKERS[kind](start + i) for i, kind in enumerate(kinds)] for start in (1, 1 + len(kinds)))
        queryset = self._make(*first)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        again, others = self._make(*second).query.sql_with_params()
        places = [
            (None, one) if one == other else (_place(one, other, first, second), None)
            for one, other in zip(params, others, strict=True)
        ]
        if again != sql or {place for place, _ in places} - {None} != set(range(len(kinds))):
            raise NotAParameterError(self._make.__qualname__)
        return queryset.model, compiler, *_with_words(sql, places)


def compiled_query(make: Callable[..., "QuerySet[M]"]) -> CompiledQuery[M]:
    """Have a function of a queryset return its rows as a list, and write their SQL only at its first call.

    Its arguments are positional, of the types in MARKERS, and go into the statement as they are: the function may not
    look at them. Raises NotAParameterError at the first call where one does not reach the statement unchanged. What a
    queryset fetches after its rows (prefetch_related) is left out.
    """
    return CompiledQuery(make)


def _with_words(sql: str, places: Iterable[_Place]) -> tuple[str, list[_Place]]:
    """The SQL with the words that are the same in every call written into it, and the parameters that are left.

    They are neither sent nor read each time, and PostgreSQL plans by them.
    """
    remaining, left = iter(places), list[_Place]()

    def write(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        place, value = next(remaining)
        if place is None and type(value) in (str, bool):
            return Literal(value).as_string().replace("%", "%%")
        left.append((place, value))
        return "%s"

    return re.sub("%s|%%", write, sql), left


def _place(one: object, other: object, first: list[object], second: list[object]) -> int:
    """The number of the argument whose markers a parameter was in both writings."""
    for number, markers in enumerate(zip(first, second, strict=True)):
        if markers == (one, other):
            return number
    raise NotAParameterError
