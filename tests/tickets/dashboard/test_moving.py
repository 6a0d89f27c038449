"""*Move to another entry*, as an operator does it."""

from datetime import timedelta
from typing import Any, Final

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, AuditEntry, Letter, Role, SchedulePage
from offers.models import UsagePeriod
from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    TicketFactory,
    load_entry,
)
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Entry, Seat, Ticket

TICKS: Final = ("notes_difference", "quiet")


@pytest.fixture
def later(yoga: SchedulePage) -> Entry:
    """Saturday 19 January 2030, 12:00 in London, with one space."""
    return EntryFactory.create(page=yoga, title="Yin", starts_at=NOW + timedelta(days=4), capacity=1)


@pytest.fixture
def seat(entry: Entry, ticket: Ticket) -> Seat:
    seat = book_seat_manually(entry, ticket)
    Letter.objects.all().delete()
    return seat


def confirm(dashboard: Dashboard, seat: Seat, to: Entry, **changes: Any) -> Any:
    """Open the last page of it, and send its form as it stands, but for these changes."""
    address = f"{dashboard.url('seat_move', pk=seat.pk)}?to={to.pk}"
    sent = {**form_fields(dashboard.client.get(address)), **changes}
    # What is ticked and has no value is sent as “on”.
    return dashboard.client.post(address, {**sent, **{name: "on" for name in TICKS if sent.get(name) == ""}})


def test_the_entries_to_come_on_the_same_page_are_offered(
    dashboard: Dashboard, studio: Account, seat: Seat, later: Entry
) -> None:
    elsewhere = EntryFactory.create(page=SchedulePageFactory.create(account=studio, slug="pilates"), title="Pilates")
    EntryFactory.create(title="Strange")

    shown = dashboard.get("seat_move", pk=seat.pk)

    assert list(shown.context["entries"]) == [later]
    assert "Yin Sat 19 Jan 2030, 12:00 – 13:00 No tickets Nobody can be moved there. 1" in page_text(shown)
    everywhere = dashboard.get("seat_move", {"on": "all"}, pk=seat.pk)
    assert list(everywhere.context["entries"]) == [elsewhere, later]


def test_they_are_looked_for_by_title_and_day(dashboard: Dashboard, seat: Seat, later: Entry, yoga: Any) -> None:
    EntryFactory.create(page=yoga, title="Ashtanga")

    def found(**query: str) -> list[Entry]:
        return list(dashboard.get("seat_move", query, pk=seat.pk).context["entries"])

    assert (found(q="yin"), found(day="2030-01-18"), found(day="2030-01-20")) == ([later], [later], [])
    assert len(found(day="next week")) == 2


def test_it_says_what_will_happen_and_does_it(dashboard: Dashboard, seat: Seat, later: Entry, entry: Entry) -> None:
    TicketFactory.create(entry=later, name="Drop-in")

    said = page_text(dashboard.get("seat_move", {"to": later.pk}, pk=seat.pk))
    response = confirm(dashboard, seat, later)

    assert "Ada leaves Vinyasa and gets a space at Yin (Drop-in)." in said
    assert (response["Location"], shown_messages(response)) == (
        dashboard.url("entry", pk=entry.pk),
        ["Ada moved to Yin and emailed."],
    )
    assert [load_entry(each).places.taken for each in (entry, later)] == [0, 1]
    assert [letter.kind for letter in Letter.objects.all()] == ["seat_moved"]


def test_the_history_tells_of_it_on_both_entries_pages(
    dashboard: Dashboard, seat: Seat, later: Entry, entry: Entry
) -> None:
    TicketFactory.create(entry=later, name="Drop-in")

    confirm(dashboard, seat, later)

    line = AuditEntry.objects.get(action="booking.space_moved")
    assert (line.label, line.beside, line.changes[1]) == (
        "Ada",
        "Yin",
        ["Entry", "Vinyasa, 17 January 2030, 12:00", "Yin, 19 January 2030, 12:00"],
    )
    for each in (entry, later):
        history = dashboard.get("history_of", kind="entry", object=each.pk)
        assert "moved a space of Ada to “ Yin ”" in page_text(history)


