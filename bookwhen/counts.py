"""Counts that cost no more however much there is: up to a thousand exactly, and then “1,000+”."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from django.db.models import IntegerField, Model, QuerySet, Subquery
from django.utils.formats import number_format

K = TypeVar("K", bound=str)
MOST: Final = 1000


@dataclass(frozen=True, slots=True, order=True)
class CappedCount:
    """What was counted; more than `most` is only known to be more."""

    counted: int
    most: int = field(default=MOST, compare=False)

    def __str__(self) -> str:
        """As people read it."""
        return f"{number_format(min(self.counted, self.most), force_grouping=True)}{'+' if self.is_more else ''}"

    def __bool__(self) -> bool:
        return self.counted > 0

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.counted > self.most


class _Counted(IntegerField):  # type: ignore[type-arg] # its base takes none when it runs
    def from_db_value(self, value: int | None, *_how: object) -> CappedCount:
        # Django does not ask the database where nothing can be found.
        return CappedCount(value or 0)


class CappedCountOf(Subquery):
    """How many rows a queryset finds, as a column of another."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = _Counted()

    def __init__(self, found: "QuerySet[Any]", **extra: Any) -> None:  # noqa: ANN401 - a subquery's own
        # An order that is asked for says by which index they are found.
        found = found if found.query.order_by else found.order_by()
        super().__init__(found.values("pk")[: MOST + 1], **extra)


def capped_counts(of: Model, found: Mapping[K, "QuerySet[Any]"]) -> dict[K, CappedCount]:
    """How many rows each of some querysets finds, in one statement; `of` is the row that all of them belong to."""
    names = list(found)
    row = type(of)._base_manager.filter(pk=of.pk).values_list(*map(CappedCountOf, found.values())).get()  # noqa: SLF001
    return dict(zip(names, row, strict=True))


def capped_count(found: "QuerySet[Any]") -> CappedCount:
    """How many rows a queryset finds, in a statement of its own."""
    return CappedCount(found.order_by().values("pk")[: MOST + 1].count())


def add_up(counts: Iterable[CappedCount]) -> CappedCount | None:
    """How many there are in all, of counts of different rows; None where nothing was counted."""
    listed = [each.counted for each in counts]
    return CappedCount(sum(listed)) if listed else None
