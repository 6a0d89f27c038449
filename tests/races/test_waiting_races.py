"""Those who wait, what comes free, and who comes by, all at one instant: exactly one seat for each place."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from tests.factories.schedule import NOW, load_entry
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.members_studio import booking_outcome
from tests.worlds.waiting_studio import SOON, WaitingStudio
from tickets.availability.facts import ANONYMOUS
from tickets.availability.waiting import read_free
from tickets.booking.book import book
from tickets.booking.hold import release_basket
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import read_basket
from tickets.checkout.paying import check_out
from tickets.models import Booking, EntryPlaces, Seat, WaitlistRequest, WaitState
from tickets.waiting.offering import offer_now, offer_spaces
from tickets.waiting.people import person_waiting
from tickets.waiting.requests import CannotJoinError, NotFullError, leave

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def come_by(studio: WaitingStudio, number: int) -> str:
    """What somebody reads who books the drop-in ticket without waiting."""
    wanted = [WantedTicket(ticket=studio.drop_in.pk, name="Passer-by")]
    customer = studio.customers[number]
    entry = load_entry(studio.entry)
    return booking_outcome(lambda: book(entry, customer, wanted, who=ANONYMOUS, key=uuid4(), now=SOON).booking)


def taken_by_offer(request: WaitlistRequest) -> str:
    """Let somebody take what is held for them."""
    hold = Booking.objects.for_checkout().get(waitlist_requests=request)
    try:
        check_out(hold, person_waiting(request), read_basket(hold).basket_version, now=SOON, confirmed=True)
    except Exception as error:  # noqa: BLE001 - its name is what is counted
        return type(error).__name__
    return "taken"


def test_control_freeing_and_then_looking_whether_anyone_waits_lets_a_passer_by_in() -> None:
    studio = WaitingStudio()
    studio.join(1)
    freed = wait_for_everyone(2)

    def act(number: int) -> str:
        if number:
            freed()
            outcome = come_by(studio, 2)
            freed()
            return outcome
        # As if a later statement put it aside.
        studio.cancel()
        EntryPlaces.objects.filter(entry=studio.entry).update(reserved=0)
        freed()
        freed()
        return ""

    assert "booked 1" in run_at_once(2, act)


def test_the_freed_space_the_line_and_passers_by() -> None:
    studio = WaitingStudio(members=8)
    studio.join(1)
    studio.join(2, now=SOON)

    def act(number: int) -> str:
        if number == 0:
            studio.cancel()
            return "cancelled"
        if number in {1, 2}:
            return f"offered {offer_spaces(studio.entry.pk, now=SOON)}"
        return come_by(studio, number)

    outcomes = Counter(run_at_once(8, act))
    studio.offer_free()

    assert outcomes["booked 1"] == 0
    assert studio.states() == [WaitState.OFFERED, WaitState.WAITING]
    assert studio.counted == (1, 0, 1)


def test_control_two_workers_who_look_and_then_hold_offer_one_place_twice() -> None:
    studio = WaitingStudio(members=4, capacity=2)
    studio.book(customer=3)
    requests = [studio.join(1), studio.join(2, now=SOON)]
    studio.cancel()
    both_looked = wait_for_everyone(2)

    def naive(number: int) -> int:
        free = read_free(studio.entry.pk).of(studio.ticket.pk)
        both_looked()
        if free:
            WaitlistRequest.objects.filter(pk=requests[number].pk).update(skipped="offered", skipped_at=NOW)
        return free

    assert sum(run_at_once(2, naive)) == 2
    assert WaitlistRequest.objects.filter(skipped="offered").count() == 2


def test_several_workers_offer_one_place_once_and_in_order() -> None:
    studio = WaitingStudio(members=6, capacity=2)
    studio.book(customer=5)
    for number in range(1, 5):
        studio.join(number, now=NOW + timedelta(seconds=number))
    studio.cancel()

    offered = run_at_once(4, lambda _number: offer_spaces(studio.entry.pk, now=SOON))

    assert sum(offered) == 1
    assert studio.states() == ["offered", "waiting", "waiting", "waiting"]
    assert studio.counted == (2, 0, 3)

    studio.cancel(5)
    assert sum(run_at_once(4, lambda _number: offer_spaces(studio.entry.pk, now=SOON))) == 1
    assert studio.states() == ["offered", "offered", "waiting", "waiting"]


def test_an_offer_that_runs_out_while_it_is_taken() -> None:
    studio = WaitingStudio(members=3)
    first = studio.join(1)
    studio.join(2, now=SOON)
    studio.cancel()
    studio.offer_free()
    first.refresh_from_db()
    hold, until = first.hold_id, first.offered_until
    assert hold is not None
    assert until is not None

    def act(number: int) -> str:
        if number == 0:
            return taken_by_offer(first)
        if number == 1:
            return "released" if release_basket(hold, now=until, overdue=True) else "was taken"
        offer_spaces(studio.entry.pk, now=SOON)
        return "offered"

    outcomes = set(run_at_once(3, act))
    studio.offer_free()

    assert outcomes in ({"taken", "was taken", "offered"}, {"BasketClosedError", "released", "offered"})
    ends = [WaitState.TAKEN, WaitState.WAITING] if "taken" in outcomes else [WaitState.LAPSED, WaitState.OFFERED]
    assert studio.states() == ends
    assert Seat.objects.live().filter(entry=studio.entry).count() == 1
    assert studio.counted == (1, 0, ends.count(WaitState.WAITING))


def test_control_looking_and_then_joining_waits_beside_a_free_space() -> None:
    studio = WaitingStudio()
    looked = wait_for_everyone(2)

    def naive(number: int) -> None:
        full = EntryPlaces.objects.get(entry=studio.entry).free == 0
        looked()
        if number == 0:
            studio.cancel()
        looked()
        if number and full:
            terms = {"names": ["Ada"], "joined_at": SOON}
            made = {"account": studio.account, "entry": studio.entry, "ticket": studio.ticket}
            WaitlistRequest.objects.create(customer=studio.customers[1], **made, **terms)

    run_at_once(2, naive)

    places = EntryPlaces.objects.get(entry=studio.entry)
    assert (places.free, places.reserved, studio.states()) == (1, 0, [WaitState.WAITING])


def test_joining_while_a_space_comes_free() -> None:
    studio = WaitingStudio(members=5)

    def act(number: int) -> str:
        if number == 0:
            studio.cancel()
            return "cancelled"
        try:
            studio.join(number, now=SOON)
        except NotFullError:
            return "space"
        return "joined"

    outcomes = Counter(run_at_once(5, act))
    studio.offer_free()

    # Who joined before it came free has it offered; where nobody had, it is everybody's: nobody waits beside it.
    waiting = outcomes["joined"]
    assert outcomes["joined"] + outcomes["space"] == 4
    assert studio.counted == ((1, 0, waiting - 1) if waiting else (0, 0, 0))


def test_the_operators_offer_and_the_automatic_one() -> None:
    studio = WaitingStudio(members=5, capacity=1)
    requests = [studio.join(number, now=NOW + timedelta(seconds=number)) for number in range(1, 5)]
    studio.cancel()

    def act(number: int) -> object:
        return offer_now(requests[number], now=SOON) if number else offer_spaces(studio.entry.pk, now=SOON)

    run_at_once(4, act)

    assert Counter(studio.states()) == {"offered": 1, "waiting": 3}
    assert studio.counted == (1, 0, 3)


def test_those_who_leave_at_the_instant_of_their_offer_leave_nothing_behind() -> None:
    studio = WaitingStudio(members=4)
    requests = [studio.join(number, now=NOW + timedelta(seconds=number)) for number in (1, 2, 3)]
    studio.cancel()

    def act(number: int) -> object:
        return leave(requests[number], now=SOON) if number < 3 else offer_spaces(studio.entry.pk, now=SOON)

    run_at_once(4, act)
    for each in requests:
        leave(each, now=SOON)
    studio.offer_free()

    assert studio.counted == (0, 0, 0)
    assert not WaitlistRequest.objects.open().exists()


def test_the_same_form_twice_waits_once() -> None:
    studio = WaitingStudio()

    def act(_number: int) -> str:
        try:
            studio.join(1)
        except CannotJoinError as error:
            return type(error).__name__
        finally:
            connection.close()
        return "joined"

    assert Counter(run_at_once(4, act)) == {"joined": 1, "AlreadyWaitingError": 3}
    assert studio.counted == (1, 0, 1)
