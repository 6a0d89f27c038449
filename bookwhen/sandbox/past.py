"""Fill in the demo's past at Stripe while its site serves: `python -m bookwhen.sandbox.past STATE`, in its environment.

The months are lived at a stand-in inside this process, whose clock is nobody else's. Only when it is today again is
what it holds written down to STATE, for the stand-in that everybody sees to begin with: before, that one does not run,
and for the site's pages Stripe is away.
"""

import logging
import os
import sys
from pathlib import Path

from bookwhen.sandbox.prepare import set_up
from bookwhen.sandbox.stripe import Sandbox, keeping


def main(state: Path) -> None:
    """Live through all of it, and leave the stand-in's memory in the file `state`."""
    with Sandbox.start() as inside:
        inside.platform.pays_out = True
        # Its pages' addresses are those of the stand-in that everybody will see.
        inside.platform.base, os.environ["STRIPE_API_BASE"] = os.environ["STRIPE_API_BASE"], inside.url
        set_up()
        logging.disable(logging.INFO)
        fill()
    keeping.Keeper(inside.platform, state).save()


def fill() -> None:
    """Let the studio sell what it sold, and have the pages say that nothing more is to come."""
    from django.utils import timezone

    from bookwhen import demo
    from bookwhen.sandbox.demo import subscribers

    try:
        if told := subscribers.load(now=timezone.now()):
            sys.exit(told)
    finally:
        demo.say_that_it_is_whole()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
