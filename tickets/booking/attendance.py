"""Marking who came (docs/design.md, *Attendance*): each thing is said once, and never over what was not seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.history.recording import About, Change, count, is_recorded, record
from accounts.models import Deed, Thing, User
from offers.uses import charge_again, give_back
from tickets.availability.locks import lock_customers_of_seats
from tickets.booking.recorded import about_bookings, about_entry
from tickets.models import Attendance, BookingState, Entry, Presence, Seat

OPENS: Final = timedelta(hours=12)
"""How long before the start people are first marked."""
CLOSES: Final = timedelta(days=365)
"""How long after the end marks can still be changed."""
ABSENT: Final = Presence.ABSENT.value
"""Why a use came back: as `OfferUse.why` says it."""
SAID: Final = (Presence.PRESENT, Presence.ABSENT)

_MARK_REST: Final = """
    INSERT INTO tickets_attendance AS mark (
        seat_id, account_id, presence, marked_by_id, marked_at, revision, returned_use
    )
    SELECT seat, %(account)s::bigint, %(present)s::text, %(by)s::bigint, %(now)s::timestamptz, 1, false
    FROM unnest(%(seats)s::bigint[]) AS seat
    ON CONFLICT (seat_id) DO UPDATE
        SET presence = excluded.presence, marked_by_id = excluded.marked_by_id, marked_at = excluded.marked_at,
            revision = mark.revision + 1
        WHERE mark.account_id = excluded.account_id AND mark.presence = ''
    RETURNING seat_id
"""


class AttendanceClosedError(Exception):
    """It is too early, or much too late, to say who came."""


class Outcome(Enum):
    """What came of marking somebody."""

    MARKED = auto()
    ALREADY = auto()
    """The same was said before."""
    OVERTAKEN = auto()
    """Somebody said something else since the page was opened: nothing is changed."""
    CANCELLED = auto()
    """The seat was cancelled: nobody came, or failed to."""
    HELD = auto()
    """It is only in a basket."""


class UseOutcome(Enum):
    """What became of the use that was charged for the seat."""

    UNTOUCHED = auto()
    RETURNED = auto()
    CHARGED = auto()
    """It had been returned, and is charged again."""
    SPENT = auto()
    """It had been returned and was used elsewhere: it cannot be charged again."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What came of it, the seat, and what is said of it now (none where nothing ever was)."""

    outcome: Outcome
    seat: Seat
    attendance: Attendance | None = None
    use: UseOutcome = UseOutcome.UNTOUCHED


def attendance_opens(entry: Entry) -> datetime:
    """From which instant on people are marked."""
    return entry.starts_at - OPENS


def may_mark(entry: Entry, *, now: datetime) -> bool:
    """Whether people can be marked at an entry now; at a cancelled one nobody can."""
    return entry.cancelled_at is None and attendance_opens(entry) <= now <= entry.ends_at + CLOSES


def mark_attendance(
    entry: Entry, seat: int, presence: Presence, *, seen: int | None, by: User | None, now: datetime
) -> Marked:
    """Say of a seat (id) of an entry whether its person came, or with `Presence.UNSAID` take that back.

    `seen` is the revision of the mark that the page showed (0: none): another one is not overwritten. None: whatever
    stands there. Where the account returns the uses of those who are absent, the use follows the mark. Raises
    AttendanceClosedError; Seat.DoesNotExist.
    """
    if not may_mark(entry, now=now):
        raise AttendanceClosedError
    with transaction.atomic():
        lock_customers_of_seats([seat])
        found = _lock_seat(entry, seat)
        current = Attendance.objects.select_related("marked_by").filter(account=entry.account_id, seat=found).first()
        obstacle = _obstacle(found, current, presence, seen)
        if obstacle:
            return Marked(obstacle, found, current)
        use, returned = _move_use(found, current, presence, now=now)
        made = _write(found, current, presence, returned=returned, by=by, now=now)
        _record(found, current, presence)
        return Marked(Outcome.MARKED, found, made, use)


