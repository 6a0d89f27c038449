"""Whatever frees a space, it is for those who wait: not only what a customer cancels."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from groups.models import StandingSource
from groups.services import lapse
from offers.eligibility import Reason
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.worlds.members_studio import booking_outcome
from tests.worlds.waiting_studio import SOON, WaitingStudio
from tickets.availability.facts import ANONYMOUS
from tickets.availability.places import capacities_needed
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.move import MoveOrder, move_seat
from tickets.booking.move_terms import SEAT_FACTS, move_terms, read_facts_of_move
from tickets.booking.release import process_releases
from tickets.booking.request import WantedTicket
from tickets.models import Seat, WaitState
from tickets.schedule.entries import set_capacity

pytestmark = pytest.mark.django_db


def moved_away(studio: WaitingStudio) -> None:
    """The studio moves the one who has the space to another class."""
    other = EntryFactory.create(page=studio.entry.page, starts_at=NOW + timedelta(days=9))
    ticket = TicketFactory.create(entry=other)
    seat = Seat.objects.for_letters().select_related(*SEAT_FACTS).get(entry=studio.entry)
    target = load_entry(other)
    terms = move_terms(seat, target, ticket, read_facts_of_move(seat, target, now=SOON), now=SOON)
    room = capacities_needed(target, [ticket])
    wish = MoveOrder(ticket=ticket.pk, use=terms.choices[0], terms_version=terms.version, room=room)
    move_seat(seat, target, wish, now=SOON)


def membership_ended(studio: WaitingStudio) -> None:
    """The membership ends of the one who has the space."""
    ground = uuid4()
    studio.members[0].standings.update(source=StandingSource.MEMBERSHIP, ground=ground)
    lapse(ground=ground, at=SOON, now=SOON)
    process_releases(now=SOON)


def cancelled_by_studio(studio: WaitingStudio) -> None:
    cancel_by_studio(list(Seat.objects.live().values_list("pk", flat=True)), now=SOON)


def larger(studio: WaitingStudio) -> None:
    set_capacity([studio.entry.pk], 2)


@pytest.mark.parametrize("happens", [WaitingStudio.cancel, cancelled_by_studio, moved_away, membership_ended, larger])
def test_it_is_reserved_at_once_and_offered_to_the_first_in_line(
    studio: WaitingStudio, happens: Callable[[WaitingStudio], None]
) -> None:
    studio.join(1)
    taken = 1 if happens is larger else 0

    happens(studio)

    assert studio.counted == (taken, 1, 1)
    wanted = [WantedTicket(ticket=studio.drop_in.pk, name="Passer-by")]
    entry = load_entry(studio.entry)
    tried = booking_outcome(
        lambda: book(entry, studio.customers[2], wanted, who=ANONYMOUS, key=uuid4(), now=SOON).booking
    )
    assert tried == Reason.SOLD_OUT
    studio.offer_free()
    assert studio.states() == [WaitState.OFFERED]
    assert studio.counted == (taken + 1, 0, 0)
