"""The inbox: every Stripe event is kept first, then what it is about is looked at, until that worked.

docs/design.md, *Stripe*; docs/decisions/0011: a look at a subject serves every event of it that was here before the
look began, and no lock is held while Stripe answers.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from bookwhen.fastpath.compiled import compiled_query
from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.installation.copies import is_quiet
from bookwhen.payments import handlers
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.handlers import NotYetError, Outcome
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import UNSETTLED, EventSource, EventState, StripeEvent
from bookwhen.payments.signals import events_died
from bookwhen.queue import enqueue
from bookwhen.seeing.ids import with_ids
from bookwhen.text import storable, without_secrets

log = logging.getLogger(__name__)

TASK: Final = "bookwhen.payments.tasks.process_stripe_event"
LEASE: Final = timedelta(minutes=2)
"""How long a worker has an event to itself; longer than a handler speaks to Stripe."""
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 360, 480))
"""How long to wait after each failed try: with the last one, ten tries in 22 to 24 hours."""
ATTEMPTS: Final = len(PAUSES) + 1
JITTER_PERCENT: Final = 10
ERROR_LENGTH: Final = 1000
HEARD_EVERY: Final = timedelta(minutes=1)
"""How often a connection notes that Stripe called."""
ENOUGH_CALLED: Final = 32
"""While so many events of a connection wait, no more workers are called: those that come go on until nothing waits.

Of a connection, so that a flood of one studio's events keeps nobody else's from being looked at (`tasks`).
"""

# One statement by hand, since storing must keep up with whatever Stripe sends. It checks that the connection is live
# and the secret still accepted, notes that Stripe called, and says whether a worker was called already who will see
# this event too: for another event of the subject that nobody has taken yet, or for many others of this connection
# (a flood of one studio's must not keep the others' from being looked at; they are counted from one to the next, which
# costs the same whatever PostgreSQL believes of the table). An event that was kept without a subject,
# because one source told it in a shape that nobody could read, is kept anew by another that has one.
_KEEP: Final = """
WITH called AS MATERIALIZED (
    SELECT c.id FROM payments_connection c
    WHERE c.id = %(connection)s AND c.disconnected_at IS NULL AND (%(secret)s::bigint IS NULL OR EXISTS (
        SELECT FROM payments_endpointsecret s
        WHERE s.id = %(secret)s AND s.connection_id = c.id AND (s.retires_at IS NULL OR s.retires_at > %(now)s)))),
heard AS (
    UPDATE payments_connection SET heard_at = %(now)s
    WHERE %(secret)s::bigint IS NOT NULL AND id IN (SELECT id FROM called)
        AND (heard_at IS NULL OR heard_at < %(heard_before)s))
INSERT INTO payments_stripeevent
    (connection_id, stripe_id, type, subject, api_version, created_at, payload, source, state, attempts, due_at, error,
     received_at, handled_at)
SELECT
    called.id, %(stripe_id)s, %(type)s, %(subject)s, %(api_version)s, %(created_at)s, %(payload)s::jsonb, %(source)s,
    %(state)s, 0, %(now)s, '', %(now)s, %(handled_at)s::timestamptz
FROM called
ON CONFLICT (connection_id, stripe_id) DO UPDATE SET
    subject = EXCLUDED.subject, api_version = EXCLUDED.api_version, payload = EXCLUDED.payload,
    source = EXCLUDED.source, state = EXCLUDED.state, attempts = 0, due_at = EXCLUDED.due_at, error = '',
    handled_at = NULL
WHERE payments_stripeevent.subject = '' AND EXCLUDED.subject <> ''
RETURNING id,
    %(subject)s <> '' AND EXISTS (
        SELECT FROM payments_stripeevent waiting
        WHERE waiting.connection_id = %(connection)s AND waiting.subject = %(subject)s AND waiting.subject <> ''
            AND waiting.state NOT IN ('done', 'ignored', 'dead') AND waiting.attempts < 1)
    OR %(enough)s::int <= (
        WITH RECURSIVE queue (due_at, id, place) AS (
            (SELECT waiting.due_at, waiting.id, 1 FROM payments_stripeevent waiting
            WHERE waiting.connection_id = %(connection)s AND waiting.due_at <= %(now)s
                AND waiting.attempts >= 0 AND waiting.state NOT IN ('done', 'ignored', 'dead')
            ORDER BY waiting.due_at, waiting.id LIMIT 1)
            UNION ALL
            SELECT next.*, queue.place + 1 FROM queue, LATERAL (
                SELECT waiting.due_at, waiting.id FROM payments_stripeevent waiting
                WHERE waiting.connection_id = %(connection)s AND waiting.due_at <= %(now)s
                    AND (waiting.due_at, waiting.id) > (queue.due_at, queue.id)
                    AND waiting.attempts >= 0 AND waiting.state NOT IN ('done', 'ignored', 'dead')
                ORDER BY waiting.due_at, waiting.id LIMIT 1) next
            WHERE queue.place < %(enough)s)
        SELECT count(*) FROM queue)
