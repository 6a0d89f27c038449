"""Cancelling several dates of a series at once: all are over in one transaction, and a long job cancels their spaces.

It does so person by person: all of one in one transaction, with the one email that tells them. So nobody is told twice,
and nobody of less than they lost, wherever it is interrupted (decision 68).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.models import Account, Operation
from accounts.operations.by_key import RowsToDo, do_batch, try_each
from accounts.operations.kinds import Kind, Phase, Place, Step
from accounts.operations.services import start_operation
from tickets.availability import locks
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.dates_notices import notify_dates_cancelled
from tickets.booking.notices import CancelledSeat
from tickets.models import BookingState, Entry, Seat, SeatQuerySet
from tickets.schedule.cancellation_notes import NO_NOTE, CancellationNote, keep_note
from tickets.schedule.recorded import record_dates_cancelled
from tickets.waiting.ending import look_at_waiting

MOST: Final = 500
"""How many dates are cancelled at once, at most."""
BATCH: Final = 50
"""How many people, or spaces in baskets, are dealt with in one batch."""
CANCEL: Final = "cancel"
ENTRIES: Final = "entries"
HELD: Final = "held"
"""The cursor's words for the entries (ids), and for the last space (id) in a basket that was cancelled."""


def begin_cancelling_dates(
    entries: Sequence[Entry], *, who: str, key: UUID, now: datetime, note: CancellationNote = NO_NOTE
) -> Operation | None:
    """Cancel entries of one series (with their account), and let workers cancel every space of theirs.

    Nobody books them from now on: a booking that was judged before fails by their revision. What has started, or was
    cancelled before, is left out. The `note` is kept at each. Returns the job; None where there was nothing to cancel.
    """
    account = entries[0].account
    with transaction.atomic():
        locks.lock_series(entries[0].series_id)
        mine = Entry.objects.upcoming(now).filter(account=account, series=entries[0].series_id)
        found = list(mine.filter(pk__in=[each.pk for each in entries]).order_by("starts_at", "pk")[:MOST])
        if not found:
            return None
        ids = [each.pk for each in found]
        locks.lock_entry_places(ids)
        Entry.objects.filter(account=account, pk__in=ids).update(cancelled_at=now)
        locks.bump_entry_revision(ids)
        for each in found:
            each.account = account
            keep_note(each, note, now=now)
        record_dates_cancelled(found, note)
        look_at_waiting(account, dict.fromkeys(ids), now=now)
        lane = f"cancel dates {found[0].pk}"
        operation, _new = start_operation(
            account, CANCELLING_DATES.name, phase=CANCEL, who=who, key=key, lane=lane, now=now
        )
        operation.cursor = {ENTRIES: ids}
        Operation.objects.filter(account=account, pk=operation.pk).update(cursor=operation.cursor)
    return operation


def cancel_theirs(account: Account, entries: Collection[int], customers: Collection[int], *, now: datetime) -> int:
    """Cancel all that customers (ids) have booked at cancelled entries (ids), and write to each once; how many."""
    with transaction.atomic():
        booked = Seat.objects.live().booked().filter(account=account, entry__in=entries, customer__in=customers)
        seats = list(booked.values_list("pk", flat=True))
        gone = cancel_by_studio(seats, at=entries, tell=False, now=now)
        lines = [
            CancelledSeat(
                seat=seat,
                refunded=gone.refunded.get(seat.pk, 0),
                returned=True,
                on_way=seat.payment_id in gone.on_way,
            )
            for seat in gone.seats
        ]
        return notify_dates_cancelled(lines, account=account, now=now) if lines else 0


def _leads_to(operation: Operation) -> Place:
    return Place(gettext_lazy("Open the first entry"), "entry", int(operation.lane.split()[2]))


def _cancel_batch(operation: Operation, now: datetime) -> Step:
    """Cancel what some people have booked; spaces in baskets first, since they may still be paid for."""
    account, entries = operation.account, operation.cursor[ENTRIES]
    live = Seat.objects.live().filter(account=account, entry__in=entries)
    held, booked = live.exclude(booking__state=BookingState.BOOKED), live.booked()
    after = operation.cursor.get(HELD, 0)
    if keys := list(held.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        cancel = partial(cancel_by_studio, at=entries, now=now)
        try_each(operation, RowsToDo(count=held.count, next_keys=lambda _after: [], act=cancel), keys)
        return Step({**operation.cursor, HELD: keys[-1]}, 0)
    people = RowsToDo(
        count=booked.order_by().values("customer").distinct().count,
        next_keys=partial(_next_customers, booked),
        act=partial(cancel_theirs, account, entries, now=now),
    )
    return do_batch(operation, people)


def _next_customers(booked: SeatQuerySet, after: int = 0) -> list[int]:
    found = booked.filter(customer__gt=after).order_by("customer").values_list("customer", flat=True)
    return list(found.distinct()[:BATCH])


CANCELLING_DATES: Final = Kind(
    "cancel_dates",
    gettext_lazy("Cancel several dates"),
    "operation",
    {CANCEL: Phase(gettext_lazy("Cancelling spaces and emailing customers"), _cancel_batch)},
    stays=gettext_lazy("The dates are already cancelled, so this can’t be stopped."),
    leads_to=_leads_to,
)
