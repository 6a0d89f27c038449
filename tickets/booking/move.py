"""Moving a seat to another entry, as the studio: it takes a place there and leaves its own, in one transaction.

What was paid for it stays with it. Its use is charged again by the day of the other entry; a difference in price is
noted, and never charged (docs/design.md, *May this customer book this ticket?*).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from bookwhen.db import violated_constraint
from offers.eligibility import Attendee
from offers.models import OfferUse
from offers.periods import Period, local_day
from offers.services import refile_members
from offers.uses import Charge, LimitReachedError, give_back, raise_ceiling, spend
from tickets.availability import places
from tickets.availability.facts import Facts
from tickets.availability.locks import lock_booking, lock_members_for_series, lock_series
from tickets.availability.places import Capacities
from tickets.booking.book import ATTEMPTS, refile_uses
from tickets.booking.lost_races import LOST_RACES
from tickets.booking.move_notices import notify_seat_moved
from tickets.booking.move_terms import (
    SEAT_FACTS,
    MoveObstacle,
    MoveTerms,
    UseChoice,
    attendee_of,
    find_obstacle,
    move_terms,
    read_facts_of_move,
)
from tickets.booking.recorded import record_moved
from tickets.booking.seats import party_allowed
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.models import Booking, Entry, Seat, Ticket

WHY: Final = "moved"
_JOIN_PARTY: Final = """
    INSERT INTO tickets_party AS party (account_id, entry_id, customer_id, seats, allowed)
    VALUES (%(account)s, %(entry)s, %(customer)s, 1, %(allowed)s)
    ON CONFLICT (entry_id, customer_id) DO UPDATE
        SET seats = party.seats + 1, allowed = greatest(party.allowed, excluded.allowed)
        WHERE party.seats + 1 <= greatest(party.allowed, excluded.allowed)
