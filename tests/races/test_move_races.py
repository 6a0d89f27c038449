"""Moving a seat against all that can happen to it, or to the space that it wants, at the same instant."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from django.db import IntegrityError
from django.db.models import F

from accounts.models import Customer
from offers.eligibility import Attendee
from offers.models import UsagePeriod
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.members_studio import MembersStudio, booking_outcome
from tickets.availability.facts import ANONYMOUS
from tickets.availability.places import FullError, free_places
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.booking.move import CannotMoveError, MoveOrder, move_seat, move_seats
from tickets.booking.move_terms import (
    SEAT_FACTS,
    MoveObstacle,
    move_terms,
    moves_terms,
    read_facts_of_move,
    read_facts_of_moves,
)
from tickets.booking.request import WantedTicket
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.consistency import check_books
from tickets.models import Entry, EntryPlaces, Seat, Ticket
from tickets.schedule.entries import cancel_entry

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PAIRS = 6


def read_seat(pk: int) -> Seat:
    return Seat.objects.for_letters().select_related(*SEAT_FACTS).get(pk=pk)


def prepare(seat: Seat, entry: Entry, ticket: Ticket) -> Callable[[], str]:
    """A move as an operator is about to confirm it; it says what came of it."""
    found, target = read_seat(seat.pk), load_entry(entry)
    terms = move_terms(found, target, ticket, read_facts_of_move(found, target, now=NOW), now=NOW)
    order = MoveOrder(ticket=ticket.pk, use=terms.choices[0], terms_version=terms.version)

    def act() -> str:
        try:
            move_seat(found, target, order, now=NOW)
        except CannotMoveError as refused:
            return refused.obstacle
        except FullError:
            return "full"
        except StudioTermsChangedError:
            return "changed"
        return "moved"

    return act


def members_with_seats() -> tuple[MembersStudio, list[Seat]]:
    studio = MembersStudio(members=PAIRS, entries=2, limit=1)
    return studio, [studio.book(customer=number).seats.get() for number in range(PAIRS)]


def taken(studio: MembersStudio) -> list[int]:
    return [EntryPlaces.objects.get(entry=each).taken for each in studio.entries]


@pytest.mark.parametrize("by_studio", [False, True])
def test_who_is_moved_while_they_are_cancelled_is_one_or_the_other(*, by_studio: bool) -> None:
    studio, seats = members_with_seats()
    moves = [prepare(seat, studio.entries[1], studio.tickets[1]) for seat in seats]

    def act(number: int) -> str:
        if number < PAIRS:
            return moves[number]()
        seat, at = seats[number - PAIRS], [studio.entry.pk]
        if by_studio:
            gone = cancel_by_studio([seat.pk], at=at, now=NOW)
        else:
            gone = cancel_by_customer(seat.booking, [seat.pk], at=at, now=NOW)
        return "cancelled" if gone.seats else "passed over"

    outcomes = run_at_once(2 * PAIRS, act)

    pairs = Counter(zip(outcomes[:PAIRS], outcomes[PAIRS:], strict=True))
    assert set(pairs) <= {("moved", "passed over"), (MoveObstacle.SEAT_CANCELLED, "cancelled")}
    moved = pairs["moved", "passed over"]
    assert taken(studio) == [0, moved]
    assert sum(UsagePeriod.objects.values_list("used", flat=True)) == moved


def test_a_class_that_is_cancelled_takes_along_who_is_not_moved_yet() -> None:
    studio, seats = members_with_seats()
    moves = [prepare(seat, studio.entries[1], studio.tickets[1]) for seat in seats]

    def act(number: int) -> str:
        if number < PAIRS:
            return moves[number]()
        return str(len(cancel_entry(load_entry(studio.entry), now=NOW)))

    *outcomes, cancelled = run_at_once(PAIRS + 1, act)

    counts = Counter(outcomes)
    assert set(counts) <= {"moved", MoveObstacle.SEAT_CANCELLED, MoveObstacle.ENTRY_CANCELLED}
    assert (counts["moved"] + int(cancelled), taken(studio)) == (PAIRS, [0, counts["moved"]])


def test_nobody_is_moved_into_a_class_that_is_cancelled_meanwhile() -> None:
    studio, seats = members_with_seats()
    moves = [prepare(seat, studio.entries[1], studio.tickets[1]) for seat in seats]

    def act(number: int) -> str:
        if number < PAIRS:
            return moves[number]()
        return str(len(cancel_entry(load_entry(studio.entries[1]), now=NOW)))

    *outcomes, cancelled = run_at_once(PAIRS + 1, act)

    counts = Counter(outcomes)
    assert set(counts) <= {"moved", MoveObstacle.TARGET_CANCELLED}
    assert (counts["moved"], taken(studio)) == (int(cancelled), [PAIRS - counts["moved"], 0])


def last_place() -> tuple[Entry, Ticket, list[Seat], list[Customer]]:
    """A class with one space, some booked elsewhere who are to be moved there, and passers-by who want it too."""
    entry = EntryFactory.create(capacity=1)
    ticket = TicketFactory.create(entry=entry)
    other = EntryFactory.create(page=entry.page)
    here = TicketFactory.create(entry=other)
    seats = [book_seat_manually(other, here) for _ in range(PAIRS)]
    return entry, ticket, seats, CustomerFactory.create_batch(PAIRS, account=entry.account)


def test_the_last_space_is_a_passer_by_s_or_goes_to_one_who_is_moved() -> None:
    entry, ticket, seats, customers = last_place()
    moves = [prepare(seat, entry, ticket) for seat in seats]

    def act(number: int) -> str:
        if number < PAIRS:
            return moves[number]()
        wanted = [WantedTicket(ticket=ticket.pk, name="Passer-by")]
        who, key = customers[number - PAIRS], seats[number - PAIRS].uuid
        return booking_outcome(lambda: book(load_entry(entry), who, wanted, who=ANONYMOUS, key=key, now=NOW).booking)

    outcomes = Counter(run_at_once(2 * PAIRS, act))

    assert outcomes["moved"] + outcomes["booked 1"] == 1
    assert outcomes["full"] + outcomes["sold_out"] == 2 * PAIRS - 1
    assert Seat.objects.live().filter(entry=entry).count() == EntryPlaces.objects.get(entry=entry).taken == 1


def test_of_two_moves_of_one_seat_one_is_done() -> None:
    studio = MembersStudio(members=1, entries=3, limit=1)
    seat = studio.book().seats.get()
    moves = [prepare(seat, studio.entries[number], studio.tickets[number]) for number in (1, 2)]

    outcomes = run_at_once(2, lambda number: moves[number]())

    assert sorted(outcomes) == ["changed", "moved"]
    assert sorted(taken(studio)) == [0, 0, 1]
    assert Seat.objects.get().booking.moves == 1


def test_control_two_who_only_look_first_leave_a_place_twice() -> None:
    """Without holding the seat both find it where it was, and both leave its place: the CHECK alone refuses one."""
    studio = MembersStudio(members=1, entries=3, limit=1)
    seat = studio.book().seats.get()
    wait = wait_for_everyone(2)

    def act(number: int) -> str:
        before = Seat.objects.get(pk=seat.pk).entry_id
        wait()
        try:
            free_places(before, [studio.ticket.pk])
        except IntegrityError:
            return "refused"
        there = studio.entries[number + 1]
        EntryPlaces.objects.filter(entry=there).update(taken=F("taken") + 1)
        Seat.objects.filter(pk=seat.pk).update(entry=there)
        return "moved"

    assert Counter(run_at_once(2, act)) == {"moved": 1, "refused": 1}


def test_people_who_move_together_do_so_all_of_them_or_none() -> None:
    studio = MembersStudio(members=PAIRS, entries=2, limit=4, additional_attendees=1)
    booked = [studio.book(Attendee.SELF, Attendee.GUEST, customer=number) for number in range(PAIRS)]
    pairs = [list(booking.seats.order_by("pk")) for booking in booked]
    moves = [prepare_together(pair, studio.entries[1], studio.tickets[1]) for pair in pairs]

    def act(number: int) -> str:
        if number < PAIRS:
            return moves[number]()
        guest = pairs[number - PAIRS][1]
        gone = cancel_by_studio([guest.pk], at=[studio.entry.pk], now=NOW)
        return "cancelled" if gone.seats else "passed over"

    outcomes = run_at_once(2 * PAIRS, act)

    found = Counter(zip(outcomes[:PAIRS], outcomes[PAIRS:], strict=True))
    assert set(found) <= {("moved", "passed over"), (MoveObstacle.SEAT_CANCELLED, "cancelled")}
    moved = found["moved", "passed over"]
    # Of those who were not moved one is left where they were.
    assert taken(studio) == [PAIRS - moved, 2 * moved]
    assert sum(UsagePeriod.objects.values_list("used", flat=True)) == PAIRS + moved
    assert check_books(now=NOW) == []


def prepare_together(seats: Sequence[Seat], entry: Entry, ticket: Ticket) -> Callable[[], str]:
    """The same of several seats of one booking."""
    found, target = [read_seat(seat.pk) for seat in seats], load_entry(entry)
    facts = read_facts_of_moves(found, target, now=NOW)
    orders = [
        MoveOrder(ticket=ticket.pk, use=terms.choices[0], terms_version=terms.version)
        for terms in moves_terms(found, target, [ticket] * len(found), facts, now=NOW)
    ]

    def act() -> str:
        try:
            move_seats(found, target, orders, now=NOW)
        except CannotMoveError as refused:
            return refused.obstacle
        except StudioTermsChangedError:
            return "changed"
        return "moved"

    return act
