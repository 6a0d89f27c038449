"""When a weekly entry takes place: pure wall-clock time."""

import datetime as dt
from itertools import islice
from typing import Final

from dateutil.rrule import WEEKLY, rrule, rrulestr

MOST: Final = 260
"""The most entries a series may be made with at once: five years of weeks."""


class TooManyEntriesError(Exception):
    """The rule gives more than `MOST` entries."""


def weekly_rule(first: dt.datetime, last_day: dt.date) -> str:
    """The RFC 5545 rule of a series that repeats every week from a local time up to a local day, inclusive."""
    until = dt.datetime.combine(last_day, dt.time.max.replace(microsecond=0))
    return str(rrule(WEEKLY, dtstart=first.replace(tzinfo=None), until=until)).rpartition("RRULE:")[2]


def expand_starts(rule: str, first: dt.datetime) -> list[dt.datetime]:
    """The starts of a series, as naive local times: `first` is the first one; an empty rule gives that alone.

    The hour on the wall stays the same, whatever the clocks do. Raises TooManyEntriesError.
    """
    found = list(islice(rrulestr(rule, dtstart=first), MOST + 1)) if rule else [first]
    if len(found) > MOST:
        raise TooManyEntriesError
    return found
