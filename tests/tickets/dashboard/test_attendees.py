"""The attendee list: on the page, as a file, and taking people off it."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Letter, Role
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.cancel import cancel_by_studio
from tickets.dashboard.csv_export import csv_response
from tickets.models import Entry, Seat, Ticket


def rows(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


# The list


@pytest.mark.parametrize("seats", [1, 3])
def test_the_number_of_queries_is_fixed(
    seats: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(seats):
        book_member_seat(entry, group_name=f"Group {number}")
    dashboard.get("entry", pk=entry.pk)

    with django_assert_num_queries(8):
        response = dashboard.get("entry", pk=entry.pk)

    assert len(response.context["register"]) == seats


def test_who_comes_with_which_ticket_and_who_booked(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book_member_seat(entry)
    book_seat_manually(entry, ticket, "Ada", attendee="Byron")

    page = page_text(dashboard.get("entry", pk=entry.pk))

    assert "2 of 10 spaces taken" in page
    assert "Byron Drop-in · guest of Ada Actions for Byron" in page
    assert "Mia Gold ticket · Gold Actions for Mia" in page


def test_cancelled_places_are_not_on_the_list(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    gone, stays = book_seat_manually(entry, ticket, "Ada"), book_seat_manually(entry, ticket, "Ben")
    cancel_by_studio([gone.pk], now=NOW)

    assert list(dashboard.get("entry", pk=entry.pk).context["register"]) == [stays]


def test_the_empty_list(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    assert "There are 10 spaces, and nobody has booked yet. Book for someone" in page_text(
        dashboard.get("entry", pk=entry.pk)
    )


def test_without_a_ticket_it_says_that_nobody_can_book(dashboard: Dashboard, entry: Entry) -> None:
    page = page_text(dashboard.get("entry", pk=entry.pk))

    assert "This entry has no tickets. Nobody can book it until you add one. Add a ticket" in page


def test_after_it_nothing_more_can_be_booked(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    over = EntryFactory.create(page=entry.page, starts_at=NOW - timedelta(days=1))

    page = dashboard.get("entry", pk=over.pk).content.decode()

    assert page.count(dashboard.url("entry_book", pk=over.pk)) == 0
    assert page.count(dashboard.url("entry_cancel", pk=over.pk)) == 0


@pytest.mark.parametrize("name", ["Zoë 🧘🏽‍♀️ O’Neill", "محمد بن سلمان", "<script>alert(1)</script>", "a" * 200])
def test_any_name_is_shown_as_it_is(name: str, dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket, name)

    response = dashboard.get("entry", pk=entry.pk)

    assert name in page_text(response)
    assert response.content.count(b"<script>alert") == 0
    assert rows(dashboard.get("attendees_csv", pk=entry.pk))[1][0] == name


def test_the_file(entry: Entry, ticket: Ticket) -> None:
    member = book_member_seat(entry)
    guest = book_seat_manually(entry, ticket, "Ada", attendee="Byron")

    response = open_dashboard(entry.account, Role.LEADER).get("attendees_csv", pk=entry.pk)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="vinyasa-2030-01-17.csv"'
    made = "2030-01-15 12:00"
    assert rows(response) == [
        [
            "Name",
            "Email address",
            "Ticket",
            "Booked by",
            "Booked by: email address",
            "Booked at",
            "Booking made by",
            "Use charged",
            "Reference",
            "Payment",
            "Attendance",
            "Marked at",
            "Marked by",
            "Cancelled at",
        ],
        [
            *("Byron", "", "Drop-in", "Ada", guest.customer.email, made, "Studio", "", guest.booking.reference, ""),
            *([""] * 4),
        ],
        [
            "Mia",
            "",
            "Gold ticket",
            "Mia",
            member.customer.email,
            made,
            "Customer",
            "Gold",
            member.booking.reference,
            *([""] * 5),
        ],
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_spreadsheet_runs_nothing_from_the_file(
    name: str, dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    seat = book_seat_manually(entry, ticket, "Ada")
    Seat.objects.filter(pk=seat.pk).update(attendee_name=name)

    assert rows(dashboard.get("attendees_csv", pk=entry.pk))[1][0] == f"'{name}"


@pytest.mark.parametrize("cell", ["\tx", "\rx"])
def test_a_spreadsheet_runs_nothing_either_that_no_name_may_begin_with(cell: str) -> None:
    written = b"".join(csv_response(AccountFactory.build(), "x.csv", ["Name"], [[cell]]))
    assert f"'{cell}" in written.decode()


def test_a_title_without_letters_gives_the_file_a_name_all_the_same(dashboard: Dashboard, entry: Entry) -> None:
    Entry.objects.update(title="🧘 瑜伽")

    response = dashboard.get("attendees_csv", pk=entry.pk)

    assert response["Content-Disposition"] == 'attachment; filename="attendees-2030-01-17.csv"'


# Taking people off it


def test_before_cancelling_a_place_it_says_what_becomes_of_it(dashboard: Dashboard, entry: Entry) -> None:
    seat = book_member_seat(entry)

    page = page_text(dashboard.get("seats_cancel", {"seat": seat.pk}, pk=entry.pk))

    assert "Cancel Mia’s space?" in page
    assert "Mia loses their space (Gold ticket)." in page
    assert says.USE_RETURNED in page
    assert f"We email {seat.customer.email}." in page
    seat.refresh_from_db()
    assert seat.cancelled_at is None


def test_cancelling_several_places(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    member, guest, stays = book_member_seat(entry), book_seat_manually(entry, ticket), book_seat_manually(entry, ticket)
    Letter.objects.all().delete()
    assert "We email each of the 2 customers who booked." in page_text(
        dashboard.get("seats_cancel", {"seat": [member.pk, guest.pk]}, pk=entry.pk)
    )

    response = dashboard.post("seats_cancel", {"seat": [member.pk, guest.pk]}, pk=entry.pk)

    assert (response["Location"], shown_messages(response)) == (
        dashboard.url("entry", pk=entry.pk),
        [says.TWO_SPACES_CANCELLED],
    )
    assert list(Seat.objects.live()) == [stays]
    member.refresh_from_db()
    assert (member.cancelled_by, member.use.period.used if member.use else None) == ("studio", 0)
    assert sorted(letter.recipient for letter in Letter.objects.all()) == sorted(
        [member.customer.email, guest.customer.email]
    )
    assert load_entry(entry).places.taken == 1


def test_cancelling_again_does_nothing_and_says_so(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    seat = book_seat_manually(entry, ticket)
    dashboard.post("seats_cancel", {"seat": seat.pk}, pk=entry.pk)
    letters = Letter.objects.count()
    dashboard.get("entry", pk=entry.pk)

    assert shown_messages(dashboard.post("seats_cancel", {"seat": seat.pk}, pk=entry.pk)) == ["Already cancelled"]
    assert (Letter.objects.count(), load_entry(entry).places.taken) == (letters, 0)
    dashboard.get("entry", pk=entry.pk)
    assert shown_messages(dashboard.get("seats_cancel", {"seat": seat.pk}, pk=entry.pk)) == ["Already cancelled"]


def test_a_place_at_an_entry_that_is_over_can_be_cancelled(dashboard: Dashboard, entry: Entry) -> None:
    over = EntryFactory.create(page=entry.page, starts_at=NOW - timedelta(days=1))
    seat = book_seat_manually(over, TicketFactory.create(entry=over))

    dashboard.post("seats_cancel", {"seat": seat.pk}, pk=over.pk)

    seat.refresh_from_db()
    assert seat.cancelled_at == NOW


@pytest.mark.parametrize("seats", [1, 3])
def test_the_number_of_queries_to_confirm_is_fixed(
    seats: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    customer = CustomerFactory.create(account=entry.account)
    chosen = [book_seat_manually(entry, ticket, customer=customer).pk for _ in range(seats)]
    dashboard.get("seats_cancel", {"seat": chosen}, pk=entry.pk)

    with django_assert_num_queries(6):
        dashboard.get("seats_cancel", {"seat": chosen}, pk=entry.pk)
