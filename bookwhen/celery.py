"""The task queue: one Celery application, configured from Django's settings."""

import logging
import os
from typing import Any, Final

from celery import Celery
from celery.signals import heartbeat_sent, task_postrun
from django.db import connections

from bookwhen.seeing import worker
from bookwhen.worker_health import leave_sign

QUIET: Final = ("celery.app.trace", "celery.worker.strategy")
"""They write two lines for every task, idle ones too. A job that did something says so, and errors are errors."""

log = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookwhen.settings")

app = Celery("bookwhen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
worker.connect(app)

for _name in QUIET:
    logging.getLogger(_name).setLevel(logging.WARNING)


@heartbeat_sent.connect(weak=False)
def _show_that_it_lives(sender: Any, **_about: Any) -> None:  # noqa: ANN401 - Celery's own
    try:
        leave_sign(sender.eventer.hostname)
    except OSError as error:
        log.warning("This worker cannot leave the sign that its health check looks for: %s", error)


@task_postrun.connect(weak=False)
def _leave_broken_connections(**_about: Any) -> None:  # noqa: ANN401 - Celery's own
    """Give up the database connections that a task found broken: the next task opens others.

    Celery closes them only after thousands of tasks (CELERY_DB_REUSE_MAX), all of which would fail.
    """
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
