"""What the tickets app does outside a request."""

from celery import shared_task
from django.utils import timezone

from tickets.booking import release
from tickets.booking.hold import overdue_bookings, release_overdue_baskets
from tickets.checkout.paying import settle_overdue
from tickets.consistency import store_findings
from tickets.models import BookingState
from tickets.money.refunds import submit_due_refunds, submit_refund


@shared_task
def process_releases() -> None:
    """Give back the places of memberships that have ended, in batches: at once, and by the minute what was left."""
    while release.process_releases(now=timezone.now()) == release.BATCH:
        pass


@shared_task
def sweep_baskets() -> None:
    """Let go of baskets whose time is up; those at the checkout are ended at Stripe first."""
    now = timezone.now()
    release_overdue_baskets(now=now)
    for booking in overdue_bookings(now=now, state=BookingState.PAYING):
        settle_overdue(booking, now=timezone.now())


@shared_task
def send_refund(refund: int) -> None:
    """Ask Stripe for one refund."""
    submit_refund(refund, now=timezone.now())


@shared_task
def sweep_refunds() -> None:
    """Ask Stripe for every refund that is due."""
    submit_due_refunds(now=timezone.now())


@shared_task
def check_books() -> None:
    """Check the books of all accounts, for the overview and the log."""
    store_findings(now=timezone.now())
