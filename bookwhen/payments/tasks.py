"""What payments do outside a request. Each may run at any time, twice at once, or late."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from typing import Final

from celery import shared_task
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bookwhen import queues
from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.run import Run
from bookwhen.jobs.schedule import HOUR, MINUTE, Every, Nightly, job
from bookwhen.jobs.stopping import is_stopping
from bookwhen.payments import connections, inbox, upkeep, waiting
from bookwhen.payments.comparing import NotAllComparedError, compare_for_a_while
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.models import Connection
from bookwhen.queue import enqueue
from bookwhen.text import storable, without_secrets

SECONDS: Final = 5
"""How long one task goes on; then it lets others have the worker, and calls for another."""
BATCHES: Final = (1, 2, 5, 10, 20)
"""How many subjects a worker may take at a time: at most so many that what it has is soon done."""
BATCH: Final = BATCHES[-1]
SHARE: Final = 4
"""A worker takes this part of what waits: a quarter. So few events are shared out among the workers one by one."""
ENOUGH_CALLED: Final = 8
"""How many workers the sweep calls for, where fewer connections wait; those that come call others."""
MOST_CALLED: Final = 32
SWEEP_SECONDS: Final = 50
LEFT_AFTER: Final = timedelta(minutes=2)
"""After how long without anybody taking it an event is looked at by any worker at all."""
ALL_CONNECTIONS: Final = 300
"""Seconds after which a look at all connections begins no other; it goes on a minute later."""
NIGHT_TAKES: Final = 2 * HOUR
"""How long the nightly comparison of all connections may take; after that, one that failed is made again every hour."""
NIGHT: Final = Nightly(time_of_day(3, 17))
RECONCILE: Final = "bookwhen.payments.tasks.reconcile"


@shared_task
def process_stripe_event(pk: int) -> None:
    """Look at what one Stripe event is about, unless that is done or another worker is at it; then at all that waits.

    No worker is called for an event that comes right after another of its connection: those that were called go on
    until nothing waits, and call others where they leave something.
    """
    if _process_events(time.monotonic() + SECONDS, pk) and not queues.has_enough(queues.EVENTS):
        enqueue(inbox.TASK, pk)


@job(Every(MINUTE))
def sweep_events(run: Run) -> None:
    """Call workers for the events that are due: what failed before, what the broker lost, whose worker died.

    Those that come go on until nothing waits, so it calls for no more than enough of them: first for the oldest event
    of each connection. What no worker of that queue has taken for a while is looked at here: perhaps there is none.
    """
    if is_quiet():
        return
    heads = waiting.oldest_of_each(now=run.now)
    more = waiting.due_events(now=run.now).values_list("pk", flat=True)[:ENOUGH_CALLED]
    enough = min(max(len(heads), ENOUGH_CALLED), MOST_CALLED)
    for pk in list(dict.fromkeys([*heads, *more]))[:enough]:
        enqueue(inbox.TASK, pk)
    if waiting.waits_since(run.now - LEFT_AFTER):
        run.left = _process_events(time.monotonic() + SWEEP_SECONDS)


def _process_events(stop: float, *first: int) -> bool:
    """Look at one event, and then at all that waits, until then (monotonic); whether there may be more."""
    for pk in first:
        inbox.process_event(pk, now=timezone.now())
    while time.monotonic() < stop and not is_stopping():
        now = timezone.now()
        if not inbox.process_events(most=_share(now), now=now, on_left=_call_another):
            return False
    return True


def _share(now: datetime) -> int:
    """How many subjects one worker takes of what waits."""
    part = waiting.count_due(now=now, most=BATCH * SHARE) / SHARE
    return max((each for each in BATCHES if each <= part), default=1)


def _call_another(pk: int) -> None:
    """Call a worker for an event that this one left, unless enough are called."""
    if not queues.has_enough(queues.EVENTS):
        enqueue(inbox.TASK, pk)


@job(Every(HOUR), seconds=ALL_CONNECTIONS, expected=(StripeError,))
def catch_up(run: Run, pk: int | None = None) -> None:
    """Every hour: look after each connection, and keep the events that did not reach us. With a number: one, now."""
    live = Connection.objects.filter(disconnected_at=None)
    if run.resumes:
        live = live.exclude(caught_up_at__range=(run.now - HOUR / 2, run.now))
    _each_connection(run, _catch_up, live.order_by(F("caught_up_at").asc(nulls_first=True), "pk"), pk)


@job(NIGHT, seconds=ALL_CONNECTIONS, expected=(StripeError, NotAllComparedError))
def reconcile(run: Run, pk: int | None = None) -> None:
    """Every night: compare everything with Stripe, seal secrets under the newest key.

    With a number: one connection, now. Those that were compared since the night began are left out. Each has a while in
    turn until all is compared; what is left when the time is up, the next run goes on with.
    """
    live = Connection.objects.filter(disconnected_at=None)
    if pk is None:
        live = live.exclude(reconciled_at__range=(NIGHT.latest(run.now), run.now))
    due = live.order_by(F("reconciled_at").asc(nulls_first=True), "pk")
    unfinished: list[int] = []
    _each_connection(run, partial(_reconcile, unfinished), due, pk)
    while unfinished and not run.is_over:
        again, unfinished[:] = list(unfinished), []
        run.each(again, partial(_maintain, partial(_reconcile, unfinished)))
    run.left = run.left or bool(unfinished)
    if unfinished and pk is not None:
        enqueue(RECONCILE, pk)


@job(NIGHT)
def prune(run: Run) -> None:
    """Every night: forget old events."""
    if not is_quiet():
        upkeep.prune(run)


def _catch_up(connection: Connection, now: datetime) -> None:
    if connections.check(connection, now=now).key_works:
        upkeep.catch_up(connection, now=now)
        if _was_not_compared(connection, now):
            enqueue(RECONCILE, connection.pk)


def _was_not_compared(connection: Connection, now: datetime) -> bool:
    """Whether last night's comparison of a connection failed, as far as an hourly look can know: it is over by then."""
    night = NIGHT.latest(now)
    return connection.reconciled_at is not None and connection.reconciled_at < night < now - NIGHT_TAKES


def _reconcile(unfinished: list[int], connection: Connection, now: datetime) -> None:
    """Compare a connection for a while; `unfinished` tells where there is more to do."""
    upkeep.reencrypt_secrets(connection)
    connection.refresh_from_db()
    if compare_for_a_while(connection, now=now):
        unfinished.append(connection.pk)


def _each_connection(
    run: Run, act: Callable[[Connection, datetime], None], live: QuerySet[Connection], pk: int | None
) -> None:
    """Do it for every live connection, those that failed lately last, or for one; in a quiet copy for none."""
    if is_quiet():
        return
    keys = list(live.filter(**({} if pk is None else {"pk": pk})).values_list("pk", flat=True))
    aside = set(run.set_aside())
    run.each(sorted(keys, key=aside.__contains__), partial(_maintain, act))


def _maintain(act: Callable[[Connection, datetime], None], pk: int) -> None:
    """Do it for a connection, unless it was disconnected; what fails is noted in its `trouble`, and raised."""
    connection = Connection.objects.filter(pk=pk, disconnected_at=None).first()
    if connection is None:
        return
    try:
        act(connection, timezone.now())
    except Exception as error:
        words = _("We couldn’t fetch updates from Stripe: %s") % without_secrets(str(error))
        Connection.objects.filter(pk=pk, disconnected_at=None).update(trouble=storable(words))
        raise