def test_quietly_nobody_is_emailed(dashboard: Dashboard, seat: Seat, later: Entry) -> None:
    TicketFactory.create(entry=later, name="Drop-in")

    response = confirm(dashboard, seat, later, quiet="on")

    assert (shown_messages(response), Letter.objects.count()) == (["Ada moved to Yin."], 0)


def test_from_the_booking_it_leads_back_there(dashboard: Dashboard, seat: Seat, later: Entry) -> None:
    TicketFactory.create(entry=later, name="Drop-in")
    address = f"{dashboard.url('seat_move', pk=seat.pk)}?from=booking&to={later.pk}"

    response = dashboard.client.post(address, form_fields(dashboard.client.get(address)))

    assert response["Location"] == dashboard.url("booking", pk=seat.booking_id)


def test_without_a_ticket_of_that_name_one_is_chosen(dashboard: Dashboard, seat: Seat, later: Entry) -> None:
    for name in ("Morning", "Evening"):
        TicketFactory.create(entry=later, name=name)

    asked = dashboard.get("seat_move", {"to": later.pk}, pk=seat.pk)

    assert "There’s no ticket called Drop-in at this entry." in page_text(asked)
    [evening] = Ticket.objects.filter(name="Evening")
    address = f"{dashboard.url('seat_move', pk=seat.pk)}?to={later.pk}&ticket={evening.pk}"
    dashboard.client.post(address, form_fields(dashboard.client.get(address)))
    assert Seat.objects.get().ticket == evening


def test_where_it_is_full_it_offers_to_raise_it(dashboard: Dashboard, seat: Seat, later: Entry) -> None:
    there = TicketFactory.create(entry=later, name="Drop-in")
    book_seat_manually(later, there)

    said = page_text(dashboard.get("seat_move", {"to": later.pk}, pk=seat.pk))
    response = confirm(dashboard, seat, later)

    assert "It’s full: 1 of 1 spaces are taken. Its size changes to 2." in said
    assert "Increase the size to 2 and move" in said
    assert (response.status_code, load_entry(later).places.capacity, load_entry(later).places.taken) == (302, 2, 2)


def test_where_it_has_become_full_it_is_said_again(dashboard: Dashboard, seat: Seat, later: Entry) -> None:
    there = TicketFactory.create(entry=later, name="Drop-in")
    address = f"{dashboard.url('seat_move', pk=seat.pk)}?to={later.pk}"
    seen = form_fields(dashboard.client.get(address))
    book_seat_manually(later, there)

    response = dashboard.client.post(address, seen)

    assert (response.status_code, load_entry(later).places.capacity) == (409, 1)
    assert "Something changed while this page was open. Nothing has been moved yet." in page_text(response)
    assert "Increase the size to 2 and move" in page_text(response)


def test_a_member_s_use_follows(dashboard: Dashboard, entry: Entry, later: Entry) -> None:
    seat = book_member_seat(entry)
    assert seat.use is not None
    TicketFactory.create(entry=later, group=seat.use.period.offer.group, name="Gold ticket")

    said = page_text(dashboard.get("seat_move", {"to": later.pk}, pk=seat.pk))
    confirm(dashboard, seat, later)

    assert "The use of Mia’s “Gold” is returned." in said
    assert "1 of Mia’s 3 tickets (Gold) is used. 2 left until 2 February 2030." in said
    now_is = Seat.objects.select_related("use").get()
    assert now_is.use is not None
    assert (now_is.use.event_on, UsagePeriod.objects.get().used) == (later.starts_at.date(), 1)


def test_where_the_allowance_is_used_up_the_studio_chooses(
    dashboard: Dashboard, entry: Entry, yoga: SchedulePage
) -> None:
    seat = book_member_seat(entry)
    assert seat.use is not None
    offer = seat.use.period.offer
    offer.limit = 1
    offer.save()
    far = EntryFactory.create(page=yoga, title="Far", starts_at=NOW + timedelta(days=25))
    group_ticket = TicketFactory.create(entry=far, group=offer.group, name="Gold ticket")
    UsagePeriod.objects.create(
        account=offer.account, offer=offer, member=seat.use.period.member, starts_on=NOW.date().replace(month=2, day=3),
        ends_on=NOW.date().replace(month=3, day=3), ceiling=1, used=1,
    )  # fmt: skip

    said = page_text(dashboard.get("seat_move", {"to": far.pk}, pk=seat.pk))
    confirm(dashboard, seat, far, use="none")

    assert "Mia would read: “Limit reached for period." in said
    assert "Give one more ticket than the allowance has: it counts as used" in said
    now_is = Seat.objects.get()
    assert (now_is.ticket, now_is.use) == (group_ticket, None)


