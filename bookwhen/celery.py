"""The task queue: one Celery application, configured from Django's settings."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookwhen.settings")

app = Celery("bookwhen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_postrun.connect(weak=False)
def _leave_broken_connections(**_about: Any) -> None:  # noqa: ANN401 - Celery's own
    """Give up the database connections that a task found broken: the next task opens others.

    Celery closes them only after thousands of tasks (CELERY_DB_REUSE_MAX), all of which would fail.
    """
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
