"""Usage periods tile the calendar, whatever the anchor, the unit and the zone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.models import PeriodUnit
from offers.periods import FOR_GOOD, Counting, Period, cut, local_day, period_for

ANCHORS = st.dates(date(1970, 1, 1), date(2100, 12, 31))
COUNTINGS = st.builds(Counting, ANCHORS, st.none() | ANCHORS)
UNITS = st.sampled_from(PeriodUnit.values)
COUNTS = st.integers(1, 400)
INSTANTS = st.integers(631_152_000, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 1990 to 2060."""
ZONES = st.sampled_from(sorted(available_timezones()))


@given(day=ANCHORS, counting=COUNTINGS, unit=UNITS, count=COUNTS)
def test_every_day_lies_in_its_period(day: date, counting: Counting, unit: str, count: int) -> None:
    assert day in period_for(day, counting=counting, unit=unit, count=count)


@given(day=ANCHORS, counting=COUNTINGS, unit=UNITS, count=COUNTS)
def test_a_period_is_the_same_for_its_first_and_last_day(day: date, counting: Counting, unit: str, count: int) -> None:
    period = period_for(day, counting=counting, unit=unit, count=count)

    assert period_for(period.starts_on, counting=counting, unit=unit, count=count) == period
    if period.last_day is not None:
        assert period_for(period.last_day, counting=counting, unit=unit, count=count) == period


@given(day=ANCHORS, counting=COUNTINGS, unit=UNITS, count=COUNTS)
def test_periods_meet_without_gap_or_overlap(day: date, counting: Counting, unit: str, count: int) -> None:
    period = period_for(day, counting=counting, unit=unit, count=count)

    if period.ends_on is not None:
        assert period_for(period.ends_on, counting=counting, unit=unit, count=count).starts_on == period.ends_on
    if period.starts_on > date.min:
        before = period_for(period.starts_on - timedelta(days=1), counting=counting, unit=unit, count=count)
        assert before.ends_on == period.starts_on


@given(anchor=ANCHORS, unit=UNITS, count=COUNTS)
def test_a_period_begins_on_the_anchor(anchor: date, unit: str, count: int) -> None:
    assert period_for(anchor, counting=Counting(anchor), unit=unit, count=count).starts_on == anchor


@given(
    day=st.dates(),
    counting=st.builds(Counting, st.dates(), st.none() | st.dates()),
    unit=UNITS,
    count=st.integers(1, 32_767),
)
def test_the_ends_of_the_calendar_are_no_error(day: date, counting: Counting, unit: str, count: int) -> None:
    assert day in period_for(day, counting=counting, unit=unit, count=count)


@given(
    instant=INSTANTS,
    later=st.timedeltas(timedelta(0), timedelta(days=800)),
    zone=ZONES,
    counting=COUNTINGS,
    unit=UNITS,
    count=st.integers(1, 24),
)
def test_in_every_zone_time_goes_through_the_periods_in_order(
    instant: datetime, later: timedelta, zone: str, counting: Counting, unit: str, count: int
) -> None:
    """Across every daylight-saving change: two instants lie in one period, or the earlier one's ends first."""
    first, second = (
        period_for(local_day(each, ZoneInfo(zone)), counting=counting, unit=unit, count=count)
        for each in (instant, instant + later)
    )

    assert first == second or (first.ends_on is not None and first.ends_on <= second.starts_on)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
def test_a_day_begins_at_local_midnight_also_when_clocks_change(zone: str) -> None:
    where = ZoneInfo(zone)
    day = date(2026, 1, 1)
    while day < date(2027, 1, 1):
        midnight = datetime.combine(day, time.min, where)
        assert local_day(midnight, where) == day
        assert local_day(midnight.astimezone(UTC) - timedelta(seconds=1), where) == day - timedelta(days=1)
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "starts_on", "ends_on"),
    [
        (date(2027, 1, 31), date(2027, 1, 31), date(2027, 2, 28)),
        (date(2027, 2, 27), date(2027, 1, 31), date(2027, 2, 28)),
        (date(2027, 2, 28), date(2027, 2, 28), date(2027, 3, 31)),
        (date(2027, 3, 31), date(2027, 3, 31), date(2027, 4, 30)),
        (date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 31)),
        (date(2026, 12, 30), date(2026, 11, 30), date(2026, 12, 31)),
    ],
)
def test_an_anchor_on_the_31st_comes_back_to_the_31st(day: date, starts_on: date, ends_on: date) -> None:
    assert period_for(day, counting=Counting(date(2027, 1, 31)), unit="month", count=1) == Period(starts_on, ends_on)


