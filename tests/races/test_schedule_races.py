"""Bookings against the operator who cancels or moves their entry at the same moment."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from offers.eligibility import Reason
from offers.models import OfferUse, UsagePeriod
from offers.periods import local_day
from tests.factories.schedule import (
    NOW,
    load_entry,
)
from tests.races.crowd import run_at_once
from tests.worlds.members_studio import MembersStudio
from tickets.models import Entry, EntryPlaces, Seat
from tickets.schedule.details import entry_details
from tickets.schedule.entries import cancel_entry, edit_entries

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MEMBERS = 12


def test_nobody_is_seated_at_an_entry_that_is_cancelled_meanwhile() -> None:
    studio = MembersStudio(members=MEMBERS)

    def act(number: int) -> str:
        if number < MEMBERS:
            return studio.try_to_book(customer=number)
        cancel_entry(load_entry(studio.entry), now=NOW)
        return "cancelled by the studio"

    outcomes = Counter(run_at_once(MEMBERS + 1, act))

    assert outcomes["booked 1"] + outcomes[Reason.CANCELLED] == MEMBERS
    assert Seat.objects.live().count() == 0
    assert EntryPlaces.objects.get().taken == 0
    assert OfferUse.objects.live().count() == 0
    assert sum(UsagePeriod.objects.values_list("used", flat=True)) == 0


def test_uses_are_filed_by_the_date_an_entry_is_moved_to_meanwhile() -> None:
    studio = MembersStudio(members=MEMBERS)

    def act(number: int) -> str:
        if number < MEMBERS:
            return studio.try_to_book(customer=number)
        now_is = load_entry(studio.entry)
        details = entry_details(now_is)
        edit_entries(now_is, replace(details, starts=details.starts + timedelta(days=28)), now=NOW)
        return "moved"

    outcomes = Counter(run_at_once(MEMBERS + 1, act))

    assert outcomes == {"booked 1": MEMBERS, "moved": 1}
    moved_to = local_day(Entry.objects.get().starts_at, studio.account.zone)
    assert set(OfferUse.objects.values_list("event_on", flat=True)) == {moved_to}
    assert list(UsagePeriod.objects.values_list("starts_on", "used")) == [(date(2030, 2, 3), 1)] * MEMBERS
