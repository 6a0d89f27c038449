"""The same races through the pages: every loser reads a sentence, nobody meets an error page."""

from collections import Counter
from collections.abc import Generator

import pytest
from django.test import Client
from time_machine import travel

from offers.models import UsagePeriod
from tests.browsing import form_fields, open_browser
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    TicketFactory,
)
from tests.races.crowd import run_at_once
from tests.worlds.members_studio import MembersStudio
from tickets.models import Entry, EntryPlaces, Party, Seat, Ticket
from tickets.public.order.shown import AGAIN

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

BOOKED, REFUSED = 302, 409


@pytest.fixture(autouse=True)
def _clock() -> Generator[None]:
    with travel(NOW):
        yield


def review(entry: Entry, ticket: Ticket, count: int = 1) -> str:
    return f"/{entry.page.slug}/entries/{entry.uuid}/book/?t{ticket.pk}={count}"


def confirm(client: Client, path: str, typed: dict[str, str]) -> int:
    return client.post(path, typed).status_code


def test_forty_buyers_at_the_page_for_ten_places() -> None:
    entry = EntryFactory.create(capacity=10)
    ticket = TicketFactory.create(entry=entry)
    path = review(entry, ticket)
    clients = [Client() for _ in range(40)]
    typed = [
        {
            **form_fields(client.get(path)),
            "booker-name": f"Buyer {number}",
            "booker-email": f"buyer{number}@example.org",
        }
        for number, client in enumerate(clients)
    ]

    answers = run_at_once(40, lambda number: confirm(clients[number], path, typed[number]))

    assert Counter(answers) == {BOOKED: 10, REFUSED: 30}
    assert (Seat.objects.count(), EntryPlaces.objects.get().taken) == (10, 10)


def test_one_member_confirms_eight_events_at_once_with_three_uses_left() -> None:
    studio = MembersStudio(entries=8)
    paths = [review(entry, ticket) for entry, ticket in zip(studio.entries, studio.tickets, strict=True)]
    clients = [open_browser(studio.customer) for _ in paths]
    typed = [form_fields(client.get(path)) for client, path in zip(clients, paths, strict=True)]

    answers = run_at_once(8, lambda number: confirm(clients[number], paths[number], typed[number]))

    assert Counter(answers) == {BOOKED: 3, REFUSED: 5}
    assert (UsagePeriod.objects.get().used, Seat.objects.count()) == (3, 3)


def test_the_guests_of_one_event_confirmed_in_five_tabs() -> None:
    studio = MembersStudio(additional_attendees=2, limit=None)
    path = review(studio.entry, studio.ticket)
    clients = [open_browser(studio.customer) for _ in range(5)]
    guest = {"who": "guest", "name": "Byron"}
    # A tab that comes a moment after another one has booked would be asked whether it is meant: it is.
    meant = {AGAIN: "1"}
    typed = []
    for client in clients:
        found = form_fields(client.get(path))
        place = next(name for name in found if name.endswith("-who")).removesuffix("-who")
        typed.append({**found, **meant, **{f"{place}-{name}": value for name, value in guest.items()}})

    answers = run_at_once(5, lambda number: confirm(clients[number], path, typed[number]))

    assert Counter(answers) == {BOOKED: 3, REFUSED: 2}
    assert (Party.objects.get().seats, Seat.objects.count()) == (3, 3)
