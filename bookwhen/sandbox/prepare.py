"""Bring the database up to date and load the demo: `python -m bookwhen.sandbox.prepare`, in the demo's environment."""

import os
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from bookwhen.celery import app
from bookwhen.sandbox import schema


def main() -> None:
    """Migrate, load the demo, and let it sell memberships where there is a Stripe to sell them through."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookwhen.settings")
    django.setup()
    # Tasks of long ago are wanted by nobody: the worker's sweeps find what there is still to do.
    app.conf.update(broker_url="memory://localhost/")
    schema.restore()
    call_command("migrate", verbosity=0)
    load_demo()


def load_demo() -> None:
    """Load the demo studio, or bring the one there is up to today; exits where this is no demo."""
    if not settings.DEMO:
        sys.exit("DEMO isn’t set, so nothing was loaded.")
    from bookwhen.installation import copies
    from bookwhen.sandbox.demo import loading, subscribers

    # It is started at any port.
    copies.own()

    loading.load(now=timezone.now())
    if not settings.STRIPE_API_BASE:
        print("STRIPE_API_BASE isn’t set, so the demo won’t sell any memberships.")
    elif told := subscribers.load(now=timezone.now()):
        print(told)


if __name__ == "__main__":
    main()
