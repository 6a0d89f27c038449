"""Moving a seat to another entry, as the studio: it takes a place there and leaves its own, in one transaction.

What was paid for it stays with it. Its use is charged again by the day of the other entry; a difference in price is
noted, and never charged (docs/design.md, *May this customer book this ticket?*).
"""

from collections.abc import Iterable, Sequence
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
from tickets.booking.move_notices import notify_seats_moved
from tickets.booking.move_terms import (
    SEAT_FACTS,
    MoveObstacle,
    MoveTerms,
    UseChoice,
    attendee_of,
    find_obstacle,
    moves_terms,
    read_facts_of_moves,
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
    left: Ticket
    """The ticket that it had there."""
    terms: MoveTerms


def move_seat(seat: Seat, target: Entry, order: MoveOrder, *, now: datetime) -> Moved:
    """Move a seat to another entry of its account. Raises CannotMoveError, `places.FullError`, StudioTermsChangedError.

    Two moves of one seat, and a move and a cancellation, come one after the other: who comes second finds it moved, or
    cancelled, and does nothing.
    """
    return move_seats([seat], target, [order], now=now)[0]


def move_seats(seats: Sequence[Seat], target: Entry, orders: Sequence[MoveOrder], *, now: datetime) -> list[Moved]:
    """Move seats of one booking, all at one entry, together: all of them or none, each as its order says.

    Whether they are told, and how far capacities are raised, the first order says. Raises as `move_seat`.
    """
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _move(seats, target, orders, now=now)
        except (LimitReachedError, places.PartyFullError):
            continue
        except IntegrityError as error:
            if violated_constraint(error) not in LOST_RACES:
                raise
    raise StudioTermsChangedError


def _move(given: Sequence[Seat], target: Entry, orders: Sequence[MoveOrder], *, now: datetime) -> list[Moved]:
    seats, target = _lock(given, target)
    for seat in seats:
        if obstacle := find_obstacle(seat, target, now=now):
            raise CannotMoveError(obstacle)
    if {seat.entry_id for seat in seats} != {given[0].entry_id}:
        raise StudioTermsChangedError
    tickets = _tickets_there(target, orders)
    facts = read_facts_of_moves(seats, target, now=now)
    if facts.is_misfiled:
        seats[0].customer.account = target.account
        refile_uses(seats[0].customer, now=now)
        seats = _reload(seats)
        facts = read_facts_of_moves(seats, target, now=now)
    terms = moves_terms(seats, target, tickets, facts, now=now)
    for each, order in zip(terms, orders, strict=True):
        if each.version != order.terms_version or order.use not in each.choices:
            raise StudioTermsChangedError
    moved = [
        Moved(seat=seat, before=seat.entry, left=seat.ticket, terms=each)
        for seat, each in zip(seats, terms, strict=True)
    ]
    _rehouse_all(moved, target, orders, facts, now=now)
    if orders[0].tells:
        notify_seats_moved(seats, moved[0].before, now=now)
    record_moved(seats, moved[0].before, [each.left for each in moved], sum(each.owed_now for each in terms))
    _swap_places(moved, target, orders[0].room)
    return moved


def _tickets_there(target: Entry, orders: Iterable[MoveOrder]) -> list[Ticket]:
    """The tickets of these orders, in their order. Raises StudioTermsChangedError where one is sold no more."""
    wanted = [order.ticket for order in orders]
    found = Ticket.objects.on_sale().filter(account=target.account_id, series=target.series_id).in_bulk(set(wanted))
    if not found.keys() >= set(wanted):
        raise StudioTermsChangedError
    return [found[pk] for pk in wanted]


def _lock(given: Sequence[Seat], target: Entry) -> tuple[list[Seat], Entry]:
    """Hold all that a move changes but places, in the house's order, and read it again.

    The series first: so that no entry is cancelled, and no ticket removed, under it.
    """
    first = given[0]
    for series in sorted({first.entry.series_id, target.series_id}):
        lock_series(series)
    lock_members_for_series(first.customer_id, series=None)
    lock_booking(first.booking_id)
    held = Seat.objects.filter(account=first.account_id, booking=first.booking_id, pk__in=[each.pk for each in given])
    list(held.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    entries = Entry.objects.select_related("account", "page", "places")
    return _reload(given), entries.get(account=first.account_id, pk=target.pk)


def _reload(seats: Sequence[Seat]) -> list[Seat]:
    first = seats[0]
    found = Seat.objects.filter(account=first.account_id, booking=first.booking_id).for_letters()
    by_id = found.select_related(*SEAT_FACTS).in_bulk([seat.pk for seat in seats])
    return [by_id[seat.pk] for seat in seats]


def _rehouse_all(
    moved: Sequence[Moved], target: Entry, orders: Sequence[MoveOrder], facts: Facts, *, now: datetime
) -> None:
    """Write all of them where they are from now on; every use is given back before any is charged.

    What an offer gives is charged before one more than it gives: that raises the ceiling by what is charged by then.
    """
    seat = moved[0].seat
    give_back([each.seat.use.pk for each in moved if each.seat.use is not None], why=WHY, now=now)
    pairs = list(zip(moved, orders, strict=True))
    for each, order in sorted(pairs, key=lambda pair: pair[1].use is UseChoice.EXTRA):
        _rehouse(each, target, order, facts, now=now)
    Booking.objects.filter(account=seat.account_id, pk=seat.booking_id).update(moves=F("moves") + 1)
    for each in moved:
        each.seat.booking.moves += 1


def _rehouse(moved: Moved, target: Entry, order: MoveOrder, facts: Facts, *, now: datetime) -> None:
    """Write the seat where it is from now on, with its uses and parties; all but the places."""
    seat, before, terms = moved.seat, moved.before, moved.terms
    own = attendee_of(seat)
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


def _swap_places(moved: Sequence[Moved], target: Entry, room: Capacities | None) -> None:
    """Take places there, and leave those here (by their tickets): of two entries the lower key first, as all do."""
    before, left = moved[0].before.pk, [each.left.pk for each in moved]
    tickets = [each.terms.ticket for each in moved]
    steps = {before: partial(places.free_places, before, left), target.pk: partial(_take, target, tickets, room)}
    for _entry, step in sorted(steps.items()):
        step()


def _take(target: Entry, tickets: Sequence[Ticket], room: Capacities | None) -> None:
    if room:
        places.raise_capacities(target, tickets, room)
    places.take_places(target, tickets)
