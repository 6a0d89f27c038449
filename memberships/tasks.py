"""What memberships do outside a request."""

from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import HOUR, Every, job
from bookwhen.payments.gateway import StripeError
from memberships.pausing import follow_ended_pauses


@job(Every(HOUR), expected=(StripeError,))
def resume_pauses(run: Run) -> None:
    """Look at every subscription whose pause has ended by its date, in case that Stripe told nothing of it."""
    follow_ended_pauses(now=run.now, run=run)
