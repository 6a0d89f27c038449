"""Measure what runs in the background: every job with nothing due, and the books of a small studio."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from celery import current_app
from django.utils import timezone

from accounts.models import Account
from bench.scale.meter import measure
from bench.scale.pages import Measured
from bookwhen.installation.models import Heartbeat
from bookwhen.jobs.schedule import JOBS, PREFIX
from tickets.consistency import check_books

ASK_STRIPE: Final = frozenset({"bookwhen.payments.tasks.catch_up"})
"""Jobs that speak to every connection's Stripe, even when nothing is due."""
BY_ROW: Final = frozenset(
    {"tickets.tasks.check_books", "tickets.tasks.keep_wall_times", "offers.tasks.file_uses_again"}
)
"""Jobs that look at everything there is, whatever is due: every night, they cost by the row."""


def jobs(small: Account) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each by its name. None of them has anything to do in the data set."""
    current_app.loader.import_default_modules()
    for name in sorted(JOBS):
        if name not in ASK_STRIPE | BY_ROW:
            yield f"job {name}, nothing due", partial(_run, name)
    yield "check_books --account, a small studio", lambda: check_books(account=small, now=timezone.now())


def measure_jobs(small: Account, *, times: int = 3) -> Iterator[Measured]:
    """What each costs."""
    for label, act in jobs(small):
        cost = measure(act, times=times)
        yield Measured(label, 0, 0, cost)


def _run(name: str) -> None:
    """Run a job as a worker does; what it could not do is raised."""
    current_app.tasks[name].run()
    error = Heartbeat.objects.values_list("error", flat=True).get(name=f"{PREFIX}{name}")
    if error:
        raise RuntimeError(error)
