"""Moving entries: uses are filed by the new day, and everyone is told; where they are many, by a job (decision 0053).

Who is to be told is noted in the transaction that moves an entry, each with where they think that it is. The email is
written later from what the entry is like by then, and the note deleted with it: so nobody is told twice, and of two
moves at once they read the last one.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from accounts.models import Account, Operation
from accounts.operations.by_key import RowsToDo, do_batch
from accounts.operations.kinds import Kind, Phase, Place, Step
from accounts.operations.services import start_operation
from offers.models import OfferUse
from offers.periods import local_day
from offers.services import refile_members
from tickets.availability import locks
from tickets.booking.cancel import refund_percent, refund_share
from tickets.booking.notices import MovedSeats, notify_moved
from tickets.models import BookingState, Entry, MoveNotice, Seat, SeatQuerySet

MANY: Final = 500
"""At how many booked spaces people are told in the request that moves them."""
BATCH: Final = 100
"""How many emails are written in one transaction."""
TELL: Final = "tell"
SERIES: Final = "series"
"""The cursor's word for the series (id) whose entries were moved."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """When and where an entry takes place."""

    starts_at: datetime
    ends_at: datetime
    location: str

    @classmethod
    def of(cls, entry: Entry | MoveNotice) -> "Whereabouts":
        """Where an entry is, or where somebody thinks that it is."""
        return cls(entry.starts_at, entry.ends_at, entry.location)


@dataclass(frozen=True, slots=True)
class Told:
    """How many customers are told of a move, and the job that tells them, where they are many."""

    people: int = 0
    operation: Operation | None = None


_FILE_BY_DAY: Final = """
    UPDATE offers_offeruse AS use SET event_on = moved.day
    FROM unnest(%(entries)s::bigint[], %(days)s::date[]) AS moved (entry, day)
    JOIN tickets_seat AS seat ON seat.entry_id = moved.entry AND seat.cancelled_at IS NULL
    WHERE use.account_id = %(account)s AND use.seat = seat.uuid AND use.ended_at IS NULL AND use.event_on <> moved.day
"""


def refile_moved(moved: Sequence[Entry], members: set[int], *, now: datetime) -> None:
    """File the uses at moved entries (with their account) by the day they are on now; `members` (ids) are held.

    Only of those for whom that is in another usage period.
    """
    if not (moved and members):
        return
    account = moved[0].account
    days = [local_day(entry.starts_at, account.zone) for entry in moved]
    with connection.cursor() as cursor:
        cursor.execute(_FILE_BY_DAY, {"account": account.pk, "entries": [each.pk for each in moved], "days": days})
    uses = OfferUse.objects.live().filter(account=account)
    seats = Seat.objects.live().filter(entry__in=moved).values("uuid")
    elsewhere = Q(period__starts_on__gt=F("event_on")) | Q(period__ends_on__lte=F("event_on"))
    found = uses.filter(elsewhere, seat__in=seats).order_by().values_list("period__member", flat=True).distinct()
    if misfiled := members.intersection(found):
        refile_members(misfiled, now=now)


_NOTE: Final = """
    WITH noted AS (
        INSERT INTO tickets_movenotice (
            account_id, operation_id, entry_id, booking_id, starts_at, ends_at, location
        )
        SELECT DISTINCT ON (seat.entry_id, seat.booking_id)
            %(account)s::bigint, %(operation)s::bigint, seat.entry_id, seat.booking_id,
            was.starts_at, was.ends_at, was.location
        FROM unnest(
            %(entries)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[], %(locations)s::text[]
        ) AS was (entry, starts_at, ends_at, location)
        JOIN tickets_seat AS seat ON seat.entry_id = was.entry
        JOIN tickets_booking AS booking ON booking.id = seat.booking_id
        WHERE seat.account_id = %(account)s AND seat.cancelled_at IS NULL AND booking.state = %(booked)s
        ORDER BY seat.entry_id, seat.booking_id
        ON CONFLICT (entry_id, booking_id) DO UPDATE SET operation_id = EXCLUDED.operation_id
        RETURNING booking_id
    )
    SELECT count(DISTINCT customer_id) FROM noted JOIN tickets_booking AS booking ON booking.id = noted.booking_id
"""
"""Of one who was not told of the move before, it stays noted where they think that the entry is."""


