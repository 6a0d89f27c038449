"""Cancelling several dates at once against all that people do with them at the same instant."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Letter, Operation
from accounts.operations.running import run_operation
from offers.models import OfferUse
from tests.factories.schedule import NOW, load_entry
from tests.races.crowd import run_at_once
from tests.worlds.members_studio import MembersStudio
from tickets.booking.cancel import cancel_by_customer
from tickets.consistency import check_books
from tickets.models import Entry, EntryPlaces, Seat
from tickets.schedule.cancelling_dates import begin_cancelling_dates

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PEOPLE = 5


@pytest.fixture
def studio() -> MembersStudio:
    """Two dates of one series, at both of which each member can have a space."""
    studio = MembersStudio(members=PEOPLE, limit=None)
    studio.add_entry(starts_at=NOW.replace(day=20), capacity=50)
    first = studio.entries[0]
    Entry.objects.filter(pk=studio.entries[1].pk).update(series=first.series)
    studio.tickets[1] = studio.tickets[0]
    return studio


def cancel_both(studio: MembersStudio) -> str:
    entries = [load_entry(each) for each in studio.entries]
    operation = begin_cancelling_dates(entries, who="", key=uuid4(), now=NOW)
    Operation.objects.update(due_at=NOW - timedelta(days=9999))
    return "cancelled" if operation else "nothing"


def work_off() -> None:
    for operation in Operation.objects.all():
        while run_operation(operation.pk, seconds=30):
            pass


def nothing_is_left() -> None:
    assert (Seat.objects.live().count(), OfferUse.objects.live().count()) == (0, 0)
    assert set(EntryPlaces.objects.values_list("taken", flat=True)) == {0}
    assert check_books(now=NOW) == []


def test_who_books_while_the_dates_are_cancelled_is_too_late_or_is_cancelled(studio: MembersStudio) -> None:
    def act(number: int) -> str:
        if number == PEOPLE:
            return cancel_both(studio)
        return str(studio.try_to_book(customer=number, entry=number % 2))

    *outcomes, done = run_at_once(PEOPLE + 1, act)
    booked = outcomes.count("booked 1")
    assert (done, Seat.objects.live().count()) == ("cancelled", booked)
    assert set(outcomes) <= {"booked 1", "cancelled"}
    work_off()
    nothing_is_left()
    assert Letter.objects.filter(kind="cancelled_dates").count() == booked


def test_who_cancels_at_the_same_instant_is_told_once_of_each_space(studio: MembersStudio) -> None:
    seats = [[studio.book(customer=number, entry=entry).seats.get() for entry in range(2)] for number in range(PEOPLE)]
    cancel_both(studio)
    Letter.objects.all().delete()

    def act(number: int) -> str:
        if number == PEOPLE:
            work_off()
            return ""
        mine = seats[number][0]
        return str(len(cancel_by_customer(mine.booking, [mine.pk], now=NOW).seats))

    *outcomes, _done = run_at_once(PEOPLE + 1, act)
    nothing_is_left()
    by_hand = Counter(outcomes)["1"]
    # One email from the studio to each, with what was left of theirs; and one for what they cancelled themselves.
    assert Letter.objects.filter(kind__in=["cancelled", "cancelled_dates"]).count() == PEOPLE + by_hand


def test_cancelled_twice_at_once_they_are_cancelled_once(studio: MembersStudio) -> None:
    for number in range(PEOPLE):
        studio.book(customer=number)
    Letter.objects.all().delete()
    outcomes = run_at_once(3, lambda _number: cancel_both(studio))
    assert sorted(outcomes) == ["cancelled", "nothing", "nothing"]
    run_at_once(2, lambda _number: work_off())
    work_off()
    nothing_is_left()
    assert Letter.objects.filter(kind="cancelled_dates").count() == PEOPLE
