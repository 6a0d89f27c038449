"""What payments do outside a request. Each may run at any time, twice at once, or late."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext as _

from bookwhen.installation.copies import is_quiet
from bookwhen.payments import connections, handlers, inbox, upkeep
from bookwhen.payments.gateway import StripeError, without_secrets
from bookwhen.payments.models import Connection
from bookwhen.queue import enqueue

log = logging.getLogger(__name__)

SECONDS: Final = 5
"""How long one task goes on; then it lets others have the worker, and calls for another."""


@shared_task
def process_stripe_event(pk: int) -> None:
    """Look at what one Stripe event is about, unless that is done or another worker is at it; then at all that waits.

    No worker is called for an event that comes while enough were called for others: these go on until nothing waits.
    """
    stop = time.monotonic() + SECONDS
    inbox.process_event(pk, now=timezone.now())
    while time.monotonic() < stop:
        if not inbox.process_event(now=timezone.now()):
            return
    enqueue(inbox.TASK, pk)


@shared_task
def sweep_events() -> None:
    """Call workers for the events that are due: what failed before, what the broker lost, whose worker died.

    Those that come go on until nothing waits, so it calls for no more than enough of them.
    """
    if is_quiet():
        return
    for pk in inbox.due_events(now=timezone.now()).values_list("pk", flat=True)[: inbox.ENOUGH_CALLED]:
        enqueue(inbox.TASK, pk)


@shared_task
def catch_up(pk: int | None = None) -> None:
    """Every hour: look after each connection, and keep the events that did not reach us. With a number: one, now."""
    _each_connection(_catch_up, pk)


@shared_task
def reconcile(pk: int | None = None) -> None:
    """Every night: compare everything with Stripe, seal secrets under the newest key, forget old events.

    With a number: one connection, now.
    """
    _each_connection(_reconcile, pk)
    if pk is None and not is_quiet():
        upkeep.prune(now=timezone.now())


def _catch_up(connection: Connection, now: datetime) -> None:
    if connections.check(connection, now=now).key_works:
        upkeep.catch_up(connection, now=now)


def _reconcile(connection: Connection, now: datetime) -> None:
    upkeep.reencrypt_secrets(connection)
    connection.refresh_from_db()
    handlers.reconcile(connection, now=now)
    Connection.objects.filter(pk=connection.pk).update(reconciled_at=now)


def _each_connection(act: Callable[[Connection, datetime], None], pk: int | None) -> None:
    """Do it for every live connection, or for one; what fails is noted in its `trouble` and does not stop others.

    A quiet copy leaves them all alone.
    """
    if is_quiet():
        return
    live = Connection.objects.filter(disconnected_at=None)
    for connection in live.order_by("pk") if pk is None else live.filter(pk=pk):
        try:
            act(connection, timezone.now())
        except Exception as error:
            if not isinstance(error, StripeError):
                log.exception("Maintaining connection %s failed.", connection.pk)
            words = _("We couldn’t fetch updates from Stripe: %s") % without_secrets(str(error))
            Connection.objects.filter(pk=connection.pk, disconnected_at=None).update(trouble=words)
