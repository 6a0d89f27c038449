"""Cancelling an entry: everybody is told once, and every use comes back."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import Letter
from offers.models import UsagePeriod
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import (
    NOW,
    load_entry,
)
from tests.sentences import BACK_IN_ALLOWANCE
from tests.worlds.members_studio import MembersStudio
from tickets.booking.book import book_by_studio
from tickets.booking.request import WantedTicket
from tickets.models import Booking, Entry, EntryPlaces, Seat
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


def book_manually(entry: Entry, name: str) -> Booking:
    ticket = entry.series.tickets.get()
    who = CustomerFactory.create(account=entry.account)
    return book_by_studio(
        load_entry(entry), who, [WantedTicket(ticket=ticket.pk, name=name)], key=uuid4(), now=NOW
    ).booking


def book_member_seat(*, starts_at: datetime) -> Seat:
    studio = MembersStudio(entries=0)
    studio.add_entry(starts_at=starts_at)
    return studio.book().seats.get()


def test_cancelling_an_entry_gives_uses_back_even_after_the_cut_off_and_tells_everyone_once() -> None:
    seat = book_member_seat(starts_at=NOW + timedelta(hours=2))
    guest = book_manually(seat.entry, "Guest")
    Letter.objects.all().delete()

    seats = cancel_entry(seat.entry, now=NOW + timedelta(hours=1))

    assert {each.pk for each in seats} == {seat.pk, guest.seats.get().pk}
    assert UsagePeriod.objects.get().used == 0
    assert EntryPlaces.objects.get().taken == 0
    assert Entry.objects.get().cancelled_at == NOW + timedelta(hours=1)
    assert set(Seat.objects.values_list("cancelled_at", "cancelled_by")) == {(NOW + timedelta(hours=1), "studio")}
    assert sorted(Letter.objects.values_list("kind", "recipient")) == sorted(
        [("cancelled", seat.customer.email), ("cancelled", guest.customer.email)]
    )
    assert Letter.objects.get(recipient=seat.customer.email).text.count(BACK_IN_ALLOWANCE) == 1


def test_cancelling_an_entry_twice_does_nothing() -> None:
    seat = book_member_seat(starts_at=NOW + timedelta(days=2))
    cancel_entry(seat.entry, now=NOW)
    letters, revision = Letter.objects.count(), EntryPlaces.objects.get().revision

    assert cancel_entry(seat.entry, now=NOW + timedelta(hours=1)) == []

    assert (Letter.objects.count(), EntryPlaces.objects.get().revision) == (letters, revision)
    assert (Entry.objects.get().cancelled_at, UsagePeriod.objects.get().used) == (NOW, 0)
