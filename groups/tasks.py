"""What the groups app does outside a request."""

from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import HOUR, Every, job
from groups.ending import tell_of_ends


@job(Every(HOUR))
def tell_of_ending_standings(run: Run) -> None:
    """Tell members some days before their time in a group ends; hourly, since each has an instant of its own."""
    tell_of_ends(run)