"""

# Each part can be answered by one index only, whatever the statistics say (docs/decisions/0046): the conditions of the
# indexes are in `models`. Rows that somebody else holds at this instant are left to them, so that no two workers wait
# for each other.
_NEXT: Final = """
    SELECT id, connection_id, subject FROM payments_stripeevent
    WHERE state = 'received' AND due_at <= %(now)s
    ORDER BY due_at LIMIT 1
    FOR UPDATE SKIP LOCKED
"""
_THIS: Final = """
    SELECT id, connection_id, subject FROM payments_stripeevent
    WHERE id = %(pk)s AND due_at <= %(now)s AND state NOT IN ('done', 'ignored', 'dead')
    FOR UPDATE SKIP LOCKED
"""
_CLAIM: Final = """
WITH asked AS MATERIALIZED ({asked}),
together AS MATERIALIZED (
    SELECT id FROM payments_stripeevent
    WHERE connection_id = (SELECT connection_id FROM asked) AND subject = (SELECT subject FROM asked)
        AND subject <> '' AND state NOT IN ('done', 'ignored', 'dead')
    UNION SELECT id FROM asked),
waiting AS MATERIALIZED (
    SELECT held.id FROM (SELECT id FROM together ORDER BY id) each, LATERAL (
        SELECT id FROM payments_stripeevent
        WHERE id = each.id AND state NOT IN ('done', 'ignored', 'dead') AND due_at <= %(now)s
        FOR UPDATE SKIP LOCKED) held)
UPDATE payments_stripeevent event SET attempts = event.attempts + 1, due_at = %(until)s
FROM waiting WHERE event.id = waiting.id
RETURNING event.id, event.attempts
"""
_CLAIM_THIS: Final = _CLAIM.format(asked=_THIS)
_CLAIM_NEXT: Final = _CLAIM.format(asked=_NEXT)

# Every event with a smaller number than one that was seen before the look was received before it.
_SETTLE: Final = """
WITH served AS MATERIALIZED (
    SELECT id FROM payments_stripeevent
    WHERE connection_id = %(connection)s AND subject = %(subject)s
        AND subject <> '' AND state NOT IN ('done', 'ignored', 'dead')
    UNION SELECT unnest(%(claimed)s::bigint[])),
mine AS MATERIALIZED (
    SELECT held.id FROM (SELECT id FROM served WHERE id <= %(newest)s ORDER BY id) each, LATERAL (
        SELECT id FROM payments_stripeevent
        WHERE id = each.id AND state NOT IN ('done', 'ignored', 'dead')
        FOR UPDATE SKIP LOCKED) held)
UPDATE payments_stripeevent event SET state = %(state)s, handled_at = %(now)s, error = %(error)s
FROM mine WHERE event.id = mine.id
"""


def receive_event(
    connection_id: int, told: IncomingEvent, source: EventSource, *, secret: int | None = None, now: datetime
) -> bool:
    """Keep an event and hand it to a worker; False where it was kept before. One that nobody looks after is ignored.

    One that was kept before, but could not be read or concerned nobody as it was told then, is kept anew. False also
    where the connection is not live any more, or does not accept the secret (by its number) any more that
    the event was signed with.
    """
    subject = _subject_of(told)
    ignored = subject is None
    facts: dict[str, int | str | datetime | None] = {
        "connection": connection_id,
        "secret": secret,
        "heard_before": now - HEARD_EVERY,
        "stripe_id": told.id,
        "type": told.type,
        "subject": subject or "",
        "api_version": told.api_version,
        "created_at": told.created_at,
        "payload": told.payload,
        "source": source.value,
        "state": (EventState.IGNORED if ignored else EventState.RECEIVED).value,
        "now": now,
        "handled_at": now if ignored else None,
        "enough": ENOUGH_CALLED,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_KEEP, facts)
        kept: tuple[int, bool] | None = cursor.fetchone()
    if kept is None:
        return False
    pk, another_comes = kept
    if not (ignored or another_comes):
        enqueue(TASK, pk)
    return True


def process_event(pk: int | None = None, *, now: datetime) -> bool:
    """Look at what an event is about, for all events of that subject that are due; never raises for what Stripe did.

    Without a number it takes the event that has been due longest. False where there was nothing to do: it is done, not
    due yet, or another worker has it. After a failure it is due again later; after `ATTEMPTS` it is given up. In a
    quiet copy events wait.
    """
    if is_quiet():
        return False
    claim = _claim(pk, now)
    if claim is None:
        return False
    with with_ids(event=claim.event.stripe_id):
        try:
            _process_claim(claim, now)
        except Exception:
            # Its lease ends in a while, and its attempts are counted; others do not wait for it.
            log.exception("What came of the Stripe event %s could not be noted.", claim.event)
    return True


def _process_claim(claim: "_Claim", now: datetime) -> None:
    if min(claim.attempts.values()) > ATTEMPTS:
        _mark_failed(claim, "Every attempt to process this event crashed.", now)
        return
    try:
        outcome = _handle_event(claim.event, now)
    except (StripeError, NotYetError) as error:
        _mark_failed(claim, str(error), now)
    except Exception as error:
        log.exception("Processing %s for the Stripe event %s failed.", claim.event.subject, claim.event)
        _mark_failed(claim, f"{type(error).__name__}: {error}", now)
    else:
        _mark_settled(claim, outcome, now)


def replay_event(event: StripeEvent, *, now: datetime) -> bool:
    """Let an event be looked at once more, whatever became of it; False where it waits for that anyway."""
    with transaction.atomic():
        changed = (
            StripeEvent.objects.filter(pk=event.pk)
            .exclude(state=EventState.RECEIVED)
            .update(state=EventState.RECEIVED, attempts=0, due_at=now, error="", handled_at=None)
        )
        if changed:
            enqueue(TASK, event.pk)
    return bool(changed)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a worker took: the events of one subject, and the newest of them."""

    event: StripeEvent
    attempts: Mapping[int, int]
    """The number of this try by event."""


