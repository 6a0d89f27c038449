"""*Book for* somebody whom the studio knows: found as one types, with their allowance, at the price that is said."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Customer, Letter
from groups.models import Group
from offers.models import Offer, UsagePeriod
from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tests.worlds.dashboard import Dashboard
from tickets.consistency import check_books
from tickets.models import Booking, Entry, Party, Seat, Ticket


@pytest.fixture
def group(entry: Entry) -> Group:
    return GroupFactory.create(account=entry.account, name="Ten a month")


@pytest.fixture
def offer(group: Group, entry: Entry) -> Offer:
    return OfferFactory.create(group=group, page=entry.page, limit=10, additional_attendees=1)


@pytest.fixture
def members(group: Group, entry: Entry, offer: Offer) -> Ticket:
    """The exclusive ticket of the group."""
    return TicketFactory.create(entry=entry, group=group, name="Member")


@pytest.fixture
def anna(group: Group, entry: Entry) -> Customer:
    customer = create_customer_with_login(entry.account, name="Anna Smith")
    add_member(group, customer)
    return customer


def open_form(dashboard: Dashboard, entry: Entry, customer: Customer) -> Any:
    return dashboard.get("entry_book", {"customer": customer.pk}, pk=entry.pk)


def book(dashboard: Dashboard, entry: Entry, customer: Customer, **changes: Any) -> Any:
    """Send the form as a browser would that shows it."""
    shown = open_form(dashboard, entry, customer)
    form = shown.context["form"]
    sent = {**form_fields(shown), "seen": form.shown_versions, "attendees": ""}
    if "charges" in form.fields:
        sent["charges"] = "on"
    return dashboard.post("entry_book", {**sent, **changes}, pk=entry.pk)


def used() -> list[int]:
    return list(UsagePeriod.objects.order_by("starts_on").values_list("used", flat=True))


def test_a_customer_is_found_by_name_address_or_phone(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    zoe = CustomerFactory.create(
        account=entry.account, name="Zoé Müller", email="zm@example.org", phone="+447700900123"
    )
    CustomerFactory.create(account=entry.account, name="Ben", phone="+447700900456")
    CustomerFactory.create(account=AccountFactory.create(), name="Zoé of elsewhere")

    for words in ("zoé", "zm@exa", "müll", "07700 900123"):
        shown = dashboard.get("entry_book", {"q": words}, pk=entry.pk)
        assert list(shown.context["found"]) == [zoe]
        assert f"?customer={zoe.pk}" in shown.content.decode()
    assert "No customers match “nobody”. Book them below as someone new." in page_text(
        dashboard.get("entry_book", {"q": "nobody"}, pk=entry.pk)
    )


def test_it_says_what_it_takes_of_their_allowance_and_takes_it(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, members: Ticket, anna: Customer
) -> None:
    said = page_text(open_form(dashboard, entry, anna))
    response = book(dashboard, entry, anna)

    assert (
        "Member · exclusive · 1 of Anna Smith’s 10 tickets (Ten a month) is used. 9 left until 2 February 2030." in said
    )
    assert "Use Anna Smith’s allowance" in said
    assert (response.status_code, shown_messages(response)) == (302, ["1 space booked"])
    seat = Seat.objects.get()
    assert (seat.ticket, seat.customer, seat.self_attendee, seat.attendee_name) == (members, anna, anna, "Anna Smith")
    assert (used(), Party.objects.get().seats) == ([1], 1)
    assert [letter.recipient for letter in Letter.objects.all()] == [anna.email]
    assert check_books(account=entry.account, now=NOW) == []


def test_or_not_as_the_studio_says(dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer) -> None:
    book(dashboard, entry, anna, charges="")

    assert (Seat.objects.get().use, used()) == (None, [])


def test_guests_are_asked_about_once_more(dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer) -> None:
    asked = book(dashboard, entry, anna, attendees="Anna Smith\nBo")

    assert (asked.status_code, Seat.objects.count()) == (409, 0)
    assert "2 of Anna Smith’s 10 tickets (Ten a month) are used. 8 left until 2 February 2030." in page_text(asked)
    sent = {**form_fields(asked), "seen": asked.context["form"].shown_versions, "attendees": "Anna Smith\nBo"}
    response = dashboard.post("entry_book", {**sent, "charges": "on"}, pk=entry.pk)
    assert (response.status_code, used(), Party.objects.get().seats) == (302, [2], 2)
    assert list(Seat.objects.order_by("pk").values_list("attendee_name", "self_attendee")) == [
        ("Anna Smith", anna.pk),
        ("Bo", None),
    ]


def test_more_than_the_offer_has_room_for_come_without_it(
    dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer
) -> None:
    asked = book(dashboard, entry, anna, attendees="Anna Smith\nBo\nCleo")

    assert "The rest is booked without their allowance: Anna Smith would read: “Your membership covers" in page_text(
        asked
    )
    sent = {**form_fields(asked), "seen": asked.context["form"].shown_versions, "attendees": "Anna Smith\nBo\nCleo"}
    dashboard.post("entry_book", {**sent, "charges": "on"}, pk=entry.pk)
    assert (used(), Seat.objects.filter(use=None).count(), Seat.objects.count()) == ([2], 1, 3)
    assert check_books(account=entry.account, now=NOW) == []


def test_where_the_rule_says_no_the_reason_stands_there(dashboard: Dashboard, entry: Entry, members: Ticket) -> None:
    stranger = CustomerFactory.create(account=entry.account, name="Ben", email="ben@example.org")

    said = page_text(open_form(dashboard, entry, stranger))
    response = book(dashboard, entry, stranger, ticket=members.pk)

    assert "Ben would read: “Only members can book this ticket. You’re logged in as ben@example.org.”" in said
    assert "You can book it without using an allowance." in said
    assert "Use Ben’s allowance" not in said
    assert (response.status_code, Seat.objects.get().use) == (302, None)


def test_sale_windows_do_not_matter_to_the_allowance(
    dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer
) -> None:
    Ticket.objects.update(opens_minutes_before=5)

    book(dashboard, entry, anna)

    assert used() == [1]


def test_a_class_that_runs_takes_of_it_too(dashboard: Dashboard, group: Group, offer: Offer, anna: Customer) -> None:
    runs = EntryFactory.create(page=offer.coverage.get().page, starts_at=NOW - timedelta(minutes=10))
    TicketFactory.create(entry=runs, group=group)

    book(dashboard, runs, anna)

    assert used() == [1]


def test_a_known_address_typed_as_someone_new_is_shown_first(
    dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer
) -> None:
    form = {"email": anna.email, "name": "Anna", "ticket": members.pk, "attendees": "", "key": str(uuid4())}

    asked = dashboard.post("entry_book", form, pk=entry.pk)

    assert (asked.status_code, Booking.objects.count()) == (409, 0)
    assert "1 of Anna Smith’s 10 tickets (Ten a month) is used." in page_text(asked)
    assert form_fields(asked)["customer"] == str(anna.pk)


def test_what_changed_since_the_page_was_opened_is_shown_again(
    dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer, offer: Offer
) -> None:
    shown = open_form(dashboard, entry, anna)
    sent = {**form_fields(shown), "seen": shown.context["form"].shown_versions, "charges": "on"}
    OfferFactory.create(group=offer.group, page=entry.page)

    asked = dashboard.post("entry_book", sent, pk=entry.pk)

    assert (asked.status_code, Booking.objects.count()) == (409, 0)
    assert "Included in Anna Smith’s “Ten a month”, without a limit." in page_text(asked)


def test_full_says_so_and_raises_it_with_the_allowance(
    dashboard: Dashboard, yoga: Any, group: Group, anna: Customer
) -> None:
    full = EntryFactory.create(page=yoga, capacity=1)
    ticket = TicketFactory.create(entry=full, group=group)
    OfferFactory.create(group=group, page=yoga, limit=10)
    book(dashboard, full, CustomerFactory.create(account=full.account), ticket=ticket.pk)

    asked = book(dashboard, full, anna)
    response = dashboard.post("entry_book", asked.context["fields"], pk=full.pk)

    assert (asked.status_code, asked.context["places"], response.status_code) == (409, 2, 302)
    assert (used(), load_entry(full).places.capacity, load_entry(full).places.taken) == ([1], 2, 2)


def test_what_it_costs_is_noted_as_owed_unless_it_is_free(dashboard: Dashboard, entry: Entry) -> None:
    TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost")
    ada, ben = (CustomerFactory.create(account=entry.account, name=name) for name in ("Ada", "Ben"))

    said = page_text(open_form(dashboard, entry, ada))
    book(dashboard, entry, ada)
    book(dashboard, entry, ben, free_of_charge="on")

    assert "No card is charged: what the ticket costs is noted as still to pay. Discount codes aren’t taken off" in said
    assert list(Seat.objects.order_by("pk").values_list("owed", "amount")) == [(1200, 0), (0, 0)]


def test_quietly_nobody_is_emailed(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book(dashboard, entry, CustomerFactory.create(account=entry.account), quiet="on")

    assert (Seat.objects.count(), Letter.objects.count()) == (1, 0)


def test_sent_twice_it_books_and_charges_once(
    dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer
) -> None:
    shown = open_form(dashboard, entry, anna)
    sent = {**form_fields(shown), "seen": shown.context["form"].shown_versions, "charges": "on"}

    answers = [dashboard.post("entry_book", sent, pk=entry.pk).status_code for _twice in range(2)]

    assert (answers, Seat.objects.count(), used()) == ([302, 302], 1, [1])


def test_the_history_tells_of_it_once(dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer) -> None:
    book(dashboard, entry, anna)

    assert [line.action for line in AuditEntry.objects.all()] == ["booking.made"]


@pytest.mark.parametrize("customer", ["0", "x", "9" * 30, "1"])
def test_a_customer_of_nobody_or_another_studio_is_not_chosen(
    customer: str, dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    CustomerFactory.create(pk=1)

    shown = dashboard.get("entry_book", {"customer": customer}, pk=entry.pk)

    assert (shown.status_code, shown.context["form"].chosen) == (200, None)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_is_fixed(
    rows: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        CustomerFactory.create(account=entry.account, name=f"Ann {number}")
        TicketFactory.create(entry=entry)
    known = Customer.objects.latest("pk")
    dashboard.get("entry_book", pk=entry.pk)

    with django_assert_num_queries(9):
        dashboard.get("entry_book", {"q": "ann"}, pk=entry.pk)
    with django_assert_num_queries(9):
        dashboard.get("entry_book", {"customer": known.pk}, pk=entry.pk)


def test_check_access_says_more_of_them(dashboard: Dashboard, entry: Entry, members: Ticket, anna: Customer) -> None:
    drop_in = TicketFactory.create(entry=EntryFactory.create(page=entry.page))
    there = f"{dashboard.url('check_access')}?customer={anna.pk}&amp;at="

    assert f'href="{there}{entry.pk}-{members.pk}"' in open_form(dashboard, entry, anna).content.decode()
    elsewhere = Entry.objects.get(series=drop_in.series_id)
    assert there not in open_form(dashboard, elsewhere, anna).content.decode()
