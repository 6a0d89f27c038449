"""Checking the books while they are written: what is under way is never reported."""

import threading
from collections import Counter
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import transaction

from offers.eligibility import Attendee
from offers.models import UsagePeriod
from tests.factories.schedule import (
    NOW,
    load_entry,
)
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.worlds.members_studio import MembersStudio
from tickets.availability.facts import person_of_customer
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.consistency import check_books
from tickets.models import Booking, EntryPlaces, Seat

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MEMBERS, ROUNDS = 6, 4


def open_crowded_studio() -> MembersStudio:
    """Members of a group at one entry with fewer places than members."""
    return MembersStudio(members=MEMBERS, capacity=MEMBERS - 2)


def book_and_cancel(studio: MembersStudio, number: int) -> None:
    """Book and cancel again and again."""
    for _ in range(ROUNDS):
        with suppress(BookingRefusedError):
            booking = studio.book(customer=number)
            cancel_by_customer(booking, booking.seats.values_list("pk", flat=True), now=NOW)


def test_control_reading_counter_and_lines_apart_finds_what_is_under_way() -> None:
    studio = open_crowded_studio()
    wanted = [WantedTicket(ticket=studio.ticket.pk, name="Ada", attendee=Attendee.SELF)]
    looked, booked = threading.Event(), wait_for_everyone(2)

    def act(number: int) -> tuple[int, int]:
        if number:
            looked.wait()
            entry = load_entry(studio.entry)
            customer = studio.customers[0]
            book(entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW)
            booked()
            return (0, 0)
        taken = EntryPlaces.objects.get().taken
        looked.set()
        booked()
        return (taken, Seat.objects.count())

    assert run_at_once(2, act)[0] == (0, 1)


def test_a_booking_that_is_not_committed_yet_is_not_reported() -> None:
    studio = open_crowded_studio()
    customer = studio.customers[0]
    wanted = [WantedTicket(ticket=studio.ticket.pk, name="Ada", attendee=Attendee.SELF)]
    entry = load_entry(studio.entry)
    with transaction.atomic():
        book(entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW)
        assert run_at_once(1, lambda _number: (Seat.objects.count(), check_books(now=NOW))) == [(0, [])]
    assert (Seat.objects.count(), check_books(now=NOW)) == (1, [])


def test_what_comes_and_goes_is_never_reported() -> None:
    studio = open_crowded_studio()
    going = threading.Semaphore(0)

    def act(number: int) -> list[str]:
        if number < MEMBERS:
            try:
                book_and_cancel(studio, number)
            finally:
                going.release()
            return []
        found: list[str] = []
        for _ in range(MEMBERS):
            # Until the next of them has gone home.
            while not going.acquire(blocking=False):
                found += [str(each) for each in check_books(now=NOW)]
        return found

    assert run_at_once(MEMBERS + 1, act) == [[]] * (MEMBERS + 1)
    assert Counter(Seat.objects.values_list("cancelled_by", flat=True)) == {"customer": Booking.objects.count()}
    assert set(UsagePeriod.objects.values_list("used", flat=True)) == {0}
