"""Races about erasing: somebody books, is imported, or is spoken of by Stripe while they are erased."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.customers import recognise_customer
from accounts.erasing.service import InTheWayError, erase_customer
from accounts.models import Customer, Erasure
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.races.crowd import meanwhile, run_at_once, wait_for_everyone
from tickets.availability.facts import ANONYMOUS
from tickets.booking.book import book
from tickets.booking.refusals import CustomerGoneError
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, Seat

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CROWD = 6


def class_with_ticket() -> tuple[Entry, int]:
    entry = EntryFactory.create(starts_at=NOW + timedelta(days=2))
    return entry, TicketFactory.create(entry=entry).pk


def book_for(entry: Entry, ticket: int, customer: Customer) -> Booking:
    wanted = [WantedTicket(ticket=ticket, name="Zebedee")]
    return book(load_entry(entry), customer, wanted, who=ANONYMOUS, key=uuid4(), now=NOW).booking


def test_control_a_row_that_is_blanked_and_stays_takes_a_booking_after_it() -> None:
    """Were the person's row only emptied, who had found it before would book for nobody."""
    entry, ticket = class_with_ticket()
    customer = CustomerFactory.create(account=entry.account)
    everybody_looked = wait_for_everyone(2)

    def act(number: int) -> None:
        if number:
            found = Customer.objects.get(pk=customer.pk)
            found.account = entry.account
            everybody_looked()
            book_for(entry, ticket, found)
        else:
            with transaction.atomic():
                assert not Seat.objects.filter(customer=customer).exists()
                everybody_looked()
                Customer.objects.filter(pk=customer.pk).update(name="", phone="", note="")

    run_at_once(2, act)
    assert Seat.objects.get(customer=customer).attendee_name == "Zebedee"


def test_who_books_while_they_are_erased_is_either_booked_or_gone() -> None:
    entry, ticket = class_with_ticket()
    customer = CustomerFactory.create(account=entry.account, email="zeb@example.org")

    def act(number: int) -> str:
        if number % 2:
            found = recognise_customer(entry.account, "zeb@example.org", "Zebedee", confirmed=False)
            try:
                book_for(entry, ticket, found)
            except CustomerGoneError:
                return "gone"
            return "booked"
        try:
            erase_customer(customer, now=NOW)
        except InTheWayError:
            return "in the way"
        return "erased"

    outcomes = run_at_once(CROWD, act)

    erased = Erasure.objects.filter(customer_number=customer.pk).exists()
    assert ("erased" in outcomes) == erased
    assert not (erased and "in the way" in outcomes)
    of_nobody = Seat.objects.filter(customer__erased_at__isnull=False)
    assert not of_nobody.exists()
    assert Seat.objects.live().count() == outcomes.count("booked")


def test_a_booking_that_waited_for_the_erasing_is_refused_and_leaves_nothing() -> None:
    entry, ticket = class_with_ticket()
    customer = CustomerFactory.create(account=entry.account, email="zeb@example.org")

    def late() -> str:
        try:
            book_for(entry, ticket, customer)
        except CustomerGoneError:
            return "gone"
        return "booked"

    waited, outcome = meanwhile(lambda: erase_customer(customer, now=NOW), late)

    assert (waited, outcome) == (True, "gone")
    assert not Booking.objects.exists()
    again = recognise_customer(entry.account, "zeb@example.org", "Zebedee", confirmed=False)
    assert book_for(entry, ticket, again).customer == again


def test_an_erasing_that_waited_for_a_booking_finds_it_in_the_way() -> None:
    entry, ticket = class_with_ticket()
    customer = CustomerFactory.create(account=entry.account)

    def hold_as_a_commit_does() -> None:
        book_for(entry, ticket, customer)
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)

    def erase() -> str:
        try:
            erase_customer(customer, now=NOW)
        except InTheWayError as error:
            return str(error)
        return "erased"

    waited, outcome = meanwhile(hold_as_a_commit_does, erase)

    assert waited
    assert "They’re booked for" in outcome


def test_two_erase_the_same_customer() -> None:
    customer = CustomerFactory.create()

    erasures = run_at_once(CROWD, lambda _number: erase_customer(customer, now=NOW).pk)

    assert len(set(erasures)) == 1
    assert Customer.objects.filter(erased_at__isnull=False).count() == 1
