"""When the entries of a series take place: pure wall-clock time, by RFC 5545."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice, takewhile
from typing import Final

from dateutil.rrule import rrulestr

MOST: Final = 260
"""The most entries a series may be made with at once: five years of weeks."""
MOST_BETWEEN: Final = 100
"""The most days, weeks or months from one to the next."""
WEEK: Final = 7
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY_ENDS: Final = dt.time(23, 59, 59)


class TooManyEntriesError(Exception):
    """The rule gives more than `MOST` entries."""


class Repeats(StrEnum):
    """In which way a series repeats."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY_WEEKDAY = "monthly_weekday"
    """On the same weekday of the month as the first one: each second Tuesday."""
    MONTHLY_LAST = "monthly_last"
    """On the last such weekday of the month."""
    MONTHLY_DAY = "monthly_day"
    """On the same day of the month; months that have no such day are left out, as RFC 5545 says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """How a series repeats, until a local day (inclusive) or so many times; neither: for ever.

    `weekdays` (Monday is 0) are those of a weekly one; none: that of its first entry. `week_starts` is the weekday with
    which the weeks begin that `every` counts (WKST).
    """

    kind: Repeats = Repeats.WEEKLY
    every: int = 1
    weekdays: frozenset[int] = frozenset()
    until: dt.date | None = None
    count: int | None = None
    week_starts: int = 0

    def moved(self, days: int, *, to: dt.date) -> "Repeat":
        """The same so many days later, so that its first day is `to`.

        What was together in one week stays so, on whichever side of Monday its days come to be.
        """
        if self.kind is Repeats.MONTHLY_LAST and not _is_last_of_month(to):
            return replace(self, kind=Repeats.MONTHLY_WEEKDAY)
        weekdays = frozenset((each + days) % WEEK for each in self.weekdays)
        week_starts = (self.week_starts + days) % WEEK if weekdays and self.every > 1 else 0
        return replace(self, weekdays=weekdays, week_starts=week_starts)

    def counted_like(self, other: "Repeat") -> "Repeat":
        """The same with its weeks counted as those of another, where it is on the same days as often."""
        same = (self.kind, self.every, self.weekdays) == (other.kind, other.every, other.weekdays)
        return replace(self, week_starts=other.week_starts) if same else self

    def rule(self, first: dt.datetime) -> str:
        """Its RFC 5545 rule, for a series that begins at a naive local time."""
        frequency = "MONTHLY" if self.kind.startswith("monthly") else self.kind.upper()
        parts = [f"FREQ={frequency}"]
        if self.every > 1:
            parts.append(f"INTERVAL={self.every}")
        if self.until:
            parts.append(f"UNTIL={dt.datetime.combine(self.until, _DAY_ENDS):%Y%m%dT%H%M%S}")
        if self.count:
            parts.append(f"COUNT={self.count}")
        return ";".join([*parts, *self._days(first)])

    def _days(self, first: dt.datetime) -> list[str]:
        """What of its rule says on which days it takes place."""
        match self.kind:
            case Repeats.WEEKLY if self.weekdays:
                days = [f"BYDAY={','.join(_DAYS[each] for each in sorted(self.weekdays))}"]
                return [*days, f"WKST={_DAYS[self.week_starts]}"] if self.week_starts else days
            case Repeats.MONTHLY_WEEKDAY:
                return [f"BYDAY=+{week_of_month(first)}{_DAYS[first.weekday()]}"]
            case Repeats.MONTHLY_LAST:
                return [f"BYDAY=-1{_DAYS[first.weekday()]}"]
            case Repeats.MONTHLY_DAY:
                return [f"BYMONTHDAY={first.day}"]
            case _:
                return []


def week_of_month(day: dt.date) -> int:
    """The how-manieth of its weekday in its month a day is, from 1."""
    return (day.day - 1) // WEEK + 1


def _is_last_of_month(day: dt.date) -> bool:
    """Whether a day is the last of its weekday in its month."""
    return (day + dt.timedelta(weeks=1)).month != day.month


def read_rule(rule: str) -> Repeat:
    """How a series repeats whose rule is one of `Repeat.rule`."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    by_day, until, count = parts.get("BYDAY", ""), parts.get("UNTIL"), parts.get("COUNT")
    match parts["FREQ"]:
        case "MONTHLY" if by_day.startswith("-1"):
            kind = Repeats.MONTHLY_LAST
        case "MONTHLY":
            kind = Repeats.MONTHLY_WEEKDAY if by_day else Repeats.MONTHLY_DAY
        case frequency:
            kind = Repeats(frequency.lower())
    weekly = kind is Repeats.WEEKLY and by_day
    return Repeat(
        kind=kind,
        every=int(parts.get("INTERVAL", 1)),
        weekdays=frozenset(_DAYS.index(each) for each in by_day.split(",")) if weekly else frozenset(),
        until=dt.datetime.strptime(until[:8], "%Y%m%d").date() if until else None,  # noqa: DTZ007 - a local day
        count=int(count) if count else None,
        week_starts=_DAYS.index(parts.get("WKST", _DAYS[0])),
    )


def weekly_rule(first: dt.datetime, last_day: dt.date) -> str:
    """The RFC 5545 rule of a series that repeats every week from a local time up to a local day, inclusive."""
    return Repeat(until=last_day).rule(first)


def expand_starts(rule: str, first: dt.datetime, *, latest: dt.date | None = None) -> list[dt.datetime]:
    """The starts of a series, as naive local times, none later than a local day; an empty rule gives `first` alone.

    The hour on the wall stays the same, whatever the clocks do. Raises TooManyEntriesError.
    """
    if not rule:
        return [first]
    starts: Iterable[dt.datetime] = rrulestr(rule, dtstart=first)
    if latest:
        starts = takewhile(lambda start: start.date() <= latest, starts)
    found = list(islice(starts, MOST + 1))
    if len(found) > MOST:
        raise TooManyEntriesError
    return found


def starts_after(
    rule: str,
    first: dt.datetime,
    repeat: Repeat,
    *,
    after: dt.date,
    left_out: Collection[dt.date],
    taken: Collection[dt.datetime] = (),
) -> list[dt.datetime]:
    """How a series goes on by its rule after a local day, as far as `repeat` says, without the dates `left_out`.

    Nor those local starts that are `taken` already. Raises TooManyEntriesError.
    """
    endless = replace(read_rule(rule), until=repeat.until, count=None)
    coming = (start for start in rrulestr(endless.rule(first), dtstart=first) if start.date() > after)
    wanted = (start for start in coming if start.date() not in left_out and start not in taken)
    found = list(islice(wanted, repeat.count or MOST + 1))
    if len(found) > MOST and not repeat.count:
        raise TooManyEntriesError
    return found


def without(starts: Sequence[dt.datetime], left_out: Collection[dt.date]) -> list[dt.datetime]:
    """These starts without those on days that are left out."""
    return [start for start in starts if start.date() not in left_out]
