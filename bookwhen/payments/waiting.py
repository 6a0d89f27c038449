"""Which events wait for a worker, for whom calls workers (`tasks`); a worker takes them (`inbox`)."""

from datetime import datetime
from typing import Final

from django.db import connection as database
from django.db.models import QuerySet

from bookwhen.fastpath.prepared import prepared_cursor
from bookwhen.payments.models import EventState, StripeEvent


def due_events(*, now: datetime) -> QuerySet[StripeEvent]:
    """The events that a worker may take, the one that has been due longest first."""
    return StripeEvent.objects.filter(state=EventState.RECEIVED, due_at__lte=now).order_by("due_at")


def count_due(*, now: datetime, most: int) -> int:
    """How many events a worker may take, counted up to so many."""
    with prepared_cursor() as cursor:
        cursor.execute(_COUNT.format(most=most), {"now": now})
        ((found,),) = cursor.fetchall()
    return int(found)


def waits_since(instant: datetime) -> bool:
    """Whether an event has been due since then."""
    return due_events(now=instant).values_list("pk", flat=True).first() is not None


# By the one index that has this order; how many is written into the statement, as in `claims`.
_COUNT: Final = """
SELECT count(*) FROM (
    SELECT FROM payments_stripeevent WHERE state = 'received' AND due_at <= %(now)s ORDER BY due_at LIMIT {most}) due
"""
# From one connection to the next by the index, however many events of each there are.
_HEADS: Final = """
WITH RECURSIVE head AS (
    (SELECT connection_id FROM payments_stripeevent
    WHERE attempts >= 0 AND state NOT IN ('done', 'ignored', 'dead') ORDER BY connection_id LIMIT 1)
    UNION ALL
    SELECT (SELECT event.connection_id FROM payments_stripeevent event
        WHERE event.connection_id > head.connection_id
            AND event.attempts >= 0 AND event.state NOT IN ('done', 'ignored', 'dead')
        ORDER BY event.connection_id LIMIT 1)
    FROM head WHERE head.connection_id IS NOT NULL)
SELECT oldest.id FROM head, LATERAL (
    SELECT event.id, event.due_at FROM payments_stripeevent event
    WHERE event.connection_id = head.connection_id AND event.due_at <= %(now)s
        AND event.attempts >= 0 AND event.state NOT IN ('done', 'ignored', 'dead')
    ORDER BY event.due_at, event.id LIMIT 1) oldest
ORDER BY oldest.due_at
"""


def oldest_of_each(*, now: datetime) -> list[int]:
    """Of each connection the event (its number) that has been due longest, the oldest of them first."""
    with database.cursor() as cursor:
        cursor.execute(_HEADS, {"now": now})
        return [pk for (pk,) in cursor.fetchall()]
