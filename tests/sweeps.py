"""Sweeps of one sort alone, as tests want them."""

from datetime import datetime
from functools import partial

from bookwhen.jobs.fair import work_off
from bookwhen.jobs.run import Run
from tickets.booking.hold import TASK, overdue, release_overdue
from tickets.checkout.settling import settle_overdue
from tickets.models import BookingState


def release_overdue_baskets(*, now: datetime, run: Run | None = None) -> int:
    """Let go of baskets whose time is up; how many were."""
    run = run or Run(TASK, now=now)
    work_off(run, (overdue(BookingState.BASKET), partial(release_overdue, now=now)))
    return run.done


def settle_overdue_checkouts(*, now: datetime, run: Run) -> None:
    """Settle checkouts whose time is up."""
    work_off(run, (overdue(BookingState.PAYING), partial(settle_overdue, now=now)))
