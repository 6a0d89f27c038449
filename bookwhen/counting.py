"""Counts that cost the same however many there are: up to `MOST`, and beyond that “1,000+”."""

from typing import Final

from django.db.models import IntegerField, Model, QuerySet, Subquery
from django.template import Library
from django.utils.formats import number_format

MOST: Final = 1000
"""How many are counted one by one."""

register = Library()


class CappedCount(Subquery):
    """How many rows a queryset has, `MOST` + 1 where it has more: an annotation (`OuterRef`) or a value.

    Order the rows as an index has them: then it is that index which is read, and no further than it must be.
    """

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, rows: "QuerySet[Model]") -> None:
        super().__init__(rows.values("pk")[: MOST + 1])


@register.filter
def capped(count: int) -> str:
    """A count as people read it: exact, or *1,000+*."""
    if count > MOST:
        return f"{number_format(MOST, use_l10n=True, force_grouping=True)}+"
    return number_format(count, use_l10n=True, force_grouping=True)
