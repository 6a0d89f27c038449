"""Who of the team says who came: a leader where they lead or nobody is named, all other roles everywhere."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import LeaderWord, Role
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import EntryFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.dashboard.register_desk import names, open_leader, press, said
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.models import Entry, EntryLeader, Leader, Seat, Ticket

ONLY = "You can mark attendance only at entries you lead. Ask a manager to add you as a leader of this one."
BUTTONS = ("Present Absent", "Mark all present")


@pytest.fixture
def seat(entry: Entry, ticket: Ticket, class_time: Traveller) -> Seat:
    return book_seat_manually(entry, ticket, "Ada")


def buttons(desk: Dashboard, entry: Entry) -> list[bool]:
    page = page_text(desk.get("entry", pk=entry.pk))
    assert "Ada Drop-in" in page
    return [each in page for each in BUTTONS]


def marks(desk: Dashboard, seat: Seat) -> list[Any]:
    """What is said of a seat after both ways to say it."""
    press(desk, seat, "present")
    desk.post("attendance_rest", pk=seat.entry_id)
    return said(seat)


@pytest.mark.parametrize("role", [Role.OWNER, Role.SCHEDULE_MANAGER, Role.BOOKINGS_ADMIN])
def test_managers_mark_everywhere(role: Role, entry: Entry, seat: Seat) -> None:
    desk = open_dashboard(entry.account, role)
    assert buttons(desk, entry) == [True, True]
    assert marks(desk, seat) == [("present", 1)]


def test_a_leader_marks_where_they_lead(entry: Entry, seat: Seat) -> None:
    desk = open_leader(entry)
    assert buttons(desk, entry) == [True, True]
    assert ONLY not in page_text(desk.get("entry", pk=entry.pk))
    assert marks(desk, seat) == [("present", 1)]


def give_a_leader(entry: Entry, *, leads: bool = True) -> None:
    """Name somebody who is not of the team."""
    someone = Leader.objects.create(account=entry.account, name="Guest")
    EntryLeader.objects.create(account=entry.account, entry=entry, leader=someone, leads=leads)


def leads_elsewhere(entry: Entry) -> Dashboard:
    give_a_leader(entry)
    return open_leader(EntryFactory.create(page=entry.page))


def leads_nothing(entry: Entry) -> Dashboard:
    give_a_leader(entry)
    return open_dashboard(entry.account, Role.LEADER)


def was_to_lead_it(entry: Entry) -> Dashboard:
    give_a_leader(entry)
    return open_leader(entry, leads=False)


@pytest.mark.parametrize("opened", [leads_elsewhere, leads_nothing, was_to_lead_it])
def test_elsewhere_a_leader_reads_and_marks_nobody(opened: Any, entry: Entry, seat: Seat) -> None:
    desk = opened(entry)
    assert buttons(desk, entry) == [False, False]
    page = desk.get("entry", pk=entry.pk)
    assert ONLY in page_text(page)
    assert page.content.count(b'name="mark"') == 0
    assert shown_messages(press(desk, seat, "present")) == [f"Nothing was marked. {ONLY}"]
    assert marks(desk, seat) == []


def names_nobody(entry: Entry) -> Dashboard:
    open_leader(EntryFactory.create(page=entry.page))
    return open_dashboard(entry.account, Role.LEADER)


def nobody_takes_over(entry: Entry) -> Dashboard:
    give_a_leader(entry, leads=False)
    return open_dashboard(entry.account, Role.LEADER)


@pytest.mark.parametrize("opened", [names_nobody, nobody_takes_over])
def test_where_nobody_is_named_every_leader_marks(opened: Any, entry: Entry, seat: Seat) -> None:
    desk = opened(entry)
    assert buttons(desk, entry) == [True, True]
    assert ONLY not in page_text(desk.get("entry", pk=entry.pk))
    assert marks(desk, seat) == [("present", 1)]


def test_who_was_replaced_since_marks_nobody_and_reads_why(entry: Entry, seat: Seat) -> None:
    desk = open_leader(entry)
    press(desk, seat, "present")
    EntryLeader.objects.update(leads=False)
    give_a_leader(entry)
    answer = press(desk, seat, "", seen=1)
    assert answer["Location"] == desk.url("entry", pk=entry.pk)
    assert ONLY in shown_messages(answer)[-1]
    assert said(seat) == [("present", 1)]


def test_the_studios_word_for_them_is_in_the_sentence(entry: Entry, seat: Seat) -> None:
    entry.account.leader_word = LeaderWord.TEACHER
    entry.account.save()
    page = page_text(leads_nothing(entry).get("entry", pk=entry.pk))
    assert ONLY.replace("lead.", "teach.").replace("leader", "teacher") in page


def test_the_code_of_another_class_opens_its_line_and_says_so(entry: Entry, seat: Seat) -> None:
    desk = leads_elsewhere(entry)
    scanned = desk.get("register_scan", seat=seat.uuid)
    assert shown_messages(scanned) == [ONLY]
    assert names(desk.client.get(scanned["Location"])) == ["Ada"]


def test_where_nobody_is_marked_yet_a_leader_reads_from_when_on(entry: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket, "Ada")
    page = page_text(leads_nothing(entry).get("entry", pk=entry.pk))
    assert ("You can mark attendance from Thursday 17 January, 00:00." in page, ONLY in page) == (True, False)


@pytest.mark.parametrize(("role", "statements"), [(Role.OWNER, 8), (Role.LEADER, 9)])
def test_a_register_asks_once_more_for_a_leader(
    role: Role, statements: int, entry: Entry, seat: Seat, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk = open_dashboard(entry.account, role)
    desk.get("entry", pk=entry.pk)
    with django_assert_num_queries(statements):
        desk.get("entry", pk=entry.pk)
