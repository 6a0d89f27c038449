"""The code of a booking: drawn here, for who has the booking, and opening the register for the team alone."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.browsing import open_browser
from tests.factories.schedule import NOW
from tests.tickets.public.booking import book_for_stranger
from tests.worlds.river import RiverStudio
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Booking, BookingState, Entry
from tickets.public.booking.code import draw_code, scan_url

pytestmark = pytest.mark.django_db


def code_of(booking: Booking, entry: Entry) -> str:
    return reverse("my_booking_code", kwargs={"booking": booking.uuid, "entry": entry.uuid})


def test_the_page_shows_it_once_it_is_asked_for(client: Client, studio: RiverStudio) -> None:
    booking = book_for_stranger(studio, "Zoë", "Jo")
    address = code_of(booking, studio.entry)
    page = client.get(f"/my/bookings/{booking.uuid}/").content.decode()
    assert re.findall(r'<img class="qr-code" loading="lazy" src="([^"]+)"', page) == [address]
    answer = client.get(address)
    first = booking.seats.order_by("pk")[0]
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/svg+xml", "private, no-store")
    assert answer.content == draw_code(scan_url(studio.account.slug, first))
    assert scan_url("river", first) == f"http://testserver/dashboard/river/register/{first.uuid}/"


def test_it_tells_nothing_to_who_scans_it_and_is_not_of_the_team(studio: RiverStudio) -> None:
    booking = book_for_stranger(studio, "Zoë")
    path = scan_url(studio.account.slug, booking.seats.get()).removeprefix("http://testserver")
    assert str(booking.uuid) not in path
    assert open_browser(studio.member()).get(path).status_code == 404
    assert open_browser().get(path)["Location"].startswith("/accounts/login/")


def test_there_is_none_where_nobody_is_booked(client: Client, studio: RiverStudio) -> None:
    booking = book_for_stranger(studio, "Zoë")
    other = Entry(uuid=uuid4())
    assert client.get(code_of(booking, other)).status_code == 404
    assert client.get(code_of(Booking(uuid=uuid4()), studio.entry)).status_code == 404
    Booking.objects.update(state=BookingState.BASKET, held_until=NOW + timedelta(minutes=5))
    assert client.get(code_of(booking, studio.entry)).status_code == 404
    Booking.objects.update(state=BookingState.BOOKED, held_until=None)
    cancel_by_studio(list(booking.seats.values_list("pk", flat=True)), now=NOW)
    assert client.get(code_of(booking, studio.entry)).status_code == 404
    assert "qr-code" not in client.get(f"/my/bookings/{booking.uuid}/").content.decode()
