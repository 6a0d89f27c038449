"""A complete free booking, its requests counted one by one: choosing, reviewing, confirming, the page of the booking.

A guest’s takes nine SQL statements, a member’s sixteen; BEGIN, COMMIT and savepoints are not counted.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.browsing import form_fields, open_browser
from tests.factories.schedule import EntryFactory, TicketFactory
from tests.tickets.public.booking import ZOE
from tests.worlds.river import RiverStudio
from tickets.models import Entry, Seat, Ticket

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

FRAMES: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def book(client: Client, entry: Entry, ticket: Ticket, **typed: str) -> list[int]:
    """Book a ticket as a person does; how many statements each request took."""
    page = f"/river/entries/{entry.uuid}/"
    path = f"{page}book/?t{ticket.pk}=1"
    counts = []

    def ask(question: Callable[[], "Answer"], status: int) -> "Answer":
        with CaptureQueriesContext(connection) as captured:
            answer = question()
        assert answer.status_code == status
        counts.append(sum(not str(query["sql"] or "").startswith(FRAMES) for query in captured.captured_queries))
        return answer

    ask(lambda: client.get(page), 200)
    form = form_fields(ask(lambda: client.get(path), 200))
    form.pop("add", None)
    booked = ask(lambda: client.post(path, {**form, **typed}), 302)
    ask(lambda: client.get(booked["Location"]), 200)
    return counts


def test_a_guests_booking_takes_six_statements(studio: RiverStudio) -> None:
    client = Client()
    book(client, studio.entry, studio.drop_in, **ZOE)
    entry = EntryFactory.create(page=studio.page)

    assert book(client, entry, TicketFactory.create(entry=entry), **ZOE) == [1, 1, 3, 1]
    assert Seat.objects.filter(entry=entry).count() == 1


def test_a_members_booking_takes_sixteen_statements(personal: RiverStudio) -> None:
    client = open_browser(personal.member())
    book(client, personal.entry, personal.gold)
    entry = EntryFactory.create(page=personal.page)

    assert book(client, entry, TicketFactory.create(entry=entry, group=personal.group)) == [3, 3, 8, 2]
    assert Seat.objects.filter(entry=entry, use__isnull=False).count() == 1
