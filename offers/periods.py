"""Usage periods: pure dates, computed from the anchor every time, with no clock and no database.

A period is half-open, `[starts_on, ends_on)`, in local dates of the account's time zone. For a given counting, unit
and count the periods tile the whole calendar: every day lies in exactly one (help article 8694260: joined on the 3rd
means 3rd to 2nd).
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

from bookwhen.dates import months_after

FURTHEST_EAST: Final = dt.timedelta(hours=14)
"""How far ahead of UTC the clocks are where each day begins."""
FURTHEST_WEST: Final = dt.timedelta(hours=12)
"""How far behind UTC the clocks are where each day ends."""
_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The local days `[starts_on, ends_on)`; without an end it lasts for good."""

    starts_on: dt.date
    ends_on: dt.date | None
    is_last: bool = field(default=False, compare=False)
    """Whether the member's standing has a known end in it: what is used up does not come back."""

    def __contains__(self, day: dt.date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    @property
    def last_day(self) -> dt.date | None:
        """The last day in it, as people are told (*inclusive*)."""
        return None if self.ends_on is None else self.ends_on - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BillingAnchor:
    """The instant from which Stripe bills, and the time zone in whose days its payments fall.

    Stripe reckons months and years in UTC. So does `day_after`, and only then asks for the local day: the one on which
    the payment is taken (docs/decisions/0025).
    """

    at: dt.datetime
    zone: ZoneInfo

    @property
    def day(self) -> dt.date:
        """The local day of the anchor."""
        return local_day(self.at, self.zone)

    def day_after(self, months: int) -> dt.date | None:
        """The local day of the payment so many months later, or earlier; None beyond the ends of the calendar."""
        payment = months_after(self.at.astimezone(dt.UTC), months)
        if payment is None:
            return None
        try:
            return local_day(payment, self.zone)
        except OverflowError:  # the first or the last day of the calendar, which its local day would lie beyond
            return payment.date()


@dataclass(frozen=True, slots=True)
class Counting:
    """By what a member's uses are counted: periods from the `anchor` (a local date by hand), before and after it.

    From `uses_reset_on` on the count starts again, also within a period, which is then cut in two: a new subscription
    has a full allowance, and so has a trial (docs/design.md, *Uses and periods*). On `last_on`, the local date of a
    known end, no period begins: nobody pays for one, so the period before goes on until that day is over.
    """

    anchor: dt.date | BillingAnchor
    uses_reset_on: dt.date | None = None
    last_on: dt.date | None = None

    @property
    def day(self) -> dt.date:
        """The local date of the anchor."""
        return self.anchor.day if isinstance(self.anchor, BillingAnchor) else self.anchor

    def day_after(self, months: int) -> dt.date | None:
        """The local date on which months counted from the anchor begin; None beyond the ends of the calendar."""
        if isinstance(self.anchor, BillingAnchor):
            return self.anchor.day_after(months)
        return months_after(self.anchor, months)


FOR_GOOD: Final = Period(dt.date.min, None)
"""The one period of an offer that is not ongoing, and of one without a limit."""


def local_day(instant: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The date on which an instant falls in a time zone; days begin at local midnight."""
    return instant.astimezone(zone).date()


def period_for(day: dt.date, *, counting: Counting, unit: str, count: int) -> Period:
    """The usage period in which a local date lies.

    Each lasts `count` days, weeks, months or years, but for the one that is cut where the count starts again and the
    one that takes in the day of a known end. An anchor on the 31st starts short months on their last day and comes back
    to the 31st. At the ends of the calendar a period is cut off; the last one has no end.
    """
    if unit in _DAYS:
        tiles = _Tiles(counting, days=_DAYS[unit] * count)
    else:
        tiles = _Tiles(counting, months=_MONTHS[unit] * count)
    found = cut(tiles.holding(day), day, uses_reset_on=counting.uses_reset_on)
    last = counting.last_on
    return replace(found, is_last=True) if last and (found.ends_on is None or last < found.ends_on) else found


def cut(period: Period, day: dt.date, *, uses_reset_on: dt.date | None) -> Period:
    """The part of a period in which a day of it lies, where the count of uses starts again from a date within it."""
    if uses_reset_on is None or uses_reset_on not in period:
        return period
    if day < uses_reset_on:
        return Period(period.starts_on, uses_reset_on)
    return Period(uses_reset_on, period.ends_on)


@dataclass(frozen=True, slots=True)
class _Tiles:
    """Periods of a counting, each so many days or months long."""

    counting: Counting
    days: int = 0
    months: int = 0

    def holding(self, day: dt.date) -> Period:
        """The period that a day lies in, none of which begins on the last day of a known end."""
        found, last = self._whole(day), self.counting.last_on
        if last is None or last in {dt.date.min, dt.date.max} or last not in {found.starts_on, found.ends_on}:
            return found
        after = last + dt.timedelta(days=1)
        if day > last:
            return Period(after, found.ends_on)
        before = self._whole(last - dt.timedelta(days=1))
        return Period(before.starts_on, after)

    def _whole(self, day: dt.date) -> Period:
        return self._by_days(day) if self.days else self._by_months(day)

    def _by_days(self, day: dt.date) -> Period:
        start = day.toordinal() - (day - self.counting.day).days % self.days
        end = start + self.days
        return Period(
            dt.date.fromordinal(max(start, 1)),
            dt.date.fromordinal(end) if end <= dt.date.max.toordinal() else None,
        )

    def _by_months(self, day: dt.date) -> Period:
        anchor = self.counting.day
        steps = ((day.year - anchor.year) * 12 + day.month - anchor.month) // self.months
        # A month more or less: its day may be still to come, and in a billing anchor's zone it may be another month's.
        while (start := self._start(steps)) is not None and start > day:
            steps -= 1
        while (end := self._start(steps + 1)) is not None and end <= day:
            steps += 1
        return Period(self._start(steps) or dt.date.min, end)

    def _start(self, steps: int) -> dt.date | None:
        return self.counting.day_after(steps * self.months)
