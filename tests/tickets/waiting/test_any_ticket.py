"""Waiting for any of several tickets: the first of them that comes free is offered, the cheapest first."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import WaitingList
from groups.services import remove_by_hand
from offers.eligibility import Reason
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.worlds.members_studio import booking_outcome
from tests.worlds.waiting_studio import SOON, WaitingStudio, letters_told
from tickets.availability.facts import ANONYMOUS
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import Seat, Ticket, TicketPlaces, WaitlistAlternative, WaitState
from tickets.schedule.catalogue import edit_ticket, retire_ticket, ticket_terms
from tickets.schedule.entries import set_capacity
from tickets.schedule.overrides import Scope
from tickets.schedule.splitting import split_series
from tickets.waiting.offering import Outcome, offer_now
from tickets.waiting.requests import CannotJoinError, NotFullError, TicketNotSoldError, leave

pytestmark = pytest.mark.django_db


def counters(ticket: Ticket) -> tuple[int, int, int]:
    """Of a ticket's places: taken, reserved; and how many wait for it."""
    found = TicketPlaces.objects.filter(ticket=ticket).values_list("taken", "reserved", "waiting").first()
    return found or (0, 0, 0)


def priced(ticket: Ticket, price: int = 1200) -> Ticket:
    ticket.cost, ticket.price = "cost", price
    ticket.save()
    return ticket


def test_whichever_comes_free_is_offered_and_they_wait_for_neither_any_more(studio: WaitingStudio) -> None:
    request = studio.join(1, also=[studio.drop_in.pk])
    assert (counters(studio.ticket)[2], counters(studio.drop_in)[2], studio.counted) == (1, 1, (1, 0, 1))
    remove_by_hand(studio.members[1], now=SOON)
    studio.cancel()

    assert studio.offer_free() == 1

    request.refresh_from_db()
    assert (request.state, request.ticket) == (WaitState.OFFERED, studio.drop_in)
    assert not WaitlistAlternative.objects.exists()
    assert [seat.ticket for seat in Seat.objects.live()] == [studio.drop_in]
    assert (counters(studio.ticket), counters(studio.drop_in), studio.counted) == ((0, 0, 0), (1, 0, 0), (1, 0, 0))
    assert letters_told() == ["waitlist_joined", "waitlist_offered"]


def test_the_cheapest_that_they_may_have_comes_first(studio: WaitingStudio) -> None:
    request = studio.join(1, ticket=priced(studio.drop_in), also=[studio.ticket.pk], books_at_once=True)
    studio.cancel()

    studio.offer_free()

    request.refresh_from_db()
    assert (request.state, request.ticket) == (WaitState.TAKEN, studio.ticket)


def test_what_costs_something_is_never_booked_at_once(studio: WaitingStudio) -> None:
    request = studio.join(1, also=[priced(studio.drop_in).pk], books_at_once=True)
    remove_by_hand(studio.members[1], now=SOON)
    studio.cancel()

    studio.offer_free()

    request.refresh_from_db()
    assert (request.state, request.ticket) == (WaitState.OFFERED, studio.drop_in)


def test_a_ticket_of_which_one_comes_free_is_kept_for_who_would_have_any() -> None:
    studio = WaitingStudio(capacity=50, books=False)
    few, rare = (TicketFactory.create(entry=studio.entry, name=name, capacity=1) for name in ("Few", "Rare"))
    for ticket in (few, rare):
        wanted = [WantedTicket(ticket=ticket.pk, name="First")]
        book(load_entry(studio.entry), studio.customer, wanted, who=ANONYMOUS, key=uuid4(), now=NOW)
    request = studio.join_as_guest(ticket=few, also=[rare.pk])

    edit_ticket(rare, replace(ticket_terms(rare), capacity=2), now=SOON)
    assert counters(rare) == (1, 1, 1)
    passer_by = [WantedTicket(ticket=rare.pk, name="Passer-by")]
    tried = booking_outcome(
        lambda: book(load_entry(studio.entry), studio.customer, passer_by, who=ANONYMOUS, key=uuid4(), now=SOON).booking
    )
    assert tried == Reason.SOLD_OUT
    studio.offer_free()

    request.refresh_from_db()
    assert (request.state, request.ticket) == (WaitState.OFFERED, rare)
    assert (counters(few), counters(rare), studio.counted) == ((1, 0, 0), (2, 0, 0), (3, 0, 0))


