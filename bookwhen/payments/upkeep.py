"""What keeps connections in step when nobody calls: catching up, sealing anew, forgetting what is old."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from math import inf
from typing import Final

from django.conf import settings

from bookwhen.jobs.retention import forget
from bookwhen.jobs.run import Run
from bookwhen.payments import handlers, inbox
from bookwhen.payments.encryption import CannotDecryptError, reencrypt
from bookwhen.payments.forgetting import forget_again
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.incoming import IncomingEvent, MalformedEventError
from bookwhen.payments.models import Connection, EventSource, EventState, FailedCall, StripeEvent

log = logging.getLogger(__name__)

JOB: Final = "bookwhen.payments.upkeep.catch_up"
"""What events are set aside by that could not be kept."""
OVERLAP: Final = timedelta(minutes=10)
"""How far catching up looks back behind what it has seen: Stripe does not list events in the order of their times."""
CALLS_KEPT: Final = timedelta(days=90)
"""How long we remember that a change failed: Stripe remembers it for a day."""


def catch_up(connection: Connection, *, now: datetime) -> int:
    """Keep every event that Stripe has and we have not; returns how many. Raises StripeError.

    The cursor goes by Stripe's clock, and moves only once all were kept. What cannot be read or kept is left to the
    nightly comparison: it must not keep the rest from coming in.
    """
    since = max(0, connection.cursor - int(OVERLAP.total_seconds()))
    events = Gateway.of(connection).events_since(since, types=handlers.wanted_types())
    told = list(_readable(connection, events))
    run = Run(JOB, now=now, seconds=inf)
    for each in told:
        run.attempt(each.id, partial(inbox.receive_event, connection.pk, each, EventSource.CATCH_UP, now=now))
    cursor = max([connection.cursor, *(int(each.created_at.timestamp()) for each in told)])
    Connection.objects.filter(pk=connection.pk).update(cursor=cursor, caught_up_at=now)
    connection.cursor, connection.caught_up_at = cursor, now
    return run.done


def _readable(connection: Connection, events: Iterable[object]) -> Iterator[IncomingEvent]:
    for raw in events:
        try:
            yield IncomingEvent.read(raw)
        except MalformedEventError as error:
            log.warning("An event that Stripe listed for connection %s could not be read: %s", connection.pk, error)


def reencrypt_secrets(connection: Connection) -> None:
    """Seal a connection's key and signing secrets under the newest SECRET_KEY; what cannot be opened stays as it is."""
    with suppress(CannotDecryptError):
        if connection.encrypted_key:
            found = Connection.objects.filter(pk=connection.pk, encrypted_key=connection.encrypted_key)
            found.update(encrypted_key=reencrypt(connection.encrypted_key))
    for secret in connection.secrets.all():
        with suppress(CannotDecryptError):
            connection.secrets.filter(pk=secret.pk).update(encrypted_secret=reencrypt(secret.encrypted_secret))


def prune(run: Run) -> None:
    """Forget events that were done or not ours, so many days (settings) after they came, and calls that failed.

    And who was erased lately, in what Stripe told at that instant.
    """
    before = run.now - timedelta(days=settings.STRIPE_EVENTS_KEPT_DAYS)
    over = StripeEvent.objects.filter(state__in=[EventState.DONE, EventState.IGNORED], received_at__lt=before)
    forget(run, over, "received_at")
    forget(run, FailedCall.objects.filter(failed_at__lt=run.now - CALLS_KEPT), "failed_at")
    forget_again(now=run.now)
