"""Giving a series other days against a booking, at the same instant, of a date that goes."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from offers.eligibility import Attendee
from offers.models import OfferUse
from tests.factories.schedule import NOW, load_entry
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.members_studio import MembersStudio, booking_outcome
from tickets.availability import locks
from tickets.availability.facts import person_of_customer
from tickets.booking import book
from tickets.booking.refusals import TicketGoneError
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Entry, EntryPlaces, Seat, Series
from tickets.schedule import retiming
from tickets.schedule.details import entry_details
from tickets.schedule.overrides import Scope
from tickets.schedule.retime_plan import Timing, plan_retiming

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PEOPLE = 5
THURSDAY = 3


@pytest.fixture
def studio() -> MembersStudio:
    """A series on Thursday 17 and Saturday 19 January, with one ticket; the Saturday is what goes."""
    studio = MembersStudio(members=PEOPLE, limit=None)
    first = studio.entries[0]
    studio.add_entry(starts_at=first.starts_at.replace(day=19), capacity=50)
    starts = entry_details(load_entry(first)).starts
    Series.objects.filter(pk=first.series_id).update(rule="FREQ=WEEKLY;COUNT=2;BYDAY=TH,SA", first=starts)
    Entry.objects.filter(pk=studio.entries[1].pk).update(series=first.series)
    studio.tickets[1] = studio.tickets[0]
    return studio


def only_thursdays(studio: MembersStudio) -> str:
    entry = load_entry(studio.entries[0])
    usual = entry_details(entry)
    timing = Timing(frozenset({THURSDAY}), usual.starts.time(), usual.duration)
    return f"{retiming.retime_series(entry, timing, scope=Scope.ALL, days=set[date](), now=NOW).gone} gone"


def booker(studio: MembersStudio) -> Callable[[int], str]:
    """What books the Saturday for a customer (by number) who has its page open already."""
    seen = load_entry(studio.entries[1])

    def act(number: int) -> str:
        customer = studio.customers[number]
        wanted = [WantedTicket(ticket=studio.tickets[1].pk, name="Ada", attendee=Attendee.SELF)]
        who = person_of_customer(customer)
        try:
            return booking_outcome(lambda: book.book(seen, customer, wanted, who=who, key=uuid4(), now=NOW).booking)
        except TicketGoneError:
            return "is gone"

    return act


def books_are_right() -> None:
    live = Seat.objects.live().count()
    assert OfferUse.objects.live().count() == live
    assert sum(EntryPlaces.objects.values_list("taken", flat=True)) == live
    assert check_books(now=NOW) == []


def test_a_date_goes_or_is_booked_and_never_both(studio: MembersStudio) -> None:
    book_saturday = booker(studio)

    def act(number: int) -> str:
        return only_thursdays(studio) if number == PEOPLE else book_saturday(number)

    *outcomes, done = run_at_once(PEOPLE + 1, act)

    counted = Counter(outcomes)
    there = Entry.objects.filter(pk=studio.entries[1].pk).exists()
    if done == "1 gone":
        assert (there, counted, Seat.objects.count()) == (False, {"is gone": PEOPLE}, 0)
    else:
        # They stay booked: a date that has been booked stays, and may be booked on.
        assert (done, there, counted) == ("0 gone", True, {"booked 1": PEOPLE})
    books_are_right()


def test_who_had_the_page_of_a_date_that_went_is_told(studio: MembersStudio) -> None:
    book_saturday = booker(studio)
    assert only_thursdays(studio) == "1 gone"
    assert book_saturday(0) == "is gone"
    books_are_right()


def test_a_date_that_was_booked_before_stays(studio: MembersStudio) -> None:
    assert booker(studio)(0) == "booked 1"
    assert only_thursdays(studio) == "0 gone"
    books_are_right()


def test_control_without_the_lock_of_its_places_a_booked_date_goes(
    studio: MembersStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retiming that looks who is booked before it holds the places, in place of after."""
    book_saturday, both, booked = booker(studio), wait_for_everyone(2), wait_for_everyone(2)
    plan: Any = plan_retiming

    def look_first(*args: Any, **kwargs: Any) -> Any:
        found = plan(*args, **kwargs)
        both()
        booked()
        return found

    monkeypatch.setattr(locks, "lock_charged_members", lambda _ids: set())
    monkeypatch.setattr(locks, "bump_entry_revision", lambda _ids: None)
    monkeypatch.setattr(retiming, "plan_retiming", look_first)

    def act(number: int) -> str:
        if number == 0:
            try:
                return only_thursdays(studio)
            except Exception as error:  # noqa: BLE001 - the database stops what the service no longer does
                return type(error).__name__
        both()
        outcome = book_saturday(0)
        booked()
        return outcome

    assert run_at_once(2, act) == ["ProtectedError", "booked 1"]
