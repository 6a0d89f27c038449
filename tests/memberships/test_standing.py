from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Unpaid
from memberships.models import Status, Subscription
from memberships.standing import Counting, Footing, counting, footing

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("status", "keep", "stop"),
    [
        (Status.PENDING, Footing.NEVER, Footing.NEVER),
        (Status.ABANDONED, Footing.NEVER, Footing.NEVER),
        (Status.INCOMPLETE, Footing.NEVER, Footing.NEVER),
        (Status.INCOMPLETE_EXPIRED, Footing.OVER, Footing.OVER),
        (Status.TRIALING, Footing.STANDS, Footing.STANDS),
        (Status.ACTIVE, Footing.STANDS, Footing.STANDS),
        (Status.PAST_DUE, Footing.STANDS, Footing.RESTS),
        (Status.UNPAID, Footing.RESTS, Footing.RESTS),
        (Status.PAUSED, Footing.RESTS, Footing.RESTS),
        (Status.CANCELED, Footing.OVER, Footing.OVER),
    ],
)
def test_every_status_has_its_footing_by_policy(status: Status, keep: Footing, stop: Footing) -> None:
    assert footing(status, policy=Unpaid.KEEP, ends_at=None, now=NOW) is keep
    assert footing(status, policy=Unpaid.STOP, ends_at=None, now=NOW) is stop


@pytest.mark.parametrize(
    ("ends_in", "expected"),
    [
        (timedelta(seconds=1), Footing.STANDS),
        (timedelta(0), Footing.RESTS),
        (timedelta(seconds=-1), Footing.RESTS),
    ],
)
def test_a_scheduled_end_that_has_come_gives_nothing(ends_in: timedelta, expected: Footing) -> None:
    assert footing(Status.ACTIVE, policy=Unpaid.KEEP, ends_at=NOW + ends_in, now=NOW) is expected


def test_the_anchor_is_the_local_billing_date_and_counting_begins_at_the_start() -> None:
    subscription = Subscription(
        started_at=datetime(2030, 6, 30, 23, 30, tzinfo=UTC), billing_anchor=datetime(2030, 7, 7, 23, 30, tzinfo=UTC)
    )

    assert counting(subscription, LONDON, now=datetime(2030, 8, 1, tzinfo=UTC)) == Counting(
        anchor=date(2030, 7, 8), afresh_on=date(2030, 7, 1)
    )


def test_a_start_ahead_of_our_clock_counts_from_today() -> None:
    ahead = NOW + timedelta(days=40)
    subscription = Subscription(started_at=ahead, billing_anchor=ahead)

    assert counting(subscription, LONDON, now=NOW).afresh_on == date(2030, 1, 15)
