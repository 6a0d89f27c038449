"""Any rule, on the clocks of any zone that is offered."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.schedule.recurrence import (
    MOST,
    Repeat,
    Repeats,
    TooManyEntriesError,
    expand_starts,
    read_rule,
    starts_after,
    without,
)
from tickets.wall_times import WallTimes, is_left_out, to_instants

MONDAY: Final = datetime(2026, 10, 5, 18)  # noqa: DTZ001 - a wall-clock time
ZONES: Final = sorted(available_timezones())
"""Those that are offered are among them."""
LATEST: Final = date(2036, 1, 1)

starts = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(  # noqa: DTZ001
    lambda each: each.replace(second=0, microsecond=0)
)
ends: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(dict, count=st.integers(1, 60)),
    st.builds(dict, until=st.dates(date(2029, 1, 1), date(2029, 12, 31))),
)
repeats = st.builds(
    lambda kind, every, days, end: Repeat(
        kind=kind, every=every, weekdays=days if kind is Repeats.WEEKLY else frozenset(), **end
    ),
    st.sampled_from(Repeats),
    st.integers(1, 6),
    st.frozensets(st.integers(0, 6), max_size=4),
    ends,
)


def expand(repeat: Repeat, first: datetime) -> list[datetime]:
    try:
        return expand_starts(repeat.rule(first), first, latest=LATEST)
    except TooManyEntriesError:
        return expand_starts(Repeat(kind=repeat.kind, every=repeat.every, count=MOST).rule(first), first, latest=LATEST)


@given(repeats, starts)
def test_a_rule_is_read_as_it_was_said(repeat: Repeat, first: datetime) -> None:
    assert read_rule(repeat.rule(first)) == repeat


@given(repeats, starts, st.sampled_from(ZONES))
def test_the_time_on_the_wall_stays_in_every_zone(repeat: Repeat, first: datetime, name: str) -> None:
    zone, found = ZoneInfo(name), expand(repeat, first)

    assert {each.time() for each in found} <= {first.time()}
    assert all(earlier < later for earlier, later in pairwise(found))
    for start in found:
        began, ended = to_instants(WallTimes(start, start + timedelta(hours=1)), zone)
        assert began < ended
        shown = began.astimezone(zone).replace(tzinfo=None)
        assert (shown == start) != is_left_out(start, zone)


@given(repeats, starts, st.data())
def test_what_is_left_out_never_comes_back(repeat: Repeat, first: datetime, data: st.DataObject) -> None:
    every = expand(Repeat(kind=repeat.kind, every=repeat.every, weekdays=repeat.weekdays, count=40), first)
    left_out = data.draw(st.sets(st.sampled_from([each.date() for each in every] or [first.date()])))
    made = without(every[:20], left_out)
    last = (every[:20] or [first])[-1].date()

    later = starts_after(repeat.rule(first), first, Repeat(until=LATEST, count=15), after=last, left_out=left_out)

    assert not left_out & {each.date() for each in [*made, *later]}
    assert not {each.date() for each in made} & {each.date() for each in later}
    assert {each.time() for each in later} <= {first.time()}


def test_three_days_a_week_every_other_week() -> None:
    repeat = Repeat(every=2, weekdays=frozenset({0, 2, 4}), count=5)

    assert [each.day for each in expand(repeat, MONDAY)] == [5, 7, 9, 19, 21]


@pytest.mark.parametrize(
    ("kind", "first", "days"),
    [
        (Repeats.MONTHLY_WEEKDAY, date(2026, 10, 13), [(10, 13), (11, 10), (12, 8)]),
        (Repeats.MONTHLY_LAST, date(2026, 10, 30), [(10, 30), (11, 27), (12, 25)]),
        (Repeats.MONTHLY_LAST, date(2026, 10, 1), [(10, 29), (11, 26), (12, 31)]),
        (Repeats.MONTHLY_DAY, date(2026, 10, 31), [(10, 31), (12, 31), (1, 31)]),
        (Repeats.DAILY, date(2026, 10, 31), [(10, 31), (11, 1), (11, 2)]),
    ],
)
def test_by_the_month_and_by_the_day(kind: Repeats, first: date, days: list[tuple[int, int]]) -> None:
    found = expand(Repeat(kind=kind, count=3), datetime.combine(first, time(18)))

    assert [(each.month, each.day) for each in found] == days


def test_it_goes_on_in_the_weeks_that_it_was_counted_in() -> None:
    rule = Repeat(every=3, count=2).rule(MONDAY)

    found = starts_after(rule, MONDAY, Repeat(count=2), after=date(2026, 10, 26), left_out={date(2026, 11, 16)})

    assert [each.date() for each in found] == [date(2026, 12, 7), date(2026, 12, 28)]


def test_days_later_the_weekdays_are_others() -> None:
    moved = Repeat(weekdays=frozenset({0, 6}), count=3).moved(1, to=date(2026, 10, 6))

    assert moved == Repeat(weekdays=frozenset({1, 0}), count=3)


@given(repeats, starts, st.integers(-20, 20))
def test_moved_by_days_it_takes_place_so_many_days_later(repeat: Repeat, first: datetime, days: int) -> None:
    if repeat.kind.startswith("monthly"):
        return
    repeat, by = replace(repeat, count=10, until=None), timedelta(days=days)

    moved = repeat.moved(days, to=(first + by).date())

    assert expand(moved, first + by) == [each + by for each in expand(repeat, first)]
    assert read_rule(moved.rule(first + by)) == moved


@pytest.mark.parametrize(
    ("days", "goes_on"),
    [(1, [(10, 31), (11, 28), (12, 26)]), (7, [(11, 6), (12, 4), (1, 1)]), (-7, [(10, 23), (11, 27), (12, 25)])],
)
def test_the_last_friday_moved_out_of_its_month_is_the_first_of_the_next(
    days: int, goes_on: list[tuple[int, int]]
) -> None:
    first = datetime.combine(date(2026, 10, 30) + timedelta(days=days), time(18))

    moved = Repeat(kind=Repeats.MONTHLY_LAST, count=3).moved(days, to=first.date())

    assert [(each.month, each.day) for each in expand(moved, first)] == goes_on
