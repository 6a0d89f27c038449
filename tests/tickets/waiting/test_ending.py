"""Waiting ends where the sale does, where the class is cancelled, and where somebody booked otherwise."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import Letter
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.worlds.waiting_studio import SOON, WaitingStudio, letters_told
from tickets.availability.facts import ANONYMOUS
from tickets.availability.places import capacities_needed
from tickets.booking.book import book, book_by_studio
from tickets.booking.hold import release_overdue
from tickets.booking.move import MoveOrder, move_seat
from tickets.booking.move_terms import SEAT_FACTS, move_terms, read_facts_of_move
from tickets.booking.request import StudioOrder, WantedTicket
from tickets.models import Seat, WaitEnd, WaitState
from tickets.schedule.catalogue import edit_ticket, retire_ticket, ticket_terms
from tickets.schedule.details import entry_details
from tickets.schedule.entries import cancel_entry, edit_entries
from tickets.waiting.requests import leave

pytestmark = pytest.mark.django_db


def test_the_list_ends_with_the_sale_and_all_are_told(studio: WaitingStudio) -> None:
    request = studio.join(1)
    assert request.look_at == studio.entry.starts_at

    studio.look(request, now=studio.entry.starts_at)

    request.refresh_from_db()
    assert (request.state, request.ended_because) == (WaitState.ENDED, "sale_ended")
    assert studio.counted == (1, 0, 0)
    assert letters_told() == ["waitlist_joined", "waitlist_ended"]


def test_a_cancelled_class_ends_the_list_and_the_offers_and_all_are_told(studio: WaitingStudio) -> None:
    studio.join(1)
    studio.join(2, now=SOON)
    studio.cancel()
    studio.offer_free()

    cancel_entry(load_entry(studio.entry), now=SOON)
    studio.offer_free()

    assert studio.states() == [WaitState.ENDED, WaitState.ENDED]
    assert studio.counted == (0, 0, 0)
    assert letters_told()[-2:] == ["waitlist_ended", "waitlist_ended"]
    assert "has cancelled the event" in Letter.objects.filter(kind="waitlist_ended").latest("pk").text


def move_start(studio: WaitingStudio, starts_at: datetime) -> None:
    """Let the first entry start at another instant."""
    entry = load_entry(studio.entry)
    details = entry_details(entry)
    moved = replace(details, starts=details.starts + (starts_at - entry.starts_at))
    edit_entries(entry, moved, now=SOON)


def test_a_moved_class_keeps_the_line_and_tells_it(studio: WaitingStudio) -> None:
    request = studio.join(1)
    entry = load_entry(studio.entry)
    details = entry_details(entry)
    edit_entries(entry, replace(details, starts=details.starts + timedelta(hours=1)), now=NOW)
    request.refresh_from_db()
    assert (request.moved_from, request.look_at) == (studio.entry.starts_at, NOW)

    studio.look(request, now=NOW)
    studio.look(request, now=NOW)

    assert studio.states() == [WaitState.WAITING]
    assert letters_told() == ["waitlist_joined", "waitlist_moved"]
    request.refresh_from_db()
    assert request.look_at == studio.entry.starts_at + timedelta(hours=1)


def test_a_class_that_stays_at_its_time_and_is_elsewhere_says_so(studio: WaitingStudio) -> None:
    request = studio.join(1)
    entry = load_entry(studio.entry)
    edit_entries(entry, replace(entry_details(entry), location="Attic"), now=NOW)

    studio.look(request, now=NOW)

    told = Letter.objects.get(kind="waitlist_moved")
    assert ("now" in told.subject, told.subject.startswith("Changed: ")) == (False, True)
    assert "It still starts at the same time. Where it is, or when it ends, has changed." in told.text
    assert "It was due to start" not in told.text


def test_a_class_that_is_moved_while_a_space_is_held_says_until_when_it_is(studio: WaitingStudio) -> None:
    request = studio.join(1)
    studio.cancel()
    studio.offer_free()
    move_start(studio, SOON + timedelta(minutes=30))

    studio.look(request, now=SOON)
    studio.look(request, now=SOON)

    request.refresh_from_db()
    assert request.hold is not None
    # It ends with the sale, and was to end two hours from now.
    assert request.offered_until == request.hold.held_until == SOON + timedelta(minutes=30)
    assert letters_told() == ["waitlist_joined", "waitlist_offered", "waitlist_moved"]
    told = Letter.objects.get(kind="waitlist_moved").text
    assert "We’re still holding it, until Tuesday 15 January 2030, 12:31" in " ".join(told.split())
    assert "place in line" not in told
    assert release_overdue(request.hold.pk, now=SOON + timedelta(minutes=30))
    assert studio.states() == [WaitState.LAPSED]
    assert studio.counted == (0, 0, 0)


def test_a_class_that_is_moved_to_later_leaves_what_is_held_as_it_is(studio: WaitingStudio) -> None:
    request = studio.join(1)
    studio.cancel()
    studio.offer_free()
    request.refresh_from_db()
    until = request.offered_until
    move_start(studio, NOW + timedelta(days=5))

    studio.look(request, now=SOON)

    request.refresh_from_db()
    assert (request.offered_until, request.hold and request.hold.held_until) == (until, until)


def test_what_is_held_is_held_no_longer_than_its_sale_where_that_is_changed(studio: WaitingStudio) -> None:
    request = studio.join(1)
    studio.cancel()
    studio.offer_free()
    closes = int((studio.entry.starts_at - SOON).total_seconds() // 60) - 45
    edit_ticket(studio.ticket, replace(ticket_terms(studio.ticket), closes_minutes_before=closes), now=SOON)
    request.refresh_from_db()
    assert request.look_at == SOON

    studio.look(request, now=SOON)

    request.refresh_from_db()
    assert request.offered_until == SOON + timedelta(minutes=45)


def test_who_booked_otherwise_waits_no_more(studio: WaitingStudio) -> None:
    studio.join_as_guest(now=NOW - timedelta(minutes=1))
    remove = studio.join(1)
    leave(remove, now=NOW)
    studio.cancel()
    studio.offer_free()
    assert studio.states()[0] == WaitState.OFFERED

    other = WaitingStudio()
    waiting = other.join(1, now=NOW - timedelta(minutes=1))
    other.members[1].standings.update(until=SOON)
    other.cancel()
    other.offer_free()
    wanted = [WantedTicket(ticket=other.drop_in.pk, name="Ada")]
    book(load_entry(other.entry), other.customers[1], wanted, who=ANONYMOUS, key=uuid4(), now=SOON)
    other.offer_free()
    waiting.refresh_from_db()
    assert waiting.state == WaitState.TAKEN
    assert other.counted == (1, 0, 0)


def test_who_is_moved_there_by_the_studio_waits_no_more(studio: WaitingStudio) -> None:
    other = EntryFactory.create(page=studio.entry.page, starts_at=NOW + timedelta(days=9))
    ticket = TicketFactory.create(entry=other)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada")]
    order = StudioOrder()
    made = book_by_studio(load_entry(other), studio.customers[1], wanted, key=uuid4(), now=NOW, order=order)
    request = studio.join(1, now=SOON)
    seat = Seat.objects.for_letters().select_related(*SEAT_FACTS).get(booking=made.booking)
    target, now = load_entry(studio.entry), SOON + timedelta(minutes=1)
    terms = move_terms(seat, target, studio.drop_in, read_facts_of_move(seat, target, now=now), now=now)
    room = capacities_needed(target, [studio.drop_in])
    wish = MoveOrder(ticket=studio.drop_in.pk, use=terms.choices[0], terms_version=terms.version, room=room)
    move_seat(seat, target, wish, now=now)
    studio.offer_free(now=now)
    request.refresh_from_db()
    assert request.state == WaitState.TAKEN
    assert studio.counted == (2, 0, 0)


@pytest.mark.parametrize("because", [WaitEnd.TICKET_GONE, WaitEnd.SALE_ENDED])
def test_who_waits_for_what_is_sold_no_more_is_told_at_once(studio: WaitingStudio, because: WaitEnd) -> None:
    request = studio.join(1)
    if because == WaitEnd.TICKET_GONE:
        retire_ticket(studio.ticket, now=SOON)
    else:
        edit_ticket(studio.ticket, replace(ticket_terms(studio.ticket), closes_minutes_before=10**6), now=SOON)
    request.refresh_from_db()
    assert request.look_at == SOON
    studio.look(request, now=SOON)
    request.refresh_from_db()
    assert (request.state, request.ended_because) == (WaitState.ENDED, because)
    assert letters_told() == ["waitlist_joined", "waitlist_ended"]
    assert studio.counted == (1, 0, 0)
