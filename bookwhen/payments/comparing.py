"""Comparing everything of a connection with Stripe, a page at a time: it goes on from where it stopped.

How far it is stands in a row, which one worker at a time has for a while. So no task is longer than the broker waits
for it, and one that is killed delays the comparison by its lease.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from bookwhen.jobs.run import error_text
from bookwhen.jobs.stopping import is_stopping
from bookwhen.payments.handlers import Comparer, Cursor, Look, comparers
from bookwhen.payments.models import Comparison, Connection

LEASE: Final = timedelta(minutes=5)
"""How long a worker has a comparison to itself without noting anything: longer than one page takes."""
SECONDS: Final = 20
"""How long it goes on with one connection before it is the next one's turn."""
STALE: Final = timedelta(days=1)
"""A comparison that began so long ago is begun anew: what it saw first is too old."""

log = logging.getLogger(__name__)


class NotAllComparedError(Exception):
    """Some rows could not be compared; its text is why the first of them failed."""


def compare_for_a_while(connection: Connection, *, now: datetime, seconds: float = SECONDS) -> bool:
    """Go on with comparing a connection, or begin; whether there is more to do.

    Nothing where another worker is at it. What one comparer raises is raised once the others have had their turn, and
    it goes on where it was next time; what single rows raised, once all is compared (NotAllComparedError).
    """
    found = _claim(connection, now=now)
    if found is None:
        return False
    stop = time.monotonic() + seconds
    look = Look(connection, found.begun_at, now, lambda: time.monotonic() >= stop or is_stopping())
    errors: list[Exception] = []
    for each in comparers():
        try:
            if not _go_on(found, each, look):
                return _note(found, free_at=timezone.now())
        except Exception as error:  # noqa: BLE001 - the others have their turn, then it is raised
            log.warning("Comparing %s of connection %s failed: %s", each.name, connection.pk, error)
            errors.append(error)
    if errors:
        _note(found, free_at=timezone.now())
        raise errors[0]
    _end(found, now=now)
    return False


def _go_on(found: Comparison, comparer: Comparer, look: Look) -> bool:
    """Let a comparer do part after part; False where the time was up, or another worker has taken it over."""
    cursor: Cursor | None = found.cursors.get(comparer.name, {})
    while cursor is not None:
        if look.is_over():
            return False
        try:
            cursor = comparer.compare(look, cursor)
        finally:
            trouble = found.trouble or (error_text(look.failures[0]) if look.failures else "")
            cursors = {**found.cursors, comparer.name: cursor}
            still_mine = _note(found, cursors=cursors, trouble=trouble, free_at=timezone.now() + LEASE)
        if not still_mine:
            return False
    return True


def _claim(connection: Connection, *, now: datetime) -> Comparison | None:
    """Take a connection's comparison, a new one where the last is over or too old; None where another worker has it."""
    clock = timezone.now()
    first = {"begun_at": now, "free_at": clock}
    found, _is_new = Comparison.objects.get_or_create(connection=connection, defaults=first)
    facts: dict[str, object] = {"claims": found.claims + 1, "free_at": clock + LEASE}
    if not found.is_open or found.begun_at < now - STALE:
        begun_at = max(now, found.begun_at + timedelta(microseconds=1))
        facts |= {"begun_at": begun_at, "is_open": True, "cursors": {}, "trouble": ""}
    free = Comparison.objects.filter(pk=found.pk, claims=found.claims, free_at__lte=clock)
    return found if _write(found, free.update(**facts), facts) else None


def _note(found: Comparison, **facts: object) -> bool:
    """Write facts, unless another worker has taken it over; whether this one still has it."""
    mine = Comparison.objects.filter(pk=found.pk, claims=found.claims, is_open=True)
    return _write(found, mine.update(**facts), facts)


def _write(found: Comparison, written: int, facts: dict[str, object]) -> bool:
    for name, value in facts.items() if written else ():
        setattr(found, name, value)
    return bool(written)


def _end(found: Comparison, *, now: datetime) -> None:
    """Note that all is compared; raise why a row failed, if one did."""
    if not _note(found, is_open=False, free_at=timezone.now()):
        return
    if found.trouble:
        raise NotAllComparedError(found.trouble)
    Connection.objects.filter(pk=found.pk).update(reconciled_at=now)
