"""Who was too late gets a small page: why, what is still to be had, what to do next; and what they typed is kept."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from offers.eligibility import Attendee
from offers.models import Offer
from tests.browsing import form_fields, open_browser, page_text
from tests.factories.schedule import NOW, TicketFactory
from tests.tickets.public.adding import ADD
from tests.tickets.public.booking import ZOE, book_gold, leave_places
from tests.tickets.public.crowd import MOST, blocks_of
from tests.worlds.river import RiverStudio
from tickets.booking import hold
from tickets.models import Booking, BookingState, Entry, EntryPlaces, Seat, Ticket, TicketPlaces
from tickets.public import pages

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


@pytest.mark.parametrize(
    ("change", "statements"),
    [
        ({"cancelled_at": NOW}, 1),
        ({"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}, 1),
        ({"ticket": {"closes_minutes_before": 9999}}, 1),
        ({"ticket": {"opens_minutes_before": 5}}, 1),
        ({"taken_of_ticket": 4}, 1),
        ({"places": 0}, 1),
        # Not full, but too little is left: whether anything holds spaces for too long is asked apart.
        ({"places": 1}, 2),
    ],
)
def test_it_costs_one_statement_and_draws_no_field(
    client: Client, studio: RiverStudio, change: dict[str, Any], statements: int
) -> None:
    path = studio.review_path(drop_in=2)
    form = {**form_fields(client.get(path)), **ZOE, f"t{studio.drop_in.pk}-2-name": "Jo"}
    if "places" in change:
        leave_places(studio, change["places"])
    elif "taken_of_ticket" in change:
        taken = change["taken_of_ticket"]
        Ticket.objects.filter(pk=studio.drop_in.pk).update(capacity=taken)
        about = {"account_id": studio.account.pk, "entry": studio.entry, "ticket": studio.drop_in}
        TicketPlaces.objects.create(**about, capacity=taken, taken=taken)
    elif "ticket" in change:
        Ticket.objects.filter(pk=studio.drop_in.pk).update(**change["ticket"])
    else:
        Entry.objects.update(**change)
    client.post(path, form)

    with CaptureQueriesContext(connection) as captured:
        response = client.post(path, form)

    # The entry, with what holds places there for too long, and whether this form has made something before.
    assert (response.status_code, len(captured.captured_queries)) == (409, statements)
    assert b'<input type="text"' not in response.content
    assert response.content.count(b"<label") == 0


def test_what_is_held_too_long_is_released_first(client: Client, studio: RiverStudio) -> None:
    path = studio.review_path(drop_in=1)
    form = {**form_fields(client.get(path)), **ZOE}
    other = Client()
    other.post(path, {**form_fields(other.get(path)), **ZOE, **ADD})
    EntryPlaces.objects.update(capacity=1)

    refused = client.post(path, form)
    Booking.objects.update(held_until=NOW)
    booked = client.post(path, form)

    assert (refused.status_code, booked.status_code) == (409, 302)
    assert sorted(Booking.objects.values_list("state", flat=True)) == [BookingState.BOOKED, BookingState.RELEASED]


@pytest.mark.parametrize("typed", [{}, ADD])
def test_who_sends_the_form_again_that_took_the_last_space_is_not_too_late(
    client: Client, studio: RiverStudio, typed: dict[str, str]
) -> None:
    path = studio.review_path(drop_in=1)
    form = {**form_fields(client.get(path)), **ZOE, **typed}
    leave_places(studio, 1)

    first, again = client.post(path, form), client.post(path, form)

    assert [first.status_code, again.status_code] == [302, 302]
    assert (again["Location"], Seat.objects.count()) == (first["Location"], 1)


def test_a_basket_of_ones_own_that_has_the_last_space_keeps_it(client: Client, studio: RiverStudio) -> None:
    path = studio.review_path(drop_in=1)
    leave_places(studio, 1)
    client.post(path, {**form_fields(client.get(path)), **ZOE, **ADD})

    response = client.post(path, {**form_fields(client.get(path)), **ZOE})

    assert (response.status_code, page_text(response).count("Sold out. Nothing has been booked")) == (409, 1)
    assert [Booking.objects.get().state, Seat.objects.live().count()] == [BookingState.BASKET, 1]


def test_whoever_has_typed_too_little_is_told_that_it_is_too_late(client: Client, studio: RiverStudio) -> None:
    path = studio.review_path(drop_in=1)
    leave_places(studio, 0)

    said, kept = too_late(client, path, **{"booker-name": "Zoë", "key": "none"})

    assert said.startswith("Sold out.")
    assert {name: kept.get(name) for name in ("booker-name", "booker-email", "key")} == {
        "booker-name": "Zoë",
        "booker-email": None,
        "key": "none",
    }


def test_who_is_logged_in_is_told_the_same(studio: RiverStudio) -> None:
    client = open_browser(studio.member())
    path = studio.review_path(drop_in=1)
    form = form_fields(client.get(path))
    leave_places(studio, 0)

    said, kept = too_late(client, path, **form)

    assert (said.startswith("Sold out."), kept["key"]) == (True, form["key"])


@pytest.mark.usefixtures("new_files")
def test_it_is_found_without_reading_what_others_booked(crowded: Entry) -> None:
    EntryPlaces.objects.filter(entry=crowded).update(taken=F("capacity"))
    asked = [crowded.page.slug, crowded.uuid, list[UUID](), Seat.objects.filter(entry=crowded)[:1].get().uuid, NOW]

    [found] = pages._entries_of_form(*asked)  # noqa: SLF001

    assert [vars(found)[name] for name in ("made", "overdue")] == [True, False]
    assert blocks_of(pages._entries_of_form, *asked) < MOST  # noqa: SLF001
    assert blocks_of(hold._overdue_at, crowded.account_id, crowded.pk, NOW) < MOST  # noqa: SLF001


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
