"""Marking who came, while others mark, cancel, close the period or use up what was returned."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from django.db import connection

from offers.models import OfferUse, UsagePeriod
from offers.period_closing import close_periods
from tests.factories.schedule import NOW
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.members_studio import MembersStudio
from tickets.booking.attendance import Outcome, mark_attendance, mark_rest_present
from tickets.booking.cancel import cancel_by_studio
from tickets.models import Attendance, Presence, Seat
from tickets.schedule.entries import cancel_entry

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS: Final = 3
CLASS: Final = NOW + timedelta(days=2)


def race(*acts: Callable[[], object]) -> list[object]:
    return run_at_once(len(acts), lambda number: acts[number]())


def mark(seat: Seat, presence: Presence, *, seen: int | None = None) -> Outcome:
    return mark_attendance(seat.entry, seat.pk, presence, seen=seen, by=None, now=CLASS).outcome


def cancel_one(seat: Seat) -> None:
    cancel_by_studio([seat.pk], now=CLASS)


def cancel_all(seat: Seat) -> None:
    cancel_entry(seat.entry, now=CLASS)


@pytest.fixture
def studio() -> MembersStudio:
    return MembersStudio(returns_absent_uses=True, entries=2, limit=1)


@pytest.fixture
def seat(studio: MembersStudio) -> Seat:
    return Seat.objects.select_related("entry__account").get(booking=studio.book())


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_colleagues_one_is_told_what_the_other_said(seat: Seat, _round: int) -> None:
    said = race(lambda: mark(seat, Presence.PRESENT, seen=0), lambda: mark(seat, Presence.ABSENT, seen=0))
    assert sorted(said, key=str) == [Outcome.MARKED, Outcome.OVERTAKEN]
    assert Attendance.objects.get().revision == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_same_said_at_once_is_said_once(seat: Seat, _round: int) -> None:
    said = race(*[lambda: mark(seat, Presence.ABSENT, seen=0)] * 3)
    assert sorted(said, key=str) == [Outcome.ALREADY, Outcome.ALREADY, Outcome.MARKED]
    assert (UsagePeriod.objects.get().used, OfferUse.objects.get().why) == (0, "absent")


@pytest.mark.parametrize("end", [cancel_one, cancel_all])
@pytest.mark.parametrize("presence", [Presence.PRESENT, Presence.ABSENT])
def test_nobody_is_marked_at_a_seat_that_is_cancelled_meanwhile(
    presence: Presence, end: Callable[[Seat], object], seat: Seat
) -> None:
    race(lambda: mark(seat, presence), lambda: end(seat), lambda: mark_rest_present(seat.entry, by=None, now=CLASS))
    assert (Attendance.objects.count(), UsagePeriod.objects.get().used) == (0, 0)
    assert OfferUse.objects.filter(ended_at=None).count() == 0


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_use_is_returned_into_a_period_that_is_worked_off(studio: MembersStudio, seat: Seat, _round: int) -> None:
    later = CLASS + timedelta(days=60)
    race(lambda: mark(seat, Presence.ABSENT), lambda: close_periods(now=later), lambda: mark(seat, Presence.ABSENT))
    close_periods(now=later)  # it passes over what somebody holds
    period = UsagePeriod.objects.get()
    assert (period.used, period.closed_at is not None) == (0, True)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_what_was_returned_is_charged_for_one_of_two(studio: MembersStudio, seat: Seat, _round: int) -> None:
    mark(seat, Presence.ABSENT)
    done = race(lambda: mark(seat, Presence.PRESENT), lambda: studio.try_to_book(entry=1))
    charged = OfferUse.objects.filter(ended_at=None).values_list("seat", flat=True)
    assert done[0] == Outcome.MARKED
    assert (len(charged), UsagePeriod.objects.get().used) == (1, 1)
    assert Attendance.objects.get().returned_use is (done[1] == "booked 1")
    assert done[1] in {"booked 1", "limit_reached"}


def test_control_without_the_seat_held_both_words_are_taken(seat: Seat) -> None:
    everybody_looked = wait_for_everyone(2)

    def naive(presence: Presence) -> bool:
        unsaid = not Attendance.objects.filter(seat=seat).exists()
        everybody_looked()
        return unsaid

    assert race(lambda: naive(Presence.PRESENT), lambda: naive(Presence.ABSENT)) == [True, True]


def test_control_without_its_trigger_somebody_is_present_at_a_cancelled_seat(seat: Seat) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_seat DISABLE TRIGGER attendance_goes_with_seat")
    try:
        mark(seat, Presence.PRESENT)
        cancel_by_studio([seat.pk], now=CLASS)
        assert Attendance.objects.count() == 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE tickets_seat ENABLE TRIGGER attendance_goes_with_seat")
