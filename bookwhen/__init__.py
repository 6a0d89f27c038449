"""The project: settings, addresses, the task queue, and what every app stands on."""

from bookwhen.celery import app as celery_app

__all__ = ["celery_app"]
