"""A customer chose before the series was split: their form and their link go on with the copies of the tickets."""

import pytest
from django.test import Client

from tests.browsing import form_fields, page_text
from tests.factories.schedule import load_entry
from tests.tickets.public.booking import ZOE, list_seats
from tests.worlds.river import RiverStudio
from tickets.models import Entry, Seat, Ticket
from tickets.schedule.extending import extend_series
from tickets.schedule.overrides import Scope
from tickets.schedule.recurrence import Repeat
from tickets.schedule.splitting import split_series

pytestmark = pytest.mark.django_db


def split_from_its_own(entry: Entry) -> None:
    split_series(load_entry(entry), Scope.THIS)


@pytest.fixture
def studio(studio: RiverStudio) -> RiverStudio:
    """The class repeats, so that one date can have tickets of its own."""
    extend_series(studio.entry.series, repeat=Repeat(count=3))
    return studio


def test_a_form_that_was_open_books_the_copy(client: Client, studio: RiverStudio) -> None:
    path = studio.review_path(drop_in=1)
    typed = {**form_fields(client.get(path)), **ZOE}

    split_from_its_own(studio.entry)
    response = client.post(path, typed)

    assert response.status_code == 302
    seat = Seat.objects.select_related("ticket").get()
    assert (seat.ticket.split_from_id, seat.ticket.series_id) == (studio.drop_in.pk, load_entry(studio.entry).series_id)


def test_what_was_typed_for_each_attendee_stays(client: Client, studio: RiverStudio) -> None:
    path = studio.review_path(drop_in=2)
    typed = {**form_fields(client.get(path)), **ZOE, f"t{studio.drop_in.pk}-2-name": "Jo"}

    split_from_its_own(studio.entry)
    client.post(path, typed)

    assert [(ticket, name) for ticket, name, _email, _own in list_seats()] == [
        ("Drop-in", "Zoë O’Neill"),
        ("Drop-in", "Jo"),
    ]


def test_a_link_from_before_opens_the_review_also_after_a_second_split(client: Client, studio: RiverStudio) -> None:
    later = list(Entry.objects.filter(series=studio.entry.series).order_by("starts_at"))[1:]
    split_series(load_entry(later[0]), Scope.FOLLOWING)
    first_copy = Ticket.objects.get(split_from=studio.drop_in)
    split_series(load_entry(later[1]), Scope.FOLLOWING)

    page = client.get(f"/river/entries/{later[1].uuid}/book/?t{first_copy.pk}=2")

    assert page.status_code == 200
    assert "Drop-in 2 of 2" in page_text(page)


def test_a_ticket_of_somewhere_else_is_no_choice(client: Client, studio: RiverStudio) -> None:
    split_from_its_own(studio.entry)
    stranger = Ticket.objects.create(account=studio.account, series=studio.entry.series, name="Other")

    page = client.get(f"{studio.entry_path}book/?t{stranger.pk}=1&t{'9' * 30}=1&t{'9' * 18}=1")

    assert "Choose at least one ticket" in page_text(page)