def test_a_period_holds_its_first_day_and_not_the_day_it_ends_on() -> None:
    period = Period(date(2030, 1, 3), date(2030, 1, 5))
    days = [date(2030, 1, day) for day in (2, 3, 4, 5)]

    assert [day for day in days if day in period] == [date(2030, 1, 3), date(2030, 1, 4)]


@pytest.mark.parametrize("unit", ["day", "week"])
def test_the_last_day_of_the_calendar_can_begin_a_period(unit: str) -> None:
    """It ends the one before, and lies in one without an end."""
    whole = partial(period_for, counting=Counting(date.max), unit=unit, count=1)
    days = {"day": 1, "week": 7}[unit]

    assert whole(date.max - timedelta(days=1)) == Period(date.max - timedelta(days=days), date.max)
    assert whole(date.max) == Period(date.max, None)


@pytest.mark.parametrize(
    ("day", "anchor", "unit", "starts_on", "ends_on"),
    [
        (date.min, date(1, 1, 3), "week", date.min, date(1, 1, 3)),
        (date.min, date(1, 1, 3), "month", date.min, date(1, 1, 3)),
        (date(1, 6, 5), date(2030, 1, 3), "month", date(1, 6, 3), date(1, 7, 3)),
        (date(9999, 6, 5), date(2030, 1, 3), "month", date(9999, 6, 3), date(9999, 7, 3)),
        (date.max, date(2030, 1, 3), "month", date(9999, 12, 3), None),
    ],
)
def test_periods_are_whole_up_to_the_ends_of_the_calendar(
    day: date, anchor: date, unit: str, starts_on: date, ends_on: date | None
) -> None:
    assert period_for(day, counting=Counting(anchor), unit=unit, count=1) == Period(starts_on, ends_on)


def test_joined_on_the_3rd_means_3rd_to_2nd_inclusive() -> None:
    period = period_for(date(2026, 11, 22), counting=Counting(date(2026, 1, 3)), unit="month", count=1)

    assert (period.starts_on, period.last_day) == (date(2026, 11, 3), date(2026, 12, 2))


def test_a_leap_day_anchor_counts_years_to_the_28th_and_back() -> None:
    assert period_for(date(2027, 6, 1), counting=Counting(date(2024, 2, 29)), unit="year", count=1) == Period(
        date(2027, 2, 28), date(2028, 2, 29)
    )


@given(counting=st.builds(Counting, ANCHORS, ANCHORS), unit=UNITS, count=COUNTS)
def test_a_period_begins_where_uses_count_afresh(counting: Counting, unit: str, count: int) -> None:
    assert counting.uses_reset_on
    assert (
        period_for(counting.uses_reset_on, counting=counting, unit=unit, count=count).starts_on
        == counting.uses_reset_on
    )


@given(day=ANCHORS, counting=COUNTINGS, unit=UNITS, count=COUNTS)
def test_only_the_period_in_which_uses_count_afresh_is_cut(
    day: date, counting: Counting, unit: str, count: int
) -> None:
    whole = period_for(day, counting=Counting(counting.anchor), unit=unit, count=count)
    part = period_for(day, counting=counting, unit=unit, count=count)

    afresh = counting.uses_reset_on
    if afresh is None or afresh not in whole:
        assert part == whole
    else:
        assert part == (Period(whole.starts_on, afresh) if day < afresh else Period(afresh, whole.ends_on))


@pytest.mark.parametrize(
    ("day", "starts_on", "ends_on"),
    [
        (date(2030, 1, 19), date(2030, 1, 3), date(2030, 1, 20)),
        (date(2030, 1, 20), date(2030, 1, 20), date(2030, 2, 3)),
        (date(2030, 2, 3), date(2030, 2, 3), date(2030, 3, 3)),
    ],
)
def test_a_trial_is_a_cut_period(day: date, starts_on: date, ends_on: date) -> None:
    counting = Counting(date(2030, 2, 3), uses_reset_on=date(2030, 1, 20))

    assert period_for(day, counting=counting, unit="month", count=1) == Period(starts_on, ends_on)


def test_a_first_billing_date_on_the_day_it_begins_cuts_nothing() -> None:
    whole = Period(date(2030, 1, 20), date(2030, 2, 20))
    counting = Counting(date(2030, 1, 20), uses_reset_on=date(2030, 1, 20))

    assert period_for(date(2030, 1, 20), counting=counting, unit="month", count=1) == whole


def test_an_allowance_for_good_counts_afresh_too() -> None:
    day = date(2030, 1, 20)

    assert cut(FOR_GOOD, day, uses_reset_on=day) == Period(day, None)
    assert cut(FOR_GOOD, day - timedelta(days=1), uses_reset_on=day) == Period(date.min, day)


def test_an_allowance_for_good_has_no_end() -> None:
    assert (date.min in FOR_GOOD, date.max in FOR_GOOD, FOR_GOOD.last_day) == (True, True, None)
