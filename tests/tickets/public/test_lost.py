"""Who was too late gets a small page: why, what is still to be had, what to do next; and what they typed is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from offers.eligibility import Attendee
from offers.models import Offer
from tests.browsing import form_fields, open_browser, page_text
from tests.factories.schedule import NOW, TicketFactory
from tests.tickets.public.booking import ZOE, book_gold, leave_places
from tests.worlds.river import RiverStudio
from tickets.models import Booking, Entry, Ticket

pytestmark = pytest.mark.django_db

LATER = (
    "A space may come free again: check again later, and you won’t have to type anything twice. Or see what else is on."
)
ENDED = "See what else is on. See the schedule"
AGAIN = "Check again Change tickets See the schedule"


def too_late(client: Client, path: str, **typed: str) -> tuple[str, dict[str, str]]:
    """What a page says beneath its lead, and what its form keeps; `typed` was sent."""
    response = client.post(path, typed)
    text = page_text(response)
    assert (response.status_code, Booking.objects.count()) == (409, 0)
    assert "Nothing has been booked" in text
    return text.partition("attention ")[2], form_fields(response)


@pytest.mark.parametrize(
    ("change", "reason", "next_steps"),
    [
        ({"cancelled_at": NOW}, "This event has been cancelled.", ENDED),
        ({"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}, "This event has already started.", ENDED),
        ({"ticket": {"closes_minutes_before": 9999}}, "Booking closed on 10 January 2030", ENDED),
        ({"ticket": {"opens_minutes_before": 5}}, "On sale from 17 January 2030, 11:55.", ENDED),
        ({"ticket": {"capacity": 0}}, "Sold out.", f"{LATER} {AGAIN}"),
        ({"places": 0}, "Sold out.", f"{LATER} {AGAIN}"),
    ],
)
def test_each_way_to_be_too_late(
    client: Client, studio: RiverStudio, change: dict[str, Any], reason: str, next_steps: str
) -> None:
    path = studio.review_path(drop_in=1)
    form = {**form_fields(client.get(path)), **ZOE}
    if "places" in change:
        leave_places(studio, change["places"])
    elif "ticket" in change:
        Ticket.objects.filter(pk=studio.drop_in.pk).update(**change["ticket"])
    else:
        Entry.objects.update(**change)

    said, kept = too_late(client, path, **form)

    assert said.startswith(reason)
    assert said.endswith(next_steps)
    typed = ("booker-name", "booker-email", f"t{studio.drop_in.pk}-1-who", "key", "terms_version")
    assert {name: kept[name] for name in typed} == {name: form[name] for name in typed}


def test_other_tickets_are_told_of_where_they_can_be_had(client: Client, studio: RiverStudio) -> None:
    path = studio.review_path(drop_in=1)
    form = {**form_fields(client.get(path)), **ZOE}
    Ticket.objects.filter(pk=studio.drop_in.pk).update(capacity=0)
    TicketFactory.create(entry=studio.entry, name="Balcony")

    said, _kept = too_late(client, path, **form)

    there = "There are other tickets for this event. Choose one of them, or see what else is on."
    assert said.endswith(f"{there} {AGAIN}")


def test_it_costs_four_statements_and_draws_no_field(client: Client, studio: RiverStudio) -> None:
    path = studio.review_path(drop_in=1)
    form = {**form_fields(client.get(path)), **ZOE}
    leave_places(studio, 0)
    client.post(path, form)

    with CaptureQueriesContext(connection) as captured:
        response = client.post(path, form)

    # The entry, the facts, what holds places there for too long, and what this form made before.
    assert (response.status_code, len(captured.captured_queries)) == (409, 4)
    assert b'<input type="text"' not in response.content
    assert response.content.count(b"<label") == 0


def test_what_was_typed_is_text_and_nothing_else_is_kept(client: Client, studio: RiverStudio) -> None:
    path = studio.review_path(drop_in=1)
    form = {**form_fields(client.get(path)), **ZOE, "booker-name": '"><b>Zoë', "add": "1", "evil": "x", "check2": "y"}
    leave_places(studio, 0)

    response = client.post(path, form)

    assert form_fields(response)["booker-name"] == '"><b>Zoë'
    assert (b"<b>Zo" in response.content, b"evil" in response.content) == (False, False)


def test_who_may_still_change_who_comes_sees_the_whole_review(personal: RiverStudio) -> None:
    member = personal.member()
    client = open_browser(member)
    path = personal.review_path(gold=1)
    form = form_fields(client.get(path))
    Offer.objects.update(limit=1)
    book_gold(personal, member, Attendee.SELF)

    response = client.post(path, form)

    assert (response.status_code, "Check your booking" in page_text(response)) == (409, True)
