"""What guests hold unpaid is bounded, for an email address and from a network: a stranger cannot hold the stock."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import Customer
from bookwhen.client_address import UNKNOWN
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, create_customer_with_login, load_entry
from tests.worlds.till import person_of
from tickets.booking.guest_holds import MOST_IN_STUDIO
from tickets.booking.hold import release_basket
from tickets.booking.refusals import GuestsHoldTooManyError
from tickets.booking.request import Guest, WantedTicket
from tickets.checkout.basket import add_tickets
from tickets.models import Booking, BookingState, Entry, EntryPlaces, Ticket

pytestmark = pytest.mark.django_db

CLUB = "198.51.100.1"


@pytest.fixture
def entry() -> Entry:
    """A class with twelve places, six of them at most in one booking."""
    return EntryFactory.create(capacity=12)


@pytest.fixture
def ticket(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, cost="cost", price=1200)


def hold(
    ticket: Ticket,
    places: int,
    *,
    entry: Entry,
    customer: Customer | None = None,
    network: str = CLUB,
    basket: Booking | None = None,
    now: datetime = NOW,
) -> Booking:
    customer = customer or CustomerFactory.create(account=entry.account)
    wanted = [WantedTicket(ticket=ticket.pk, name=f"Attendee {number}") for number in range(places)]
    who, guest = person_of(customer), Guest(network=network)
    return add_tickets(basket, load_entry(entry), customer, wanted, who=who, key=uuid4(), now=now, guest=guest)


def taken() -> int:
    return EntryPlaces.objects.get().taken


def test_three_baskets_without_cookies_do_not_hold_a_class(entry: Entry, ticket: Ticket) -> None:
    hold(ticket, 4, entry=entry)
    for _basket in range(2):
        with pytest.raises(GuestsHoldTooManyError):
            hold(ticket, 4, entry=entry)
    assert (taken(), Booking.objects.count()) == (4, 1)


def test_from_one_network_half_of_a_class_can_be_held(entry: Entry, ticket: Ticket) -> None:
    EntryPlaces.objects.update(capacity=30)
    for _family in range(5):
        hold(ticket, 3, entry=entry)
    with pytest.raises(GuestsHoldTooManyError):
        hold(ticket, 1, entry=entry)
    hold(ticket, 6, entry=entry, network="198.51.100.2")
    assert taken() == 21


def test_a_family_of_six_passes_even_where_that_is_the_whole_class(entry: Entry, ticket: Ticket) -> None:
    EntryPlaces.objects.update(capacity=6)
    hold(ticket, 6, entry=entry)
    assert taken() == 6


def test_as_many_pass_as_the_studio_lets_one_booking_take(entry: Entry, ticket: Ticket) -> None:
    Entry.objects.update(per_booking=10)
    hold(ticket, 10, entry=entry)
    assert taken() == 10


def test_one_email_address_holds_no_more_from_many_networks(entry: Entry, ticket: Ticket) -> None:
    customer = CustomerFactory.create(account=entry.account)
    hold(ticket, 4, entry=entry, customer=customer)
    with pytest.raises(GuestsHoldTooManyError):
        hold(ticket, 3, entry=entry, customer=customer, network="198.51.100.2")
    hold(ticket, 2, entry=entry, customer=customer, network="198.51.100.3")
    assert taken() == 6


def test_more_into_the_same_basket_counts_with_what_it_holds(entry: Entry, ticket: Ticket) -> None:
    basket = hold(ticket, 4, entry=entry)
    hold(ticket, 2, entry=entry, basket=basket, customer=basket.customer)
    with pytest.raises(GuestsHoldTooManyError):
        hold(ticket, 1, entry=entry)
    assert taken() == 6


def test_somebody_who_is_logged_in_holds_beside_them(entry: Entry, ticket: Ticket) -> None:
    hold(ticket, 6, entry=entry)
    hold(ticket, 6, entry=entry, customer=create_customer_with_login(entry.account))
    assert taken() == 12


def test_what_was_paid_let_go_of_or_is_overdue_counts_no_more(entry: Entry, ticket: Ticket) -> None:
    paid = hold(ticket, 4, entry=entry)
    Booking.objects.get(pk=paid.pk).end_hold(BookingState.BOOKED, now=NOW)
    hold(ticket, 4, entry=entry, now=NOW - timedelta(minutes=20))
    released = hold(ticket, 2, entry=entry)
    release_basket(released.pk, now=NOW)
    EntryPlaces.objects.update(capacity=20)
    hold(ticket, 6, entry=entry)
    with pytest.raises(GuestsHoldTooManyError):
        hold(ticket, 5, entry=entry)


def test_the_network_is_kept_only_while_the_basket_is_open(entry: Entry, ticket: Ticket) -> None:
    basket = hold(ticket, 1, entry=entry)
    assert Booking.objects.get().held_from == CLUB
    release_basket(basket.pk, now=NOW)
    assert (Booking.objects.get().held_from, Booking.objects.get().hold_limit) == ("", None)


@pytest.mark.parametrize("network", ["", UNKNOWN])
def test_guests_who_cannot_be_told_apart_do_not_shut_one_another_out(
    entry: Entry, ticket: Ticket, network: str
) -> None:
    for _basket in range(3):
        hold(ticket, 4, entry=entry, network=network)
    assert taken() == 12


@pytest.mark.parametrize("shared", ["email", "network"])
def test_all_over_the_studio_there_is_a_bound_too(entry: Entry, shared: str) -> None:
    customer = CustomerFactory.create(account=entry.account)
    for number in range(MOST_IN_STUDIO // 20 + 1):
        other = EntryFactory.create(page=entry.page, capacity=50, per_booking=20)
        one = TicketFactory.create(entry=other)
        network = CLUB if shared == "network" else f"10.0.0.{number}"
        who = customer if shared == "email" else None
        if number < MOST_IN_STUDIO // 20:
            hold(one, 20, entry=other, customer=who, network=network)
            continue
        with pytest.raises(GuestsHoldTooManyError):
            hold(one, 1, entry=other, customer=who, network=network)


def test_another_studio_is_another_matter(entry: Entry, ticket: Ticket) -> None:
    hold(ticket, 6, entry=entry)
    elsewhere = EntryFactory.create(capacity=12)
    hold(TicketFactory.create(entry=elsewhere), 6, entry=elsewhere)
    assert Booking.objects.count() == 2