def mark_rest_present(entry: Entry, *, by: User | None, now: datetime) -> int:
    """Say of everybody of whom nothing is said that they came; how many they were. Raises AttendanceClosedError."""
    if not may_mark(entry, now=now):
        raise AttendanceClosedError
    with transaction.atomic():
        live = Seat.objects.live().booked().filter(account=entry.account_id, entry=entry)
        unsaid = live.exclude(attendance__presence__in=SAID).order_by("pk")
        seats = list(unsaid.select_for_update(of=("self",), no_key=True).select_related("booking__customer"))
        asked: dict[str, Any] = {
            "account": entry.account_id,
            "present": Presence.PRESENT.value,
            "by": by.pk if by else None,
            "now": now,
            "seats": [seat.pk for seat in seats],
        }
        with connection.cursor() as cursor:
            cursor.execute(_MARK_REST, asked)
            marked = {pk for (pk,) in cursor.fetchall()}
        _record_rest(entry, [seat for seat in seats if seat.pk in marked])
    return len(marked)


def _lock_seat(entry: Entry, seat: int) -> Seat:
    found = Seat.objects.filter(account=entry.account_id, entry=entry).select_for_update(of=("self",), no_key=True)
    return found.select_related("entry__account", "booking__customer", "customer", "ticket", "use").get(pk=seat)


def _obstacle(seat: Seat, current: Attendance | None, presence: Presence, seen: int | None) -> Outcome | None:
    """Why nothing is to be written."""
    if seat.cancelled_at:
        return Outcome.CANCELLED
    if seat.booking.state != BookingState.BOOKED:
        return Outcome.HELD
    if (current.presence if current else "") == presence:
        return Outcome.ALREADY
    if seen is not None and (current.revision if current else 0) != seen:
        return Outcome.OVERTAKEN
    return None


def _move_use(seat: Seat, current: Attendance | None, presence: Presence, *, now: datetime) -> tuple[UseOutcome, bool]:
    """Let the use follow the mark: what became of it, and whether it is returned now. Its member is held."""
    returned = current is not None and current.returned_use
    if presence == Presence.ABSENT:
        if not returned and seat.use_id and seat.entry.account.returns_absent_uses:
            returned = bool(give_back([seat.use_id], why=ABSENT, now=now))
            return (UseOutcome.RETURNED if returned else UseOutcome.UNTOUCHED), returned
        return UseOutcome.UNTOUCHED, returned
    if returned and seat.use_id:
        charged = charge_again(seat.account_id, seat.use_id, why=ABSENT)
        return (UseOutcome.CHARGED if charged else UseOutcome.SPENT), not charged
    return UseOutcome.UNTOUCHED, returned


def _write(
    seat: Seat, current: Attendance | None, presence: Presence, *, returned: bool, by: User | None, now: datetime
) -> Attendance:
    made = Attendance(
        seat=seat,
        account_id=seat.account_id,
        presence=presence,
        marked_by=by,
        marked_at=now,
        revision=current.revision + 1 if current else 1,
        returned_use=returned,
    )
    made.save(force_insert=current is None, force_update=current is not None)
    return made


def _record(seat: Seat, current: Attendance | None, presence: Presence) -> None:
    before = Presence(current.presence).label if current else Presence.UNSAID.label
    record(
        Deed.ATTENDANCE_MARKED,
        About(Thing.BOOKING, seat.booking_id, seat.attendee_name),
        account=seat.account_id,
        also=[about_customer(seat.booking.customer), about_entry(seat.entry)],
        changes=[Change(_("Attendance"), str(before), str(presence.label))],
        beside=seat.entry.title,
    )


def _record_rest(entry: Entry, seats: list[Seat]) -> None:
    """Tell of all of them in one line."""
    if seats and is_recorded():
        record(
            Deed.ATTENDANCE_REST,
            about_entry(entry),
            account=entry.account_id,
            also=about_bookings(seats),
            changes=[count(_("Spaces"), len(seats))],
        )
