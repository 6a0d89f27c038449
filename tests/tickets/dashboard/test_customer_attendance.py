"""How often a customer came, stayed away or cancelled late, and what a booking’s page says of that and of its uses."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import Account, Customer
from tests.browsing import page_text
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.tickets.dashboard.register_desk import CLASS
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.attendance import mark_attendance
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.dashboard.attendance import attendance_of_customer
from tickets.models import Entry, Presence, Seat, Ticket
from tickets.schedule.entries import cancel_entry

LATE = CLASS - timedelta(minutes=1)


@pytest.fixture
def ada(entry: Entry) -> Customer:
    return CustomerFactory.create(account=entry.account, name="Ada")


def booked(entry: Entry, ada: Customer, attendee: str = "Ada") -> Seat:
    ticket = Ticket.objects.filter(series=entry.series_id).first() or TicketFactory.create(entry=entry, name="Drop-in")
    seat = book_seat_manually(entry, ticket, attendee)
    Seat.objects.filter(pk=seat.pk).update(customer=ada)
    seat.booking.customer = ada
    seat.booking.save()
    return seat


def mark(seat: Seat, presence: Presence, now: datetime = CLASS) -> None:
    mark_attendance(seat.entry, seat.pk, presence, seen=None, by=None, now=now)


def counts(ada: Customer) -> tuple[str, str, str]:
    found = attendance_of_customer(ada, now=CLASS)
    return str(found.present), str(found.absent), str(found.late)


def test_who_came_stayed_away_and_cancelled_late_is_counted(entry: Entry, ada: Customer) -> None:
    for presence in (Presence.PRESENT, Presence.PRESENT, Presence.ABSENT):
        mark(booked(entry, ada), presence)
    late = booked(entry, ada)
    cancel_by_customer(late.booking, [late.pk], now=LATE)
    assert counts(ada) == ("2", "1", "1")


def test_people_whom_they_brought_count_and_those_of_others_do_not(entry: Entry, ada: Customer) -> None:
    mark(booked(entry, ada, "Byron"), Presence.PRESENT)
    mark(booked(entry, CustomerFactory.create(account=entry.account, name="Ada")), Presence.ABSENT)
    assert counts(ada) == ("1", "0", "0")


def test_what_is_nobodys_fault_is_not_counted(entry: Entry, ada: Customer) -> None:
    early, by_studio, undone = (booked(entry, ada) for _ in range(3))
    cancel_by_customer(early.booking, [early.pk], now=NOW)
    cancel_by_studio([by_studio.pk], now=LATE)
    mark(undone, Presence.ABSENT)
    mark(undone, Presence.UNSAID)
    called_off = EntryFactory.create(page=entry.page, starts_at=CLASS)
    late = booked(called_off, ada)
    cancel_by_customer(late.booking, [late.pk], now=LATE)
    cancel_entry(called_off, now=LATE)
    assert counts(ada) == ("0", "0", "0")
    assert not attendance_of_customer(ada, now=CLASS)


def test_who_came_and_whose_space_is_cancelled_after_all_did_not(entry: Entry, ada: Customer) -> None:
    seat = booked(entry, ada)
    mark(seat, Presence.PRESENT)
    cancel_by_studio([seat.pk], now=CLASS)
    assert counts(ada) == ("0", "0", "0")


def test_their_page_says_so(dashboard: Dashboard, entry: Entry, ada: Customer) -> None:
    assert "Attendance" not in page_text(dashboard.get("customer", pk=ada.pk))
    mark(booked(entry, ada), Presence.PRESENT)
    late = booked(entry, ada)
    cancel_by_customer(late.booking, [late.pk], now=LATE - timedelta(hours=1))
    Account.objects.update(cancellation_cutoff_minutes=24 * 60 * 30)
    assert "Attendance Came 1 Absent 0 Cancelled late 0" in page_text(dashboard.get("customer", pk=ada.pk))


@pytest.mark.parametrize("returns", [True, False], ids=["returned", "kept"])
def test_a_booking_says_who_was_absent_and_whether_the_use_was_returned(
    *, returns: bool, dashboard: Dashboard, entry: Entry, class_time: Traveller
) -> None:
    Account.objects.update(returns_absent_uses=returns)
    dashboard = open_dashboard(entry.account)
    seat = book_member_seat(entry)
    uses = {False: "one use from Gold Thu", True: "one use from Gold, returned Thu"}

    def said() -> tuple[bool, bool]:
        page = page_text(dashboard.get("booking", pk=seat.booking_id))
        return uses[True] in page, uses[False] in page

    assert said() == (False, True)
    mark(seat, Presence.ABSENT)
    assert "Booked Absent" in page_text(dashboard.get("booking", pk=seat.booking_id))
    assert said() == (returns, not returns)
    mark(seat, Presence.PRESENT)
    assert "Booked Present" in page_text(dashboard.get("booking", pk=seat.booking_id))
    assert said() == (False, True)


def test_the_use_of_a_cancelled_space_is_returned_or_kept(dashboard: Dashboard, entry: Entry) -> None:
    seat = book_member_seat(entry)
    cancel_by_customer(seat.booking, [seat.pk], now=LATE)
    assert "one use from Gold Thu" in page_text(dashboard.get("booking", pk=seat.booking_id))
    again = book_member_seat(entry, group_name="Silver", name="Zoe")
    cancel_by_studio([again.pk], now=LATE)
    assert "one use from Silver, returned Thu" in page_text(dashboard.get("booking", pk=again.booking_id))


@pytest.mark.parametrize("seats", [1, 3])
def test_a_bookings_page_asks_no_more_for_more_people(
    seats: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = book_seat_manually(entry, ticket, "Ada")
    for _more in range(seats - 1):
        other = book_seat_manually(entry, ticket, "Ben")
        Seat.objects.filter(pk=other.pk).update(booking=first.booking, customer=first.customer)
    for seat in Seat.objects.filter(booking=first.booking).select_related("entry__account"):
        mark(seat, Presence.PRESENT)
    dashboard.get("booking", pk=first.booking_id)
    with django_assert_num_queries(10):
        dashboard.get("booking", pk=first.booking_id)