def test_a_difference_in_price_is_shown_and_noted(dashboard: Dashboard, entry: Entry, later: Entry) -> None:
    seat = book_seat_manually(entry, TicketFactory.create(entry=entry, name="Drop-in", price=1200, cost="cost"))
    TicketFactory.create(entry=later, name="Drop-in", price=1550, cost="cost")

    said = page_text(dashboard.get("seat_move", {"to": later.pk}, pk=seat.pk))
    confirm(dashboard, seat, later)

    assert "Drop-in costs £15.50. No card is charged or refunded." in said
    assert "Note £3.50 more to pay at the studio" in said
    assert Seat.objects.get().owed == 1550


def test_what_cannot_be_moved_says_why(dashboard: Dashboard, seat: Seat, later: Entry) -> None:
    TicketFactory.create(entry=later, name="Drop-in")
    cancel_by_studio([seat.pk], now=NOW)

    response = dashboard.get("seat_move", {"to": later.pk}, pk=seat.pk)

    assert "This space is already cancelled." in page_text(response)


@pytest.mark.parametrize("number", ["0", "9", "x", "9" * 30])
def test_odd_addresses_lead_to_the_choice_or_nowhere(number: str, dashboard: Dashboard, seat: Seat) -> None:
    assert dashboard.get("seat_move", {"to": number}, pk=seat.pk).status_code in {200, 404}


def test_of_another_account_there_is_nothing(dashboard: Dashboard, seat: Seat) -> None:
    strange = EntryFactory.create()
    theirs = book_seat_manually(strange, TicketFactory.create(entry=strange))

    assert dashboard.get("seat_move", pk=theirs.pk).status_code == 404
    assert dashboard.get("seat_name", pk=theirs.pk).status_code == 404
    assert dashboard.get("seat_move", {"to": strange.pk}, pk=seat.pk).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_is_fixed(
    rows: int, dashboard: Dashboard, seat: Seat, yoga: SchedulePage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    EntryFactory.create_batch(rows, page=yoga)
    dashboard.get("seat_move", pk=seat.pk)

    with django_assert_num_queries(9):
        dashboard.get("seat_move", pk=seat.pk)


# An attendee's name


def test_an_attendee_gets_another_name(dashboard: Dashboard, seat: Seat, entry: Entry) -> None:
    response = dashboard.post("seat_name", {"name": "Ada Lovelace", "email": "ADA@example.org"}, pk=seat.pk)

    assert (response["Location"], shown_messages(response)) == (dashboard.url("entry", pk=entry.pk), ["Name saved"])
    now_is = Seat.objects.get()
    assert (now_is.attendee_name, now_is.attendee_email) == ("Ada Lovelace", "ada@example.org")
    line = AuditEntry.objects.get(action="booking.attendee_renamed")
    assert line.changes == [["Name", "Ada", "Ada Lovelace"]]


def test_a_personal_place_keeps_its_member(dashboard: Dashboard, entry: Entry) -> None:
    seat = book_member_seat(entry)

    said = page_text(dashboard.get("seat_name", pk=seat.pk))
    response = dashboard.post("seat_name", {"name": "Zoe"}, pk=seat.pk)

    assert "This ticket is for Mia only, because their offer is for personal use." in said
    assert shown_messages(response) == ["This name can’t be changed any more."]
    assert Seat.objects.get().attendee_name == "Mia"


def test_a_name_is_no_link(dashboard: Dashboard, seat: Seat) -> None:
    response = dashboard.post("seat_name", {"name": "https://spam.example"}, pk=seat.pk)

    assert (response.status_code, Seat.objects.get().attendee_name) == (422, "Ada")


def test_leaders_neither_move_nor_rename(studio: Account, seat: Seat) -> None:
    leader = open_dashboard(studio, Role.LEADER)

    assert [leader.get(name, pk=seat.pk).status_code for name in ("seat_move", "seat_name")] == [404, 404]
