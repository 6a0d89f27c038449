"""A complete free booking, all its requests counted: choosing, reviewing, confirming, and the page of the booking.

It may take twenty SQL statements; BEGIN, COMMIT and savepoints are not counted.
"""

from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.browsing import form_fields, open_browser
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.tickets.public.booking import ZOE
from tests.worlds.river import RiverStudio
from tickets.models import Entry, Seat, Ticket

FRAMES: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def book(client: Client, entry: Entry, ticket: Ticket, **typed: str) -> int:
    """Book a ticket as a person does; how many statements it took."""
    with CaptureQueriesContext(connection) as captured:
        path = f"/river/entries/{entry.uuid}/"
        assert client.get(path).status_code == 200
        form = form_fields(client.get(f"{path}book/?t{ticket.pk}=1"))
        form.pop("add", None)
        answer = client.post(f"{path}book/?t{ticket.pk}=1", {**form, **typed}, follow=True)
    assert [status for _address, status in answer.redirect_chain] == [302]
    return sum(not str(query["sql"] or "").startswith(FRAMES) for query in captured.captured_queries)


def test_a_guests_booking_takes_fourteen_statements(studio: RiverStudio) -> None:
    client = Client()
    book(client, studio.entry, studio.drop_in, **ZOE)
    entry = EntryFactory.create(page=studio.page)

    assert book(client, entry, TicketFactory.create(entry=entry), **ZOE) == 14
    assert Seat.objects.filter(entry=entry).count() == 1


def test_a_members_booking_takes_twenty_statements(personal: RiverStudio) -> None:
    client = open_browser(personal.member())
    book(client, personal.entry, personal.gold)
    entry = EntryFactory.create(page=personal.page)

    assert book(client, entry, TicketFactory.create(entry=entry, group=personal.group)) == 20
    assert Seat.objects.filter(entry=entry, use__isnull=False).count() == 1
