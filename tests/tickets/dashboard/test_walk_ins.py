"""Somebody comes by without a booking: booked and present in one step, or not at all."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from time_machine import travel

from accounts.addresses import add_address
from accounts.models import AuditEntry, Customer, Deed, Letter, Role
from tests.browsing import form_fields, page_text, shown_messages
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
    load_entry,
)
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.tickets.dashboard.register_desk import open_leader
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.attendance import mark_attendance
from tickets.booking.move import MoveOrder, move_seat
from tickets.booking.move_terms import SEAT_FACTS, move_terms, read_facts_of_move
from tickets.consistency import check_books
from tickets.dashboard.entries.walk_ins import WalkInForm
from tickets.models import Attendance, Booking, Entry, EntryPlaces, Presence, Seat, Ticket
from tickets.schedule.entries import cancel_entry

CLASS = NOW + timedelta(days=2)


@pytest.fixture(autouse=True)
def _class_time(_clock: None) -> Iterator[None]:
    with travel(CLASS, tick=False):
        yield


@pytest.fixture
def desk(entry: Entry) -> Dashboard:
    return open_dashboard(entry.account, Role.BOOKINGS_ADMIN)


def come(desk: Dashboard, entry: Entry, chosen: Ticket, **sent: Any) -> Any:
    given = {"name": "Ada", "email": "", "ticket": chosen.pk, "key": str(uuid4())}
    return desk.post("walk_in", given | sent, pk=entry.pk)


def register(entry: Entry) -> list[tuple[str, str, str | None, int]]:
    columns = ("attendee_name", "customer__email", "attendance__presence", "owed")
    return list(Seat.objects.filter(entry=entry).order_by("pk").values_list(*columns))


def test_somebody_without_an_address_is_booked_for_the_studio_itself(
    desk: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    assert "Add walk-in" not in page_text(desk.get("entry", pk=entry.pk))
    book_seat_manually(entry, ticket, "Ben")
    assert "Add walk-in" in page_text(desk.get("entry", pk=entry.pk))
    answer = come(desk, entry, ticket)
    seat = Seat.objects.get(attendee_name="Ada")
    assert answer["Location"] == f"{desk.url('entry', pk=entry.pk)}#attendee-{seat.pk}"
    assert shown_messages(answer) == ["Booked and present"]
    assert register(entry)[1:] == [("Ada", entry.account.contact, "present", 0)]
    assert (seat.booking.booker_name, Letter.objects.exclude(recipient=seat.customer.email).count()) == ("Ada", 1)
    assert Letter.objects.filter(recipient=seat.customer.email).count() == 0
    page = page_text(desk.get("entry", pk=entry.pk))
    assert "1 of 2 here 1 not marked" in page
    assert "Ada Drop-in · Walk-in Present 12:00" in page
    assert (load_entry(entry).places.taken, check_books(now=CLASS)) == (2, [])


def test_a_walk_in_goes_by_their_own_name_and_nobody_writes_to_the_studio_for_them(
    desk: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    come(desk, entry, ticket)
    [made] = AuditEntry.objects.filter(action=Deed.BOOKING_MADE)
    assert (made.label, made.beside) == ("Ada", entry.title)
    seat, written = Seat.objects.get(), f'href="mailto:{entry.account.contact}"'
    assert "Ada Walk-in" in page_text(desk.get("bookings"))
    assert "Ada · Walk-in" in page_text(desk.get("booking", pk=seat.booking_id))
    for page in (desk.get("entry", pk=entry.pk), desk.get("bookings"), desk.get("booking", pk=seat.booking_id)):
        assert entry.account.contact not in page.content.decode()

    cancel_entry(load_entry(entry), now=CLASS)
    page = desk.get("entry", pk=entry.pk)
    assert "Ada Drop-in" in page_text(page)
    assert written not in page.content.decode()


def test_the_customer_that_the_studio_is_keeps_its_name(desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    Customer.objects.create(account=entry.account, email=entry.account.contact, name="Olga Owner")
    come(desk, entry, ticket)
    assert str(Seat.objects.get().customer) == "Olga Owner"


def test_what_the_ticket_costs_is_noted(desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(cost="cost", price=1200)
    come(desk, entry, ticket)
    assert register(entry) == [("Ada", entry.account.contact, "present", 1200)]
    assert "Drop-in · Walk-in · £12.00 to pay" in page_text(desk.get("entry", pk=entry.pk))


def test_somebody_with_an_address_is_its_customer_and_gets_a_confirmation(
    desk: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    come(desk, entry, ticket, email="ada@example.org")
    seat = Seat.objects.get()
    assert register(entry) == [("Ada", "ada@example.org", "present", 0)]
    assert (seat.customer.name, seat.attendee_email, seat.booking.booker_name) == ("Ada", "ada@example.org", "")
    assert list(Letter.objects.values_list("kind", "recipient")) == [("booked", "ada@example.org")]


def test_a_member_pays_with_their_membership(desk: Dashboard, entry: Entry) -> None:
    seat = book_member_seat(entry)
    ticket = TicketFactory.create(entry=entry, name="Members", group=seat.ticket.groups.get())
    OfferFactory.create(group=ticket.groups.get(), page=entry.page, limit=3, additional_attendees=3)
    come(desk, entry, ticket, email=seat.customer.email, name="Mo")
    made = Seat.objects.latest("pk")
    assert (made.use is not None, made.self_attendee, check_books(now=CLASS)) == (True, None, [])
    member = create_customer_with_login(entry.account)
    add_member(ticket.groups.get(), member)
    come(desk, entry, ticket, email=member.email, name="Max")
    made = Seat.objects.latest("pk")
    assert (made.use is not None, made.self_attendee, check_books(now=CLASS)) == (True, member, [])


def test_somebody_who_is_booked_already_is_not_booked_twice_without_a_word(
    desk: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    known = book_seat_manually(entry, ticket, "Ada")
    email = known.customer.email
    asked = come(desk, entry, ticket, name="ada", email=email)
    page = page_text(asked)
    assert (asked.status_code, len(register(entry))) == (409, 1)
    assert "Ada is already booked at this entry. Nothing has been booked yet." in page
    assert f'href="{desk.url("entry", pk=entry.pk)}?booking={known.booking_id}"' in asked.content.decode()
    assert "Book another space and mark present" in page
    come(desk, entry, ticket, **form_fields(asked))
    assert [row[:3:2] for row in register(entry)] == [("Ada", None), ("ada", "present")]
    # Whom they bring, by another name, nobody is asked about.
    assert come(desk, entry, ticket, name="Byron", email=email).status_code == 302
    assert check_books(now=CLASS) == []


def test_they_are_known_by_any_of_their_addresses_however_their_name_is_typed(
    desk: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    known = book_seat_manually(entry, ticket, "Zoë O’Neil")
    add_address(known.customer, "second@example.org", now=CLASS)

    asked = come(desk, entry, ticket, name="zoe o'neil", email="second@example.org")

    assert (asked.status_code, len(register(entry))) == (409, 1)
    assert "Zoë O’Neil is already booked at this entry. Nothing has been booked yet." in page_text(asked)


def test_sent_twice_it_is_one(desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    key = str(uuid4())
    come(desk, entry, ticket, key=key)
    come(desk, entry, ticket, key=key)
    assert (len(register(entry)), Attendance.objects.get().revision) == (1, 1)


def test_sent_again_it_changes_nothing_of_what_was_done_since(desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    key = str(uuid4())
    come(desk, entry, ticket, key=key)
    seat = Seat.objects.get()
    mark_attendance(load_entry(entry), seat.pk, Presence.ABSENT, seen=None, by=None, now=CLASS)
    assert come(desk, entry, ticket, key=key).status_code == 302
    assert register(entry) == [("Ada", entry.account.contact, "absent", 0)]
    # It may be at another entry by now.
    mark_attendance(load_entry(entry), seat.pk, Presence.UNSAID, seen=None, by=None, now=CLASS)
    other = EntryFactory.create(page=entry.page, starts_at=CLASS)
    there, target = TicketFactory.create(entry=other), load_entry(other)
    found = Seat.objects.for_letters().select_related(*SEAT_FACTS).get()
    terms = move_terms(found, target, there, read_facts_of_move(found, target, now=CLASS), now=CLASS)
    wish = MoveOrder(ticket=there.pk, use=terms.choices[0], terms_version=terms.version)
    move_seat(found, target, wish, now=CLASS)
    assert come(desk, entry, ticket, key=key).status_code == 302
    assert (register(entry), register(other)) == ([], [("Ada", entry.account.contact, None, 0)])
    assert check_books(now=CLASS) == []


def test_a_full_class_says_so_and_offers_one_more(desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    EntryPlaces.objects.filter(entry=entry).update(capacity=1)
    book_seat_manually(entry, ticket, "Ben")
    full = come(desk, entry, ticket)
    page = page_text(full)
    assert (full.status_code, len(register(entry))) == (409, 1)
    assert "1 of 1 spaces are taken. Nothing has been booked yet." in page
    assert "1 space (Drop-in) is booked for Ada." in page
    assert "Increase the size to 2 and book" in page
    come(desk, entry, ticket, **full.context["fields"])
    assert [row[:3:2] for row in register(entry)] == [("Ben", None), ("Ada", "present")]
    places = load_entry(entry).places
    assert (places.taken, places.capacity) == (2, 2)


@pytest.mark.parametrize("name", ["", "www.example.org", "+44 20 7946 0958"])
def test_a_name_is_needed(name: str, desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    assert (come(desk, entry, ticket, name=name).status_code, register(entry)) == (422, [])


def test_the_ticket_of_another_entry_is_refused(desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    other = TicketFactory.create(entry=book_seat_manually(entry, ticket).entry)
    Ticket.objects.filter(pk=other.pk).update(retired_at=NOW)
    assert come(desk, entry, other).status_code == 422
    assert len(register(entry)) == 1


def test_the_ordinary_ticket_is_chosen_already(entry: Entry) -> None:
    book_member_seat(entry)
    plain = TicketFactory.create(entry=entry, position=5)
    assert WalkInForm(entry=load_entry(entry)).fields["ticket"].initial == plain.pk


def test_after_the_class_and_at_a_cancelled_one_nobody_comes_by(desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    with travel(CLASS + timedelta(hours=1), tick=False):
        assert come(desk, entry, ticket).status_code == 409
    cancel_entry(entry, now=CLASS)
    assert (come(desk, entry, ticket).status_code, Booking.objects.count()) == (409, 0)


def test_long_before_the_class_nobody_comes_by_either(desk: Dashboard, entry: Entry, ticket: Ticket) -> None:
    with travel(NOW, tick=False):
        early = open_dashboard(entry.account)
        assert shown_messages(come(early, entry, ticket)) == [
            "Nothing was marked. You can mark attendance from Thursday 17 January, 00:00."
        ]
    assert register(entry) == []


def test_a_leader_books_nobody(entry: Entry, ticket: Ticket) -> None:
    leader = open_leader(entry)
    assert come(leader, entry, ticket).status_code == 404
    book_seat_manually(entry, ticket, "Ben")
    page = page_text(leader.get("entry", pk=entry.pk))
    assert ("Add walk-in" in page, "Present Absent" in page) == (False, True)


def test_a_stranger_more_than_the_studio_may_write_to_is_booked_without_an_address(
    desk: Dashboard, entry: Entry, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.dashboard.entries.walk_ins.daily_quota", lambda _account, now: 1)  # noqa: ARG005
    come(desk, entry, ticket, email="ada@example.org")
    answer = come(desk, entry, ticket, email="bea@example.org", name="Bea")
    assert answer.status_code == 422
    assert "You’ve booked for too many new people today." in page_text(answer)
    assert come(desk, entry, ticket, name="Bea").status_code == 302
