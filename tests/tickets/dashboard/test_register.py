"""The register: who is on it, marking them from it, finding them by name or by their code, on paper and as a file."""

import csv
import io
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller, travel

from accounts.models import Account, User
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.tickets.dashboard.booking import book_member_seat, book_seat_manually
from tests.tickets.dashboard.register_desk import CLASS, STALE, anna, names, open_leader, press, said
from tests.worlds.dashboard import Dashboard, open_dashboard
from tickets.booking.attendance import mark_attendance
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.dashboard.entries.register import PER_PAGE
from tickets.models import Booking, BookingState, Entry, Presence, Seat, Ticket
from tickets.schedule.entries import cancel_entry

# Who is on it


@pytest.mark.parametrize("seats", [1, 3])
def test_the_number_of_statements_is_fixed(
    seats: int, dashboard: Dashboard, entry: Entry, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with travel(CLASS, tick=False):
        dashboard = open_dashboard(entry.account)
        for number in range(seats):
            seat = book_member_seat(entry, group_name=f"Group {number}")
            mark_attendance(entry, seat.pk, Presence.PRESENT, seen=None, by=anna(dashboard), now=CLASS)
        dashboard.get("entry", pk=entry.pk)
        with django_assert_num_queries(8):
            response = dashboard.get("entry", pk=entry.pk)
        with django_assert_num_queries(9):
            found = dashboard.get("entry", {"q": "mia"}, pk=entry.pk)
    assert (len(names(response)), len(names(found))) == (seats, seats)


def test_a_line_says_what_does_not_go_without_saying(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(cost="cost", price=1200)
    dashboard = open_dashboard(entry.account)
    book_member_seat(entry)
    book_seat_manually(entry, ticket, "Ada", attendee="Byron")
    book_seat_manually(entry, ticket, "Cleo")
    page = page_text(dashboard.get("entry", pk=entry.pk))
    assert "0 of 3 here 3 not marked" in page
    assert "Byron Drop-in · guest of Ada · £12.00 to pay Take £12.00: Byron Present Absent" in page
    assert "Cleo Drop-in · £12.00 to pay Take £12.00: Cleo Present" in page
    assert "Mia Gold ticket · Gold Present" in page


def test_who_cancelled_late_is_shown_and_cannot_be_marked(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    late, early, gone = (book_seat_manually(entry, ticket, name) for name in ("Late", "Early", "Gone"))
    book_seat_manually(entry, ticket, "Here")
    cancel_by_customer(late.booking, [late.pk], now=CLASS - timedelta(hours=2))
    cancel_by_customer(early.booking, [early.pk], now=CLASS - timedelta(days=1))
    cancel_by_studio([gone.pk], now=CLASS - timedelta(hours=2))
    dashboard = open_dashboard(entry.account)
    response = dashboard.get("entry", pk=entry.pk)
    assert names(response) == ["Here", "Late"]
    assert "Late Drop-in Cancelled late, 10:00 Actions for Late" in page_text(response)
    answer = press(dashboard, late, "present")
    assert shown_messages(answer) == ["Late wasn’t marked. Their space was cancelled: 10:00."]
    assert said(late) == []


def test_what_is_held_in_baskets_comes_last_and_is_not_marked(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    held = book_seat_manually(entry, ticket, "Abe")
    book_seat_manually(entry, ticket, "Ben")
    Booking.objects.filter(seats=held).update(state=BookingState.BASKET, held_until=CLASS + timedelta(minutes=15))
    dashboard = open_dashboard(entry.account)
    response = dashboard.get("entry", pk=entry.pk)
    assert names(response) == ["Ben", "Abe"]
    assert "0 of 1 here 1 not marked · 1 held in baskets" in page_text(response)
    assert shown_messages(press(dashboard, held, "present")) == [
        "Abe wasn’t marked. Their space is only held in a basket."
    ]


def test_it_is_sorted_by_name_or_by_booking(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    booked = ["cleo", "Żaneta", "Łucja", "Émile", "Ben", "Mia", "Ada", "Zoe"]
    for name in booked:
        book_seat_manually(entry, ticket, name)
    by_name = ["Ada", "Ben", "cleo", "Émile", "Łucja", "Mia", "Żaneta", "Zoe"]
    assert names(dashboard.get("entry", pk=entry.pk)) == by_name
    assert names(dashboard.get("entry", {"sort": "booked"}, pk=entry.pk)) == booked


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zoe", ["Zoë O’Neill"]),
        ("ZOË", ["Zoë O’Neill"]),
        ("neill zo", ["Zoë O’Neill"]),
        ("o'neill, zoe", ["Zoë O’Neill"]),
        ("lukasz", ["Łukasz"]),
        ("Müller", ["Bo", "Muller"]),
        ("nobody", []),
        ("%", []),
    ],
)
def test_somebody_is_found_by_name_whatever_the_accents(
    words: str, found: list[str], dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    for name in ("Zoë O’Neill", "Łukasz", "Muller"):
        book_seat_manually(entry, ticket, name)
    book_seat_manually(entry, ticket, "Eva Müller", attendee="Bo")
    response = dashboard.get("entry", {"q": words}, pk=entry.pk)
    assert names(response) == found
    assert ("Nobody here by that name. Show everyone" in page_text(response)) is (not found)


def test_a_long_register_goes_on_from_page_to_page(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    seat = book_seat_manually(entry, ticket, "Name 000")
    common = {"account": seat.account, "booking": seat.booking, "entry": entry, "ticket": ticket, "created_at": NOW}
    more = [f"Name {number:03}" for number in range(1, PER_PAGE + 2)]
    Seat.objects.bulk_create(Seat(**common, customer=seat.customer, attendee_name=name) for name in more)
    first = dashboard.get("entry", pk=entry.pk)
    assert names(first) == [f"Name {number:03}" for number in range(PER_PAGE)]
    second = dashboard.client.get(dashboard.url("entry", pk=entry.pk) + first.context["register"].next_link)
    assert names(second) == more[-2:]
    assert len(dashboard.get("attendees_print", pk=entry.pk).context["seats"]) == PER_PAGE + 2


# Marking


def test_a_mark_stands_on_its_line_with_who_made_it(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    dashboard = open_dashboard(entry.account)
    anna(dashboard)
    seat = book_seat_manually(entry, ticket, "Ada")
    answer = press(dashboard, seat, "present", back="sort=booked")
    assert answer["Location"] == f"{dashboard.url('entry', pk=entry.pk)}?sort=booked#attendee-{seat.pk}"
    page = page_text(dashboard.get("entry", pk=entry.pk))
    assert "1 of 1 here" in page
    assert "Ada Drop-in Present 12:00 by Anna Undo the mark of Ada Present Absent" in page


def test_marked_again_it_says_what_was_said_before(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    dashboard = open_dashboard(entry.account)
    anna(dashboard)
    seat = book_seat_manually(entry, ticket, "Ada")
    press(dashboard, seat, "present")
    class_time.shift(timedelta(minutes=5))
    again = press(dashboard, seat, "present")
    assert shown_messages(again) == ["Ada was marked before: Present 12:00 by Anna."]
    assert again["Location"].endswith(f"#attendee-{seat.pk}")
    class_time.shift(timedelta(days=1))
    assert shown_messages(press(dashboard, seat, "absent")) == [
        "Ada was marked before: Present 12:00 by Anna.",
        f"{STALE} Present 17 Jan 2030, 12:00 by Anna.",
    ]


def test_an_old_page_overwrites_no_colleague(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    dashboard = open_dashboard(entry.account)
    anna(dashboard)
    seat = book_seat_manually(entry, ticket, "Ada")
    press(dashboard, seat, "absent")
    other = open_leader(entry)
    answer = press(other, seat, "present")
    assert shown_messages(answer) == [f"{STALE} Absent 12:00 by Anna."]
    assert answer["Location"] == dashboard.url("entry", pk=entry.pk)
    assert said(seat) == [("absent", 1)]
    page = other.get("entry", pk=entry.pk).content.decode()
    assert f'value="{seat.pk}:present:1"' in page
    press(other, seat, "present", seen=1)
    assert said(seat) == [("present", 2)]


def test_a_mark_is_undone(dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller) -> None:
    dashboard = open_dashboard(entry.account)
    seat = book_seat_manually(entry, ticket, "Ada")
    press(dashboard, seat, "present")
    press(dashboard, seat, "", seen=1)
    assert said(seat) == [("", 2)]
    assert "0 of 1 here 1 not marked" in page_text(dashboard.get("entry", pk=entry.pk))


def test_everybody_else_is_marked_at_once(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller
) -> None:
    dashboard = open_dashboard(entry.account)
    seats = [book_seat_manually(entry, ticket, name) for name in ("Ada", "Ben", "Cleo")]
    assert "Mark all present" in page_text(dashboard.get("entry", pk=entry.pk))
    press(dashboard, seats[0], "absent")
    assert "Mark the rest present" in page_text(dashboard.get("entry", pk=entry.pk))
    assert shown_messages(dashboard.post("attendance_rest", pk=entry.pk)) == ["2 people marked present"]
    page = page_text(dashboard.get("entry", pk=entry.pk))
    assert "2 of 3 here 1 absent" in page
    assert "Mark the rest present" not in page
    assert shown_messages(dashboard.post("attendance_rest", pk=entry.pk))[-1] == "Everyone is marked already."


RETURNED = [
    "Mia is marked absent, and the use was returned.",
    "Mia’s mark was changed, and the use is charged again.",
]


@pytest.mark.parametrize("expected", [RETURNED, []], ids=["returned", "kept"])
def test_what_becomes_of_the_use_is_said(
    expected: list[str], dashboard: Dashboard, entry: Entry, class_time: Traveller
) -> None:
    returns = bool(expected)
    Account.objects.update(returns_absent_uses=returns)
    dashboard = open_dashboard(entry.account)
    seat = book_member_seat(entry)
    assert shown_messages(press(dashboard, seat, "absent")) == expected[:1]
    assert ("use returned" in page_text(dashboard.get("entry", pk=entry.pk))) is returns
    assert shown_messages(press(dashboard, seat, "present", seen=1)) == expected[1:]


def test_too_early_nobody_is_marked_and_it_says_from_when_on(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    seat = book_seat_manually(entry, ticket, "Ada")
    page = page_text(dashboard.get("entry", pk=entry.pk))
    assert "1 of 10 spaces taken You can mark attendance from Thursday 17 January, 00:00." in page
    assert "Absent" not in page
    for answer in (press(dashboard, seat, "present"), dashboard.post("attendance_rest", pk=entry.pk)):
        assert shown_messages(answer)[-1] == (
            "Nothing was marked. You can mark attendance from Thursday 17 January, 00:00."
        )
    assert said(seat) == []


@pytest.mark.parametrize(
    "mark", ["", "1", "x:present:0", "1:late:0", "0:present:0", "²:present:0", f"{2**70}:absent:0"]
)
def test_what_no_button_says_changes_nothing(
    mark: str, dashboard: Dashboard, entry: Entry, class_time: Traveller
) -> None:
    dashboard = open_dashboard(entry.account)
    answer = dashboard.post("attendance_mark", {"mark": mark}, pk=entry.pk)
    assert (answer.status_code, answer["Location"]) == (302, dashboard.url("entry", pk=entry.pk))


def test_the_seat_of_another_studio_is_not_there(dashboard: Dashboard, entry: Entry, class_time: Traveller) -> None:
    dashboard = open_dashboard(entry.account)
    other = EntryFactory.create()
    seat = book_seat_manually(other, TicketFactory.create(entry=other))
    answer = dashboard.post("attendance_mark", {"mark": f"{seat.pk}:present:0"}, pk=entry.pk)
    assert (answer.status_code, said(seat)) == (404, [])


# After a class was cancelled, on paper and as a file


def test_after_a_class_was_cancelled_its_people_can_still_be_told(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    seat, gone = book_seat_manually(entry, ticket, "Ada"), book_seat_manually(entry, ticket, "Ben")
    cancel_by_studio([gone.pk], now=NOW)
    cancel_entry(entry, now=NOW + timedelta(hours=1))
    page = page_text(dashboard.get("entry", pk=entry.pk))
    assert "This entry is cancelled." in page
    assert f"Who had booked Message Find by name Search Ada {seat.customer.email} Drop-in Cancelled 13:00" in page
    assert [row[0] for row in file_of(dashboard, entry)] == ["Name", "Ada"]


def file_of(dashboard: Dashboard, entry: Entry) -> list[list[str]]:
    answer = dashboard.get("attendees_csv", pk=entry.pk)
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_the_file_tells_who_came(dashboard: Dashboard, entry: Entry, ticket: Ticket, class_time: Traveller) -> None:
    dashboard = open_dashboard(entry.account)
    user = anna(dashboard)
    User.objects.filter(pk=user.pk).update(name="=1+1")
    seats = [book_seat_manually(entry, ticket, name) for name in ("Ada", "Ben", "Cleo", "Dora")]
    press(dashboard, seats[0], "present")
    press(dashboard, seats[1], "absent")
    cancel_by_customer(seats[2].booking, [seats[2].pk], now=CLASS - timedelta(hours=1))
    rows = file_of(dashboard, entry)
    assert rows[0][-4:] == ["Attendance", "Marked at", "Marked by", "Cancelled at"]
    assert {row[0]: row[-4:] for row in rows[1:]} == {
        "Ada": ["Present", "2030-01-17 12:00", "'=1+1", ""],
        "Ben": ["Absent", "2030-01-17 12:00", "'=1+1", ""],
        "Cleo": ["Cancelled late", "", "", "2030-01-17 11:00"],
        "Dora": ["", "", "", ""],
    }


def test_on_paper_everybody_has_a_box(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    book_seat_manually(entry, ticket, "Ada", attendee="Byron")
    page = dashboard.get("attendees_print", pk=entry.pk)
    assert "Byron Drop-in · guest of Ada" in page_text(page)
    assert (page.content.count(b"print-box"), page.content.count(b'name="mark"')) == (1, 0)


# Cancelling places is a page of its own


def test_who_is_to_be_cancelled_is_chosen_on_a_page_of_its_own(
    dashboard: Dashboard, entry: Entry, ticket: Ticket
) -> None:
    seat = book_seat_manually(entry, ticket, "Ada")
    register = dashboard.get("entry", pk=entry.pk).content.decode()
    assert register.count('type="checkbox"') == 0
    assert f'href="{dashboard.url("seats_cancel", pk=entry.pk)}"' in register
    page = dashboard.get("seats_cancel", pk=entry.pk)
    assert "Select attendees to cancel" in page_text(page)
    assert f'name="seat" value="{seat.pk}"' in page.content.decode()
    assert "Select at least one attendee." in page_text(dashboard.get("seats_cancel", {"chosen": "1"}, pk=entry.pk))
    assert "Cancel Ada’s space?" in page_text(dashboard.get("seats_cancel", {"seat": seat.pk}, pk=entry.pk))


def test_where_nobody_is_there_is_nobody_to_cancel(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    CustomerFactory.create(account=entry.account)
    assert "Nobody has a space at this entry. Back to attendees" in page_text(
        dashboard.get("seats_cancel", pk=entry.pk)
    )
