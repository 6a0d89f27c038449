"""The calendar of billing: when the n-th period ends."""

import datetime as dt
from typing import Final

from dateutil.relativedelta import relativedelta

from bookwhen.sandbox.stripe.errors import Json

MONTH: Final[Json] = {"interval": "month", "interval_count": 1}


def later(anchor: int, recurring: Json, periods: int) -> int:
    """Return the end of the n-th period, counted from the anchor: 31 Jan → 28 Feb → 31 Mar (UTC)."""
    many = recurring["interval_count"] * periods
    steps = {"day": relativedelta(days=many), "week": relativedelta(weeks=many)}
    steps |= {"month": relativedelta(months=many), "year": relativedelta(years=many)}
    return int((dt.datetime.fromtimestamp(anchor, dt.UTC) + steps[recurring["interval"]]).timestamp())


def same(one: Json, other: Json) -> bool:
    """Say whether two prices are due equally often."""
    return all(one["recurring"][name] == other["recurring"][name] for name in ("interval", "interval_count"))
