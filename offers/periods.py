"""Usage periods: pure dates, computed from the anchor every time, with no clock and no database.

A period is half-open, `[starts_on, ends_on)`, in local dates of the account's time zone. For a given counting, unit
and count the periods tile the whole calendar: every day lies in exactly one (help article 8694260: joined on the 3rd
means 3rd to 2nd).
"""

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The local days `[starts_on, ends_on)`; without an end it lasts for good."""

    starts_on: dt.date
    ends_on: dt.date | None

    def __contains__(self, day: dt.date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    @property
    def last_day(self) -> dt.date | None:
        """The last day in it, as people are told (*inclusive*)."""
        return None if self.ends_on is None else self.ends_on - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counting:
    """The local dates by which a member's uses are counted: periods from the `anchor`, before and after it.

    From `uses_reset_on` on the count starts again, also within a period, which is then cut in two: a new subscription
    has a full allowance, and so has a trial (docs/design.md, *Uses and periods*).
    """

    anchor: dt.date
    uses_reset_on: dt.date | None = None


FOR_GOOD: Final = Period(dt.date.min, None)
"""The one period of an offer that is not ongoing, and of one without a limit."""


def local_day(instant: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The date on which an instant falls in a time zone; days begin at local midnight."""
    return instant.astimezone(zone).date()


def period_for(day: dt.date, *, counting: Counting, unit: str, count: int) -> Period:
    """The usage period in which a local date lies.

    Each lasts `count` days, weeks, months or years, but for the one that is cut where the count starts again. An
    anchor on the 31st starts short months on their last day and comes back to the 31st. At the ends of the calendar a
    period is cut off; the last one has no end.
    """
    whole = _by_days if unit in _DAYS else _by_months
    return cut(whole(day, counting.anchor, (_DAYS | _MONTHS)[unit] * count), day, uses_reset_on=counting.uses_reset_on)


def cut(period: Period, day: dt.date, *, uses_reset_on: dt.date | None) -> Period:
    """The part of a period in which a day of it lies, where the count of uses starts again from a date within it."""
    if uses_reset_on is None or uses_reset_on not in period:
        return period
    if day < uses_reset_on:
        return Period(period.starts_on, uses_reset_on)
    return Period(uses_reset_on, period.ends_on)


def _by_days(day: dt.date, anchor: dt.date, length: int) -> Period:
    start = day.toordinal() - (day - anchor).days % length
    end = start + length
    return Period(
        dt.date.fromordinal(max(start, 1)),
        dt.date.fromordinal(end) if end <= dt.date.max.toordinal() else None,
    )


def _by_months(day: dt.date, anchor: dt.date, length: int) -> Period:
    between = (day.year - anchor.year) * 12 + day.month - anchor.month
    steps = between // length
    if (start := _months_after(anchor, steps * length)) is not None and start > day:
        steps -= 1
    return Period(
        _months_after(anchor, steps * length) or dt.date.min,
        _months_after(anchor, (steps + 1) * length),
    )


def _months_after(anchor: dt.date, months: int) -> dt.date | None:
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return None
    return dt.date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))
