"""Saying something else of a location: everybody booked there is told once, unless the studio does not want that."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.history.recording import count
from accounts.models import Account, Operation
from accounts.operations.kinds import Kind, Phase, Place, Step
from tickets.availability import locks
from tickets.booking.location_notices import notify_location_changed
from tickets.models import Location, Seat, SeatQuerySet
from tickets.schedule.moving import MANY, Told
from tickets.schedule.names import save_named
from tickets.schedule.telling import TELL, count_customers, start_telling, tell_batch

TOLD: Final = ("name", "address", "map_link", "online", "link")
"""What those who have booked know of a location."""
LOCATION: Final = "location"


def change_location(row: Location, *, tell: bool, who: str = "", now: datetime) -> Told:
    """Change a location (with its account) to what it says now, and `tell` everybody who has booked there.

    How many are told: nobody of what stays as it was. Raises NameTakenError.
    """
    with transaction.atomic():
        before = Location.objects.select_for_update(no_key=True).get(account=row.account_id, pk=row.pk)
        if not tell or all(getattr(before, name) == getattr(row, name) for name in TOLD):
            save_named(row, now=now)
            return Told()
        seats = _seats(row.account, row.pk, now=now)
        people = count_customers(seats)
        save_named(row, also=[count(_("Customers emailed"), people)] if people else (), now=now)
        if not people:
            return Told()
        entries = sorted(set(seats.order_by().values_list("entry", flat=True)))
        # Calendars take a file that comes after the one they have.
        locks.lock_entry_places(entries)
        locks.bump_entry_revision(entries)
        if seats[: MANY + 1].count() > MANY:
            lane, cursor = f"locate location {row.pk}", {LOCATION: row.pk}
            return Told(people, start_telling(row.account, LOCATING.name, lane, cursor, who=who, now=now))
        notify_location_changed(list(seats), row, key=f"at-{uuid4()}", now=now)
        return Told(people)


def _seats(account: Account, location: int, *, now: datetime) -> SeatQuerySet:
    """The seats of those who are told."""
    found = Seat.objects.live().booked().upcoming(now).filter(account=account, entry__venue=location)
    return found.filter(entry__cancelled_at=None).for_letters().select_related("booking__customer")


def _tell_batch(operation: Operation, now: datetime) -> Step:
    """Tell some customers of those who had booked when it was changed."""
    account, key = operation.account, f"at-{operation.pk}"
    location = Location.objects.select_related("account").get(account=account, pk=operation.cursor[LOCATION])

    def write(seats: Sequence[Seat]) -> None:
        notify_location_changed(seats, location, key=key, now=now)

    seats = _seats(account, location.pk, now=now).filter(created_at__lte=operation.created_at)
    return tell_batch(operation, seats, write)


def _leads_to(operation: Operation) -> Place:
    return Place(gettext_lazy("Open the location"), "location_edit", int(operation.lane.split()[2]))


LOCATING: Final = Kind(
    "locate",
    gettext_lazy("Email customers about a location"),
    "operation",
    {TELL: Phase(gettext_lazy("Emailing customers"), _tell_batch)},
    leads_to=_leads_to,
)
