"""What the offers app does outside a request."""

from celery import shared_task
from django.utils import timezone

from offers.filing import file_all_again, file_ending_again
from offers.period_closing import BATCH, close_periods


@shared_task
def close_ended_periods() -> None:
    """Close every usage period that has ended, in batches; hourly, since midnight is at another hour in each zone."""
    file_ending_again(now=timezone.now())
    while close_periods(now=timezone.now()) == BATCH:
        pass


@shared_task
def file_uses_again() -> None:
    """File uses again that are counted by something else now, which nothing has told of; every night."""
    file_all_again(now=timezone.now())
