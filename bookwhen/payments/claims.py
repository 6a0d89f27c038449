"""Taking events that are due, many in one statement, and noting what became of them; each is one worker's for `LEASE`.

Events of the same subject are taken together, since one look serves them all. No lock is held while Stripe is asked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.payments.models import EventState, StripeEvent

LEASE: Final = timedelta(minutes=2)
"""How long a worker has an event to itself; longer than a handler speaks to Stripe."""

# Each part can be answered by one index only, whatever the statistics say (docs/decisions/0046): the conditions of the
# indexes are in `models`. Rows that somebody else holds at this instant are left to them, so that no two workers wait
# for each other. Which connection a subject is of is asked so that no index can answer it: those that begin with it
# look as good as the subject's own to statistics of one row. How many is written into the statement: else PostgreSQL
# would plan for a tenth of the table.
_NEXT: Final = """
    SELECT id, connection_id, subject, attempts, due_at FROM payments_stripeevent
    WHERE state = 'received' AND due_at <= %(now)s
    ORDER BY due_at LIMIT {most} + 1
    FOR UPDATE SKIP LOCKED
"""
_THIS: Final = """
    SELECT id, connection_id, subject, attempts, due_at FROM payments_stripeevent
    WHERE id = %(pk)s AND due_at <= %(now)s AND state NOT IN ('done', 'ignored', 'dead')
    FOR UPDATE SKIP LOCKED
"""
# What was tried before is taken alone: a worker may have died of it, and would take the others with it. One more than
# are taken is asked for, to know whether there are more.
_CLAIM: Final = """
WITH asked AS MATERIALIZED ({asked}),
first AS MATERIALIZED (SELECT * FROM asked ORDER BY due_at, id LIMIT 1),
chosen AS MATERIALIZED (
    SELECT id, connection_id, subject FROM first
    UNION
    (SELECT id, connection_id, subject FROM asked
    WHERE attempts < 1 AND (SELECT attempts FROM first) < 1 ORDER BY due_at, id LIMIT {most})),
together AS MATERIALIZED (
    SELECT each.id FROM (SELECT DISTINCT connection_id, subject FROM chosen WHERE subject <> '') told, LATERAL (
        SELECT id FROM payments_stripeevent
        WHERE subject = told.subject AND connection_id + 0 = told.connection_id
            AND subject <> '' AND state NOT IN ('done', 'ignored', 'dead')
        OFFSET 0) each
    UNION SELECT id FROM chosen),
waiting AS MATERIALIZED (
    SELECT held.id FROM (SELECT id FROM together ORDER BY id) each, LATERAL (
        SELECT id FROM payments_stripeevent
        WHERE id = each.id AND state NOT IN ('done', 'ignored', 'dead') AND due_at <= %(now)s
        FOR UPDATE SKIP LOCKED) held)
UPDATE payments_stripeevent event SET attempts = event.attempts + 1, due_at = %(until)s
FROM waiting WHERE event.id = waiting.id
RETURNING event.id, event.attempts, event.connection_id, event.subject,
    (SELECT asked.due_at FROM asked WHERE asked.id = event.id),
    (SELECT asked.id FROM asked WHERE asked.id NOT IN (SELECT id FROM together) ORDER BY asked.due_at DESC LIMIT 1)
"""

# Every event with a smaller number than one that was seen before the look was received before it. That too is asked so
# that no index can answer it.
_SETTLE: Final = """
WITH told AS MATERIALIZED (
    SELECT * FROM unnest(
        %(newest)s::bigint[], %(connections)s::bigint[], %(subjects)s::text[], %(states)s::text[], %(errors)s::text[])
    AS told (newest, connection_id, subject, state, error)),
served AS MATERIALIZED (
    SELECT each.id, told.state, told.error FROM told, LATERAL (
        SELECT id FROM payments_stripeevent
        WHERE subject = told.subject AND connection_id + 0 = told.connection_id
            AND subject <> '' AND state NOT IN ('done', 'ignored', 'dead') AND id + 0 <= told.newest
        OFFSET 0) each
    UNION SELECT claimed.id, told.state, told.error
    FROM unnest(%(claimed)s::bigint[], %(claims)s::bigint[]) AS claimed (id, newest) JOIN told USING (newest)),
