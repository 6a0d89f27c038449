"""Pages of a list by keyset: a page begins after the last row of the one before, so no page costs more than another.

Nothing is counted and nothing is skipped. An address says where a page begins (`?after=…`, or `?before=…` to go back);
one that cannot be read, that somebody made up, or beyond which nothing is left, shows the first page.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual, Lookup
from django.http import QueryDict

M = TypeVar("M", bound=Model)

PER_PAGE: Final = 50
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What no database can compare with."""
REACH: Final = 1000
"""Rows of a list in which a page of what is found in it is looked for: then there is less on it, and a way on."""
LONGEST: Final = 2000
"""Characters of an address that can be a position; longer ones are nobody's."""


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[M]):
    """The rows of a page, and where the pages beside it begin (for `?before=` and `?after=`; empty: there is none)."""

    rows: Sequence[M]
    previous: str = ""
    next: str = ""
    part: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False
    """It has fewer rows than it could: the next ones are looked for further on in the list."""
    skip: str = ""
    """Where in the list those begin who are most likely looked for, if that is beyond what was searched."""

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_all(self) -> bool:
        """Whether the list has this page alone."""
        return not self.previous and not self.next

    @property
    def first_link(self) -> str:
        """The query of the first page; the rest of the address is kept."""
        return self._link()

    @property
    def previous_link(self) -> str:
        """The query of the page before."""
        return self._link(before=self.previous)

    @property
    def next_link(self) -> str:
        """The query of the page after."""
        return self._link(after=self.next)

    @property
    def skip_link(self) -> str:
        """The query of the page that begins at `skip`."""
        return self._link(after=self.skip)

    def _link(self, **position: str) -> str:
        query = QueryDict(mutable=True)
        query.update(self.address)
        for name in ("after", "before"):
            query.pop(self.part + name, None)
        query.pop("page", None)
        for name, value in position.items():
            query[self.part + name] = value
        return f"?{query.urlencode()}"


def keyset_page(
    found: "QuerySet[M]",
    order: Sequence[str],
    address: Mapping[str, str],
    *,
    size: int = PER_PAGE,
    part: str = "",
    ahead: "QuerySet[M] | None" = None,
    among: "QuerySet[M] | None" = None,
    reach: int | None = None,
) -> KeysetPage[M]:
    """The page of `found` that an address (`request.GET`) asks for: one statement, two where it leads to nothing.

    `order` names columns or annotations, never null, either all with a `-` (descending) or none; together they are
    unique (end with `pk`). The database needs an index that begins with what `found` is filtered by and goes on with
    `order`. Of several lists on one page all but one have a `part`, with which their names in the address begin.
    Rows of `ahead` come before all others, where one index cannot find both: a statement more.
    `among`: the list that `found` is looked for in, row by row, where no index has it alone. A page is looked for among
    `reach` (else `REACH`) of its rows and may be cut short, so that it costs no more where nothing is found: one more
    statement.
    """
    backwards = f"{part}before" in address
    position = _read(found, order, address.get(f"{part}before" if backwards else f"{part}after", ""))
    if position is None:
        backwards = False
    parts = [found] if ahead is None else [ahead, found]
    within = None if among is None else _Within(among, reach or REACH)
    page = _page(parts, order, position, within, size=size, backwards=backwards)
    is_start = backwards and not page.previous and len(page) < size
    is_end = not backwards and not page.rows and among is None
    if position is not None and (is_start or is_end):
        # What stood there has gone: nothing is left beyond it, or less than a page before it.
        page = _page(parts, order, None, within, size=size, backwards=False)
    return replace(page, part=part, address=address)


@dataclass(frozen=True, slots=True)
class _Within(Generic[M]):
    """The list that a page is looked for in, so many rows of it."""

    among: "QuerySet[M]"
    reach: int

    def end(self, asked: Sequence[str], position: Sequence[object] | None) -> Sequence[Any] | None:
        """The row of the list (its columns of the order) up to which a page is looked for; None: up to the end."""
        names = [column.removeprefix("-") for column in asked]
        last = rows_after(self.among, asked, position).values_list(*names)[self.reach - 1 : self.reach + 1]
        found = list(last)
        return found[0] if len(found) > 1 else None


