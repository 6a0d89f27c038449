"""A customer’s page says why an email was given up: too late, in spite of trying; or nothing to tell any more."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import Letter, SchedulePage
from bookwhen.jobs.run import Run
from tests.accounts.letters import FaultyServer, send_due
from tests.browsing import page_text
from tests.factories.schedule import NOW, TicketFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.booking.reminders import send_reminders
from tickets.models import Entry, Seat


@pytest.fixture
def reminded(dashboard: Dashboard, entry: Entry) -> Seat:
    SchedulePage.objects.filter(pk=entry.page_id).update(reminder_hours=24)
    seat = book_seat_manually(entry, TicketFactory.create(entry=entry))
    Letter.objects.all().delete()
    send_reminders(Run("test", now=entry.starts_at - timedelta(hours=3)))
    assert Letter.objects.get().kind == "reminder"
    return seat


def said(dashboard: Dashboard, seat: Seat) -> str:
    return page_text(dashboard.get("customer", pk=seat.customer_id))


def test_one_that_nobody_tried_was_too_late(dashboard: Dashboard, entry: Entry, reminded: Seat) -> None:
    send_due(now=entry.starts_at)
    assert "Not sent It was too late to send it" in said(dashboard, reminded)


def test_one_that_was_tried_in_vain_says_so(
    dashboard: Dashboard, entry: Entry, reminded: Seat, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "tests.accounts.letters.FaultyServer"
    FaultyServer.fault = ConnectionResetError()
    send_due(now=entry.starts_at - timedelta(hours=3))
    assert Letter.objects.get().failed_at is None
    send_due(now=entry.starts_at)
    words = "We tried to send it, but emails weren’t accepted until it was too late"
    assert f"Not sent {words}" in said(dashboard, reminded)


def test_one_of_an_event_that_was_cancelled_had_nothing_to_tell(
    dashboard: Dashboard, entry: Entry, reminded: Seat
) -> None:
    Entry.objects.filter(pk=entry.pk).update(cancelled_at=NOW)
    send_due(now=entry.starts_at - timedelta(hours=2))
    words = "There was nothing to tell any more when it was due to go out"
    assert f"Not sent {words}" in said(dashboard, reminded)
