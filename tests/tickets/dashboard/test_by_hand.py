"""Booking for somebody as the studio."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts import email_quota
from accounts.models import Customer, Letter
from offers.models import UsagePeriod
from tests import dashboard_sentences as says
from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.accounts import CustomerFactory, UserFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.models import Booking, BookingState, Channel, Entry, EntryPlaces, Seat, Ticket, TicketPlaces
from tickets.schedule.entries import cancel_entry


def booking_form(ticket: Ticket, /, **changes: Any) -> dict[str, Any]:
    """The form as somebody fills it in."""
    form = {"email": "Ada@Example.org", "name": "Ada", "ticket": ticket.pk, "attendees": "", "key": str(uuid4())}
    return {**form, **changes}


@pytest.fixture
def full(yoga: Any) -> Entry:
    """An entry with two places, both taken, and a ticket."""
    entry = EntryFactory.create(page=yoga, capacity=2)
    ticket = TicketFactory.create(entry=entry, name="Drop-in")
    for _ in range(2):
        book_seat_manually(entry, ticket)
    Letter.objects.all().delete()
    return entry


def test_a_new_customer_is_booked_and_told(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    response = dashboard.post("entry_book", booking_form(ticket), pk=entry.pk)

    assert (response["Location"], shown_messages(response)) == (dashboard.url("entry", pk=entry.pk), ["1 space booked"])
    customer = Customer.objects.get()
    assert (customer.account, customer.email, customer.name) == (entry.account, "ada@example.org", "Ada")
    seat = Seat.objects.get()
    assert (seat.customer, seat.attendee_name, seat.ticket, seat.use) == (customer, "Ada", ticket, None)
    assert (seat.booking.channel, load_entry(entry).places.taken) == ("studio", 1)
    assert [(letter.kind, letter.recipient) for letter in Letter.objects.all()] == [("booked", "ada@example.org")]


def test_each_line_is_a_place(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    names = " Zoë  🧘 \r\n\r\nمحمد\n"

    response = dashboard.post("entry_book", booking_form(ticket, attendees=names), pk=entry.pk)

    assert shown_messages(response) == [says.TWO_SPACES_BOOKED]
    assert list(Seat.objects.order_by("pk").values_list("attendee_name", flat=True)) == ["Zoë 🧘", "محمد"]


def test_a_known_customer_keeps_their_name(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    customer = CustomerFactory.create(account=entry.account, email="ada@example.org", name="Ada Lovelace")

    dashboard.post("entry_book", booking_form(ticket), pk=entry.pk)

    customer.refresh_from_db()
    assert (customer.name, Seat.objects.get().customer) == ("Ada Lovelace", customer)


def test_neither_allowances_nor_sale_windows_matter(dashboard: Dashboard, entry: Entry) -> None:
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=group, shown=False, opens_minutes_before=60)

    assert (
        dashboard.post("entry_book", booking_form(ticket, attendees="A\nB\nC\nD\nE\nF\nG"), pk=entry.pk).status_code
        == 302
    )

    assert (Seat.objects.count(), UsagePeriod.objects.count()) == (7, 0)


def test_the_form_says_whom_a_ticket_is_for_and_how_many_are_left(dashboard: Dashboard, entry: Entry) -> None:
    TicketFactory.create(entry=entry, name="Gold", group=GroupFactory.create(account=entry.account), capacity=3)

    assert "Gold · exclusive · 3 left" in page_text(dashboard.get("entry_book", pk=entry.pk))


def test_the_form_sent_twice_books_once_and_says_so(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    form = booking_form(ticket)
    dashboard.post("entry_book", form, pk=entry.pk)
    dashboard.get("schedule")

    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        response = dashboard.post("entry_book", form, pk=entry.pk)

    assert (Booking.objects.count(), Seat.objects.count(), Letter.objects.count()) == (1, 1, 1)
    reference = Booking.objects.get().reference
    assert shown_messages(response) == [
        f"You’ve already sent this form, as booking {reference}. Nothing has been booked twice."
    ]


def test_the_same_booking_on_a_new_page_is_asked_about_first(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    """As *Back* brings it: what was typed is there, and the key is another."""
    dashboard.post("entry_book", booking_form(ticket, attendees="Ann\nBo"), pk=entry.pk)
    reference = Booking.objects.get().reference

    answer = dashboard.post("entry_book", booking_form(ticket, attendees="Bo\nAnn"), pk=entry.pk)

    assert (answer.status_code, Booking.objects.count(), Letter.objects.count()) == (422, 1, 1)
    asked = f"You’ve already booked this, as booking {reference}. To book it once more, choose “Book again”."
    assert asked in page_text(answer)
    assert page_text(answer).endswith("Book again Cancel")
    again = form_fields(answer)
    assert (again["again"], again["email"]) == ("on", "Ada@Example.org")

    sent = {**again, "ticket": ticket.pk, "attendees": "Bo\nAnn"}
    assert [dashboard.post("entry_book", sent, pk=entry.pk).status_code for _twice in range(2)] == [302, 302]
    assert (Booking.objects.count(), Seat.objects.count()) == (2, 4)


@pytest.mark.parametrize("change", [{"email": "bo@example.org"}, {"attendees": "Cleo"}])
def test_other_people_are_booked_at_once(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, change: dict[str, str]
) -> None:
    dashboard.post("entry_book", booking_form(ticket), pk=entry.pk)

    assert dashboard.post("entry_book", booking_form(ticket, **change), pk=entry.pk).status_code == 302


def test_the_form_of_somebody_elses_booking_is_asked_for_again(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    form = booking_form(ticket)
    dashboard.post("entry_book", form, pk=entry.pk)

    response = dashboard.post("entry_book", {**form, "email": "ben@example.org", "name": "Ben"}, pk=entry.pk)

    assert (response.status_code, Seat.objects.count()) == (422, 1)
    again = response.context["form"]
    assert again.non_field_errors() == ["Send this form again. It was already used for something else."]
    sent = {name: again[name].value() or "" for name in form} | {"ticket": ticket.pk}
    assert (sent["email"], sent["name"], sent["key"] == form["key"]) == ("ben@example.org", "Ben", False)
    assert dashboard.post("entry_book", sent, pk=entry.pk).status_code == 302
    assert Seat.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field", "words_of_it"),
    [
        ({"email": ""}, "email", "Enter the email address"),
        ({"email": "ada"}, "email", "Enter an email address like name@example.com"),
        ({"name": ""}, "name", "Enter the name"),
        ({"ticket": ""}, "ticket", "Choose one for “Ticket”"),
        ({"ticket": "0"}, "ticket", "Choose one from the list for “Ticket”"),
        ({"attendees": "x\n" * 51}, "attendees", "Enter at most 50 names"),
        ({"attendees": "x" * 101}, "attendees", "Use at most 100 characters for each name"),
    ],
)
def test_bad_input_says_what_to_do_and_keeps_what_was_typed(
    change: dict[str, str], field: str, words_of_it: str, dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    form = booking_form(ticket, **change)

    response = dashboard.post("entry_book", form, pk=entry.pk)

    assert (response.status_code, dict(response.context["form"].errors)) == (422, {field: [words_of_it]})
    kept = {name: response.context["form"][name].value() for name in form}
    assert {**kept, "ticket": "".join(kept["ticket"].ticked)} == {name: str(value) for name, value in form.items()}
    assert (Booking.objects.count(), Customer.objects.count()) == (0, 0)


def test_tickets_of_other_entries_and_removed_ones_are_not_booked(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    other = TicketFactory.create(entry=EntryFactory.create())
    removed = TicketFactory.create(entry=entry, retired_at=NOW)

    for each in (other, removed):
        assert dashboard.post("entry_book", booking_form(each), pk=entry.pk).status_code == 422
    assert Booking.objects.count() == 0


def test_without_a_ticket_it_asks_for_one_first(dashboard: Dashboard, entry: Entry) -> None:
    assert "Add a ticket first" in page_text(dashboard.get("entry_book", pk=entry.pk))


# Full


def test_what_is_kept_for_those_who_wait_is_said_where_some_space_seems_left(dashboard: Dashboard, full: Entry) -> None:
    EntryPlaces.objects.filter(entry=full).update(taken=1, reserved=1, waiting=1)
    kept = "1 space that came free is kept for those who are waiting."

    response = dashboard.post("entry_book", booking_form(Ticket.objects.get()), pk=full.pk)

    assert f"1 of 2 spaces are taken. Nothing has been booked yet. {kept}" in page_text(response)
    assert f"1 of 2 spaces are taken. {kept}" in page_text(dashboard.get("entry_book", pk=full.pk))


def test_a_full_entry_explains_and_offers_to_raise_it(dashboard: Dashboard, full: Entry) -> None:
    form = booking_form(Ticket.objects.get(), attendees="Zoë 🧘\nBen")

    response = dashboard.post("entry_book", form, pk=full.pk)

    assert response.status_code == 409
    page = page_text(response)
    assert "2 of 2 spaces are taken. Nothing has been booked yet." in page
    assert "The maximum event size of this entry changes from 2 to 4." in page
    assert "Increase the size to 4 and book" in page
    assert (load_entry(full).places.capacity, load_entry(full).places.taken, Seat.objects.count()) == (2, 2, 2)


def test_raising_the_capacity_books_all_the_same(dashboard: Dashboard, full: Entry) -> None:
    form = booking_form(Ticket.objects.get(), attendees="Zoë 🧘\nBen")
    agreed = dashboard.post("entry_book", form, pk=full.pk).context["fields"]

    response = dashboard.post("entry_book", agreed, pk=full.pk)

    assert shown_messages(response) == [says.TWO_SPACES_BOOKED]
    assert (load_entry(full).places.capacity, load_entry(full).places.taken) == (4, 4)
    assert list(Seat.objects.order_by("pk").values_list("attendee_name", flat=True))[2:] == ["Zoë 🧘", "Ben"]


def test_raising_twice_by_the_same_form_raises_once(dashboard: Dashboard, full: Entry) -> None:
    agreed = dashboard.post("entry_book", booking_form(Ticket.objects.get()), pk=full.pk).context["fields"]

    for _ in range(2):
        assert dashboard.post("entry_book", agreed, pk=full.pk).status_code == 302

    assert (load_entry(full).places.capacity, load_entry(full).places.taken) == (3, 3)


def test_the_capacity_is_raised_no_further_than_needed(dashboard: Dashboard, full: Entry) -> None:
    agreed = booking_form(Ticket.objects.get(), places="1000", number="1000")

    dashboard.post("entry_book", agreed, pk=full.pk)

    assert (load_entry(full).places.capacity, load_entry(full).places.taken) == (3, 3)
    assert list(TicketPlaces.objects.values_list("capacity", "taken")) == [(None, 3)]


def test_when_somebody_was_quicker_it_is_asked_again(dashboard: Dashboard, full: Entry) -> None:
    ticket = Ticket.objects.get()
    agreed = dashboard.post("entry_book", booking_form(ticket), pk=full.pk).context["fields"]
    dashboard.post("entry_book", booking_form(ticket, email="ben@example.org", places="3"), pk=full.pk)

    response = dashboard.post("entry_book", agreed, pk=full.pk)

    assert (response.status_code, response.context["places"]) == (409, 4)
    assert (load_entry(full).places.capacity, load_entry(full).places.taken) == (3, 3)


def test_a_ticket_with_a_number_of_its_own_is_raised_at_this_entry(dashboard: Dashboard, entry: Entry) -> None:
    ticket = TicketFactory.create(entry=entry, capacity=1)

    first = dashboard.post("entry_book", booking_form(ticket, attendees="A\nB\nC"), pk=entry.pk)

    assert (first.status_code, first.context["entry_is_full"], first.context["number"]) == (409, False, 3)
    assert "Increase the number of tickets to 3 and book" in page_text(first)
    dashboard.post("entry_book", first.context["fields"], pk=entry.pk)
    assert list(TicketPlaces.objects.values_list("capacity", "taken")) == [(3, 3)]
    assert (Ticket.objects.get().capacity, load_entry(entry).places.capacity) == (1, 10)

    second = dashboard.post("entry_book", booking_form(ticket, email="ben@example.org"), pk=entry.pk)
    dashboard.post("entry_book", second.context["fields"], pk=entry.pk)
    assert list(TicketPlaces.objects.values_list("capacity", "taken")) == [(4, 4)]


# Over


def test_a_cancelled_entry_is_not_booked(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    cancel_entry(entry, now=NOW)

    response = dashboard.post("entry_book", booking_form(ticket), pk=entry.pk)

    assert (response.status_code, Booking.objects.count()) == (409, 0)
    assert says.CANCELLED_ENTRY_STAYS in page_text(response)


def test_an_entry_is_booked_while_it_runs_and_not_after(dashboard: Dashboard, yoga: Any) -> None:
    runs = EntryFactory.create(page=yoga, starts_at=NOW - timedelta(minutes=30))
    over = EntryFactory.create(page=yoga, starts_at=NOW - timedelta(hours=1))

    answers = [
        dashboard.post("entry_book", booking_form(TicketFactory.create(entry=entry)), pk=entry.pk).status_code
        for entry in (runs, over)
    ]

    assert (answers, [seat.entry for seat in Seat.objects.all()]) == ([302, 409], [runs])


@pytest.mark.parametrize("tickets", [1, 3])
def test_the_number_of_queries_is_fixed(
    tickets: int, dashboard: Dashboard, entry: Entry, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    TicketFactory.create_batch(tickets, entry=entry)
    dashboard.get("entry_book", pk=entry.pk)

    with django_assert_num_queries(7):
        dashboard.get("entry_book", pk=entry.pk)


def test_booking_by_hand_writes_to_no_more_strangers_a_day_than_adding_customers_does(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_quota, "FIRST_DAY", 2)
    monkeypatch.setattr(email_quota, "EACH_DAY", 0)
    UserFactory.create(email="login@example.org")
    known = CustomerFactory.create(account=entry.account, email="known@example.org")
    booking = Booking(account=entry.account, page=entry.page, customer=known, key=uuid4(), created_at=NOW)
    booking.channel, booking.state = Channel.CUSTOMER, BookingState.BOOKED
    booking.save()

    def book(email: str) -> int:
        return int(dashboard.post("entry_book", booking_form(ticket, email=email), pk=entry.pk).status_code)

    # What was not booked, or was booked before, counts for nothing.
    repeated = booking_form(ticket, email="a@example.org")
    for _time in range(3):
        dashboard.post("entry_book", repeated, pk=entry.pk)
    assert book("b@example.org") == 302

    refused = dashboard.post("entry_book", booking_form(ticket, email="c@example.org"), pk=entry.pk)
    assert refused.status_code == 422
    said = "You’ve booked for 2 new people in a day, which is as many as your studio can. Wait 24 hours, or send them"
    assert said in page_text(refused)
    assert form_fields(refused)["email"] == "c@example.org"
    # A login is no way round, for then the studio would learn of it.
    assert (book("login@example.org"), book("known@example.org")) == (422, 302)
    assert not Customer.objects.filter(email="c@example.org").exists()
    assert Letter.objects.count() == 3
