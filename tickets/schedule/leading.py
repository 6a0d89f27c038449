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
from tickets.booking.leader_notices import notify_leaders_changed
from tickets.details import NOBODY, leaders_at
from tickets.models import Entry, Seat, SeatQuerySet
from tickets.schedule.details import entry_details
from tickets.schedule.entries import lock_changeable
from tickets.schedule.labels import change_labels, labels_of
from tickets.schedule.moving import MANY, Told
from tickets.schedule.overrides import Scope
from tickets.schedule.recorded import record_edited
from tickets.schedule.telling import TELL, count_customers, start_telling, tell_batch

ENTRIES: Final = "entries"


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
        entries = lock_changeable(entry, scope, now=now)
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
        first, cursor = entries[0], {ENTRIES: keys}
        job = start_telling(account, LEADING.name, f"lead entry {first.pk}", cursor, who=who, now=now)
        return Told(count_customers(seats), job)
    key = f"led-{uuid4()}"
    return Told(notify_leaders_changed(list(seats), leaders_at(keys), account=account, key=key, now=now))


def _seats(account: Account, entries: Sequence[int], *, now: datetime) -> SeatQuerySet:
    """The seats of those who are told."""
    found = Seat.objects.live().booked().upcoming(now).filter(account=account, entry__in=entries)
    return found.filter(entry__cancelled_at=None).for_letters().select_related("booking__customer")


def _tell_batch(operation: Operation, now: datetime) -> Step:
    """Tell some customers."""
    account, entries, key = operation.account, operation.cursor[ENTRIES], f"led-{operation.pk}"

    def write(seats: Sequence[Seat]) -> None:
        notify_leaders_changed(seats, leaders_at(entries), account=account, key=key, now=now)

    return tell_batch(operation, _seats(account, entries, now=now), write)


def _leads_to(operation: Operation) -> Place:
    return Place(gettext_lazy("Open the entry"), "entry", int(operation.lane.split()[2]))


LEADING: Final = Kind(
    "lead_entry",
    gettext_lazy("Email customers about who leads an entry"),
    "operation",
    {TELL: Phase(gettext_lazy("Emailing customers"), _tell_batch)},
    leads_to=_leads_to,
)
