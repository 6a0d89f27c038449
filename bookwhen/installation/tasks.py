"""What keeps the jobs going: beat calls it every minute."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from bookwhen.celery import app
from bookwhen.jobs import schedule

log = logging.getLogger(__name__)


@shared_task
def start_due_jobs() -> None:
    """Note that beat, the broker, a worker and the database are there, and start every job that is due."""
    now = timezone.now()
    try:
        schedule.beat(now=now)
        schedule.start_due_jobs(app.send_task, now=now)
    except (OperationalError, InterfaceError, BrokerError) as error:
        log.error("The jobs could not be started; in a minute we try again: %s", error)  # noqa: TRY400 - every minute one line