def test_who_may_have_none_of_them_is_told_why_the_first_is_not_theirs(studio: WaitingStudio) -> None:
    pair = studio.join(1, names=["Ada", "Ben"], ticket=studio.drop_in)
    leave(pair, now=NOW)
    request = studio.join(1, also=[studio.drop_in.pk])
    remove_by_hand(studio.members[1], now=SOON)
    retire_ticket(studio.drop_in, now=SOON)
    studio.cancel()

    assert offer_now(request, now=SOON) is Outcome.PASSED_OVER
    request.refresh_from_db()
    assert (request.state, request.skipped) == (WaitState.WAITING, Reason.NOT_IN_GROUP)


def test_the_line_goes_on_while_one_of_their_tickets_is_sold(studio: WaitingStudio) -> None:
    request = studio.join(1, also=[studio.drop_in.pk])
    retire_ticket(studio.ticket, now=SOON)
    studio.look(request, now=SOON)
    request.refresh_from_db()
    assert request.state == WaitState.WAITING

    edit_ticket(studio.drop_in, replace(ticket_terms(studio.drop_in), closes_minutes_before=10**6), now=SOON)
    request.refresh_from_db()
    assert request.look_at == SOON
    studio.look(request, now=SOON)

    request.refresh_from_db()
    assert (request.state, request.ended_because) == (WaitState.ENDED, "sale_ended")
    assert (counters(studio.ticket), counters(studio.drop_in), studio.counted) == ((1, 0, 0), (0, 0, 0), (1, 0, 0))


def test_it_ends_with_the_last_sale_of_their_tickets(studio: WaitingStudio) -> None:
    studio.ticket.closes_minutes_before = 600
    studio.ticket.save()
    close = studio.entry.starts_at
    request = studio.join(1, also=[studio.drop_in.pk])
    assert request.look_at == close

    studio.look(request, now=close - timedelta(hours=10))
    assert studio.states() == [WaitState.WAITING]
    studio.cancel(now=close - timedelta(hours=2))
    studio.offer_free(now=close - timedelta(hours=2))

    request.refresh_from_db()
    assert (request.state, request.ticket, request.offered_until) == (WaitState.OFFERED, studio.drop_in, close)


def test_leaving_leaves_nothing_reserved_for_any_of_them(studio: WaitingStudio) -> None:
    request = studio.join(1, also=[studio.drop_in.pk])
    studio.cancel()
    leave(request, now=SOON)

    assert (counters(studio.ticket)[1:], counters(studio.drop_in)[1:], studio.counted) == ((0, 0), (0, 0), (0, 0, 0))


def test_nobody_waits_for_one_beside_another_that_they_could_book() -> None:
    studio = WaitingStudio(capacity=50, books=False)
    few = TicketFactory.create(entry=studio.entry, name="Few", capacity=1)
    wanted = [WantedTicket(ticket=few.pk, name="First")]
    book(load_entry(studio.entry), studio.customer, wanted, who=ANONYMOUS, key=uuid4(), now=NOW)

    with pytest.raises(NotFullError):
        studio.join(1, ticket=few, also=[studio.drop_in.pk])
    assert studio.counted == (1, 0, 0)


def test_nobody_waits_for_what_they_may_not_have(studio: WaitingStudio) -> None:
    hidden = TicketFactory.create(entry=studio.entry, name="Staff", shown=False)
    elsewhere = TicketFactory.create(entry=EntryFactory.create(page=studio.page), name="Elsewhere")

    for also, refused in ((studio.ticket.pk, CannotJoinError), (hidden.pk, TicketNotSoldError)):
        with pytest.raises(refused):
            studio.join_as_guest(also=[also])
    request = studio.join_as_guest(also=[elsewhere.pk, studio.drop_in.pk])
    assert not request.alternatives.exists()
    assert studio.counted == (1, 0, 1)


def test_all_at_once_tells_who_would_come_by_what_is_free(studio: WaitingStudio) -> None:
    studio.account.waiting_list = WaitingList.ALL_AT_ONCE
    studio.account.save()
    studio.drop_in.capacity = 1
    studio.drop_in.save()
    studio.join(1, also=[studio.drop_in.pk])
    set_capacity([studio.entry.pk], 2)

    studio.offer_free()

    assert letters_told() == ["waitlist_joined", "waitlist_free"]


def test_a_series_that_is_split_takes_their_tickets_along(studio: WaitingStudio) -> None:
    later = studio.entry.starts_at + timedelta(days=7)
    EntryFactory.create(page=studio.page, series=studio.entry.series, starts_at=later)
    request = studio.join(1, also=[studio.drop_in.pk])

    copies = split_series(load_entry(studio.entry), Scope.THIS).tickets

    request.refresh_from_db()
    assert {each.pk for each in request.tickets} == {copies[each.pk].pk for each in (studio.ticket, studio.drop_in)}
    studio.cancel()
    studio.offer_free()
    assert studio.states() == [WaitState.OFFERED]
    assert studio.counted == (1, 0, 0)
