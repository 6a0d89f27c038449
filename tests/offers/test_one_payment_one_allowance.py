"""A monthly allowance turns on the local day of each payment, wherever the studio is and whenever it was bought."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from bookwhen.sandbox.stripe.subscriptions import later
from offers.models import PeriodUnit
from offers.periods import BillingAnchor, Counting, Period, local_day, period_for

NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
WHENEVER = st.integers(631_152_000, 2_840_140_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 1990 to 2060."""
MONTH_ENDS = st.builds(
    lambda month, minutes: datetime(1990, 1, 1, tzinfo=UTC) + relativedelta(months=month) + timedelta(minutes=minutes),
    st.integers(1, 840),
    st.integers(-3 * 1440, 1440),
)
"""Where the day of the month is another in UTC than in the studio, and some months have no such day."""
INSTANTS = WHENEVER | MONTH_ENDS
UTC_ONLY = st.just(UTC)
BILLED = st.builds(BillingAnchor, INSTANTS, ZONES)
IN_NEW_YORK = BillingAnchor(datetime(2027, 3, 1, 2, tzinfo=UTC), NEW_YORK)
"""Bought on 28 February at 21:00 there."""
DAYS = st.dates(date(1970, 1, 1), date(2100, 12, 31))
ANCHORS = BILLED | DAYS
UNITS = st.sampled_from(PeriodUnit.values)
COUNTS = st.integers(1, 400)
COUNTINGS = st.builds(Counting, ANCHORS, st.none() | DAYS, st.none() | DAYS)


@st.composite
def endings(draw: st.DrawFn) -> tuple[Counting, str, int]:
    """A counting whose known end falls on a day on which a period would begin."""
    anchor, unit, count = draw(ANCHORS), draw(UNITS), draw(st.integers(1, 24))
    day = period_for(draw(DAYS), counting=Counting(anchor), unit=unit, count=count).starts_on
    return Counting(anchor, last_on=day), unit, count


def paid_at(anchor: datetime, number: int, *, months: int = 1) -> datetime:
    """When Stripe takes a payment: months after the anchor in UTC, on the last day where a month is too short."""
    return anchor + relativedelta(months=number * months)


def allowance(day: date, anchor: BillingAnchor, *, months: int = 1, **ground: Any) -> Period:
    return period_for(day, counting=Counting(anchor, **ground), unit="month", count=months)


def test_bought_in_the_evening_of_28_february_in_new_york() -> None:
    """The anchor is 1 March, 02:00 UTC: the next payments are taken on the evening of 31 March, then of 30 April."""
    anchor = BillingAnchor(datetime(2027, 3, 1, 2, tzinfo=UTC), NEW_YORK)

    assert [allowance(day, anchor) for day in (date(2027, 3, 28), date(2027, 3, 31), date(2027, 4, 30))] == [
        Period(date(2027, 2, 28), date(2027, 3, 31)),
        Period(date(2027, 3, 31), date(2027, 4, 30)),
        Period(date(2027, 4, 30), date(2027, 5, 31)),
    ]


@given(anchor=BILLED, number=st.integers(-600, 600), months=st.integers(1, 24))
def test_each_payment_begins_an_allowance_on_its_local_day(anchor: BillingAnchor, number: int, months: int) -> None:
    payment, following = (paid_at(anchor.at, each, months=months) for each in (number, number + 1))

    assert allowance(local_day(payment, anchor.zone), anchor, months=months) == Period(
        local_day(payment, anchor.zone), local_day(following, anchor.zone)
    )


@given(anchor=BILLED, number=st.integers(-50, 50))
@example(anchor=IN_NEW_YORK, number=1)
def test_each_yearly_payment_begins_a_yearly_allowance_and_a_monthly_one(anchor: BillingAnchor, number: int) -> None:
    day = local_day(paid_at(anchor.at, number, months=12), anchor.zone)

    for unit in ("month", "year"):
        assert period_for(day, counting=Counting(anchor), unit=unit, count=1).starts_on == day


@given(anchor=BILLED, number=st.integers(0, 600))
def test_between_two_payments_there_is_exactly_one_monthly_allowance(anchor: BillingAnchor, number: int) -> None:
    """From the day of a payment to the day before the next: all of them, and no other, lie in one period."""
    first, following = (local_day(paid_at(anchor.at, each), anchor.zone) for each in (number, number + 1))
    days = [first + timedelta(days=each) for each in range((following - first).days)]

    [only] = {allowance(day, anchor) for day in days}
    assert (only.starts_on, only.last_day) == (days[0], days[-1])


