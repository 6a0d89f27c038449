"""Cancelling an entry with a reason for the team and a message for everyone booked."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, Letter, Operation, Role
from tests.browsing import page_text
from tests.factories.schedule import NOW, load_entry
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tests.worlds.replacing import carry_all as work_off
from tickets.models import Entry, EntryCancellation, Ticket

NOTE = {"reason": "Mo is ill", "message": "Mo has a cold.\nCome on <b>Friday</b> instead!"}
SAID = "Mo has a cold. Come on <b>Friday</b> instead!"


def test_everyone_booked_reads_the_message_and_only_the_team_the_reason(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    seat, member = book_seat_manually(entry, ticket), book_member_seat(entry)
    Letter.objects.all().delete()

    dashboard.post("entry_cancel", NOTE, pk=entry.pk)

    letters = list(Letter.objects.order_by("recipient"))
    assert [letter.recipient for letter in letters] == sorted([seat.customer.email, member.customer.email])
    for letter in letters:
        assert "Message from River Studio:\n\n> Mo has a cold.\n> Come on <b>Friday</b> instead!" in letter.text
        assert "Mo is ill" not in letter.text + letter.html
    client = Client()
    for address in (f"/my/bookings/{seat.booking.uuid}/", f"/yoga/entries/{entry.uuid}/"):
        page = page_text(client.get(address))
        assert (SAID in page, "Mo is ill" in page) == (True, False)
    shown = page_text(dashboard.get("entry", pk=entry.pk))
    assert "Reason, for your team Mo is ill" in shown
    assert f"Message to everyone booked {SAID}" in shown


def test_the_history_has_both(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket)

    dashboard.post("entry_cancel", NOTE, pk=entry.pk)

    line = AuditEntry.objects.get(action="entry.cancelled")
    assert line.changes == [
        ["Reason", "", "Mo is ill"],
        ["Message", "", NOTE["message"]],
        ["Spaces cancelled", "", "1"],
    ]


def test_the_email_is_shown_before_it_is_sent(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket)
    Letter.objects.all().delete()

    shown = dashboard.post("entry_cancel", {**NOTE, "preview": "1"}, pk=entry.pk)

    assert shown.status_code == 200
    said = page_text(shown)
    assert "Cancelled: Vinyasa, 17 January, 12:00" in said
    assert "We’re sorry, River Yoga has cancelled this event." in said
    assert "Come on <b>Friday</b> instead!" in said
    assert (load_entry(entry).cancelled_at, Letter.objects.count(), EntryCancellation.objects.count()) == (None, 0, 0)
    dashboard.post("entry_cancel", NOTE, pk=entry.pk)
    assert Letter.objects.get().text.split() == list(shown.context["letter"].text.split())


def test_without_a_word_nothing_is_kept(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    seat = book_seat_manually(entry, ticket)
    Letter.objects.all().delete()

    dashboard.post("entry_cancel", {"reason": " ", "message": ""}, pk=entry.pk)

    assert (load_entry(entry).cancelled_at, EntryCancellation.objects.count()) == (NOW, 0)
    assert "Message from" not in Letter.objects.get().text
    assert "Why it was cancelled" not in page_text(dashboard.get("entry", pk=entry.pk))
    assert Client().get(f"/my/bookings/{seat.booking.uuid}/").status_code == 200


def test_too_much_is_asked_for_again_and_nothing_is_cancelled(dashboard: Dashboard, entry: Entry) -> None:
    response = dashboard.post("entry_cancel", {"reason": "x" * 201, "message": "y"}, pk=entry.pk)

    assert (response.status_code, load_entry(entry).cancelled_at) == (422, None)


def test_the_job_of_a_class_that_many_booked_says_it_too(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.schedule.cancelling.MANY", 1)
    for _each in range(2):
        book_seat_manually(entry, ticket)
    Letter.objects.all().delete()

    dashboard.post("entry_cancel", NOTE, pk=entry.pk)
    work_off(Operation.objects.get())

    letters = Letter.objects.filter(kind="cancelled")
    assert ["Come on <b>Friday</b> instead!" in each.text for each in letters] == [True, True]
    assert AuditEntry.objects.filter(action="entry.cancelled").count() == 1


def test_what_is_cancelled_on_its_own_has_no_message(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    seat = book_seat_manually(entry, ticket)
    EntryCancellation.objects.create(account=entry.account, entry=entry, message="later", created_at=NOW)
    Letter.objects.all().delete()

    dashboard.post("seats_cancel", {"seat": seat.pk}, pk=entry.pk)

    assert "later" not in Letter.objects.get().text


def test_leaders_read_why(dashboard: Dashboard, entry: Entry) -> None:
    dashboard.post("entry_cancel", NOTE, pk=entry.pk)

    assert "Mo is ill" in page_text(open_dashboard(entry.account, Role.LEADER).get("entry", pk=entry.pk))
