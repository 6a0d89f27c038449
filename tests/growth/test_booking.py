"""What does not grow: a booking, and the verdict before it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Customer
from bench.scale import dataset
from bench.scale.judging import SLACK
from bench.scale.meter import Cost, measure
from offers.eligibility import Attendee
from tickets.availability.facts import load_facts, person_of_customer
from tickets.booking.book import book
from tickets.booking.request import WantedTicket
from tickets.models import Entry

pytestmark = pytest.mark.django_db


def at_measured_class(slug: str, act: Callable[[Entry, Customer], object]) -> Cost:
    account = dataset.studio(slug)
    entry = Entry.objects.for_booking().get(account=account, title="Measured class")
    customer = Customer.objects.get(account=account, email__startswith="person1.")
    cost = measure(lambda: act(entry, customer), times=1)
    assert cost
    return cost


def book_by_offer(entry: Entry, customer: Customer) -> None:
    ticket = entry.series.tickets.get(exclusive=True)
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    booking = book(entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=timezone.now()).booking
    assert booking.seats.count() == 1


def judge(entry: Entry, customer: Customer) -> None:
    load_facts(entry, person_of_customer(customer), now=timezone.now())


@pytest.mark.parametrize("act", [judge, book_by_offer])
def test_a_booking_costs_a_big_studio_what_it_costs_a_small_one(
    grown: None, act: Callable[[Entry, Customer], object]
) -> None:
    small, big = (at_measured_class(slug, act) for slug in (dataset.SMALL, dataset.BIG))

    assert big.statements == small.statements
    assert big.blocks <= 1.3 * small.blocks + SLACK
