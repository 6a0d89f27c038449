"""Handing work to the task queue without depending on it."""

from functools import partial
from typing import Final

from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis import RedisError

from bookwhen.celery import app
from bookwhen.circuit import Circuit
from bookwhen.fastpath.messages import Outbox

BROKER: Final = Circuit("The broker", OperationalError, RedisError, OSError)
_OUTBOX: Final = Outbox(app)


def enqueue(task: str, *args: object) -> None:
    """Hand the named task (`accounts.tasks.send_letter`) to the broker once the current transaction commits.

    A broker that is down or slow never breaks the request nor holds it up: a task must only do what also waits in the
    database for a sweep.
    """
    # A function, not a partial: Django tells of one that fails by its name.
    transaction.on_commit(lambda: _publish(task, args), robust=True)


def _publish(task: str, args: tuple[object, ...]) -> None:
    # Celery's own way knows the task that runs here, and lets Sentry add what it goes by.
    is_plain = _OUTBOX.fits and app.current_worker_task is None and not settings.SENTRY_DSN
    BROKER.ask(partial(_OUTBOX.send if is_plain else app.send_task, task, args), None)
