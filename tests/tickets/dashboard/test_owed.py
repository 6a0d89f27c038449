"""What is still to be paid at the studio: shown wherever a booking is, filtered for, and waived."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Booking, Entry, Seat, Ticket


@pytest.fixture
def priced(entry: Entry) -> Ticket:
    return TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost")


@pytest.fixture
def seat(entry: Entry, priced: Ticket) -> Seat:
    return book_seat_manually(entry, priced)


def listed(dashboard: Dashboard, state: str) -> list[Booking]:
    return list(dashboard.get("bookings", {"state": state}).context["bookings"])


def test_it_stands_wherever_the_booking_does(dashboard: Dashboard, entry: Entry, seat: Seat) -> None:
    places: dict[str, dict[str, Any]] = {
        "entry": {"pk": entry.pk},
        "booking": {"pk": seat.booking_id},
        "bookings": {},
        "customer": {"pk": seat.customer_id},
    }

    for name, where in places.items():
        assert "£12.00 to pay" in page_text(dashboard.get(name, None, **where)), name
    file = b"".join(dashboard.get("attendees_csv", pk=entry.pk).streaming_content).decode()
    assert "£12.00 to pay" in file
    own = page_text(Client().get(f"/my/bookings/{seat.booking.uuid}/"))
    assert "£12.00 still to pay at River Studio." in own


def test_unpaid_ones_are_filtered_for(dashboard: Dashboard, entry: Entry, seat: Seat, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket)
    gone = book_seat_manually(entry, seat.ticket)
    cancel_by_studio([gone.pk], now=NOW)
    strange = EntryFactory.create(page__account=AccountFactory.create())
    book_seat_manually(strange, TicketFactory.create(entry=strange, price=5, cost="cost"))

    assert listed(dashboard, "unpaid") == [seat.booking]
    assert len(listed(dashboard, "booked")) == 3
    assert "Unpaid 1" in page_text(dashboard.get("bookings"))


def test_a_credit_is_told_and_is_not_unpaid(dashboard: Dashboard, seat: Seat) -> None:
    Seat.objects.update(owed=-400)

    assert listed(dashboard, "unpaid") == []
    page = dashboard.get("booking", pk=seat.booking_id)
    assert "£4.00 credit Give back Waive" in page_text(page)
    assert f"{dashboard.url('customer_give_back', pk=seat.customer_id)}?seat={seat.pk}" in page.content.decode()
    own = page_text(Client().get(f"/my/bookings/{seat.booking.uuid}/"))
    assert "River Studio has noted £4.00 as your credit." in own


def test_what_becomes_of_it_is_said_first(dashboard: Dashboard, seat: Seat) -> None:
    path = dashboard.url("booking_settled", pk=seat.booking_id)
    assert f'href="{path}"' in dashboard.get("booking", pk=seat.booking_id).content.decode()
    page = page_text(dashboard.client.get(path))
    assert ("Waive £12.00?" in page, "This can’t be undone." in page) == (True, True)
    assert Seat.objects.get().owed == 1200

    Seat.objects.update(owed=-400)
    page = page_text(dashboard.client.get(path))
    assert ("Waive their credit?" in page, "They lose their credit." in page) == (True, True)

    Seat.objects.update(owed=0)
    answer = dashboard.client.get(path)
    assert (answer["Location"], shown_messages(answer)) == (
        dashboard.url("booking", pk=seat.booking_id),
        ["Nothing is owed for this booking."],
    )


def test_it_is_settled_once(dashboard: Dashboard, seat: Seat) -> None:
    first = dashboard.post("booking_settled", {"seen": "1200"}, pk=seat.booking_id)

    assert (first["Location"], shown_messages(first)) == (
        dashboard.url("booking", pk=seat.booking_id),
        ["Waived. Nothing is owed for this booking any more."],
    )
    assert (Seat.objects.get().owed, listed(dashboard, "unpaid")) == (0, [])
    [line] = AuditEntry.objects.filter(action="owed.waived")
    assert line.changes == [["To pay at the studio", "£12.00", "–"]]
    again = dashboard.post("booking_settled", {"seen": "1200"}, pk=seat.booking_id)
    assert shown_messages(again)[-1] == "Someone has already dealt with this."


def test_it_is_nobody_else_s_to_settle(dashboard: Dashboard, seat: Seat) -> None:
    stranger = open_dashboard(AccountFactory.create())

    assert stranger.client.post(dashboard.url("booking_settled", pk=seat.booking_id)).status_code == 404
    assert Seat.objects.get().owed == 1200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_is_fixed(
    rows: int, dashboard: Dashboard, yoga: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(rows):
        entry = EntryFactory.create(page=yoga, starts_at=NOW + timedelta(days=day + 1))
        book_seat_manually(entry, TicketFactory.create(entry=entry, price=5, cost="cost"))
    dashboard.get("bookings", {"state": "unpaid"})

    with django_assert_num_queries(9):
        dashboard.get("bookings", {"state": "unpaid"})
