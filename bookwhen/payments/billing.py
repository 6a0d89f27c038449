"""From which instant Stripe bills a subscription, as its own periods show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bookwhen.dates import months_after

_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "year": 12}
_CYCLES_BACK: Final = 8
"""A yearly 29 February may be eight years away from the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """How Stripe bills: every so many of an interval, and its current period; all instants in UTC.

    `day_of_month` is what was asked for on the first day of billing, which may have fallen into a shorter month.
    """

    interval: str
    interval_count: int
    period_start: datetime
    period_end: datetime
    day_of_month: int | None = None

    def anchor(self, told: datetime) -> datetime:
        """The instant to count from: the anchor that Stripe tells, or another where its periods do not follow from it.

        Asked to bill on the 31st, Stripe tells of 30 April as the anchor and goes on with 31 May.
        """
        candidates = (*self._asked_for(told), told, self.period_start)
        follows = (each for each in candidates if self._follows_from(each, told))
        return next(follows, self.period_end)

    def _asked_for(self, told: datetime) -> Iterator[datetime]:
        """The last instant before the anchor, a number of cycles earlier, in a month that has the day asked for."""
        step = _MONTHS.get(self.interval, 0) * self.interval_count
        if not step or self.day_of_month is None or self.day_of_month <= told.day:
            return
        first = told.replace(day=1)
        for cycles in range(_CYCLES_BACK + 1):
            month = months_after(first, -cycles * step)
            day = month and month + timedelta(days=self.day_of_month - 1)
            if day and month and day.month == month.month:
                yield day
                return

    def _follows_from(self, anchor: datetime, told: datetime) -> bool:
        """Whether the current period is counted from an anchor; the first one of all may be shorter."""
        begins = self.period_end == told or self._bills(anchor, self.period_start)
        return begins and self._bills(anchor, self.period_end)

    def _bills(self, anchor: datetime, instant: datetime) -> bool:
        if length := _DAYS.get(self.interval, 0) * self.interval_count:
            return (instant - anchor) % timedelta(days=length) == timedelta(0)
        length = _MONTHS.get(self.interval, 0) * self.interval_count
        between = (instant.year - anchor.year) * 12 + instant.month - anchor.month
        return bool(length) and between % length == 0 and months_after(anchor, between) == instant
