"""What comes free is offered to those who wait: in order, to whom the rule allows, and to nobody else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Account, Letter, WaitingList
from groups.services import remove_by_hand
from offers.eligibility import Attendee, Reason
from tests.factories.schedule import NOW, TicketFactory, load_entry
from tests.worlds.members_studio import booking_outcome
from tests.worlds.waiting_studio import SOON, WaitingStudio, letters_told
from tickets.availability.facts import ANONYMOUS, person_of_customer
from tickets.booking.book import book
from tickets.booking.hold import release_basket
from tickets.booking.request import WantedTicket
from tickets.checkout.basket import add_tickets
from tickets.models import BookingState, Seat, Ticket, TicketPlaces, WaitState
from tickets.schedule.catalogue import TicketTerms, edit_ticket, ticket_terms
from tickets.schedule.entries import set_capacity
from tickets.waiting.offering import Outcome, offer_now
from tickets.waiting.requests import NotFullError, leave, position

pytestmark = pytest.mark.django_db


def passer_by(studio: WaitingStudio) -> str:
    """What somebody reads who comes by and wants the drop-in ticket now."""
    entry = load_entry(studio.entry)
    guest = studio.customers[-1]
    wanted = [WantedTicket(ticket=studio.drop_in.pk, name="Passer-by")]
    return booking_outcome(lambda: book(entry, guest, wanted, who=ANONYMOUS, key=uuid4(), now=SOON).booking)


def test_what_comes_free_is_for_the_first_in_line_and_no_passer_by_has_it(studio: WaitingStudio) -> None:
    first, second = studio.join(1), studio.join(2, now=SOON)
    assert (position(first), position(second)) == (1, 2)
    studio.cancel()

    assert studio.counted == (0, 1, 2)
    assert passer_by(studio) == Reason.SOLD_OUT

    assert studio.offer_free() == 1
    assert studio.counted == (1, 0, 1)
    assert passer_by(studio) == Reason.SOLD_OUT
    assert studio.states() == [WaitState.OFFERED, WaitState.WAITING]
    first.refresh_from_db()
    assert first.offered_until == SOON + timedelta(minutes=120)
    assert first.hold is not None
    assert first.hold.state == BookingState.BASKET
    assert first.hold.held_until == first.offered_until
    assert letters_told() == ["waitlist_joined", "waitlist_joined", "waitlist_offered"]
    assert Letter.objects.latest("pk").recipient == studio.customers[1].email
    assert position(second) == 1


def test_an_offer_holds_the_use_too(studio: WaitingStudio) -> None:
    studio.join(1)
    studio.cancel()
    studio.offer_free()

    seat = Seat.objects.live().get()
    # Whatever else they have in a basket is another one: theirs is found by the request alone, until it is taken.
    assert (seat.self_attendee, seat.booking.filled_by_id) == (studio.customers[1], None)
    assert seat.use is not None
    assert seat.use.period.used == 1


def test_an_offer_that_runs_out_goes_to_the_next_and_is_told(studio: WaitingStudio) -> None:
    first = studio.join(1)
    studio.join(2, now=SOON)
    studio.cancel()
    studio.offer_free()
    first.refresh_from_db()
    assert first.hold is not None
    assert first.offered_until is not None

    assert release_basket(first.hold.pk, now=first.offered_until, overdue=True)
    assert studio.counted == (0, 1, 1)
    assert passer_by(studio) == Reason.SOLD_OUT
    studio.look(first, now=first.offered_until)
    studio.offer_free(now=first.offered_until)

    assert studio.states() == [WaitState.LAPSED, WaitState.OFFERED]
    assert studio.counted == (1, 0, 0)
    assert letters_told()[2:] == ["waitlist_offered", "waitlist_lapsed", "waitlist_offered"]
    studio.look(first, now=first.offered_until)
    assert letters_told().count("waitlist_lapsed") == 1


def test_who_declines_is_not_written_to(studio: WaitingStudio) -> None:
    first = studio.join(1)
    studio.cancel()
    studio.offer_free()

    assert leave(first, now=SOON)
    assert not leave(first, now=SOON)

    assert studio.states() == [WaitState.DECLINED]
    assert studio.counted == (0, 0, 0)
    assert letters_told() == ["waitlist_joined", "waitlist_offered"]


def test_who_may_not_have_it_is_told_why_once_and_keeps_their_turn(studio: WaitingStudio) -> None:
    first = studio.join(1)
    studio.join(2, now=SOON)
    remove_by_hand(studio.members[1], now=SOON)
    studio.cancel()

    studio.offer_free()

    first.refresh_from_db()
    assert (first.state, first.skipped) == (WaitState.WAITING, Reason.NOT_IN_GROUP)
    assert studio.states() == [WaitState.WAITING, WaitState.OFFERED]
    studio.offer_free(now=SOON + timedelta(minutes=5))
    assert letters_told() == ["waitlist_joined", "waitlist_joined", "waitlist_skipped", "waitlist_offered"]
    assert position(first) == 1


def test_what_nobody_who_waits_can_have_is_the_publics(studio: WaitingStudio) -> None:
    studio.join(1)
    remove_by_hand(studio.members[1], now=SOON)
    studio.cancel()

    assert studio.offer_free() == 0

    assert studio.counted == (0, 0, 1)
    assert passer_by(studio) == "booked 1"


def test_who_was_passed_over_is_looked_at_again_while_there_is_space(studio: WaitingStudio) -> None:
    first = studio.join(1)
    studio.members[1].standings.update(until=SOON)
    studio.cancel()
    studio.offer_free()
    first.refresh_from_db()
    assert first.look_at == SOON + timedelta(minutes=5)

    studio.members[1].standings.update(until=None)
    studio.look(first, now=SOON + timedelta(minutes=5))

    assert studio.states() == [WaitState.OFFERED]
    assert studio.counted == (1, 0, 0)


def test_who_waits_for_two_is_passed_over_for_one(studio: WaitingStudio) -> None:
    pair = studio.join_as_guest(names=["Ada", "Ben"])
    studio.join(1, now=SOON)
    studio.cancel()
    studio.offer_free()

    pair.refresh_from_db()
    assert (pair.state, pair.skipped) == (WaitState.WAITING, "too_few")
    assert studio.states() == [WaitState.WAITING, WaitState.OFFERED]

    set_capacity([studio.entry.pk], 3)
    assert studio.counted == (1, 2, 1)
    studio.offer_free()
    assert studio.states() == [WaitState.OFFERED, WaitState.OFFERED]
    pair.refresh_from_db()
    assert pair.hold is not None
    seats = pair.hold.seats.order_by("pk").values_list("attendee_name", "is_for_booker")
    assert list(seats) == [("Ada", True), ("Ben", False)]
    assert pair.hold.booker_name == "Ada"


def test_a_larger_capacity_is_for_those_who_wait(studio: WaitingStudio) -> None:
    studio.join(1)

    set_capacity([studio.entry.pk], 3)
    assert studio.counted == (1, 2, 1)
    set_capacity([studio.entry.pk], 2)
    assert studio.counted == (1, 1, 1)
    assert passer_by(studio) == Reason.SOLD_OUT

    studio.offer_free()
    assert studio.counted == (2, 0, 0)


def test_a_ticket_that_is_full_keeps_its_place_for_who_waits_for_it() -> None:
    studio = WaitingStudio(capacity=50, books=False)
    few = TicketFactory.create(entry=studio.entry, name="Few", capacity=1)
    guest = WantedTicket(ticket=few.pk, name="First")
    entry = load_entry(studio.entry)
    booked = book(entry, studio.customer, [guest], who=ANONYMOUS, key=uuid4(), now=NOW).booking
    studio.join(1, ticket=few)
    assert booked.seats.count() == 1

    edit_ticket(few, _terms(few, capacity=2), now=NOW)
    places = TicketPlaces.objects.get(ticket=few)
    assert (places.capacity, places.taken, places.reserved, places.waiting) == (2, 1, 1, 1)
    again = WantedTicket(ticket=few.pk, name="Passer-by")
    tried = booking_outcome(
        lambda: book(load_entry(entry), studio.customer, [again], who=ANONYMOUS, key=uuid4(), now=SOON).booking
    )
    assert tried == Reason.SOLD_OUT

    studio.offer_free()
    assert studio.states() == [WaitState.OFFERED]
    places.refresh_from_db()
    assert (places.taken, places.reserved, places.waiting) == (2, 0, 0)


def _terms(ticket: Ticket, **changes: Any) -> TicketTerms:
    return replace(ticket_terms(ticket), **changes)


def test_a_basket_that_ran_out_goes_to_those_who_wait() -> None:
    studio = WaitingStudio(books=False)
    wanted = [WantedTicket(ticket=studio.ticket.pk, name="Ada", attendee=Attendee.SELF)]
    who = person_of_customer(studio.customer)
    basket = add_tickets(None, load_entry(studio.entry), studio.customer, wanted, who=who, key=uuid4(), now=NOW)
    studio.join(1)

    assert basket.held_until is not None
    release_basket(basket.pk, now=basket.held_until, overdue=True)

    assert studio.counted == (0, 1, 1)
    studio.offer_free()
    assert studio.states() == [WaitState.OFFERED]


def test_booked_at_once_where_nothing_is_to_pay(studio: WaitingStudio) -> None:
    request = studio.join(1, books_at_once=True)
    studio.cancel()

    studio.offer_free()

    request.refresh_from_db()
    assert request.state == WaitState.TAKEN
    booking = request.hold
    assert booking is not None
    assert (booking.state, booking.filled_by_id) == (BookingState.BOOKED, studio.customers[1].user_id)
    assert studio.counted == (1, 0, 0)
    letter = Letter.objects.get(kind="waitlist_booked")
    assert "BEGIN:VCALENDAR" in letter.calendar


def test_nobody_is_booked_at_once_after_the_cut_off_nor_where_it_costs_something(studio: WaitingStudio) -> None:
    late = studio.entry.starts_at - timedelta(hours=23)
    request = studio.join(1, books_at_once=True)
    studio.cancel(now=late)
    studio.offer_free(now=late)
    request.refresh_from_db()
    assert request.state == WaitState.OFFERED

    other = WaitingStudio()
    other.drop_in.cost, other.drop_in.price = "cost", 1200
    other.drop_in.save()
    other.join(1, ticket=other.drop_in, books_at_once=True)
    other.cancel()
    other.offer_free()
    assert WaitState.OFFERED in other.states()


def test_a_guest_whose_address_must_be_confirmed_is_not_booked_at_once(studio: WaitingStudio) -> None:
    Account.objects.update(confirms_free_bookings=True)
    studio.join_as_guest(books_at_once=True)
    studio.cancel()
    studio.offer_free()
    assert studio.states() == [WaitState.OFFERED]


def test_nobody_waits_where_there_is_space(studio: WaitingStudio) -> None:
    studio.cancel()
    with pytest.raises(NotFullError):
        studio.join(1)
    assert (studio.counted, studio.states()) == ((0, 0, 0), [])


def test_nothing_is_offered_past_the_sales_close(studio: WaitingStudio) -> None:
    close = studio.entry.starts_at
    request = studio.join(1)
    studio.cancel(now=close - timedelta(minutes=90))

    studio.offer_free(now=close - timedelta(minutes=90))
    request.refresh_from_db()
    assert request.offered_until == close


def test_what_could_be_held_for_minutes_only_is_the_publics(studio: WaitingStudio) -> None:
    close = studio.entry.starts_at
    request = studio.join(1)
    studio.cancel(now=close - timedelta(minutes=9))

    studio.offer_free(now=close - timedelta(minutes=9))

    request.refresh_from_db()
    assert (request.state, request.skipped) == (WaitState.WAITING, "too_late")
    assert studio.counted == (0, 0, 1)
    assert letters_told() == ["waitlist_joined"]


def test_all_at_once_tells_everyone_and_leaves_it_to_the_first(studio: WaitingStudio) -> None:
    studio.account.waiting_list = WaitingList.ALL_AT_ONCE
    studio.account.save()
    studio.join(1, now=NOW - timedelta(minutes=1))
    studio.join(2, now=NOW - timedelta(minutes=1))
    studio.cancel()

    studio.offer_free()
    studio.offer_free()

    assert studio.states() == [WaitState.WAITING, WaitState.WAITING]
    assert letters_told() == ["waitlist_joined", "waitlist_joined", "waitlist_free", "waitlist_free"]
    assert studio.counted == (0, 0, 2)
    assert studio.try_to_book(customer=2) == "booked 1"
    studio.offer_free()
    assert studio.states() == [WaitState.WAITING, WaitState.TAKEN]


def test_the_operator_offers_out_of_turn_what_is_free_and_no_more(studio: WaitingStudio) -> None:
    studio.join(1)
    second = studio.join(2, now=SOON)
    assert offer_now(second, now=SOON) is Outcome.GONE
    studio.cancel()

    assert offer_now(second, now=SOON) is Outcome.OFFERED
    assert offer_now(second, now=SOON) is Outcome.GONE

    assert studio.states() == [WaitState.WAITING, WaitState.OFFERED]
    assert studio.counted == (1, 0, 1)


def test_the_operator_offers_nobody_what_the_rule_refuses(studio: WaitingStudio) -> None:
    first = studio.join(1)
    remove_by_hand(studio.members[1], now=SOON)
    studio.cancel()

    assert offer_now(first, now=SOON) is Outcome.PASSED_OVER
    assert studio.counted == (0, 1, 1)
