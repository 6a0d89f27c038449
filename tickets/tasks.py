"""What the tickets app does outside a request."""

from celery import shared_task
from django.utils import timezone

from tickets.books import keep_findings
from tickets.releasing import BATCH, work_off


@shared_task
def work_off_releases() -> None:
    """Give back the places of memberships that have ended, in batches: at once, and by the minute what was left."""
    while work_off(now=timezone.now()) == BATCH:
        pass


@shared_task
def check_books() -> None:
    """Check the books of all accounts, for the overview and the log."""
    keep_findings(now=timezone.now())