@given(anchor=BILLED, number=st.integers(1, 120), interval=st.sampled_from(["month", "year"]), count=st.integers(1, 6))
@example(anchor=IN_NEW_YORK, number=1, interval="month", count=1)
def test_the_stand_in_renews_on_the_days_on_which_allowances_begin(
    anchor: BillingAnchor, number: int, interval: str, count: int
) -> None:
    recurring = {"interval": interval, "interval_count": count}
    renewal = datetime.fromtimestamp(later(int(anchor.at.timestamp()), recurring, number), UTC)
    day = local_day(renewal, anchor.zone)

    assert period_for(day, counting=Counting(anchor), unit=interval, count=count).starts_on == day


@given(day=DAYS, counting=COUNTINGS, unit=UNITS, count=COUNTS)
def test_each_day_lies_in_exactly_one_period(day: date, counting: Counting, unit: str, count: int) -> None:
    """It is in its own, which is the same for its first and last day, and its neighbours meet it without gap."""
    period = period_for(day, counting=counting, unit=unit, count=count)

    assert day in period
    assert period_for(period.starts_on, counting=counting, unit=unit, count=count) == period
    if period.last_day is not None and period.ends_on is not None:
        assert period_for(period.last_day, counting=counting, unit=unit, count=count) == period
        assert period_for(period.ends_on, counting=counting, unit=unit, count=count).starts_on == period.ends_on
    if period.starts_on > date.min:
        before = period_for(period.starts_on - timedelta(days=1), counting=counting, unit=unit, count=count)
        assert before.ends_on == period.starts_on


@given(
    day=st.dates(),
    at=st.datetimes(datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30"), timezones=UTC_ONLY),
    zone=ZONES,
    last_on=st.none() | st.dates(),
    unit=UNITS,
    count=st.integers(1, 32_767),
)
def test_the_ends_of_the_calendar_are_no_error(
    day: date, at: datetime, zone: ZoneInfo, last_on: date | None, unit: str, count: int
) -> None:
    counting = Counting(BillingAnchor(at, zone), last_on=last_on)

    assert day in period_for(day, counting=counting, unit=unit, count=count)


@given(anchor=BILLED, unit=st.sampled_from(["day", "week"]), count=COUNTS)
def test_days_and_weeks_are_counted_from_the_local_day(anchor: BillingAnchor, unit: str, count: int) -> None:
    for day in (anchor.day, anchor.day + timedelta(days=1000)):
        by_day = period_for(day, counting=Counting(anchor.day), unit=unit, count=count)
        assert period_for(day, counting=Counting(anchor), unit=unit, count=count) == by_day


# A known end


@given(ending=endings())
def test_the_last_period_takes_in_the_day_of_a_known_end_and_none_begins_there(
    ending: tuple[Counting, str, int],
) -> None:
    counting, unit, count = ending
    last = counting.last_on
    assert last is not None

    before, on, after = (
        period_for(last + timedelta(days=each), counting=counting, unit=unit, count=count) for each in (-1, 0, 1)
    )

    assert before == on
    assert on.last_day == last
    assert after.starts_on == last + timedelta(days=1)


@given(ending=endings(), reset=DAYS)
def test_only_a_subscription_that_begins_on_its_last_day_begins_a_period_there(
    ending: tuple[Counting, str, int], reset: date
) -> None:
    counting, unit, count = ending
    assert counting.last_on is not None
    again = Counting(counting.anchor, reset, counting.last_on)

    period = period_for(counting.last_on, counting=again, unit=unit, count=count)

    assert (period.starts_on == counting.last_on) == (reset == counting.last_on)


@pytest.mark.parametrize("last_on", [date(2027, 3, 27), date(2027, 3, 28)])
def test_a_known_end_on_another_day_changes_nothing(last_on: date) -> None:
    anchor = BillingAnchor(datetime(2027, 3, 1, 2, tzinfo=UTC), NEW_YORK)

    assert allowance(last_on, anchor, last_on=last_on) == allowance(last_on, anchor)


def test_a_trial_is_cut_where_it_began_and_ends_with_the_first_payment() -> None:
    """Seven days from the evening of 21 February: the payment is taken on 28 February, 21:00 in New York."""
    anchor = BillingAnchor(datetime(2027, 3, 1, 2, tzinfo=UTC), NEW_YORK)

    trial = allowance(date(2027, 2, 25), anchor, uses_reset_on=date(2027, 2, 21))

    assert trial == Period(date(2027, 2, 21), date(2027, 2, 28))
