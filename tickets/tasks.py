"""What the tickets app does outside a request."""

from datetime import time

from celery import shared_task
from django.utils import timezone

from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import MINUTE, Every, Nightly, job
from tickets.booking import release
from tickets.booking.hold import release_overdue_baskets
from tickets.checkout.settling import settle_overdue_checkouts
from tickets.consistency import store_findings
from tickets.money.refunds import submit_due_refunds, submit_refund


@job(Every(MINUTE))
def process_releases(run: Run) -> None:
    """Give back the places of memberships that have ended: at once, and by the minute what was left."""
    release.process_releases(now=run.now, run=run)


@job(Every(MINUTE))
def sweep_baskets(run: Run) -> None:
    """Let go of baskets whose time is up; those at the checkout are ended at Stripe first."""
    release_overdue_baskets(now=run.now, run=run)
    settle_overdue_checkouts(now=timezone.now(), run=run)


@shared_task
def send_refund(refund: int) -> None:
    """Ask Stripe for one refund."""
    submit_refund(refund, now=timezone.now())


@job(Every(MINUTE))
def sweep_refunds(run: Run) -> None:
    """Ask Stripe for every refund that is due."""
    submit_due_refunds(now=run.now, run=run)


@job(Nightly(time(4, 7)), seconds=300)
def check_books(run: Run) -> None:
    """Check the books of all accounts, for the overview and the log."""
    store_findings(now=run.now)
