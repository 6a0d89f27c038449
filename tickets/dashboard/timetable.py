"""The operator's schedule as a week of entries, or as a month of days with their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, F, Func, IntegerField, Q, QuerySet, Sum, Value
from django.utils.formats import get_format

from bookwhen.dates import months_after
from offers.periods import local_day
from tickets.models import Entry

DAYS: Final = 7
MOST_IN_WEEK: Final = 300
"""Entries of a week that are drawn: of more, each day leads to its list."""


class DayNumbers(NamedTuple):
    """The entries of a day in numbers; those that were cancelled apart."""

    entries: int = 0
    free: int = 0
    cancelled: int = 0


NO_ENTRIES: Final = DayNumbers()


@dataclass(frozen=True, slots=True)
class TimetableDay:
    """A day of a week with its entries, or of a month with its numbers."""

    day: date
    entries: Sequence[Entry] = ()
    numbers: DayNumbers = NO_ENTRIES
    is_outside: bool = False
    """It belongs to the month before or after."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """Days in rows of seven; days at which the one before and the one after begin, and whether some are left out."""

    first: date
    days: Sequence[TimetableDay]
    previous: date
    next: date
    is_cut: bool = False
    weekdays: Sequence[date] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether a month has no entry, not even one that was cancelled."""
        return not any(any(each.numbers) for each in self.days if not each.is_outside)


def week_of(day: date, entries: QuerySet[Entry], zone: ZoneInfo) -> Timetable:
    """The week that holds a local day, with its entries. One statement, with what it reads beside them."""
    first = _first_of_week(day)
    found = list(_between(entries, first, DAYS, zone).order_by("starts_at", "pk")[: MOST_IN_WEEK + 1])
    by_day = {
        each: list(those)
        for each, those in groupby(found[:MOST_IN_WEEK], key=lambda entry: local_day(entry.starts_at, zone))
    }
    days = [TimetableDay(each, by_day.get(each, ())) for each in _days_from(first, DAYS)]
    step = timedelta(days=DAYS)
    return Timetable(first, days, first - step, first + step, is_cut=len(found) > MOST_IN_WEEK)


def month_of(day: date, entries: QuerySet[Entry], zone: ZoneInfo) -> Timetable:
    """The weeks that hold a local day's month, with the numbers of each day. One statement."""
    first = day.replace(day=1)
    after = months_after(first, 1) or date.max
    begins = _first_of_week(first)
    length = -(-(after - begins).days // DAYS) * DAYS
    numbers = _count_by_day(_between(entries, begins, length, zone), begins, length, zone)
    days = [
        TimetableDay(each, numbers=numbers.get(each, NO_ENTRIES), is_outside=not first <= each < after)
        for each in _days_from(begins, length)
    ]
    return Timetable(first, days, months_after(first, -1) or first, after, weekdays=_days_from(begins, DAYS))


def _count_by_day(entries: QuerySet[Any], first: date, length: int, zone: ZoneInfo) -> Mapping[date, DayNumbers]:
    """The database counts between midnights that Python knows: it need not know the time zone."""
    midnights = Value(
        [_midnight(day, zone) for day in _days_from(first, length)], output_field=ArrayField(DateTimeField())
    )
    number = Func(F("starts_at"), midnights, function="width_bucket", output_field=IntegerField())
    live = Q(cancelled_at__isnull=True)
    left = F("places__capacity") - F("places__taken") - F("places__reserved")
    rows = (
        entries.order_by()
        .annotate(number=number)
        .values("number")
        .annotate(live=Count("pk", filter=live), left=Sum(left, filter=live, default=0), off=Count("pk", filter=~live))
    )
    told = rows.values_list("number", "live", "left", "off")
    return {first + timedelta(days=number - 1): DayNumbers(*counts) for number, *counts in told}


def _between(entries: QuerySet[Entry], first: date, length: int, zone: ZoneInfo) -> QuerySet[Entry]:
    ends = _midnight(first + timedelta(days=length), zone)
    return entries.filter(starts_at__gte=_midnight(first, zone), starts_at__lt=ends)


def _first_of_week(day: date) -> date:
    """The day with which the week of a day begins in the language of the moment."""
    return day - timedelta(days=(day.isoweekday() - int(get_format("FIRST_DAY_OF_WEEK"))) % DAYS)


def _days_from(first: date, length: int) -> list[date]:
    return [first + timedelta(days=each) for each in range(length)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
