"""Who leads entries from now on: for one date or for a series, and told to those booked if the studio wants that.

Where they are many, workers tell them, from what is so by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.models import Account, Operation
from accounts.operations.kinds import Kind, Phase, Place, Step
from accounts.operations.services import start_operation
from tickets.availability import locks
from tickets.booking.leader_notices import notify_leaders_changed
from tickets.booking.refusals import EntryCancelledError
from tickets.details import NOBODY, leaders_at
from tickets.models import Entry, Seat, SeatQuerySet
from tickets.schedule.details import entry_details
from tickets.schedule.entries import EntryPastError, entries_in_scope
from tickets.schedule.labels import change_labels, labels_of
from tickets.schedule.moving import MANY, Told
from tickets.schedule.overrides import Scope
from tickets.schedule.recorded import record_edited

TELL: Final = "tell"
BATCH: Final = 100
"""How many customers are written to in one transaction."""
ENTRIES: Final = "entries"
AFTER: Final = "after"


@dataclass(frozen=True, slots=True)
class LeaderChange:
    """The entries (the one that was changed first) whose leaders are others now, and who is told."""

    entries: list[Entry]
    told: Told = Told()  # noqa: RUF009 - it is frozen


def change_leaders(
    entry: Entry, leaders: Sequence[str], *, scope: Scope, tell: bool, who: str = "", now: datetime
) -> LeaderChange:
    """Have an entry led by these (names), alone or with others of its series; `tell` those who have booked.

    For one date of a series they take over, and everyone reads for whom. Raises EntryCancelledError, EntryPastError.
    """
    with transaction.atomic():
        locks.lock_series(entry.series_id)
        entries = entries_in_scope(entry, scope, now=now)
        if entries[0].cancelled_at:
            raise EntryCancelledError
        if entries[0].starts_at <= now:
            raise EntryPastError
        before = leaders_at(each.pk for each in entries)
        labels = replace(labels_of(entries[0]), leaders=tuple(leaders))
        change = change_labels(entries, labels, for_once=scope is Scope.THIS)
        after = leaders_at(each.pk for each in entries)
        changed = [each for each in entries if before.get(each.pk, NOBODY) != after.get(each.pk, NOBODY)]
        if not changed:
            return LeaderChange([])
        details = entry_details(entries[0])
        record_edited(changed, details, details, change)
        return LeaderChange(changed, _tell(changed, who=who, now=now) if tell else Told())


def _tell(entries: Sequence[Entry], *, who: str, now: datetime) -> Told:
    account, keys = entries[0].account, [each.pk for each in entries]
    seats = _seats(account, keys, now=now)
    if seats[: MANY + 1].count() > MANY:
        people = seats.order_by().values("booking__customer").distinct().count()
        return Told(people, _start(entries[0], keys, who=who, now=now))
    key = f"led-{uuid4()}"
    return Told(notify_leaders_changed(list(seats), leaders_at(keys), account=account, key=key, now=now))


def _seats(account: Account, entries: Sequence[int], *, now: datetime) -> SeatQuerySet:
    """The seats of those who are told."""
    found = Seat.objects.live().booked().upcoming(now).filter(account=account, entry__in=entries)
    return found.filter(entry__cancelled_at=None).for_letters().select_related("booking__customer")


def _start(entry: Entry, entries: list[int], *, who: str, now: datetime) -> Operation:
    lane = f"lead entry {entry.pk} {uuid4()}"
    operation, _new = start_operation(entry.account, LEADING.name, phase=TELL, who=who, key=uuid4(), lane=lane, now=now)
    Operation.objects.filter(account=entry.account_id, pk=operation.pk).update(cursor={ENTRIES: entries, AFTER: 0})
    return operation


def _tell_batch(operation: Operation, now: datetime) -> Step:
    """Tell some customers; a letter that was written before is not written again."""
    entries, after = operation.cursor[ENTRIES], operation.cursor[AFTER]
    with transaction.atomic():
        seats = _seats(operation.account, entries, now=now)
        customers = seats.filter(booking__customer__gt=after).order_by("booking__customer")
        keys = list(customers.values_list("booking__customer", flat=True).distinct()[:BATCH])
        if not keys:
            return Step(None, operation.done)
        key = f"led-{operation.pk}"
        theirs = list(seats.filter(booking__customer__in=keys))
        notify_leaders_changed(theirs, leaders_at(entries), account=operation.account, key=key, now=now)
    return Step({ENTRIES: entries, AFTER: keys[-1]}, operation.done + len(keys))


def _leads_to(operation: Operation) -> Place:
    return Place(gettext_lazy("Open the entry"), "entry", int(operation.lane.split()[2]))


LEADING: Final = Kind(
    "lead_entry",
    gettext_lazy("Email customers about who leads an entry"),
    "operation",
    {TELL: Phase(gettext_lazy("Emailing customers"), _tell_batch)},
    leads_to=_leads_to,
)
