"""Handing work to the task queue without depending on it."""

import logging
from functools import partial

from django.db import transaction
from kombu.exceptions import OperationalError

from bookwhen.celery import app

log = logging.getLogger(__name__)


def enqueue(task: str, *args: object) -> None:
    """Hand the named task (`accounts.tasks.send_letter`) to the broker once the current transaction commits.

    A broker that is down never breaks the request: a task must only do what also waits in the database for a sweep.
    """
    transaction.on_commit(partial(_publish, task, args), robust=True)


def _publish(task: str, args: tuple[object, ...]) -> None:
    try:
        app.send_task(task, args)
    except OperationalError as error:
        log.warning("The broker could not be reached for %s; its sweep will do it: %s", task, error)
