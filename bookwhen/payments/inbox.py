"""The inbox: every Stripe event is kept first, then what it is about is looked at, until that worked.

docs/design.md, *Stripe*; docs/decisions/0011: a look at a subject serves every event of it that was here before the
look began, and no lock is held while Stripe answers.
"""

import json
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import transaction
from django.utils import timezone

from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.stopping import is_stopping
from bookwhen.payments import handlers
from bookwhen.payments.claims import Claim, Settled, claim_events, release, settle
from bookwhen.payments.forgetting import forget_event, ids_of
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.handlers import HandleMany, Handler, NotYetError, Outcome
from bookwhen.payments.incoming import IncomingEvent
from bookwhen.payments.models import UNSETTLED, EventSource, EventState, StripeEvent
from bookwhen.payments.signals import events_died
from bookwhen.queue import enqueue
from bookwhen.seeing.ids import with_ids
from bookwhen.text import storable, without_secrets

log = logging.getLogger(__name__)

TASK: Final = "bookwhen.payments.tasks.process_stripe_event"
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 360, 480))
"""How long to wait after each failed try: with the last one, ten tries in 22 to 24 hours."""
ATTEMPTS: Final = len(PAUSES) + 1
JITTER_PERCENT: Final = 10
ERROR_LENGTH: Final = 1000
HEARD_EVERY: Final = timedelta(minutes=1)
"""How often a connection notes that Stripe called."""
CALLED: Final = timedelta(seconds=10)
"""For how long a worker that was called for an event is counted on to come: after that, another one is called."""
BEGIN_WITHIN: Final = timedelta(seconds=30)
"""How long after it was taken a worker may begin with an event; the rest of `claims.LEASE` is for the look."""

# One statement by hand, since storing must keep up with whatever Stripe sends. It checks that the connection is live
# and the secret still accepted, notes that Stripe called, and says whether a worker was called a moment ago who will
# see this event too: for the newest of those that wait at this connection, which nobody has taken yet. (That is one row
# of the only index that has this order, whatever PostgreSQL believes of the table: no other may look as cheap. Whether
# one worker is enough, those who work find out.) And whether it is about somebody who was erased: then nothing personal
# of it is kept. An event that was kept without a subject, because one source told it in a shape that nobody could read,
# is kept anew by another that has one.
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
RETURNING id, (
    SELECT waiting.connection_id = %(connection)s AND waiting.attempts < 1 AND waiting.due_at > %(called_since)s
    FROM payments_stripeevent waiting
    WHERE (waiting.connection_id, waiting.due_at) <= (%(connection)s::bigint, %(now)s::timestamptz)
        AND waiting.attempts >= 0 AND waiting.state NOT IN ('done', 'ignored', 'dead')
    ORDER BY waiting.connection_id DESC, waiting.due_at DESC, waiting.id DESC LIMIT 1),
    EXISTS (
        SELECT FROM payments_erasedatstripe
        WHERE connection_id = %(connection)s AND stripe_id = ANY(%(named)s::text[]))
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
    facts: dict[str, int | str | datetime | list[str] | None] = {
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
        "called_since": now - CALLED,
        "named": ids_of(told.about),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_KEEP, facts)
        kept: tuple[int, bool | None, bool] | None = cursor.fetchone()
    if kept is None:
        return False
    pk, another_comes, is_erased = kept
    if is_erased:
        forget_event(pk, json.loads(told.payload))
    if not (ignored or another_comes):
        enqueue(TASK, pk)
    return True


def process_event(pk: int | None = None, *, now: datetime) -> bool:
    """Look at what an event is about, for all events of that subject that are due; never raises for what Stripe did.

    Without a number it takes the event that has been due longest. False where there was nothing to do: it is done, not
    due yet, or another worker has it. After a failure it is due again later; after `ATTEMPTS` it is given up. In a
    quiet copy events wait.
    """
    return process_events(pk, now=now)