"""


class CannotMoveError(Exception):
    """The seat cannot be moved there: `obstacle` says why."""

    def __init__(self, obstacle: MoveObstacle) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrder:
    """How a seat is moved: by which ticket (id) of the other entry, and what the operator saw and chose."""

    ticket: int
    use: UseChoice
    terms_version: str
    """What the operator saw (`MoveTerms.version`)."""
    notes_difference: bool = True
    tells: bool = True
    room: Capacities | None = None
    """The capacities that the operator agreed to raise to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A seat that was moved, and where it was."""

    seat: Seat
    before: Entry
    terms: MoveTerms


def move_seat(seat: Seat, target: Entry, order: MoveOrder, *, now: datetime) -> Moved:
    """Move a seat to another entry of its account. Raises CannotMoveError, `places.FullError`, StudioTermsChangedError.

    Two moves of one seat, and a move and a cancellation, come one after the other: who comes second finds it moved, or
    cancelled, and does nothing.
    """
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _move(seat, target, order, now=now)
        except (LimitReachedError, places.PartyFullError):
            continue
        except IntegrityError as error:
            if violated_constraint(error) not in LOST_RACES:
                raise
    raise StudioTermsChangedError


def _move(given: Seat, target: Entry, order: MoveOrder, *, now: datetime) -> Moved:
    seat, target = _lock(given, target)
    if obstacle := find_obstacle(seat, target, now=now):
        raise CannotMoveError(obstacle)
    if seat.entry_id != given.entry_id:
        raise StudioTermsChangedError
    ticket = Ticket.objects.on_sale().filter(account=seat.account_id, series=target.series_id, pk=order.ticket).first()
    if ticket is None:
        raise StudioTermsChangedError
    facts = read_facts_of_move(seat, target, now=now)
    if facts.is_misfiled:
        seat.customer.account = target.account
        refile_uses(seat.customer, now=now)
        seat = _reload(seat)
        facts = read_facts_of_move(seat, target, now=now)
    terms = move_terms(seat, target, ticket, facts, now=now)
    if terms.version != order.terms_version or order.use not in terms.choices:
        raise StudioTermsChangedError
    moved, left = Moved(seat=seat, before=seat.entry, terms=terms), seat.ticket
    _rehouse(moved, target, order, facts, now=now)
    if order.tells:
        notify_seat_moved(seat, moved.before, now=now)
    record_moved(seat, moved.before, left, terms.owed_now)
    _swap_places(moved, target, left.pk, order.room)
    return moved


def _lock(given: Seat, target: Entry) -> tuple[Seat, Entry]:
    """Hold all that a move changes but places, in the house's order, and read it again.

    The series first: so that no entry is cancelled, and no ticket removed, under it.
    """
    for series in sorted({given.entry.series_id, target.series_id}):
        lock_series(series)
    lock_members_for_series(given.customer_id, series=None)
    lock_booking(given.booking_id)
    Seat.objects.select_for_update(no_key=True).filter(account=given.account_id).get(pk=given.pk)
    entries = Entry.objects.select_related("account", "page", "places")
    return _reload(given), entries.get(account=given.account_id, pk=target.pk)


def _reload(seat: Seat) -> Seat:
    found = Seat.objects.filter(account=seat.account_id).for_letters()
    return found.select_related(*SEAT_FACTS).get(pk=seat.pk)


def _rehouse(moved: Moved, target: Entry, order: MoveOrder, facts: Facts, *, now: datetime) -> None:
    """Write the seat where it is from now on, with its uses and parties; all but the places."""
    seat, before, terms = moved.seat, moved.before, moved.terms
    own = attendee_of(seat)
    if seat.use is not None:
        give_back([seat.use.pk], why=WHY, now=now)
    use = (
        None
        if order.use is UseChoice.NONE
        else _charge(seat, target, terms, now=now, extra=order.use is UseChoice.EXTRA)
    )
    if seat.use is not None:
        places.leave_parties(before.pk, {seat.customer_id: 1})
    if use is not None:
        _join_party(seat, target, terms, facts)
    seat.entry, seat.ticket, seat.use = target, terms.ticket, use
    seat.self_attendee_id = seat.customer_id if use is not None and own is Attendee.SELF else None
    seat.moved_from, seat.moved_at = before, now
    if order.notes_difference:
        seat.owed = terms.owed_then
    _file_discount(seat, target, now=now)
    seat.save(
        update_fields=["entry", "ticket", "use", "self_attendee", "moved_from", "moved_at", "owed", "discount_index"]
    )
    Booking.objects.filter(account=seat.account_id, pk=seat.booking_id).update(moves=F("moves") + 1)
    seat.booking.moves += 1


def _charge(seat: Seat, target: Entry, terms: MoveTerms, *, extra: bool, now: datetime) -> OfferUse:
    """Charge the offer that the rule names, on the day of the entry; one more than it gives, where that is wanted."""
    verdict = terms.verdict
    assert verdict.offer  # noqa: S101 - such a choice has all three
    assert verdict.member  # noqa: S101
    assert verdict.period  # noqa: S101
    charge = Charge(
        account=target.account_id,
        offer=verdict.offer,
        member=verdict.member,
        period=verdict.period,
        ceiling=verdict.limit,
        event_on=local_day(target.starts_at, target.account.zone),
        seats=[seat.uuid],
    )
    if extra:
        raise_ceiling(charge)
    return spend(charge, now=now)[seat.uuid]


def _join_party(seat: Seat, target: Entry, terms: MoveTerms, facts: Facts) -> None:
    """Count a seat among the people whom its customer brings to the entry. Raises PartyFullError."""
    row: dict[str, Any] = {
        "account": target.account_id,
        "entry": target.pk,
        "customer": seat.customer_id,
        "allowed": party_allowed(facts.situation, [terms.verdict]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_JOIN_PARTY, row)
        if cursor.rowcount != 1:
            raise places.PartyFullError


def _file_discount(seat: Seat, target: Entry, *, now: datetime) -> None:
    """Count the use of a discount by the day of the entry, and its tickets there, as where an entry is moved."""
    if seat.discount_use is None:
        return
    there = Seat.objects.live().filter(account=seat.account_id, entry=target, customer=seat.customer_id)
    taken = set(there.filter(discount=seat.discount_id).exclude(pk=seat.pk).values_list("discount_index", flat=True))
    seat.discount_index = next(number for number in count() if number not in taken)
    day, period = local_day(target.starts_at, target.account.zone), seat.discount_use.period
    OfferUse.objects.filter(account=seat.account_id, pk=seat.discount_use.pk).update(event_on=day)
    if day not in Period(period.starts_on, period.ends_on):
        refile_members([period.member_id], now=now)


def _swap_places(moved: Moved, target: Entry, left: int, room: Capacities | None) -> None:
    """Take a place there, and leave the one here (by its ticket): of two entries the lower key first, as all do."""
    ticket, before = moved.terms.ticket, moved.before
    steps = {before.pk: partial(places.free_places, before.pk, [left]), target.pk: partial(_take, target, ticket, room)}
    for _entry, step in sorted(steps.items()):
        step()


def _take(target: Entry, ticket: Ticket, room: Capacities | None) -> None:
    if room:
        places.raise_capacities(target, [ticket], room)
    places.take_places(target, [ticket])
