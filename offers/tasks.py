"""What the offers app does outside a request."""

from datetime import time

from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import HOUR, Every, Nightly, job
from offers.filing import file_all_again, file_ending_again
from offers.period_closing import close_periods


@job(Every(HOUR))
def close_ended_periods(run: Run) -> None:
    """Close every usage period that has ended; hourly, since midnight is at another hour in each zone."""
    file_ending_again(now=run.now)
    close_periods(now=run.now, run=run)


@job(Nightly(time(2, 47)), seconds=300)
def file_uses_again(run: Run) -> None:
    """File uses again that are counted by something else now, which nothing has told of; every night."""
    file_all_again(now=run.now, run=run)
