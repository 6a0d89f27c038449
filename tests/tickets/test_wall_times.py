"""What an operator says, read as instants (T2, T3, T4): in any zone that we offer, whatever its clocks do."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.wall_times import WallTimes, offset_of, to_instant, to_instants, to_wall_times, told_apart

LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)


def wall(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(fold=fold)


def instants(starts: str, ends: str, zone: ZoneInfo = LONDON, *, fold: int = 0) -> tuple[str, str]:
    found = to_instants(WallTimes(wall(starts, fold=fold), wall(ends)), zone)
    return f"{found[0]:%d %H:%M}", f"{found[1]:%d %H:%M}"


def test_an_hour_that_does_not_exist_is_told_by_the_clock_as_it_would_have_gone_on() -> None:
    assert to_instant(wall("2030-03-31 01:30"), LONDON) == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)


def test_of_an_hour_that_happens_twice_the_first_counts_unless_the_second_is_meant() -> None:
    assert to_instant(wall("2030-10-27 01:30"), LONDON) == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    assert to_instant(wall("2030-10-27 01:30", fold=1), LONDON) == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


def test_t2_a_night_lasts_an_hour_more_or_less_and_ends_at_its_hour_on_the_wall() -> None:
    assert instants("2026-10-17 22:00", "2026-10-18 06:00") == ("17 21:00", "18 05:00")
    assert instants("2026-10-24 22:00", "2026-10-25 06:00") == ("24 21:00", "25 06:00")
    assert instants("2027-03-27 22:00", "2027-03-28 06:00") == ("27 22:00", "28 05:00")


def test_t4_an_end_after_the_repeated_hour_is_read_by_the_new_time() -> None:
    assert instants("2026-10-25 01:30", "2026-10-25 02:15") == ("25 00:30", "25 02:15")
    assert instants("2026-10-25 01:15", "2026-10-25 01:45") == ("25 00:15", "25 00:45")


def test_an_end_that_would_come_before_the_start_is_the_second_of_two_equal_hours() -> None:
    assert instants("2026-10-25 01:30", "2026-10-25 01:45", fold=1) == ("25 01:30", "25 01:45")


def test_what_begins_in_the_hour_left_out_lasts_as_long_as_the_clock_says() -> None:
    assert instants("2026-03-29 01:30", "2026-03-29 02:15") == ("29 01:30", "29 02:15")
    assert instants("2026-03-29 00:30", "2026-03-29 02:15") == ("29 00:30", "29 01:15")
    assert instants("2026-03-29 01:15", "2026-03-29 01:45") == ("29 01:15", "29 01:45")


def test_instants_across_the_repeated_hour_are_as_far_apart_on_the_wall_as_they_are() -> None:
    starts_at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    times = to_wall_times(starts_at, starts_at + timedelta(minutes=45), LONDON)

    assert times == WallTimes(wall("2026-10-25 01:30"), wall("2026-10-25 02:15"))


ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
LOCAL = st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)).map(  # noqa: DTZ001
    lambda each: each.replace(second=0, microsecond=0)
)
LASTS = st.integers(1, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone, and a local time within three hours of one of its changes of clocks, where there is one in that year."""
    zone, about = draw(ZONES), draw(LOCAL)
    day = datetime(about.year, 1, 1, tzinfo=UTC)
    hours = [day + number * HOUR * 6 for number in range(4 * 366)]
    changes = [
        after
        for before, after in pairwise(hours)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
    ]
    if not changes:
        return zone, about
    at = draw(st.sampled_from(changes)) + timedelta(minutes=draw(st.integers(-9 * 60, 3 * 60)))
    return zone, at.astimezone(zone).replace(tzinfo=None, fold=0)


PLACES = st.one_of(st.tuples(ZONES, LOCAL), near_a_change())


@given(PLACES, LASTS)
def test_the_end_comes_after_the_start_and_both_are_on_the_wall_where_the_hour_exists(
    place: tuple[ZoneInfo, datetime], lasts: timedelta
) -> None:
    zone, starts = place
    times = WallTimes(starts, starts + lasts)

    starts_at, ends_at = to_instants(times, zone)

    assert ends_at > starts_at
    for local, instant in ((times.starts, starts_at), (times.ends, ends_at)):
        shown, exists = instant.astimezone(zone).replace(tzinfo=None), _exists(local, zone)
        assert shown == local or not exists or not _exists(times.starts, zone)


@given(PLACES, LASTS)
def test_what_was_reckoned_is_reckoned_the_same_again(place: tuple[ZoneInfo, datetime], lasts: timedelta) -> None:
    zone, starts = place
    times = WallTimes(starts, starts + lasts)
    found = to_instants(times, zone)

    offsets = [offset_of(local, instant) for local, instant in zip((times.starts, times.ends), found, strict=True)]
    kept = WallTimes(told_apart(times.starts, offsets[0], zone), told_apart(times.ends, offsets[1], zone))

    assert to_instants(kept, zone) == found


@given(PLACES, LASTS)
def test_an_instant_that_is_read_on_the_wall_is_the_same_again(
    place: tuple[ZoneInfo, datetime], lasts: timedelta
) -> None:
    zone, starts = place
    starts_at = starts.replace(tzinfo=UTC)
    times = to_wall_times(starts_at, starts_at + lasts, zone)

    assert times.duration > timedelta()
    assert to_instant(times.starts, zone) == starts_at
    offset = offset_of(times.starts.replace(fold=0), starts_at)
    assert to_instant(told_apart(times.starts.replace(fold=0), offset, zone), zone) == starts_at


@pytest.mark.parametrize("zone", ["Europe/London", "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca"])
def test_every_week_for_a_century_is_at_its_hour(zone: str) -> None:
    first, place = wall("1990-01-06 22:00"), ZoneInfo(zone)
    for week in range(110 * 52):
        starts = first + timedelta(weeks=week)
        starts_at, ends_at = to_instants(WallTimes(starts, starts + 8 * HOUR), place)
        assert starts_at.astimezone(place).replace(tzinfo=None) == starts
        assert ends_at.astimezone(place).replace(tzinfo=None) == starts + 8 * HOUR


def _exists(local: datetime, zone: ZoneInfo) -> bool:
    return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
