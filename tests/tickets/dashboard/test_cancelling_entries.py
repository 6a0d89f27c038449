"""Cancelling an entry: what it says before, whom it tells, and what it costs."""

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Letter
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import NOW, load_entry
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Seat, Ticket


def test_before_cancelling_it_says_what_becomes_of_whom(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    member = book_member_seat(entry)
    book_seat_manually(entry, ticket)
    book_seat_manually(entry, ticket, customer=member.customer)

    page = page_text(dashboard.get("entry_cancel", pk=entry.pk))

    assert "3 spaces are cancelled." in page
    assert says.EMAIL_BOTH in page
    assert says.USE_RETURNED in page
    assert Seat.objects.filter(cancelled_at__isnull=False).count() == 0


def test_cancelling_tells_everybody_and_the_entry_stays_in_the_list(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    book_member_seat(entry)
    book_seat_manually(entry, ticket)

    response = dashboard.post("entry_cancel", pk=entry.pk)

    assert (response["Location"], shown_messages(response)) == (
        dashboard.url("entry", pk=entry.pk),
        ["Entry cancelled and 2 people emailed."],
    )
    assert (load_entry(entry).cancelled_at, load_entry(entry).places.taken) == (NOW, 0)
    assert "Vinyasa Cancelled" in page_text(dashboard.get("schedule"))
    assert says.ENTRY_CANCELLED in page_text(dashboard.get("entry", pk=entry.pk))


def test_cancelling_an_empty_entry_tells_nobody(dashboard: Dashboard, entry: Entry) -> None:
    assert "Nobody has booked, so we don’t email anyone." in page_text(dashboard.get("entry_cancel", pk=entry.pk))
    assert shown_messages(dashboard.post("entry_cancel", pk=entry.pk)) == ["Entry cancelled"]
    assert Letter.objects.count() == 0


@pytest.mark.parametrize("seats", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("entry_edit", 8), ("entry_extend", 14), ("entry_cancel", 8)])
def test_the_number_of_queries_is_fixed(
    seats: int,
    name: str,
    queries: int,
    dashboard: Dashboard,
    entry: Entry,
    ticket: Ticket,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(seats):
        book_seat_manually(entry, ticket)
    dashboard.get(name, pk=entry.pk)

    with django_assert_num_queries(queries):
        dashboard.get(name, pk=entry.pk)