def _claim(pk: int | None, now: datetime) -> _Claim | None:
    with prepared_cursor() as cursor:
        cursor.execute(_CLAIM_NEXT if pk is None else _CLAIM_THIS, {"pk": pk, "now": now, "until": now + LEASE})
        attempts = dict(cursor.fetchall())
    if not attempts:
        return None
    (newest,) = _events(max(attempts))
    return _Claim(newest, attempts)


@compiled_query
def _events(pk: int) -> QuerySet[StripeEvent]:
    return StripeEvent.objects.select_related("connection").filter(pk=pk)


def _handle_event(event: StripeEvent, now: datetime) -> Outcome:
    if not event.connection.is_live:
        return Outcome.IGNORED
    found = handlers.find_handler(event.type, event.payload["data"]["object"])
    if found is None:
        return Outcome.IGNORED
    handler, subject = found
    return handler.handle(event.connection, subject, now)


def _mark_settled(claim: _Claim, outcome: Outcome, now: datetime) -> None:
    event = claim.event
    facts = {
        "state": (EventState.DONE if outcome is Outcome.DONE else EventState.IGNORED).value,
        "error": "" if event.connection.is_live else "Stripe was disconnected before this event was processed.",
        "now": now,
        "claimed": list(claim.attempts),
        "connection": event.connection_id,
        "subject": event.subject,
        "newest": event.pk,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_SETTLE, facts)
    log.info("Processed: %s (%s)", event.type, facts["state"])


def _mark_failed(claim: _Claim, error: str, now: datetime) -> None:
    """Note why the look failed. Events that were tried equally often are due again together."""
    log.warning("The Stripe event %s will be retried, or has failed: %s", claim.event, error)
    jitter = secrets.randbelow(1000) / 1000
    with transaction.atomic():
        waiting = StripeEvent.objects.filter(UNSETTLED, pk__in=list(claim.attempts))
        events = waiting.select_for_update(skip_locked=True).order_by("pk")
        for each in events:
            each.error = storable(without_secrets(error))[:ERROR_LENGTH]
            if each.attempts >= ATTEMPTS:
                each.state, each.handled_at = EventState.DEAD, now
            else:
                each.due_at = now + retry_delay(each.attempts, jitter)
            each.save(update_fields=["error", "state", "handled_at", "due_at"])
        if any(each.state == EventState.DEAD for each in events):
            _tell_that_it_died(claim, now)


def _tell_that_it_died(claim: _Claim, now: datetime) -> None:
    """Tell those who listen; if that fails, the event is given up all the same."""
    try:
        with transaction.atomic():
            events_died.send(StripeEvent, connection=claim.event.connection, now=now)
    except Exception:
        log.exception("Nobody could be told that the Stripe event %s was given up.", claim.event)


def retry_delay(attempts: int, jitter: float) -> timedelta:
    """How long to wait after so many failed tries; `jitter` (0 to 1) keeps apart what failed together."""
    return PAUSES[attempts - 1] * (1 + jitter * JITTER_PERCENT / 100)


def _subject_of(told: IncomingEvent) -> str | None:
    """What to look at because of an event; None where nobody looks after it. Never raises: the event must be kept."""
    try:
        found = handlers.find_handler(told.type, told.about)
    except Exception:
        log.exception("The Stripe event %s could not be read; a worker will try again.", told.id)
        return ""
    return found[1] if found else None
