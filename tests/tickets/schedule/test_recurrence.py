"""When weekly entries take place, on the clock."""

from datetime import date, datetime

import pytest

from tickets.schedule.recurrence import MOST, TooManyEntriesError, expand_starts, weekly_rule


def test_the_last_day_is_inclusive() -> None:
    first = datetime(2030, 3, 19, 18, 30)  # noqa: DTZ001 - a wall-clock time

    assert weekly_rule(first, date(2030, 4, 2)) == "FREQ=WEEKLY;UNTIL=20300402T235959"
    assert len(expand_starts(weekly_rule(first, date(2030, 4, 2)), first)) == 3
    assert len(expand_starts(weekly_rule(first, date(2030, 4, 1)), first)) == 2


@pytest.mark.parametrize("day", [date(2030, 3, 25), date(2030, 10, 21)])
def test_wall_time_is_constant_when_clocks_change(day: date) -> None:
    first = datetime(day.year, day.month, day.day, 1, 30)  # noqa: DTZ001

    found = expand_starts(weekly_rule(first, date(2031, 1, 1)), first)

    assert {each.time() for each in found} == {first.time()}
    assert {each.weekday() for each in found} == {first.weekday()}


def test_without_a_rule_there_is_one() -> None:
    assert expand_starts("", datetime(2030, 7, 1, 9)) == [datetime(2030, 7, 1, 9)]  # noqa: DTZ001


def test_five_years_of_weeks_and_no_more() -> None:
    first = datetime(2030, 1, 7, 18)  # noqa: DTZ001

    assert len(expand_starts(weekly_rule(first, date(2034, 12, 25)), first)) == MOST == 260
    with pytest.raises(TooManyEntriesError):
        expand_starts(weekly_rule(first, date(2035, 1, 1)), first)
