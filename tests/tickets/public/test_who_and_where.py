"""What customers read of who leads an entry, where it is, its tags and its picture; and of the link, only if booked."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from accounts.email_writing import write_out
from accounts.models import Letter
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, describe, load_entry
from tests.worlds.river import RiverStudio
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Location

pytestmark = pytest.mark.django_db
STATEMENTS = 9
LINK = "https://meet.example.org/secret-room"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with travel(NOW, tick=False):
        yield


def look(path: str) -> str:
    return Client().get(path).content.decode()


def unfolded(calendar: str) -> str:
    return calendar.replace("\r\n ", "")


def booked(studio: RiverStudio, *, email: str = "ada@example.org") -> Booking:
    customer = CustomerFactory.create(account=studio.account, email=email)
    wanted = [WantedTicket(ticket=studio.drop_in.pk, name="Ada")]
    return book_by_studio(load_entry(studio.entry), customer, wanted, key=uuid4(), now=NOW).booking


@pytest.fixture
def online(studio: RiverStudio) -> RiverStudio:
    """The class takes place online."""
    describe(studio.entry)
    Location.objects.update(online=True, address="", map_link="", link=LINK)
    return studio


class TestEverybodyReads:
    def test_on_the_schedule_who_leads_it_and_its_tags(self, studio: RiverStudio) -> None:
        describe(studio.entry)

        html = look("/river/")

        assert "Anna for Ben" in html
        assert '<span class="entry-tag" dir="auto">Yoga</span>' in html
        assert f"/media/pictures/{studio.entry.picture.uuid}/400.webp" in html  # type: ignore[union-attr]

    def test_on_its_page_the_address_and_a_map(self, studio: RiverStudio) -> None:
        describe(studio.entry)

        html = look(studio.entry_path)

        assert "with Anna for Ben" in html
        assert '<span dir="auto">River Room</span>, <span dir="auto">1 High Street</span>' in html
        assert '<a href="https://maps.example.org/river">Map</a>' in html
        assert 'alt="Mats by the river"' in html
        for told in (
            '"performer": [{"@type": "Person", "name": "Anna"}]',
            '"address": "1 High Street", "hasMap": "https://maps.example.org/river"',
            '"keywords": "Yoga"',
            "OfflineEventAttendanceMode",
        ):
            assert told in html

    def test_in_the_feed_where_it_is(self, studio: RiverStudio) -> None:
        describe(studio.entry)
        assert "LOCATION:River Room\\, 1 High Street" in unfolded(look("/river/calendar.ics"))

    def test_never_the_link(self, online: RiverStudio) -> None:
        for path in ("/river/", online.entry_path, online.review_path(drop_in=1), "/river/calendar.ics"):
            answer = Client().get(path)
            assert (answer.status_code, LINK in answer.content.decode(), "secret-room" in str(answer.headers)) == (
                *(200, False),
                False,
            )
        html = look(online.entry_path)
        assert "You’ll get the link to join when you’ve booked." in html
        assert ("VirtualLocation" in html, "OnlineEventAttendanceMode" in html) == (True, True)

    @pytest.mark.parametrize("count", [1, 3])
    def test_in_as_many_statements_for_three_as_for_one(self, studio: RiverStudio, count: int) -> None:
        for number in range(count):
            entry = EntryFactory.create(page=studio.page, starts_at=NOW + timedelta(days=3 + number))
            TicketFactory.create(entry=entry)
            describe(entry)
        look("/river/?filter=1")  # nothing of it is kept
        with CaptureQueriesContext(connection) as asked:
            look("/river/?filter=1")
        assert len(asked) == STATEMENTS


class TestWhoHasBooked:
    def test_reads_the_link_on_the_booking_until_it_is_over(self, online: RiverStudio) -> None:
        booking = booked(online)
        path = f"/my/bookings/{booking.uuid}/"
        button = f'<a class="button" href="{LINK}"'

        assert button in look(path)
        assert f"LOCATION:{LINK}" in unfolded(look(f"{path}calendar.ics"))
        with travel(online.entry.ends_at - timedelta(minutes=1), tick=False):
            assert button in look(path)
        with travel(online.entry.ends_at, tick=False):
            assert button not in look(path)

    def test_no_more_once_it_is_cancelled(self, online: RiverStudio) -> None:
        booking = booked(online)
        booking.seats.update(cancelled_at=NOW, cancelled_by="customer")

        html = look(f"/my/bookings/{booking.uuid}/")

        assert ("secret-room" in html, "Cancelled" in html) == (False, True)
        assert "secret-room" not in look(f"/my/bookings/{booking.uuid}/calendar.ics")

    def test_reads_it_in_the_confirmation(self, online: RiverStudio) -> None:
        booked(online)
        text, calendar = confirmation()
        assert f"Join online: {LINK}" in text
        assert f"LOCATION:{LINK}" in unfolded(calendar)

    def test_reads_the_address_and_a_map_in_the_confirmation(self, studio: RiverStudio) -> None:
        describe(studio.entry)
        booked(studio)

        text, calendar = confirmation()

        assert "River Room, 1 High Street" in text
        assert "See it on a map: https://maps.example.org/river" in text
        assert "LOCATION:River Room\\, 1 High Street" in unfolded(calendar)

    def test_of_facts_from_the_release_before_it_reads_as_much_as_they_tell(self, studio: RiverStudio) -> None:
        describe(studio.entry)
        booked(studio)
        letter = Letter.objects.get(kind="booked")
        del letter.facts["entry"]["venue"]
        letter.save()

        text, _calendar = confirmation()

        assert ("River Room" in text, "1 High Street" in text) == (True, False)


def confirmation() -> tuple[str, str]:
    """The text and the calendar file of the only confirmation, as it is sent."""
    letter = Letter.objects.get(kind="booked")
    if letter.facts is not None:
        write_out(letter)
    return letter.text, letter.calendar
