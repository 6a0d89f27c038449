"""Who types another address of a customer's books as that customer, and learns nothing of their main address."""

import pytest
from django.test import Client

from accounts.addresses import add_address, remove_address
from accounts.models import Customer, Letter
from tests.accounts.letters import written
from tests.browsing import page_text, submit_form
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW
from tests.tickets.public.adding import set_price
from tests.worlds.river import RiverStudio
from tickets.models import Booking

pytestmark = pytest.mark.django_db

MAIN, OTHER = "ann@secret.example", "ann.old@example.org"


@pytest.fixture
def ann(studio: RiverStudio) -> Customer:
    customer = CustomerFactory.create(account=studio.account, email=MAIN, name="Ann")
    add_address(customer, OTHER, now=NOW)
    return customer


def book_as(studio: RiverStudio, email: str) -> tuple[Client, Booking]:
    client = Client()
    typed = {"booker-name": "Ann", "booker-email": email}
    assert submit_form(client, studio.review_path(drop_in=1), **typed).status_code == 302
    return client, Booking.objects.latest("pk")


def test_the_booking_is_theirs_and_names_the_address_that_was_typed(studio: RiverStudio, ann: Customer) -> None:
    client, booking = book_as(studio, OTHER)

    assert (booking.customer, booking.booker_email, booking.address) == (ann, OTHER, OTHER)
    letter = Letter.objects.get()
    page = client.get(f"/my/bookings/{booking.uuid}/")
    assert page.status_code == 200
    assert OTHER in page_text(page)
    assert letter.recipient == OTHER
    for told in (page.content.decode(), written(letter).text, written(letter).html, letter.calendar):
        assert MAIN not in told
    assert Customer.objects.filter(account=studio.account).count() == 1


def test_by_the_main_address_nothing_is_noted(studio: RiverStudio, ann: Customer) -> None:
    _client, booking = book_as(studio, MAIN)
    assert (booking.customer, booking.booker_email, Letter.objects.get().recipient) == (ann, "", MAIN)


def test_removed_from_them_the_booking_goes_to_the_main_address(studio: RiverStudio, ann: Customer) -> None:
    _client, booking = book_as(studio, OTHER)
    remove_address(ann, ann.addresses.get(email=OTHER))
    booking.refresh_from_db()
    assert booking.address == MAIN


def test_a_basket_names_it_alone(studio: RiverStudio, ann: Customer) -> None:
    del ann
    set_price(studio.drop_in, 1200)
    client, booking = book_as(studio, OTHER)
    page = client.get("/river/basket/")
    assert booking.booker_email == OTHER
    assert MAIN not in page.content.decode()
