"""What the offers app does outside a request."""

from celery import shared_task
from django.utils import timezone

from offers.period_closing import BATCH, close_periods


@shared_task
def close_ended_periods() -> None:
    """Close every usage period that has ended, in batches; hourly, since midnight is at another hour in each zone."""
    while close_periods(now=timezone.now()) == BATCH:
        pass