def tell_of_move(moved: Sequence[Entry], befores: Mapping[int, Whereabouts], *, who: str, now: datetime) -> Told:
    """Tell everyone with a seat at a moved entry still to come, once a booking; or let workers tell them.

    `befores` says by entry (id) where it was. The entries are of one series, which is held, and so are their places.
    """
    ahead = [each for each in moved if each.starts_at > now]
    if not ahead:
        return Told()
    account, operation = ahead[0].account, None
    booked = Seat.objects.live().booked().filter(account=account, entry__in=ahead)
    if booked[: MANY + 1].count() > MANY:
        operation = _start(ahead[0], who=who, now=now)
    people = _note(account, ahead, befores, operation)
    if operation is None and people:
        notices = MoveNotice.objects.filter(account=account, operation=None, entry__in=ahead)
        _tell(account, list(notices.order_by("pk")), Seat.objects.all(), now=now)
    return Told(people, operation)


def lane_of(entry: Entry) -> str:
    """The lane in which customers are told of a move: one for each, since every move raises the entry's revision."""
    return f"move entry {entry.pk} {entry.places.revision + 1}"


def _leads_to(operation: Operation) -> Place:
    return Place(gettext_lazy("Open the entry"), "entry", int(operation.lane.split()[2]))


def _start(entry: Entry, *, who: str, now: datetime) -> Operation:
    operation, _new = start_operation(
        entry.account, MOVING.name, phase=TELL, who=who, key=uuid4(), lane=lane_of(entry), now=now
    )
    Operation.objects.filter(account=entry.account_id, pk=operation.pk).update(cursor={SERIES: entry.series_id})
    return operation


def _note(
    account: Account, moved: Sequence[Entry], befores: Mapping[int, Whereabouts], operation: Operation | None
) -> int:
    """Note who is to be told, and where they think that the entries are; how many customers they are."""
    was = [befores[entry.pk] for entry in moved]
    given: dict[str, Any] = {
        "account": account.pk,
        "booked": BookingState.BOOKED,
        "operation": operation and operation.pk,
        "entries": [entry.pk for entry in moved],
        "starts": [each.starts_at for each in was],
        "ends": [each.ends_at for each in was],
        "locations": [each.location for each in was],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, given)
        people: int = cursor.fetchone()[0]
    return people


def _tell(account: Account, notices: Sequence[MoveNotice], seats: SeatQuerySet, *, now: datetime) -> None:
    """Write to those of these notices who still have a seat there, where the entry is not where they think."""
    found = (
        seats.live()
        .booked()
        .upcoming(now)
        .filter(
            account=account,
            booking__in={each.booking_id for each in notices},
            entry__in={each.entry_id for each in notices},
            entry__cancelled_at=None,
        )
        .for_letters()
        .select_related("booking__customer", "discount_use__period")
        .order_by("pk")
    )
    by_booking = defaultdict[tuple[int, int], list[Seat]](list)
    for seat in found:
        by_booking[seat.entry_id, seat.booking_id].append(seat)
    lines = list[MovedSeats]()
    for notice in notices:
        theirs = by_booking.get((notice.entry_id, notice.booking_id))
        if theirs and Whereabouts.of(theirs[0].entry) != Whereabouts.of(notice):
            percent = refund_percent(account, theirs[0].entry, now=now)
            back = sum(refund_share(seat, percent) for seat in theirs if seat.payment_id)
            lines.append(MovedSeats(theirs, notice.starts_at, back))
    notify_moved(lines, account=account, now=now)
    MoveNotice.objects.filter(account=account, pk__in=[each.pk for each in notices]).delete()


def _tell_batch(operation: Operation, now: datetime) -> Step:
    """Tell some of them."""
    notices = MoveNotice.objects.filter(account=operation.account_id, operation=operation)

    def next_keys(after: int) -> list[int]:
        return list(notices.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])

    rows = RowsToDo(count=notices.count, next_keys=next_keys, act=partial(_tell_some, operation, now))
    return do_batch(operation, rows)


def _tell_some(operation: Operation, now: datetime, keys: Collection[int]) -> None:
    """Tell those of these notices (ids) whom nobody told yet, while the entries stay as they are.

    Who cancels waits, so that what they are told last is that it is cancelled.
    """
    with transaction.atomic():
        locks.lock_series(operation.cursor[SERIES])
        notices = MoveNotice.objects.filter(account=operation.account_id, operation=operation, pk__in=keys)
        seats = Seat.objects.select_for_update(of=("self",), no_key=True)
        _tell(operation.account, list(notices.order_by("pk")), seats, now=now)


MOVING: Final = Kind(
    "move_entry",
    gettext_lazy("Email customers about a moved entry"),
    "operation",
    {TELL: Phase(gettext_lazy("Emailing customers"), _tell_batch)},
    stays=gettext_lazy("The entry has already moved, so everyone has to be told."),
    leads_to=_leads_to,
)
