"""Many baskets of guests at one instant: what they hold together keeps within its bounds."""

from collections import Counter
from uuid import uuid4

import pytest

from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.races.crowd import run_at_once
from tickets.availability.facts import ANONYMOUS
from tickets.booking.refusals import GuestsHoldTooManyError
from tickets.booking.request import Guest, WantedTicket
from tickets.checkout.basket import add_tickets
from tickets.models import EntryPlaces

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD, PLACES = 6, 2


@pytest.mark.parametrize("shared", ["email", "network"])
def test_guests_who_hold_at_once_stop_at_the_bound(shared: str) -> None:
    entry = load_entry(EntryFactory.create(capacity=12))
    ticket = TicketFactory.create(entry=entry, cost="cost", price=1200)
    one = CustomerFactory.create(account=entry.account)
    people = [one if shared == "email" else CustomerFactory.create(account=entry.account) for _ in range(CROWD)]

    def hold(number: int) -> str:
        wanted = [WantedTicket(ticket=ticket.pk, name="Jo") for _place in range(PLACES)]
        guest = Guest(network="198.51.100.1" if shared == "network" else f"10.0.0.{number}")
        try:
            add_tickets(None, entry, people[number], wanted, who=ANONYMOUS, key=uuid4(), now=NOW, guest=guest)
        except GuestsHoldTooManyError:
            return "refused"
        return "held"

    assert Counter(run_at_once(CROWD, hold)) == {"held": 3, "refused": 3}
    assert EntryPlaces.objects.get().taken == 6
