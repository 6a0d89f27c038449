"""The code on a booking leads to its line of the register."""

from uuid import uuid4

from time_machine import Traveller

from tests.browsing import open_browser, page_text, shown_messages
from tests.factories.schedule import EntryFactory, create_customer_with_login
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.dashboard.register_desk import CLASS, anna, names, open_leader, press
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Entry, Ticket


def test_a_code_leads_to_its_people_and_the_second_time_says_what_the_first_did(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    dashboard = open_leader(entry)
    anna(dashboard)
    seat = book_seat_manually(entry, ticket, "Ada")
    book_seat_manually(entry, ticket, "Ben")
    scanned = dashboard.get("register_scan", seat=seat.uuid)
    assert scanned["Location"] == f"{dashboard.url('entry', pk=entry.pk)}?booking={seat.booking_id}"
    assert shown_messages(scanned) == []
    page = dashboard.client.get(scanned["Location"])
    assert names(page) == ["Ada"]
    assert f"Booking {seat.booking.reference} only. Show everyone" in page_text(page)
    press(dashboard, seat, "present", back=f"booking={seat.booking_id}")
    again = dashboard.get("register_scan", seat=seat.uuid)
    assert shown_messages(again) == ["Ada was marked before: Present 12:00 by Anna."]


def test_the_code_of_a_cancelled_space_says_so(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    dashboard = open_dashboard(entry.account)
    seat = book_seat_manually(entry, ticket, "Ada")
    cancel_by_studio([seat.pk], now=CLASS)
    scanned = dashboard.get("register_scan", seat=seat.uuid)
    assert shown_messages(scanned) == ["Ada’s space was cancelled: 12:00."]
    assert names(dashboard.client.get(scanned["Location"])) == ["Ada"]


def test_a_code_before_its_time_says_when(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    seat = book_seat_manually(entry, ticket, "Ada")
    assert shown_messages(dashboard.get("register_scan", seat=seat.uuid)) == [
        "Nothing was marked. You can mark attendance from Thursday 17 January, 00:00."
    ]


def test_a_code_is_nothing_to_strangers_and_to_who_made_it_up(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    seat = book_seat_manually(entry, ticket, "Ada")
    address = dashboard.url("register_scan", seat=seat.uuid)
    stranger, customer = open_browser(create_customer_with_login(EntryFactory.create().account)), open_browser()
    assert stranger.get(address).status_code == 404
    assert customer.get(address)["Location"].startswith("/accounts/login/")
    assert dashboard.get("register_scan", seat=uuid4()).status_code == 404
    elsewhere = open_dashboard(EntryFactory.create().account)
    assert elsewhere.get("register_scan", seat=seat.uuid).status_code == 404
