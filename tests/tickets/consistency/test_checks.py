"""Nothing is found where all is right; what is broken by hand is found, by its own check alone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Unpaid
from groups.models import Standing
from memberships.models import Status, Subscription
from memberships.standing import Footing, footing
from offers.eligibility import Attendee
from offers.models import OfferUse
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    TicketFactory,
)
from tests.tickets.consistency.breaks import BREAKS, Break, Wrong
from tests.tickets.consistency.studio import DAY, Studio
from tickets.booking.book import Wanted, book_by_hand
from tickets.booking.cancel import cancel_by_hand, cancel_own
from tickets.consistency import Extent, check_books, extent
from tickets.consistency.checks import CHECKS
from tickets.models import EntryPlaces, Seat
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


def found(account: Account | None = None) -> list[Wrong]:
    """What is wrong: the check, the row, what is counted and what it should be."""
    return [(each.wrong, each.row, each.counted, each.should_be) for each in check_books(account=account, now=NOW)]


def test_where_all_is_right_nothing_is_found(studio: Studio) -> None:
    assert found() == []
    assert extent() == Extent(entries=1, seats=2, uses=2, subscriptions=1, payments=0, refunds=0)


def test_what_services_do_keeps_the_books_right(studio: Studio) -> None:
    own = [studio.seat.pk]
    cancel_own(studio.booking, own, now=NOW)
    again = studio.book(Attendee.SELF)
    cancel_by_hand([again.seats.get().pk], now=NOW)
    book_by_hand(studio.entry, studio.customer, [Wanted(ticket=studio.ticket.pk, name="Bea")], key=uuid4(), now=NOW)
    assert (found(), extent().seats, extent().uses) == ([], 2, 1)
    cancel_entry(studio.entry, now=NOW)
    assert (found(), extent().seats, extent().uses) == ([], 0, 0)


def test_a_use_that_a_late_cancellation_lost_is_right(studio: Studio) -> None:
    late = studio.entry.starts_at - timedelta(minutes=5)
    cancel_own(studio.booking, [studio.seat.pk], now=late)
    assert Seat.objects.get(pk=studio.seat.pk).use == OfferUse.objects.get(seat=studio.seat.uuid, ended_at=None)
    assert (found(), extent().seats, extent().uses) == ([], 1, 2)


@pytest.mark.parametrize("break_it", BREAKS)
def test_what_is_broken_is_found_alone_and_in_its_account(studio: Studio, break_it: Break) -> None:
    other = Studio()
    expected = break_it(studio)
    assert found() == [expected]
    assert found(studio.account) == [expected]
    assert found(other.account) == []
    assert [each.account_id for each in check_books(now=NOW)] == [studio.account.pk]


@pytest.mark.parametrize("policy", list(Unpaid))
@pytest.mark.parametrize("ends_at", [None, NOW, NOW + DAY])
@pytest.mark.parametrize("status", list(Status))
def test_standing_is_expected_exactly_where_the_rule_says(
    studio: Studio, status: Status, ends_at: Any, policy: Unpaid
) -> None:
    Account.objects.filter(pk=studio.account.pk).update(unpaid_members=policy)
    out = studio.subscribe(status, ends_at=ends_at)
    stands = footing(status, policy=policy, ends_at=ends_at, now=NOW) is Footing.STANDS
    assert found() == ([("outside", out.pk, "0", "1")] if stands else [])
    studio.let_in(out, until=ends_at if ends_at != NOW else None)
    assert found() == ([] if stands else [("inside", out.pk, "1", "0")])


def test_an_end_that_another_process_read_a_little_later_is_no_finding(studio: Studio) -> None:
    Subscription.objects.filter(pk=studio.bought.pk).update(status=Status.CANCELED)
    Standing.objects.filter(pk=studio.standing.pk).update(until=NOW + timedelta(seconds=60))
    assert found() == []
    Standing.objects.filter(pk=studio.standing.pk).update(until=NOW + timedelta(seconds=61))
    assert found() == [("inside", studio.bought.pk, "1", "0")]


@pytest.mark.parametrize("rows", [1, 30])
def test_it_takes_one_statement_a_check_however_much_there_is(studio: Studio, rows: int) -> None:
    for _number in range(rows):
        entry = EntryFactory.create(page=studio.entry.page)
        wanted = [Wanted(ticket=TicketFactory.create(entry=entry).pk, name="Bea")]
        book_by_hand(entry, studio.customer, wanted, key=uuid4(), now=NOW)
    EntryPlaces.objects.filter(entry__title__startswith="Class").update(taken=F("taken") + 1)
    with CaptureQueriesContext(connection) as seen:
        assert len(check_books(now=NOW)) == rows
    assert len(seen) == len(CHECKS)
