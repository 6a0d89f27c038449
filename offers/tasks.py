"""What the offers app does outside a request."""

from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import HOUR, Every, job
from offers.period_closing import close_periods


@job(Every(HOUR))
def close_ended_periods(run: Run) -> None:
    """Close every usage period that has ended; hourly, since midnight is at another hour in each zone."""
    close_periods(now=run.now, run=run)
