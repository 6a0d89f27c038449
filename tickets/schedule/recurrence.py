"""When a weekly entry takes place: pure wall-clock time, then instants."""

import datetime as dt
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import WEEKLY, rrule, rrulestr

MOST: Final = 260
"""The most entries a series may be made with at once: five years of weeks."""


class TooManyEntriesError(Exception):
    """The rule gives more than `MOST` entries."""


def weekly_rule(first: dt.datetime, last_day: dt.date) -> str:
    """The RFC 5545 rule of a series that repeats every week from a local time up to a local day, inclusive."""
    until = dt.datetime.combine(last_day, dt.time.max.replace(microsecond=0))
    return str(rrule(WEEKLY, dtstart=first.replace(tzinfo=None), until=until)).rpartition("RRULE:")[2]


def expand_starts(rule: str, first: dt.datetime, zone: ZoneInfo) -> list[dt.datetime]:
    """The starts of a series, as UTC instants: `first` is its first local time; an empty rule gives that alone.

    The hour on the wall stays the same when clocks change. An hour that a spring change leaves out is told by the
    clock as it would have gone on; of an hour that happens twice, the first counts. Raises TooManyEntriesError.
    """
    local = first.replace(tzinfo=None)
    found = list(islice(rrulestr(rule, dtstart=local), MOST + 1)) if rule else [local]
    if len(found) > MOST:
        raise TooManyEntriesError
    return [to_instant(each, zone) for each in found]


def to_instant(local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The UTC instant of a naive local time."""
    return local.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