def _page(
    parts: "Sequence[QuerySet[M]]",
    order: Sequence[str],
    position: Sequence[object] | None,
    within: _Within[M] | None,
    *,
    size: int,
    backwards: bool,
) -> KeysetPage[M]:
    asked = [_turned(column) for column in order] if backwards else list(order)
    end = within.end(asked, position) if within else None
    rows: list[M] = []
    for found in parts[::-1] if backwards else parts:
        rows += rows_after(_until(found, asked, end), asked, position)[: size + 1 - len(rows)]
        if len(rows) > size:
            break
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_previous = more if backwards else position is not None
    has_next = backwards or more
    previous = _position(rows[0], order) if rows and has_previous else ""
    following = _position(rows[-1], order) if rows and has_next else ""
    is_cut = end is not None and not more
    if end is not None and is_cut:
        on = _said(end)
        previous = on if backwards else previous or (on if position else "")
        following = following or on if backwards else on
    return KeysetPage(rows, previous, following, is_cut=is_cut and not backwards)


def _until(found: "QuerySet[M]", order: Sequence[str], end: Sequence[object] | None) -> "QuerySet[M]":
    if end is None:
        return found
    compare = GreaterThanOrEqual if order[0].startswith("-") else LessThanOrEqual
    return found.filter(compare(*_rows_compared(found, order, end)))


def _beyond(found: "QuerySet[M]", order: Sequence[str], position: Sequence[object]) -> "Lookup[Any]":
    """What comes after a position, compared as rows: the index begins exactly there, however many are alike."""
    compare = LessThan if order[0].startswith("-") else GreaterThan
    return compare(*_rows_compared(found, order, position))


def _rows_compared(found: "QuerySet[M]", order: Sequence[str], position: Sequence[object]) -> tuple[Any, Any]:
    names = [column.removeprefix("-") for column in order]
    values = [Value(value, output_field=_field(found, name)) for name, value in zip(names, position, strict=True)]
    kind: Field[Any, Any] = BooleanField()
    ours, its = (Func(*each, function="ROW", output_field=kind) for each in ([F(name) for name in names], values))
    return ours, its


def _turned(column: str) -> str:
    return column.removeprefix("-") if column.startswith("-") else f"-{column}"


def _position(row: Model, order: Sequence[str]) -> str:
    return _said([getattr(row, column.removeprefix("-")) for column in order])


def _said(values: Sequence[object]) -> str:
    said = json.dumps(list(values), cls=_Exactly, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(said.encode()).decode().rstrip("=")


class _Exactly(DjangoJSONEncoder):
    """Instants to the microsecond, where Django's own tells thousandths."""

    def default(self, o: object) -> Any:  # noqa: ANN401 - as Django's
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _read(found: "QuerySet[M]", order: Sequence[str], position: str) -> list[object] | None:
    if not position or len(position) > LONGEST:
        return None
    try:
        values = json.loads(urlsafe_b64decode(position + "=" * (-len(position) % 4)))
        if not isinstance(values, list) or len(values) != len(order):
            return None
        read = [_field(found, column).to_python(value) for column, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        return None
    return read if all(_is_storable(value) for value in read) else None


def _is_storable(value: object) -> bool:
    """Whether a database can compare with it."""
    match value:
        case None:
            return False
        case datetime():
            # As ours are; PostgreSQL refuses offsets that Python takes.
            return value.utcoffset() == timedelta()
        case str():
            return not UNSTORABLE.search(value)
        case _:
            return True


def _field(found: "QuerySet[M]", column: str) -> "Field[Any, Any]":
    name = column.removeprefix("-")
    annotation = found.query.annotations.get(name)
    if annotation is not None:
        made: Field[Any, Any] = annotation.output_field
        return made
    meta = found.model._meta
    return meta.pk if name == "pk" else meta.get_field(name)  # type: ignore[return-value]


def rows_after(found: "QuerySet[M]", order: Sequence[str], position: Sequence[object] | None) -> "QuerySet[M]":
    """All rows in an order (as `keyset_page` has it) that come after a position; all there are without one."""
    beyond = found if position is None else found.filter(_beyond(found, order, position))
    return beyond.order_by(*order)


def skip_to(page: KeysetPage[M], found: "QuerySet[M]", order: Sequence[str], to: Sequence[Any]) -> KeysetPage[M]:
    """The page, with a way to a row of its list (its columns of the order), if that is beyond what was searched."""
    end = _read(found, order, page.next) if page.is_cut else None
    return replace(page, skip=_said(to)) if end and list(to) > end else page


def position_after(found: "QuerySet[M]", order: Sequence[str], address: Mapping[str, str]) -> Sequence[Any] | None:
    """Where the page begins that an address asks for, for who reads its rows without `keyset_page`: after this row."""
    return _read(found, order, address.get("after", ""))


def page_of_rows(
    rows: Sequence[M], order: Sequence[str], address: Mapping[str, str], *, is_later: bool, more: bool
) -> KeysetPage[M]:
    """The page of rows that were read so: `is_later`: after others, `more`: before others."""
    previous = _position(rows[0], order) if rows and is_later else ""
    return KeysetPage(rows, previous, _position(rows[-1], order) if rows and more else "", address=address)
