"""Bookings against the operator who cancels or moves their entry at the same moment."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from accounts.models import Customer
from offers.eligibility import Attendee, Reason
from offers.models import OfferUse, UsagePeriod
from offers.periods import local_day
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    TicketFactory,
    add_member,
    create_customer_with_login,
)
from tests.races.crowd import run_at_once
from tickets.availability.facts import person_of_customer
from tickets.booking.book import BookingRefusedError, WantedTicket, book
from tickets.models import Entry, EntryPlaces, Seat, Ticket
from tickets.schedule.entries import cancel_entry, edit_entries, entry_details

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MEMBERS = 12


def fresh(entry: Entry) -> Entry:
    return Entry.objects.select_related("account", "page", "places", "series").get(pk=entry.pk)


def scene() -> tuple[Entry, Ticket, list[Customer]]:
    entry = EntryFactory.create(capacity=50)
    group = GroupFactory.create(account=entry.account)
    ticket = TicketFactory.create(entry=entry, group=group)
    OfferFactory.create(group=group, page=entry.page, limit=3)
    members = [create_customer_with_login(entry.account) for _ in range(MEMBERS)]
    for member in members:
        add_member(group, member, anchor=date(2030, 1, 3))
    return entry, ticket, members


def buy(entry: Entry, ticket: Ticket, customer: Customer) -> str:
    wanted = [WantedTicket(ticket=ticket.pk, name="Ada", attendee=Attendee.SELF)]
    try:
        book(fresh(entry), customer, wanted, who=person_of_customer(customer), key=uuid4(), now=NOW)
    except BookingRefusedError as refused:
        return refused.verdicts[0].reason
    return "booked"


def test_nobody_is_seated_at_an_entry_that_is_cancelled_meanwhile() -> None:
    entry, ticket, members = scene()

    def act(number: int) -> str:
        if number < MEMBERS:
            return buy(entry, ticket, members[number])
        cancel_entry(fresh(entry), now=NOW)
        return "cancelled by the studio"

    outcomes = Counter(run_at_once(MEMBERS + 1, act))

    assert outcomes["booked"] + outcomes[Reason.CANCELLED] == MEMBERS
    assert Seat.objects.filter(cancelled_at__isnull=True).count() == 0
    assert EntryPlaces.objects.get().taken == 0
    assert OfferUse.objects.filter(ended_at__isnull=True).count() == 0
    assert sum(UsagePeriod.objects.values_list("used", flat=True)) == 0


def test_uses_are_filed_by_the_date_an_entry_is_moved_to_meanwhile() -> None:
    entry, ticket, members = scene()

    def act(number: int) -> str:
        if number < MEMBERS:
            return buy(entry, ticket, members[number])
        now_is = fresh(entry)
        details = entry_details(now_is)
        edit_entries(now_is, replace(details, starts=details.starts + timedelta(days=28)), later_too=False, now=NOW)
        return "moved"

    outcomes = Counter(run_at_once(MEMBERS + 1, act))

    assert outcomes == {"booked": MEMBERS, "moved": 1}
    moved_to = local_day(Entry.objects.get().starts_at, entry.account.zone)
    assert set(OfferUse.objects.values_list("event_on", flat=True)) == {moved_to}
    assert list(UsagePeriod.objects.values_list("starts_on", "used")) == [(date(2030, 2, 3), 1)] * MEMBERS
