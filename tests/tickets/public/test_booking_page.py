"""A booking's own page: what it shows to whoever knows its address, the calendar file, and cancelling."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import travel

from accounts.models import Account, Letter
from offers.models import UsagePeriod
from tests.accounts.letters import written
from tests.browsing import calendar_events, form_fields, open_browser, page_text, submit_form
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, load_entry
from tests.sentences import (
    ADD_DATE,
    BACK_IN_ALLOWANCE,
    CODE,
    HAS_CANCELLED,
    NOT_BACK_IN_ALLOWANCE,
    REMOVE_DATE,
    SHOW_CODE,
    TICKET_RETURNED,
    UPDATE_DATE,
    WE_WILL_EMAIL,
)
from tests.tickets.public.booking import book_for_member, book_for_stranger
from tests.worlds.river import RiverStudio
from tickets.booking.book import book_by_studio
from tickets.booking.cancel import cancel_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, EntryPlaces, Seat
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import cancel_entry, edit_entries

pytestmark = pytest.mark.django_db

HEAD = "Thursday 17 January 2030, 12:00 – 13:00 (Europe/London) Boat house"


def booking_path(booking: Booking) -> str:
    return f"/my/bookings/{booking.uuid}/"


def test_whoever_knows_the_address_sees_it_and_nothing_else(client: Client, studio: RiverStudio) -> None:
    booking = book_for_stranger(studio, "Zoë", "Jo")
    shown = (
        f"River Studio Morning yoga Your booking Morning yoga Booked {HEAD} "
        f"Tickets Booking reference {booking.reference} Who’s coming Name Ticket Actions "
        f"Zoë Drop-in Change name Zoë Cancel Zoë Jo Drop-in Change name Jo Cancel Jo {CODE} "
        "Add to calendar Book another event Cancel booking You can cancel online until it starts."
    )

    for browser in (client, open_browser(studio.member())):
        response = browser.get(booking_path(booking))
        assert page_text(response) == shown
        assert "zoe@example.org" not in response.content.decode()
        assert '<meta name="robots" content="noindex">' in response.content.decode()
        assert (response["X-Robots-Tag"], response["Referrer-Policy"], response["Cache-Control"]) == (
            "noindex",
            "same-origin",
            "private, no-store",
        )


@pytest.mark.parametrize("path", ["", "calendar.ics", "cancel/"])
def test_nobody_finds_one_by_guessing(client: Client, studio: RiverStudio, path: str) -> None:
    book_for_stranger(studio, "Zoë")

    assert client.get(f"/my/bookings/{uuid4()}/{path}").status_code == 404


def test_the_offer_that_was_charged_and_the_cut_off(client: Client, personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")

    assert page_text(client.get(booking_path(booking))).partition("Actions ")[2] == (
        f"Ada Gold place Gold: 1 of your 3 tickets used {CODE} "
        "Add to calendar Book another event Cancel booking "
        "Cancel by Wednesday 16 January 2030, 12:00 (Europe/London) and you get your ticket back. "
        "After that you can still cancel, but you lose the ticket."
    )


def test_the_calendar_file(client: Client, personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")

    response = client.get(f"{booking_path(booking)}calendar.ics")

    (event,) = calendar_events(response.content.decode())
    assert response["Content-Disposition"] == f'attachment; filename="booking-{booking.reference}.ics"'
    assert (event["SUMMARY"], event["DTSTART"].dt, event["STATUS"], event["SEQUENCE"], event["LOCATION"]) == (
        "Morning yoga",
        personal.entry.starts_at,
        "CONFIRMED",
        0,
        "Boat house",
    )
    assert event["URL"] == f"http://testserver{booking_path(booking)}"


def test_cancelling_in_time_gives_the_use_back(client: Client, personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")
    path = f"{booking_path(booking)}cancel/"

    assert page_text(client.get(path)) == (
        f"Your booking / Cancel Cancel your booking? Morning yoga {HEAD} What will happen: "
        f"Ada: “ Gold place ” will be cancelled. {TICKET_RETURNED} "
        "The cut-off for this is Wednesday 16 January 2030, 12:00 (Europe/London). "
        f"{WE_WILL_EMAIL} Keep booking Cancel booking"
    ).replace(" / ", " ")

    response = submit_form(client, path)

    assert (response.status_code, response["Location"]) == (302, booking_path(booking))
    after = client.get(booking_path(booking))
    assert page_text(after).partition("Actions ")[2] == (
        "Ada Gold place Cancelled Gold: 1 ticket returned to your allowance See what’s coming up"
    )
    assert "Booking cancelled" in after.content.decode()
    assert (UsagePeriod.objects.get().used, EntryPlaces.objects.get().taken) == (0, 0)


def test_cancelling_late_keeps_the_use(client: Client, personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")

    with travel(NOW + timedelta(days=1, seconds=1), tick=False):
        assert (
            "The ticket won’t be returned to your allowance: the cut-off was Wednesday 16 January 2030, 12:00 "
            "(Europe/London)." in page_text(client.get(f"{booking_path(booking)}cancel/"))
        )
        submit_form(client, f"{booking_path(booking)}cancel/")

        assert "Gold: ticket not returned to your allowance: cancelled after the cut-off" in page_text(
            client.get(booking_path(booking))
        )
    assert UsagePeriod.objects.get().used == 1


def test_the_cut_off_passes_while_the_page_is_open(client: Client, personal: RiverStudio) -> None:
    """What the page promised is what happens, or it asks again."""
    booking = book_for_member(personal, "Ada")
    path = f"{booking_path(booking)}cancel/"
    form = form_fields(client.get(path))

    with travel(NOW + timedelta(days=1, seconds=1), tick=False):
        asked_again = client.post(path, form)

        assert (asked_again.status_code, Seat.objects.get().cancelled_at) == (409, None)
        assert (
            "Something changed while this page was open: the cut-off may have passed. Nothing has been cancelled yet. "
            "Check what will happen, then confirm again."
        ) in page_text(asked_again)
        assert client.post(path, form_fields(asked_again)).status_code == 302
    assert (Seat.objects.get().cancelled_at is None, UsagePeriod.objects.get().used) == (False, 1)


def test_a_studio_that_always_gives_uses_back(client: Client, personal: RiverStudio) -> None:
    Account.objects.update(returns_late_uses=True)
    booking = book_for_member(personal, "Ada")

    with travel(NOW + timedelta(days=1, hours=5), tick=False):
        assert "Cancel online before it starts and you get your ticket back." in page_text(
            client.get(booking_path(booking))
        )
        submit_form(client, f"{booking_path(booking)}cancel/")
    assert UsagePeriod.objects.get().used == 0


def test_one_place_of_several(client: Client, family: RiverStudio) -> None:
    booking = book_for_member(family, "Ada", "Ben", "Cleo")
    ben = booking.seats.get(attendee_name="Ben")
    path = f"{booking_path(booking)}cancel/?seat={ben.uuid}"

    assert page_text(client.get(path)).partition("happen: ")[2] == (
        f"Ben: “ Gold place ” will be cancelled. {TICKET_RETURNED} "
        "The cut-off for this is Wednesday 16 January 2030, 12:00 (Europe/London). "
        f"The other 2 tickets in this booking are kept. {WE_WILL_EMAIL} Keep booking Cancel ticket"
    )

    submit_form(client, path)

    assert sorted(booking.seats.filter(cancelled_at=None).values_list("attendee_name", flat=True)) == ["Ada", "Cleo"]
    assert UsagePeriod.objects.get().used == 2
    # The whole booking: what is left of it.
    submit_form(client, f"{booking_path(booking)}cancel/")
    assert (booking.seats.filter(cancelled_at=None).count(), UsagePeriod.objects.get().used) == (0, 0)


def test_a_seat_of_another_booking_is_left_alone(client: Client, studio: RiverStudio) -> None:
    mine, theirs = book_for_stranger(studio, "Zoë"), book_by_studio_for_free(studio)
    seat = theirs.seats.get()

    response = client.post(f"{booking_path(mine)}cancel/?seat={seat.uuid}", {"promise": "back"})

    assert (response.status_code, Seat.objects.filter(cancelled_at=None).count()) == (302, 2)


def book_by_studio_for_free(studio: RiverStudio) -> Booking:
    customer = CustomerFactory.create(account=studio.account)
    return book_by_studio(
        load_entry(studio.entry), customer, [WantedTicket(ticket=studio.gold.pk, name="Guest")], key=uuid4(), now=NOW
    ).booking


def test_cancelled_twice_does_once(client: Client, personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")
    form = form_fields(client.get(f"{booking_path(booking)}cancel/"))

    for _ in range(2):
        assert client.post(f"{booking_path(booking)}cancel/", form).status_code == 302

    assert (UsagePeriod.objects.get().used, EntryPlaces.objects.get().taken, Letter.objects.count()) == (0, 0, 2)


def test_where_customers_may_not_cancel(client: Client, studio: RiverStudio) -> None:
    Account.objects.update(customers_cancel=False)
    booking = book_for_stranger(studio, "Zoë")

    assert page_text(client.get(booking_path(booking))).partition("Actions ")[2] == (
        f"Zoë Drop-in Change name Zoë {CODE} Add to calendar Book another event "
        f"To change or cancel it, contact River Studio ({studio.account.contact})."
    )
    assert client.post(f"{booking_path(booking)}cancel/", {"promise": "back"}).status_code == 302
    assert Seat.objects.get().cancelled_at is None


def test_what_has_begun_cannot_be_cancelled(client: Client, studio: RiverStudio) -> None:
    booking = book_for_stranger(studio, "Zoë")

    with travel(studio.entry.starts_at, tick=False):
        assert (
            page_text(client.get(booking_path(booking))).partition("Actions ")[2] == "Zoë Drop-in See what’s coming up"
        )
        assert "Morning yoga Past" in page_text(client.get(booking_path(booking)))
        assert client.post(f"{booking_path(booking)}cancel/", {"promise": "back"}).status_code == 302
    assert Seat.objects.get().cancelled_at is None


def test_what_the_studio_cancelled(client: Client, personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")

    cancel_entry(load_entry(personal.entry), now=NOW)

    assert page_text(client.get(booking_path(booking))) == (
        f"River Studio Morning yoga Your booking Morning yoga Cancelled {HEAD} "
        f"River Studio {HAS_CANCELLED} We’re sorry. You don’t need to do anything. "
        f"See what else is on Tickets Booking reference {booking.reference} Who’s coming Name Ticket Actions "
        "Ada Gold place Cancelled by River Studio Gold: 1 ticket returned to your allowance See what’s coming up"
    )


def test_in_the_demo_the_letter_is_one_click_away(client: Client, studio: RiverStudio, settings: Settings) -> None:
    settings.DEMO = True
    booking = book_for_stranger(studio, "Zoë")

    assert f'href="/outbox/?q={booking.reference}"' in client.get(booking_path(booking)).content.decode()


def test_cancelling_needs_the_forms_token(studio: RiverStudio) -> None:
    booking = book_for_stranger(studio, "Zoë")

    response = Client(enforce_csrf_checks=True).post(f"{booking_path(booking)}cancel/", {"promise": "back"})

    assert (response.status_code, Seat.objects.get().cancelled_at) == (403, None)


@pytest.mark.parametrize("names", [("Ada",), ("Ada", "Ben", "Cleo")])
def test_it_costs_one_statement(
    client: Client, family: RiverStudio, names: tuple[str, ...], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    booking = book_for_member(family, *names)

    with django_assert_num_queries(1):
        client.get(booking_path(booking))


# The letters and the files in them.


def test_the_letter_that_confirms(personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")

    letter = written(Letter.objects.get())
    assert letter.subject == "Booked: Morning yoga, 17 January, 12:00"
    assert letter.text == (
        "Hello Ada Lovelace,\n\n"
        "Your booking at River Studio is confirmed. We look forward to seeing you.\n\n"
        "Morning yoga\nThursday 17 January 2030, 12:00–13:00 (Europe/London)\nBoat house\n\n"
        "- Ada: Gold place (1 ticket from your allowance)\n\n"
        "If you can’t make it, cancel by Wednesday 16 January 2030, 12:00 and the ticket will be returned to your "
        "allowance.\n\n"
        f"Booking reference: {booking.reference}. {ADD_DATE}\n\n{SHOW_CODE}\n\n"
        f"See or cancel your booking: http://testserver{booking_path(booking)}\n"
    )
    calendar = Calendar.from_ical(letter.calendar)
    (event,) = calendar_events(letter.calendar)
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 0)
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/London"]
    assert str(booking.uuid) not in event["UID"]


def test_the_letter_of_a_late_cancellation_takes_the_event_out_of_the_calendar(
    client: Client, personal: RiverStudio
) -> None:
    booking = book_for_member(personal, "Ada")
    with travel(NOW + timedelta(days=1, seconds=1), tick=False):
        submit_form(client, f"{booking_path(booking)}cancel/")

    first, letter = map(written, Letter.objects.order_by("pk"))
    assert letter.subject == "Cancelled: Morning yoga, 17 January, 12:00"
    assert letter.text == (
        "Hello Ada Lovelace,\n\nYou’ve cancelled this ticket at River Studio.\n\n"
        "Morning yoga\nThursday 17 January 2030, 12:00–13:00 (Europe/London)\nBoat house\n\n"
        f"- Ada: Gold place – {NOT_BACK_IN_ALLOWANCE}\n\n"
        f"{REMOVE_DATE}\n\n"
        f"See your booking: http://testserver{booking_path(booking)}\n"
    )
    (before,), (after,) = calendar_events(first.calendar), calendar_events(letter.calendar)
    assert (Calendar.from_ical(letter.calendar)["METHOD"], after["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], before["SEQUENCE"] + 1)


def test_the_letter_of_one_cancelled_place_leaves_the_calendar_alone(client: Client, family: RiverStudio) -> None:
    booking = book_for_member(family, "Ada", "Ben")
    ben = booking.seats.get(attendee_name="Ben")
    submit_form(client, f"{booking_path(booking)}cancel/?seat={ben.uuid}")

    letter = Letter.objects.latest("pk")
    assert (letter.calendar, letter.text.partition("Boat house\n\n")[2]) == (
        "",
        (
            f"- Ben: Gold place – {BACK_IN_ALLOWANCE}\n\nStill booked:\n\n- Ada: Gold place\n\n"
            f"See your booking: http://testserver{booking_path(booking)}\n"
        ),
    )


def test_two_bookings_of_one_event_are_two_events_in_the_calendar(studio: RiverStudio) -> None:
    first, second = book_for_stranger(studio, "Zoë"), book_by_studio_for_free(studio)

    uids = [event["UID"] for letter in Letter.objects.all() for event in calendar_events(written(letter).calendar)]
    assert (first == second, len(set(uids))) == (False, 2)


def test_the_letter_of_a_move(personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")
    entry = load_entry(personal.entry)
    details = entry_details(entry)
    later = EntryDetails(
        title=details.title,
        starts=details.starts + timedelta(hours=2),
        duration=details.duration,
        capacity=details.capacity,
        location="Attic",
    )

    edit_entries(entry, later, now=NOW)

    first, letter = map(written, Letter.objects.order_by("pk"))
    assert letter.subject == "Changed: Morning yoga, now 17 January, 14:00"
    assert letter.text == (
        "Hello Ada Lovelace,\n\n"
        "River Studio has changed an event you’ve booked. Your booking is kept, and you don’t need to do anything.\n\n"
        "Morning yoga\nThursday 17 January 2030, 14:00–15:00 (Europe/London)\nAttic\n\n"
        "It was due to start on Thursday 17 January 2030, 12:00.\n\n"
        "- Ada: Gold place\n\n"
        f"{UPDATE_DATE}\n\n"
        "If this doesn’t suit you, cancel by Wednesday 16 January 2030, 14:00. "
        "The ticket will be returned to your allowance.\n\n"
        f"See or cancel your booking: http://testserver{booking_path(booking)}\n"
    )
    (before,), (after,) = calendar_events(first.calendar), calendar_events(letter.calendar)
    assert (after["UID"], after["SEQUENCE"], after["DTSTART"].dt) == (
        before["UID"],
        before["SEQUENCE"] + 1,
        personal.entry.starts_at + timedelta(hours=2),
    )


def test_the_letter_of_what_the_studio_cancels(personal: RiverStudio) -> None:
    booking = book_for_member(personal, "Ada")
    cancel_by_studio(list(booking.seats.values_list("pk", flat=True)), now=NOW)

    assert (
        Letter.objects.latest("pk")
        .text.partition("Ada Lovelace,\n\n")[2]
        .startswith("River Studio has cancelled this ticket.\n\nMorning yoga\n")
    )


def test_a_name_with_signs_arrives_as_it_is(studio: RiverStudio) -> None:
    Entry.objects.update(title="Tea & <yoga> 100%")
    book_for_stranger(studio, "Zoë & “Jo” 🧘")

    letter = written(Letter.objects.get())
    assert letter.subject == "Booked: Tea & <yoga> 100%, 17 January, 12:00"
    assert "- Zoë & “Jo” 🧘: Drop-in\n" in letter.text
