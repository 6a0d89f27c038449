"""Marking who came: once, undoably, never at a cancelled seat, and with the use that follows the mark."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.history.acting import acting
from accounts.models import Account, AuditEntry, Staff, User
from bookwhen.db import violated_constraint
from offers.eligibility import Attendee
from offers.models import OfferUse, UsagePeriod
from tests.factories.accounts import StaffFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory
from tests.worlds.members_studio import MembersStudio
from tickets.booking.attendance import (
    CLOSES,
    OPENS,
    AttendanceClosedError,
    Marked,
    Outcome,
    UseOutcome,
    mark_attendance,
    mark_rest_present,
)
from tickets.booking.cancel import cancel_by_studio
from tickets.consistency import check_books
from tickets.models import Attendance, Booking, BookingState, Presence, Seat

pytestmark = pytest.mark.django_db

CLASS: datetime = NOW + timedelta(days=2)


def here(name: str = "Anna") -> User:
    staff: Staff = StaffFactory.create(user__name=name)
    return staff.user


def mark(
    seat: Seat, presence: Presence, *, seen: int | None = None, by: User | None = None, now: datetime = CLASS
) -> Marked:
    return mark_attendance(seat.entry, seat.pk, presence, seen=seen, by=by, now=now)


def said(seat: Seat) -> list[Any]:
    columns = ("presence", "marked_by__name", "revision", "returned_use")
    return [list(row) for row in Attendance.objects.filter(seat=seat).values_list(*columns)]


def charged(studio: MembersStudio) -> tuple[int, list[tuple[bool, str]]]:
    """What is used of the period, and of each use whether it is charged, and why not."""
    uses = OfferUse.objects.filter(account=studio.account).order_by("pk").values_list("ended_at", "why")
    return UsagePeriod.objects.get().used, [(ended is None, why) for ended, why in uses]


@pytest.fixture
def studio() -> MembersStudio:
    return MembersStudio(returns_absent_uses=True)


@pytest.fixture
def seat(studio: MembersStudio) -> Seat:
    return studio.book().seats.get()


# What is said


def test_who_came_is_said_once_by_whom_and_when(seat: Seat) -> None:
    anna = here()
    marked = mark(seat, Presence.PRESENT, seen=0, by=anna)
    assert (marked.outcome, said(seat)) == (Outcome.MARKED, [["present", "Anna", 1, False]])
    assert Attendance.objects.get().marked_at == CLASS


def test_the_same_again_tells_who_said_it_first_and_changes_nothing(seat: Seat) -> None:
    mark(seat, Presence.PRESENT, seen=0, by=here())
    again = mark(seat, Presence.PRESENT, seen=0, by=here("Ben"), now=CLASS + timedelta(minutes=5))
    assert again.outcome == Outcome.ALREADY
    assert again.attendance is not None
    assert (str(again.attendance.marked_by), again.attendance.marked_at) == (str(User.objects.get(name="Anna")), CLASS)
    assert said(seat) == [["present", "Anna", 1, False]]


def test_what_a_colleague_said_since_is_not_overwritten(seat: Seat) -> None:
    mark(seat, Presence.PRESENT, seen=0, by=here())
    stale = mark(seat, Presence.ABSENT, seen=0, by=here("Ben"))
    assert (stale.outcome, said(seat)) == (Outcome.OVERTAKEN, [["present", "Anna", 1, False]])
    assert mark(seat, Presence.ABSENT, seen=1, by=User.objects.get(name="Ben")).outcome == Outcome.MARKED
    assert said(seat) == [["absent", "Ben", 2, True]]


def test_a_mark_is_taken_back(seat: Seat) -> None:
    mark(seat, Presence.PRESENT, by=here())
    assert mark(seat, Presence.UNSAID, seen=1).outcome == Outcome.MARKED
    assert said(seat) == [["", None, 2, False]]
    assert mark(seat, Presence.UNSAID, seen=2).outcome == Outcome.ALREADY


def test_what_was_taken_back_meanwhile_is_not_overwritten_either(seat: Seat) -> None:
    mark(seat, Presence.PRESENT)
    mark(seat, Presence.UNSAID)
    assert mark(seat, Presence.ABSENT, seen=0).outcome == Outcome.OVERTAKEN


def test_every_change_has_its_line_before_and_after(seat: Seat) -> None:
    with acting(here(), at=CLASS):
        mark(seat, Presence.PRESENT)
        mark(seat, Presence.PRESENT)
        mark(seat, Presence.ABSENT)
        mark(seat, Presence.UNSAID)
    told = AuditEntry.objects.order_by("pk").values_list("action", "actor_name", "label", "beside", "changes")
    line = ("attendance.marked", "Anna", "Ada", seat.entry.title)
    assert list(told) == [
        (*line, [["Attendance", "Not marked", "Present"]]),
        (*line, [["Attendance", "Present", "Absent"]]),
        (*line, [["Attendance", "Absent", "Not marked"]]),
    ]


# When, and of whom


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        (CLASS - OPENS - timedelta(seconds=1), None),
        (CLASS - OPENS, Outcome.MARKED),
        (CLASS + timedelta(hours=1) + CLOSES, Outcome.MARKED),
        (CLASS + timedelta(hours=1, seconds=1) + CLOSES, None),
    ],
)
def test_it_can_be_said_from_hours_before_until_long_after(now: datetime, outcome: Outcome | None, seat: Seat) -> None:
    if outcome:
        assert mark(seat, Presence.PRESENT, now=now).outcome == outcome
        return
    with pytest.raises(AttendanceClosedError):
        mark(seat, Presence.PRESENT, now=now)
    with pytest.raises(AttendanceClosedError):
        mark_rest_present(seat.entry, by=None, now=now)
    assert said(seat) == []


def test_nobody_came_to_a_cancelled_seat(seat: Seat) -> None:
    cancel_by_studio([seat.pk], now=NOW)
    assert (mark(seat, Presence.PRESENT).outcome, said(seat)) == (Outcome.CANCELLED, [])


def test_what_is_only_in_a_basket_is_not_marked(seat: Seat) -> None:
    Booking.objects.update(state=BookingState.BASKET, held_until=CLASS)
    assert (mark(seat, Presence.PRESENT).outcome, said(seat)) == (Outcome.HELD, [])


def test_the_seat_of_another_entry_is_not_found(seat: Seat) -> None:
    other = EntryFactory.create(page=seat.entry.page)
    with pytest.raises(Seat.DoesNotExist):
        mark_attendance(other, seat.pk, Presence.PRESENT, seen=None, by=None, now=CLASS)


def test_the_database_lets_nobody_be_marked_at_a_cancelled_seat(seat: Seat) -> None:
    Seat.objects.update(cancelled_at=NOW, cancelled_by="studio")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Attendance.objects.create(seat=seat, account=seat.account, presence="present", marked_at=CLASS)
    assert violated_constraint(refused.value) == "attendance_of_live_seat"


def test_the_database_knows_no_mark_of_another_account(seat: Seat) -> None:
    other = EntryFactory.create().account
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Attendance.objects.create(seat=seat, account=other, presence="present", marked_at=CLASS)
    assert violated_constraint(refused.value) == "attendance_of_live_seat"


def move(seat: Seat) -> None:
    Seat.objects.filter(pk=seat.pk).update(entry=EntryFactory.create(page=seat.entry.page))


@pytest.mark.parametrize("end", [lambda seat: cancel_by_studio([seat.pk], now=CLASS), move])
def test_the_mark_goes_with_the_seat(end: Callable[[Seat], object], seat: Seat) -> None:
    mark(seat, Presence.PRESENT)
    end(seat)
    assert said(seat) == []


def test_a_mark_stays_while_its_seat_changes_otherwise(seat: Seat) -> None:
    mark(seat, Presence.PRESENT, by=here())
    Seat.objects.update(attendee_name="Bea", cancelled_at=None)
    assert said(seat) == [["present", "Anna", 1, False]]


# Everybody else


def test_everybody_of_whom_nothing_is_said_came() -> None:
    studio = MembersStudio(returns_absent_uses=True, limit=6, additional_attendees=3)
    seats = list(studio.book(*[Attendee.GUEST] * 4).seats.order_by("pk"))
    mark(seats[0], Presence.ABSENT, by=here())
    mark(seats[1], Presence.PRESENT, by=here("Ben"))
    mark(seats[1], Presence.UNSAID)
    cancel_by_studio([seats[2].pk], now=NOW)
    carl = here("Carl")
    with acting(carl, at=CLASS):
        assert mark_rest_present(studio.entry, by=carl, now=CLASS) == 2
        assert mark_rest_present(studio.entry, by=carl, now=CLASS) == 0
    assert [said(seat) for seat in seats] == [
        [["absent", "Anna", 1, True]],
        [["present", "Carl", 3, False]],
        [],
        [["present", "Carl", 1, False]],
    ]
    [line] = AuditEntry.objects.all()
    assert (line.action, line.changes) == ("attendance.rest", [["Spaces", "", "2"]])
    assert sorted(line.concerns.values_list("kind", flat=True)) == ["booking", "customer", "entry"]
    assert check_books(now=CLASS) == []


# The use


def test_whoever_is_absent_keeps_nothing_back_by_default() -> None:
    studio = MembersStudio()
    marked = mark(studio.book().seats.get(), Presence.ABSENT)
    assert (marked.use, charged(studio)) == (UseOutcome.UNTOUCHED, (1, [(True, "")]))


def test_the_use_of_somebody_absent_is_returned_where_the_studio_wants_that(studio: MembersStudio, seat: Seat) -> None:
    marked = mark(seat, Presence.ABSENT)
    assert (marked.use, charged(studio)) == (UseOutcome.RETURNED, (0, [(False, "absent")]))
    assert said(seat) == [["absent", None, 1, True]]
    assert check_books(now=CLASS) == []


@pytest.mark.parametrize("after", [Presence.PRESENT, Presence.UNSAID])
def test_it_is_charged_again_when_the_mark_is_undone(after: Presence, studio: MembersStudio, seat: Seat) -> None:
    mark(seat, Presence.ABSENT)
    Account.objects.update(returns_absent_uses=False)
    marked = mark(seat, after)
    assert (marked.use, charged(studio)) == (UseOutcome.CHARGED, (1, [(True, "")]))
    assert said(seat) == [[after.value, None, 2, False]]
    assert check_books(now=CLASS) == []


def test_where_it_was_used_elsewhere_it_stays_returned_and_that_is_said() -> None:
    studio = MembersStudio(returns_absent_uses=True, limit=1, entries=2)
    seat = studio.book().seats.get()
    mark(seat, Presence.ABSENT)
    studio.book(entry=1)
    marked = mark(seat, Presence.PRESENT)
    assert (marked.outcome, marked.use) == (Outcome.MARKED, UseOutcome.SPENT)
    assert said(seat) == [["present", None, 2, True]]
    assert (charged(studio), check_books(now=CLASS)) == ((1, [(False, "absent"), (True, "")]), [])
    assert mark(seat, Presence.ABSENT).use == UseOutcome.UNTOUCHED
    assert (said(seat), check_books(now=CLASS)) == ([["absent", None, 3, True]], [])


def test_one_who_was_absent_and_whose_seat_is_cancelled_has_one_use_back(studio: MembersStudio, seat: Seat) -> None:
    mark(seat, Presence.ABSENT)
    cancel_by_studio([seat.pk], now=CLASS)
    assert (charged(studio), check_books(now=CLASS)) == ((0, [(False, "absent")]), [])


def test_a_seat_without_a_use_has_none_to_return(studio: MembersStudio) -> None:
    ticket = TicketFactory.create(entry=studio.entry)
    seat = studio.book().seats.get()
    Seat.objects.filter(pk=seat.pk).update(ticket=ticket)
    OfferUse.objects.update(ended_at=NOW, why="studio")
    UsagePeriod.objects.update(used=0)
    Seat.objects.update(use=None)
    assert mark(seat, Presence.ABSENT).use == UseOutcome.UNTOUCHED
    assert said(seat) == [["absent", None, 1, False]]
