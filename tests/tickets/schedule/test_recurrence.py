"""When weekly entries take place: the hour on the wall stays, whatever the clocks do."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tickets.schedule.recurrence import MOST, TooManyEntriesError, expand_starts, to_instant, weekly_rule

LONDON = ZoneInfo("Europe/London")


def test_the_last_day_is_inclusive() -> None:
    first = datetime(2030, 3, 19, 18, 30)  # noqa: DTZ001 - a wall-clock time

    assert weekly_rule(first, date(2030, 4, 2)) == "FREQ=WEEKLY;UNTIL=20300402T235959"
    assert len(expand_starts(weekly_rule(first, date(2030, 4, 2)), first, LONDON)) == 3
    assert len(expand_starts(weekly_rule(first, date(2030, 4, 1)), first, LONDON)) == 2


def test_wall_time_is_constant_when_summer_time_begins() -> None:
    first = datetime(2030, 3, 25, 18)  # noqa: DTZ001 - clocks go forward on 31 March 2030

    assert expand_starts(weekly_rule(first, date(2030, 4, 1)), first, LONDON) == [
        datetime(2030, 3, 25, 18, tzinfo=UTC),
        datetime(2030, 4, 1, 17, tzinfo=UTC),
    ]


def test_wall_time_is_constant_when_summer_time_ends() -> None:
    first = datetime(2030, 10, 21, 18)  # noqa: DTZ001 - clocks go back on 27 October 2030

    assert expand_starts(weekly_rule(first, date(2030, 10, 28)), first, LONDON) == [
        datetime(2030, 10, 21, 17, tzinfo=UTC),
        datetime(2030, 10, 28, 18, tzinfo=UTC),
    ]


def test_an_hour_that_does_not_exist_is_told_by_the_clock_as_it_would_have_gone_on() -> None:
    assert to_instant(datetime(2030, 3, 31, 1, 30), LONDON) == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)  # noqa: DTZ001


def test_of_an_hour_that_happens_twice_the_first_counts() -> None:
    assert to_instant(datetime(2030, 10, 27, 1, 30), LONDON) == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)  # noqa: DTZ001


def test_without_a_rule_there_is_one() -> None:
    assert expand_starts("", datetime(2030, 7, 1, 9), LONDON) == [datetime(2030, 7, 1, 8, tzinfo=UTC)]  # noqa: DTZ001


def test_five_years_of_weeks_and_no_more() -> None:
    first = datetime(2030, 1, 7, 18)  # noqa: DTZ001

    assert len(expand_starts(weekly_rule(first, date(2034, 12, 25)), first, LONDON)) == MOST == 260
    with pytest.raises(TooManyEntriesError):
        expand_starts(weekly_rule(first, date(2035, 1, 1)), first, LONDON)
