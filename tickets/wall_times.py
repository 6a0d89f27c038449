"""Wall times: when something starts and ends on the clocks of a zone. Pure; instants are reckoned from them here alone.

An operator says wall times, and they are what is kept: a class at 18:00 stays at 18:00 whatever a country does to its
clocks. They are naive datetimes; of an hour that happens twice, `fold` tells the second (PEP 495).
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class WallTimes:
    """A start and an end, naive; the end is later on the clock."""

    starts: dt.datetime
    ends: dt.datetime

    @property
    def duration(self) -> dt.timedelta:
        """How much later the end is on the clock: an hour more or less may pass where clocks change between them."""
        return self.ends - self.starts


def to_instant(local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The UTC instant of a naive local time, as RFC 5545 (3.3.5) reads it.

    An hour that a spring change leaves out is told by the clock as it would have gone on; of an hour that happens twice
    the first counts, unless its `fold` says otherwise.
    """
    return local.replace(tzinfo=zone).astimezone(dt.UTC)


def is_left_out(local: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether a naive local time is in an hour that a spring change leaves out."""
    return to_instant(local, zone).astimezone(zone).replace(tzinfo=None) != local


def comes_twice(local: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether a naive local time is in an hour that happens twice, as clocks are put back."""
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first != second and not is_left_out(local, zone)


def to_instants(times: WallTimes, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """The UTC instants of a start and an end; the end always comes after the start.

    Where clocks change between them, the end's first reading may not: then its second one counts (it is in an hour that
    happens twice), or else what the clock would have shown had it not changed (the start is in an hour left out).
    """
    starts = to_instant(times.starts, zone)
    readings = (
        to_instant(times.ends, zone),
        to_instant(times.ends.replace(fold=1), zone),
        starts + times.duration,
    )
    return starts, next(each for each in readings if each > starts)


def to_wall_times(starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo) -> WallTimes:
    """What the clocks of a zone show at two instants.

    Where they were put back in between, so that the end would not be later on the clock, it is as much later as passed.
    """
    starts, ends = (each.astimezone(zone).replace(tzinfo=None) for each in (starts_at, ends_at))
    return WallTimes(starts, ends if ends > starts else starts.replace(fold=0) + (ends_at - starts_at))


def offset_of(local: dt.datetime, instant: dt.datetime) -> int:
    """How far a local time is ahead of UTC at an instant, in seconds."""
    return round((local - instant.astimezone(dt.UTC).replace(tzinfo=None)).total_seconds())


def told_apart(local: dt.datetime, offset: int, zone: ZoneInfo) -> dt.datetime:
    """A naive local time with the `fold` at which the zone is so many seconds ahead of UTC; without, where it never is.

    Only of an hour that happens twice, which is further ahead at first: one that is left out has one reading.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() or dt.timedelta() for fold in (0, 1))
    return local.replace(fold=int(second < first and second == dt.timedelta(seconds=offset)))
