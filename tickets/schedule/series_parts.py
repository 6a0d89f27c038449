"""The parts of a series that was split where its tickets change: which has a date, and where the others are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Min

from tickets.models import Entry, Series

MOST_PARTS: Final = 20
_FAMILY: Final = """
    WITH RECURSIVE family (id, split_from_id) AS (
        SELECT id, split_from_id FROM tickets_series WHERE account_id = %(account)s AND id = %(series)s
        UNION
        SELECT part.id, part.split_from_id
        FROM family JOIN tickets_series AS part ON part.id = family.split_from_id OR part.split_from_id = family.id
        WHERE part.account_id = %(account)s
    )
    SELECT id FROM family ORDER BY id
"""


def parts_of(series: Series) -> list[int]:
    """The parts (ids) of the series that one was, in order of their keys; itself alone where it was never split."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, {"account": series.account_id, "series": series.pk})
        return [key for (key,) in cursor.fetchall()]


def part_at(series: Series, parts: Sequence[int], at: datetime) -> int:
    """Which of the parts (ids) of a series takes place at an instant: the last that has begun by then, else the first.

    A single date with tickets of its own is no part of the others: what is added to it stays there.
    """
    if not series.rule:
        return series.pk
    found = Entry.objects.filter(account=series.account_id, series__in=parts).exclude(series__rule="")
    begins = list(found.order_by().values_list("series").annotate(begins=Min("starts_at")).order_by("begins", "series"))
    begun = [key for key, since in begins if since <= at]
    return begun[-1] if begun else begins[0][0] if begins else series.pk


def other_parts(entry: Entry) -> list[Entry]:
    """The first entry of each other part of the series of an entry (with its series), soonest first."""
    parts = [each for each in parts_of(entry.series) if each != entry.series_id]
    if not parts:
        return []
    found = Entry.objects.filter(account=entry.account_id, series__in=parts).select_related("series")
    firsts = found.order_by("series", "starts_at", "pk").distinct("series")
    return sorted(firsts, key=lambda each: (each.starts_at, each.pk))[:MOST_PARTS]
