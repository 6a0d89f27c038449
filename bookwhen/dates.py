"""Which days people can mean, and how months are added to a day.

Beyond those days lie slips of the keyboard, and days that no time zone can reckon with.
"""

import calendar
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, TypeVar

D = TypeVar("D", bound=date)
"""A date, or an instant, which keeps its time of day and its zone."""

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200


def is_sensible(day: date) -> bool:
    """Whether somebody can mean this day: the year 20 is a slip, and 9999 has no day after it."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def months_after(start: D, months: int) -> D | None:
    """The same day of the month so many months later, or earlier where `months` is negative.

    In a month that has no such day it is the last one. None beyond the ends of the calendar.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The instant (UTC) at which a local day is over, and the next begins."""
    return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)


def last_day(until: datetime, zone: tzinfo) -> date:
    """The last local day of what ends at an instant; what ends at midnight ends with the day before."""
    return (until - timedelta.resolution).astimezone(zone).date()