mine AS MATERIALIZED (
    SELECT held.id, each.state, each.error FROM (SELECT * FROM served ORDER BY id) each, LATERAL (
        SELECT id FROM payments_stripeevent
        WHERE id = each.id AND state NOT IN ('done', 'ignored', 'dead')
        FOR UPDATE SKIP LOCKED) held)
UPDATE payments_stripeevent event SET state = mine.state, handled_at = %(now)s, error = mine.error
FROM mine WHERE event.id = mine.id
"""

_RELEASE: Final = """
UPDATE payments_stripeevent SET attempts = attempts - 1, due_at = %(now)s
WHERE id = ANY (%(claimed)s::bigint[]) AND due_at = %(until)s AND state NOT IN ('done', 'ignored', 'dead')
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker took of one subject: its events, and the newest of them."""

    event: StripeEvent
    attempts: Mapping[int, int]
    """The number of this try by event."""

    @property
    def is_first_try(self) -> bool:
        """Whether none of them was tried before."""
        return max(self.attempts.values()) == 1


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a worker took, and the number of an event that waits and was left; none where there seems to be no other."""

    claims: Sequence[Claim]
    left: int | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claim: done or ignored, and why."""

    claim: Claim
    state: EventState
    error: str


def claim_events(pk: int | None = None, *, most: int = 1, now: datetime) -> Claimed:
    """Take up to so many events that are due, those that have been due longest, or the one with a number.

    With each come all that are due of its subject. One that was tried before is taken alone.
    """
    asked = _THIS if pk is not None else _NEXT.format(most=most)
    facts: dict[str, datetime | int] = {"now": now, "until": now + LEASE}
    if pk is not None:
        facts["pk"] = pk
    with prepared_cursor() as cursor:
        cursor.execute(_CLAIM.format(asked=asked, most=most), facts)
        rows: list[tuple[int, int, int, str, datetime | None, int | None]] = cursor.fetchall()
    taken: dict[tuple[int, str | int], dict[int, int]] = {}
    # What came with another of its subject comes last, and so stands where that one does.
    for number, attempts, connection, subject, *_rest in sorted(rows, key=_by_due):
        taken.setdefault((connection, subject or number), {})[number] = attempts
    newest = {each.pk: each for each in _events([max(each) for each in taken.values()])} if taken else {}
    claims = [Claim(newest[max(each)], each) for each in taken.values() if max(each) in newest]
    return Claimed(claims, rows[0][-1] if rows else None)


def settle(settled: Sequence[Settled], *, now: datetime) -> None:
    """Note what became of claims; that is so too of every event of theirs that was here before the newest one."""
    facts: dict[str, Any] = {
        "newest": [each.claim.event.pk for each in settled],
        "connections": [each.claim.event.connection_id for each in settled],
        "subjects": [each.claim.event.subject for each in settled],
        "states": [each.state.value for each in settled],
        "errors": [each.error for each in settled],
        "claimed": [pk for each in settled for pk in each.claim.attempts],
        "claims": [each.claim.event.pk for each in settled for _ in each.claim.attempts],
        "now": now,
    }
    if settled:
        with prepared_cursor() as cursor:
            cursor.execute(_SETTLE, facts)


def release(claims: Collection[Claim], *, claimed_at: datetime, now: datetime) -> None:
    """Give back claims that nobody has begun with, as they were."""
    if claims:
        numbers = [pk for each in claims for pk in each.attempts]
        with prepared_cursor() as cursor:
            cursor.execute(_RELEASE, {"claimed": numbers, "until": claimed_at + LEASE, "now": now})


def _by_due(row: tuple[int, int, int, str, datetime | None, int | None]) -> tuple[bool, float, int]:
    number, *_about, due_at, _left = row
    return due_at is None, due_at.timestamp() if due_at else 0, number


@compiled_query
def _events(pks: list[int]) -> QuerySet[StripeEvent]:
    return StripeEvent.objects.select_related("connection").filter(IsOneOf("pk", pks)).order_by("pk")
