"""Pages of a list by keyset: a page begins after the last row of the one before, so no page costs more than another.

Nothing is counted and nothing is skipped. An address says where a page begins (`?after=…`, or `?before=…` to go back);
one that cannot be read, or that somebody made up, shows the first page.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model, Q, QuerySet

M = TypeVar("M", bound=Model)

PER_PAGE: Final = 50
LONGEST: Final = 2000
"""Characters of an address that can be a position; longer ones are nobody's."""


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[M]):
    """The rows of a page, and where the pages beside it begin (for `?before=` and `?after=`; empty: there is none)."""

    rows: Sequence[M]
    previous: str = ""
    next: str = ""

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_all(self) -> bool:
        """Whether the list has this page alone."""
        return not self.previous and not self.next


def keyset_page(
    found: "QuerySet[M]", order: Sequence[str], address: Mapping[str, str], *, size: int = PER_PAGE
) -> KeysetPage[M]:
    """The page of `found` that an address (`request.GET`) asks for, in one statement.

    `order` names columns or annotations, never null, each with a `-` where it descends; together they are unique (end
    with `pk`). The database needs an index that begins with what `found` is filtered by and goes on with `order`.
    """
    backwards = "before" in address
    position = _read(found, order, address.get("before" if backwards else "after", ""))
    if position is None:
        backwards = False
    asked = [_turned(column) for column in order] if backwards else list(order)
    beyond = found if position is None else found.filter(_beyond(asked, position))
    rows = list(beyond.order_by(*asked)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_previous = more if backwards else position is not None
    has_next = backwards or more
    if not rows:
        return KeysetPage(rows)
    return KeysetPage(
        rows,
        previous=_position(rows[0], order) if has_previous else "",
        next=_position(rows[-1], order) if has_next else "",
    )


def _beyond(order: Sequence[str], position: Sequence[object]) -> Q:
    """What comes after a position: with a bound on the first column of its own, which an index can begin at."""
    condition = Q()
    for column, value in reversed(list(zip(order, position, strict=True))):
        name, later = column.removeprefix("-"), "lt" if column.startswith("-") else "gt"
        here = Q((name, value)) & condition if condition else Q()
        condition = Q((f"{name}__{later}", value)) | here if here else Q((f"{name}__{later}", value))
    first = order[0].removeprefix("-")
    return Q((f"{first}__{'lte' if order[0].startswith('-') else 'gte'}", position[0])) & condition


def _turned(column: str) -> str:
    return column.removeprefix("-") if column.startswith("-") else f"-{column}"


def _position(row: Model, order: Sequence[str]) -> str:
    values = [getattr(row, column.removeprefix("-")) for column in order]
    return urlsafe_b64encode(json.dumps(values, cls=_Exactly).encode()).decode().rstrip("=")


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
    return None if any(value is None or "\x00" in str(value) for value in read) else read


def _field(found: "QuerySet[M]", column: str) -> "Field[Any, Any]":
    name = column.removeprefix("-")
    annotation = found.query.annotations.get(name)
    if annotation is not None:
        field: Field[Any, Any] = annotation.output_field
        return field
    meta = found.model._meta
    return meta.pk if name == "pk" else meta.get_field(name)  # type: ignore[return-value]


def position_after(found: "QuerySet[M]", order: Sequence[str], address: Mapping[str, str]) -> Sequence[Any] | None:
    """Where the page begins that an address asks for, for who reads its rows without `keyset_page`: after this row."""
    return _read(found, order, address.get("after", ""))


def page_of_rows(
    rows: Sequence[M], order: Sequence[str], address: Mapping[str, str], *, is_later: bool, more: bool
) -> KeysetPage[M]:
    """The page of rows that were read so: `is_later`: after others, `more`: before others."""
    if not rows:
        return KeysetPage(rows)
    before, after = (_position(row, order) for row in (rows[0], rows[-1]))
    return KeysetPage(rows, previous=before if is_later else "", next=after if more else "")
