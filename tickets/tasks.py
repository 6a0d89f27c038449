"""What the tickets app does outside a request."""

from celery import shared_task
from django.utils import timezone

from tickets.booking.hold import overdue, release_overdue
from tickets.booking.release import BATCH, work_off
from tickets.checkout.paying import settle_overdue
from tickets.consistency import keep_findings
from tickets.models import State
from tickets.money.refunds import send, send_due


@shared_task
def work_off_releases() -> None:
    """Give back the places of memberships that have ended, in batches: at once, and by the minute what was left."""
    while work_off(now=timezone.now()) == BATCH:
        pass


@shared_task
def sweep_baskets() -> None:
    """Let go of baskets whose time is up; those at the checkout are ended at Stripe first."""
    now = timezone.now()
    release_overdue(now=now)
    for booking in overdue(now=now, state=State.PAYING):
        settle_overdue(booking, now=timezone.now())


@shared_task
def send_refund(refund: int) -> None:
    """Ask Stripe for one refund."""
    send(refund, now=timezone.now())


@shared_task
def sweep_refunds() -> None:
    """Ask Stripe for every refund that is due."""
    send_due(now=timezone.now())


@shared_task
def check_books() -> None:
    """Check the books of all accounts, for the overview and the log."""
    keep_findings(now=timezone.now())