def process_events(
    pk: int | None = None, *, most: int = 1, now: datetime, on_left: Callable[[int], None] = lambda _pk: None
) -> bool:
    """The same for up to so many subjects, of which one that fails stops no other.

    What many of them have in common their handler does for all of them; what it leaves is looked at one by one, and
    given back where that would begin too late. `on_left` is told before of an event (its number) that others may take.
    """
    if is_quiet():
        return False
    claimed, began = claim_events(pk, most=most, now=now), monotonic()
    if claimed.left is not None:
        on_left(claimed.left)
    rest = _look_together(claimed.claims, now) if len(claimed.claims) > 1 else claimed.claims
    for number, claim in enumerate(rest):
        if number and (monotonic() - began > BEGIN_WITHIN.total_seconds() or is_stopping()):
            release(rest[number:], claimed_at=now, now=timezone.now())
            break
        with _noting(claim):
            _process_claim(claim, now)
    return bool(claimed.claims)


def _look_together(claims: Sequence[Claim], now: datetime) -> list[Claim]:
    """Let handlers look at what they can do for many at once, and note what came of it; returns the rest."""
    groups: dict[tuple[HandleMany, int], dict[str, Claim]] = {}
    for claim in claims:
        if claim.is_first_try and (found := _handler_of(claim.event)) and (handle_many := found[0].handle_many):
            groups.setdefault((handle_many, claim.event.connection_id), {})[found[1]] = claim
    looked: list[tuple[Claim, Outcome | StripeError]] = []
    for (handle_many, _connection), theirs in groups.items():
        if len(theirs) > 1:
            looked += _handle_many(handle_many, theirs, now)
    settled = [_settled(claim, outcome) for claim, outcome in looked if isinstance(outcome, Outcome)]
    try:
        settle(settled, now=now)
    except Exception:
        # As for a single one: they are looked at again when their lease ends.
        log.exception("What came of %d Stripe events could not be noted.", len(settled))
    for claim, outcome in looked:
        with _noting(claim):
            if isinstance(outcome, StripeError):
                _mark_failed(claim, str(outcome), now)
            else:
                log.info("Processed: %s (%s)", claim.event.type, outcome)
    done = {claim.event.pk for claim, _outcome in looked}
    return [claim for claim in claims if claim.event.pk not in done]


def _handle_many(
    handle_many: HandleMany, theirs: Mapping[str, Claim], now: datetime
) -> list[tuple[Claim, Outcome | StripeError]]:
    connection = next(iter(theirs.values())).event.connection
    try:
        found = handle_many(connection, list(theirs), now)
    except StripeError as error:
        log.info("A look at %d subjects at once failed: %s", len(theirs), error)
        return []
    except Exception:
        # Each is looked at alone next, so that a broken one stops no other.
        log.exception("A look at %d subjects at once failed.", len(theirs))
        return []
    return [(theirs[subject], outcome) for subject, outcome in found.items()]


@contextmanager
def _noting(claim: Claim) -> Iterator[None]:
    """Do something for a claim; what cannot even be noted stops no other."""
    with with_ids(event=claim.event.stripe_id):
        try:
            yield
        except Exception:
            # Its lease ends in a while, and its attempts are counted; others do not wait for it.
            log.exception("What came of the Stripe event %s could not be noted.", claim.event)


def _process_claim(claim: Claim, now: datetime) -> None:
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
        settled = _settled(claim, outcome)
        settle([settled], now=now)
        log.info("Processed: %s (%s)", claim.event.type, settled.state.value)


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


def _handler_of(event: StripeEvent) -> tuple[Handler, str] | None:
    """Who looks after an event that waits, and the subject to look at; None where nobody does, or it can't be read."""
    try:
        return handlers.find_handler(event.type, event.payload["data"]["object"]) if event.connection.is_live else None
    except Exception:  # noqa: BLE001 - it is looked at alone, and fails there
        return None


def _handle_event(event: StripeEvent, now: datetime) -> Outcome:
    if not event.connection.is_live:
        return Outcome.IGNORED
    found = handlers.find_handler(event.type, event.payload["data"]["object"])
    if found is None:
        return Outcome.IGNORED
    handler, subject = found
    return handler.handle(event.connection, subject, now)


def _settled(claim: Claim, outcome: Outcome) -> Settled:
    is_live = claim.event.connection.is_live
    state = EventState.DONE if outcome is Outcome.DONE else EventState.IGNORED
    return Settled(claim, state, "" if is_live else "Stripe was disconnected before this event was processed.")


def _mark_failed(claim: Claim, error: str, now: datetime) -> None:
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


def _tell_that_it_died(claim: Claim, now: datetime) -> None:
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
