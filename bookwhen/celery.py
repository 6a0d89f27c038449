"""The task queue: one Celery application, configured from Django's settings."""

import os

from celery import Celery

from bookwhen.seeing import worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookwhen.settings")

app = Celery("bookwhen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
worker.connect(app)
