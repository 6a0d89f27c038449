"""Cancelling an entry that many have booked: it is over at once, and a long job cancels its spaces (decision 0053)."""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.models import Operation
from accounts.operations.by_key import RowsToDo, do_batch, try_each
from accounts.operations.kinds import Kind, Phase, Place, Step
from accounts.operations.services import start_operation
from tickets.availability import locks
from tickets.booking.cancel import cancel_by_studio
from tickets.models import BookingState, Entry, SeatQuerySet
from tickets.schedule.cancellation_notes import NO_NOTE, CancellationNote, keep_note
from tickets.schedule.recorded import record_entry_cancelled
from tickets.waiting.ending import look_at_waiting

MANY: Final = 500
"""How many spaces are cancelled in a request: in a second or two."""
BATCH: Final = 100
"""How many spaces are cancelled in one transaction."""
CANCEL: Final = "cancel"
HELD: Final = "held"
"""The cursor's word for the last space (id) in a basket that was cancelled."""


def is_widely_booked(entry: Entry) -> bool:
    """Whether so many spaces are taken at an entry that to cancel them takes longer than anyone waits for a page."""
    return entry.seats.live()[: MANY + 1].count() > MANY


def begin_cancelling(
    entry: Entry, *, who: str, key: UUID, now: datetime, note: CancellationNote = NO_NOTE
) -> Operation | None:
    """Cancel an entry (with its account), and let workers cancel every space: its use comes back, its customer is told.

    Nobody books it from now on. The `note` is kept, and its message is in what they read. Returns the job; None where
    the entry was cancelled before.
    """
    with transaction.atomic():
        locks.lock_series(entry.series_id)
        if not Entry.objects.live().filter(account=entry.account_id, pk=entry.pk).update(cancelled_at=now):
            return None
        locks.bump_entry_revision([entry.pk])
        keep_note(entry, note, now=now)
        record_entry_cancelled(entry, [], note)
        look_at_waiting(entry.account, {entry.pk: None}, now=now)
        operation, _new = start_operation(
            entry.account, CANCELLING.name, phase=CANCEL, who=who, key=key, lane=lane_of(entry.pk), now=now
        )
        Operation.objects.filter(account=entry.account_id, pk=operation.pk).update(cursor={"entry": entry.pk})
    return operation


def lane_of(entry: int) -> str:
    """The lane in which an entry (id) is cancelled; the check of the books knows it as well."""
    return f"cancel entry {entry}"


def _leads_to(operation: Operation) -> Place:
    return Place(gettext_lazy("Open the entry"), "entry", int(operation.lane.split()[2]))


def _cancel_batch(operation: Operation, now: datetime) -> Step:
    """Cancel some spaces; those in baskets first, since they may still be paid for."""
    entry = Entry.objects.get(account=operation.account_id, pk=operation.cursor["entry"])
    seats = entry.seats.live().filter(account=operation.account_id)
    rows = RowsToDo(
        count=seats.count, next_keys=partial(_next_seats, seats), act=partial(cancel_by_studio, at=[entry.pk], now=now)
    )
    held = seats.exclude(booking__state=BookingState.BOOKED)
    if keys := _next_seats(held, operation.cursor.get(HELD, 0)):
        try_each(operation, rows, keys)
        return Step({**operation.cursor, HELD: keys[-1]}, 0)
    return do_batch(operation, rows)


def _next_seats(seats: SeatQuerySet, after: int = 0) -> list[int]:
    return list(seats.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])


CANCELLING: Final = Kind(
    "cancel_entry",
    gettext_lazy("Cancel an entry"),
    "operation",
    {CANCEL: Phase(gettext_lazy("Cancelling spaces and emailing customers"), _cancel_batch)},
    stays=gettext_lazy("The entry is already cancelled, so this can’t be stopped."),
    leads_to=_leads_to,
)
