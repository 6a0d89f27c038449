"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookwhen.settings")

application = get_wsgi_application()
# Every view is imported now: before gunicorn forks, and not while the first visitor waits.
resolve("/")
