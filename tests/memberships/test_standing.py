from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import PastDuePolicy
from memberships.models import Subscription, SubscriptionStatus
from memberships.standing import StandingState, counts_again_on, standing_state

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("status", "keep", "stop"),
    [
        (SubscriptionStatus.PENDING, StandingState.NEVER, StandingState.NEVER),
        (SubscriptionStatus.ABANDONED, StandingState.NEVER, StandingState.NEVER),
        (SubscriptionStatus.INCOMPLETE, StandingState.NEVER, StandingState.NEVER),
        (SubscriptionStatus.INCOMPLETE_EXPIRED, StandingState.OVER, StandingState.OVER),
        (SubscriptionStatus.TRIALING, StandingState.STANDS, StandingState.STANDS),
        (SubscriptionStatus.ACTIVE, StandingState.STANDS, StandingState.STANDS),
        (SubscriptionStatus.PAST_DUE, StandingState.STANDS, StandingState.RESTS),
        (SubscriptionStatus.UNPAID, StandingState.RESTS, StandingState.RESTS),
        (SubscriptionStatus.PAUSED, StandingState.RESTS, StandingState.RESTS),
        (SubscriptionStatus.CANCELED, StandingState.OVER, StandingState.OVER),
    ],
)
def test_every_status_has_its_footing_by_policy(
    status: SubscriptionStatus, keep: StandingState, stop: StandingState
) -> None:
    assert standing_state(status, policy=PastDuePolicy.KEEP, ends_at=None, now=NOW) is keep
    assert standing_state(status, policy=PastDuePolicy.STOP, ends_at=None, now=NOW) is stop


@pytest.mark.parametrize(
    ("ends_in", "expected"),
    [
        (timedelta(seconds=1), StandingState.STANDS),
        (timedelta(0), StandingState.RESTS),
        (timedelta(seconds=-1), StandingState.RESTS),
    ],
)
def test_a_scheduled_end_that_has_come_gives_nothing(ends_in: timedelta, expected: StandingState) -> None:
    assert (
        standing_state(SubscriptionStatus.ACTIVE, policy=PastDuePolicy.KEEP, ends_at=NOW + ends_in, now=NOW) is expected
    )


def test_counting_begins_on_the_local_day_of_the_start() -> None:
    subscription = Subscription(started_at=datetime(2030, 6, 30, 23, 30, tzinfo=UTC))

    assert counts_again_on(subscription, LONDON, now=datetime(2030, 8, 1, tzinfo=UTC)) == date(2030, 7, 1)


def test_a_start_ahead_of_our_clock_counts_from_today() -> None:
    subscription = Subscription(started_at=NOW + timedelta(days=40))

    assert counts_again_on(subscription, LONDON, now=NOW) == date(2030, 1, 15)
