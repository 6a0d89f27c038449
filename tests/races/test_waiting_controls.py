"""What holds the waiting list together, taken away: then two have one place. And with it, whatever happens at once."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from tests.factories.schedule import NOW
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.waiting_studio import SOON, WaitingStudio
from tickets.booking import book, hold
from tickets.checkout import paying
from tickets.checkout.basket import read_basket
from tickets.consistency import check_books
from tickets.models import Booking, Entry, EntryPlaces, Seat, Ticket, TicketPlaces, WaitlistRequest
from tickets.waiting.offering import Outcome, offer_now, offer_spaces
from tickets.waiting.people import person_waiting
from tickets.waiting.requests import position
from tickets.waiting.turns import move_up

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def take_what_was_seen(both_looked: Callable[[], None]) -> Callable[..., bool]:
    """Taking places by what was read before, in place of the one conditional statement."""

    def take(entry: Entry, ticket: Ticket, people: int, others: tuple[int, ...] = ()) -> bool:
        assert not others
        places = EntryPlaces.objects.get(entry=entry)
        both_looked()
        if places.taken + people > places.capacity:
            return False
        gone: dict[str, Any] = {"waiting": F("waiting") - 1, "reserved": 0}
        TicketPlaces.objects.filter(entry=entry, ticket=ticket).update(taken=F("taken") + people, **gone)
        EntryPlaces.objects.filter(entry=entry).update(taken=places.taken + people, **gone)
        return True

    return take


def first_in_line(studio: WaitingStudio, many: int) -> list[WaitlistRequest]:
    return [studio.join(number, now=NOW + timedelta(seconds=number)) for number in range(1, many + 1)]


def test_control_offering_by_hand_past_the_statement_gives_one_place_to_two(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = WaitingStudio()
    requests = first_in_line(studio, 2)
    studio.cancel()
    monkeypatch.setattr(book, "take_offered_places", take_what_was_seen(wait_for_everyone(2)))

    def act(number: int) -> object:
        return offer_now(requests[1], now=SOON) if number else offer_spaces(studio.entry.pk, now=SOON)

    assert run_at_once(2, act) == [1, Outcome.OFFERED]
    assert studio.states() == ["offered", "offered"]
    assert Seat.objects.live().filter(entry=studio.entry).count() == 2
    assert check_books(now=NOW) != []


def test_offering_by_hand_while_a_worker_does_offers_one_place_once() -> None:
    studio = WaitingStudio()
    requests = first_in_line(studio, 2)
    studio.cancel()

    def act(number: int) -> object:
        return offer_now(requests[1], now=SOON) if number else offer_spaces(studio.entry.pk, now=SOON)

    outcomes = run_at_once(2, act)

    assert outcomes in ([1, Outcome.GONE], [0, Outcome.OFFERED])
    assert sorted(studio.states()) == ["offered", "waiting"]
    assert studio.counted == (1, 0, 1)


def taken(request: WaitlistRequest) -> str:
    """Let somebody take what is held for them."""
    basket = Booking.objects.for_checkout().get(waitlist_requests=request)
    try:
        paying.check_out(basket, person_waiting(request), read_basket(basket).basket_version, now=SOON, confirmed=True)
    except Exception as error:  # noqa: BLE001 - its name is what is counted
        return type(error).__name__
    return "taken"


def test_control_releasing_by_what_was_read_undoes_what_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = WaitingStudio()
    [request] = first_in_line(studio, 1)
    studio.cancel()
    studio.offer_free()
    request.refresh_from_db()
    both_looked = wait_for_everyone(2)

    def read(basket: Booking) -> Any:
        found = read_basket(basket)
        both_looked()
        return found

    def unlocked(booking: int) -> Booking:
        found = Booking.objects.select_related("account").get(pk=booking)
        both_looked()
        return found

    monkeypatch.setattr(paying, "read_basket", read)
    monkeypatch.setattr(hold, "lock_basket", unlocked)

    def act(number: int) -> str:
        if number == 0:
            return taken(request)
        released = hold.release_basket(request.hold_id or 0, now=request.offered_until or SOON, overdue=True)
        return "released" if released else "was taken"

    assert set(run_at_once(2, act)) == {"taken", "released"}
    # They read that it is booked, and it is not.
    assert not Seat.objects.live().filter(entry=studio.entry).exists()


def test_those_who_would_have_any_ticket_and_workers_at_once() -> None:
    studio = WaitingStudio(members=6, capacity=2)
    studio.book(customer=5)
    both = (studio.ticket, studio.drop_in)
    for number in range(1, 5):
        ticket, other = both if number % 2 else both[::-1]
        studio.join(number, ticket=ticket, also=[other.pk], now=NOW + timedelta(seconds=number))

    def act(number: int) -> object:
        if number < 2:
            studio.cancel(5 * number)
            return 0
        return offer_spaces(studio.entry.pk, now=SOON)

    run_at_once(5, act)
    studio.offer_free()

    assert studio.states() == ["offered", "offered", "waiting", "waiting"]
    assert studio.counted == (2, 0, 2)


def test_joining_for_the_same_tickets_in_either_order_at_once() -> None:
    studio = WaitingStudio(members=7)
    both = (studio.ticket, studio.drop_in)

    def act(number: int) -> None:
        ticket, other = both if number % 2 else both[::-1]
        studio.join(number + 1, ticket=ticket, also=[other.pk])

    run_at_once(6, act)

    assert studio.counted == (1, 0, 6)
    assert set(TicketPlaces.objects.filter(entry=studio.entry).values_list("waiting", flat=True)) == {6}


def test_control_moving_by_what_was_read_gives_two_the_same_place() -> None:
    studio = WaitingStudio(members=5)
    requests = first_in_line(studio, 4)
    looked = wait_for_everyone(2)

    def naive(number: int) -> None:
        first = WaitlistRequest.objects.waiting().in_line().first()
        looked()
        assert first is not None
        WaitlistRequest.objects.filter(pk=requests[2 + number].pk).update(turn_at=first.turn - timedelta(seconds=1))

    run_at_once(2, naive)

    assert len({each.turn for each in WaitlistRequest.objects.all()}) == 3


def test_several_are_moved_up_while_a_worker_offers() -> None:
    studio = WaitingStudio(members=6)
    requests = first_in_line(studio, 5)
    studio.cancel()

    def act(number: int) -> object:
        if number == 0:
            return offer_spaces(studio.entry.pk, now=SOON)
        return move_up(requests[number], to_front=number % 2 == 0)

    run_at_once(5, act)

    for each in requests:
        each.refresh_from_db()
    assert Counter(studio.states()) == {"offered": 1, "waiting": 4}
    assert len({each.turn for each in requests}) == 5
    assert sorted(position(each) for each in requests if each.state == "waiting") == [1, 2, 3, 4]
    assert studio.counted == (1, 0, 4)
