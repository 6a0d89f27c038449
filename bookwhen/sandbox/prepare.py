"""Bring the database up to date and load the demo: `python -m bookwhen.sandbox.prepare`, in the demo's environment.

`past-later` as an argument leaves out what was sold through Stripe, which `bookwhen.sandbox.past` fills in, and has the
pages say so.
"""

import gc
import os
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from bookwhen.celery import app
from bookwhen.sandbox import schema
from bookwhen.sandbox.first_start import PAST_LATER


def main(*, past_later: bool) -> None:
    """Migrate, load the demo, and let it sell memberships where there is a Stripe to sell them through."""
    set_up()
    schema.restore()
    call_command("migrate", verbosity=0)
    load_demo(past_later=past_later)


def set_up() -> None:
    """Make Django ready for loading the demo."""
    # A process that soon ends spends a tenth of its time in looking for rubbish, and finds a few megabytes.
    gc.disable()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookwhen.settings")
    django.setup()
    # Tasks of long ago are wanted by nobody: the worker's sweeps find what there is still to do.
    app.conf.update(broker_url="memory://localhost/")


def load_demo(*, past_later: bool = False) -> None:
    """Load the demo studio, or bring the one there is up to today; exits where this is no demo."""
    if not settings.DEMO:
        sys.exit("DEMO isn’t set, so nothing was loaded.")
    from bookwhen import demo
    from bookwhen.installation import copies
    from bookwhen.sandbox.demo import loading, subscribers

    # It is started at any port.
    copies.own()

    loading.load(now=timezone.now())
    if not settings.STRIPE_API_BASE:
        print("STRIPE_API_BASE isn’t set, so the demo won’t sell any memberships.")
    elif past_later:
        demo.say_that_it_fills()
    elif told := subscribers.load(now=timezone.now()):
        print(told)


if __name__ == "__main__":
    main(past_later=PAST_LATER in sys.argv)
