"""The instant that a subscription's periods follow from, where it is not the anchor that Stripe tells."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookwhen.dates import months_after
from bookwhen.payments.billing import Cycle

INSTANTS = st.integers(946_684_800, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 2000 to 2060."""


def at(month: int, day: int, *, year: int = 2027, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def cycle(start: datetime, end: datetime, *, every: tuple[int, str] = (1, "month"), day: int | None = None) -> Cycle:
    return Cycle(interval=every[1], interval_count=every[0], period_start=start, period_end=end, day_of_month=day)


@pytest.mark.parametrize(
    ("told", "found", "follows"),
    [
        (at(4, 30), cycle(at(4, 30), at(5, 31), day=31), at(3, 31)),
        (at(4, 30), cycle(at(4, 10), at(4, 30), day=31), at(3, 31)),
        (at(2, 28), cycle(at(2, 28), at(3, 30), day=30), at(1, 30)),
        (at(2, 28), cycle(at(2, 28), at(2, 29, year=2028), every=(1, "year"), day=29), at(2, 29, year=2024)),
        (at(4, 30), cycle(at(4, 30), at(7, 31), every=(3, "month"), day=31), at(1, 31)),
        (at(4, 15), cycle(at(4, 15), at(5, 15), day=15), at(4, 15)),
    ],
)
def test_a_day_of_the_month_that_was_asked_for_is_kept(told: datetime, found: Cycle, follows: datetime) -> None:
    assert found.anchor(told) == follows


@pytest.mark.parametrize(
    ("told", "found", "follows"),
    [
        (at(1, 10), cycle(at(1, 20), at(2, 20)), at(1, 20)),
        (at(2, 28), cycle(at(2, 28), at(3, 31)), at(3, 31)),
        (at(1, 4), cycle(at(1, 6), at(1, 13), every=(1, "week")), at(1, 6)),
        (at(1, 10), cycle(at(2, 10), at(2, 25)), at(2, 25)),
    ],
)
def test_where_stripe_s_own_period_says_something_else_it_is_followed(
    told: datetime, found: Cycle, follows: datetime
) -> None:
    assert found.anchor(told) == follows


@given(told=INSTANTS, number=st.integers(0, 200), count=st.integers(1, 12), interval=st.sampled_from(["month", "year"]))
def test_the_anchor_that_is_told_stays_where_the_periods_follow_from_it(
    told: datetime, number: int, count: int, interval: str
) -> None:
    months = count * {"month": 1, "year": 12}[interval]
    start, end = (months_after(told, each * months) for each in (number, number + 1))
    assert start
    assert end

    assert cycle(start, end, every=(count, interval)).anchor(told) == told


@given(told=INSTANTS, before=st.timedeltas(timedelta(hours=1), timedelta(days=400)))
def test_a_first_period_that_leads_up_to_the_anchor_is_the_anchor_s(told: datetime, before: timedelta) -> None:
    assert cycle(told - before, told).anchor(told) == told
