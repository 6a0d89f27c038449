"""Nothing is found where all is right; what is broken by hand is found, by its own check alone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, PastDuePolicy
from groups.models import Standing
from memberships.models import Subscription, SubscriptionStatus
from memberships.standing import StandingState, standing_state
from offers.eligibility import Attendee
from offers.models import OfferUse
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    TicketFactory,
)
from tests.tickets.consistency.breaks import BREAKS, Break, Wrong
from tests.worlds.counted_studio import DAY, CountedStudio
from tickets.booking.book import book_by_studio
from tickets.booking.cancel import cancel_by_customer, cancel_by_studio
from tickets.booking.request import WantedTicket
from tickets.consistency import CheckedCounts, check_books, count_checked
from tickets.consistency.checks import CHECKS
from tickets.models import EntryPlaces, Seat
from tickets.schedule.entries import cancel_entry

pytestmark = pytest.mark.django_db


def find_errors(account: Account | None = None) -> list[Wrong]:
    """What is wrong: the check, the row, what is counted and what it should be."""
    return [(each.kind, each.row, each.counted, each.should_be) for each in check_books(account=account, now=NOW)]


def test_where_all_is_right_nothing_is_found(studio: CountedStudio) -> None:
    assert find_errors() == []
    assert count_checked() == CheckedCounts(entries=1, seats=2, uses=2, subscriptions=1, payments=0, refunds=0)


def test_what_services_do_keeps_the_books_right(studio: CountedStudio) -> None:
    own = [studio.seat.pk]
    cancel_by_customer(studio.booking, own, now=NOW)
    again = studio.book(Attendee.SELF)
    cancel_by_studio([again.seats.get().pk], now=NOW)
    book_by_studio(
        studio.entry, studio.customer, [WantedTicket(ticket=studio.ticket.pk, name="Bea")], key=uuid4(), now=NOW
    )
    assert (find_errors(), count_checked().seats, count_checked().uses) == ([], 2, 1)
    cancel_entry(studio.entry, now=NOW)
    assert (find_errors(), count_checked().seats, count_checked().uses) == ([], 0, 0)


def test_a_use_that_a_late_cancellation_lost_is_right(studio: CountedStudio) -> None:
    late = studio.entry.starts_at - timedelta(minutes=5)
    cancel_by_customer(studio.booking, [studio.seat.pk], now=late)
    assert Seat.objects.get(pk=studio.seat.pk).use == OfferUse.objects.get(seat=studio.seat.uuid, ended_at=None)
    assert (find_errors(), count_checked().seats, count_checked().uses) == ([], 1, 2)


@pytest.mark.parametrize("break_it", BREAKS)
def test_what_is_broken_is_found_alone_and_in_its_account(studio: CountedStudio, break_it: Break) -> None:
    other = CountedStudio()
    expected = break_it(studio)
    assert find_errors() == [expected]
    assert find_errors(studio.account) == [expected]
    assert find_errors(other.account) == []
    assert [each.account_id for each in check_books(now=NOW)] == [studio.account.pk]


@pytest.mark.parametrize("policy", list(PastDuePolicy))
@pytest.mark.parametrize("ends_at", [None, NOW, NOW + DAY])
@pytest.mark.parametrize("status", list(SubscriptionStatus))
def test_standing_is_expected_exactly_where_the_rule_says(
    studio: CountedStudio, status: SubscriptionStatus, ends_at: Any, policy: PastDuePolicy
) -> None:
    Account.objects.filter(pk=studio.account.pk).update(past_due_policy=policy)
    out = studio.subscribe(status, ends_at=ends_at)
    stands = standing_state(status, policy=policy, ends_at=ends_at, now=NOW) is StandingState.STANDS
    assert find_errors() == ([("not_in_group", out.pk, "0", "1")] if stands else [])
    studio.let_in(out, until=ends_at if ends_at != NOW else None)
    assert find_errors() == ([] if stands else [("still_in_group", out.pk, "1", "0")])


def test_an_end_that_another_process_read_a_little_later_is_no_finding(studio: CountedStudio) -> None:
    Subscription.objects.filter(pk=studio.bought.pk).update(status=SubscriptionStatus.CANCELED)
    Standing.objects.filter(pk=studio.standing.pk).update(until=NOW + timedelta(seconds=60))
    assert find_errors() == []
    Standing.objects.filter(pk=studio.standing.pk).update(until=NOW + timedelta(seconds=61))
    assert find_errors() == [("still_in_group", studio.bought.pk, "1", "0")]


@pytest.mark.parametrize("rows", [1, 30])
def test_it_takes_one_statement_a_check_however_much_there_is(studio: CountedStudio, rows: int) -> None:
    for _number in range(rows):
        entry = EntryFactory.create(page=studio.entry.page)
        wanted = [WantedTicket(ticket=TicketFactory.create(entry=entry).pk, name="Bea")]
        book_by_studio(entry, studio.customer, wanted, key=uuid4(), now=NOW)
    EntryPlaces.objects.filter(entry__title__startswith="Class").update(taken=F("taken") + 1)
    with CaptureQueriesContext(connection) as seen:
        assert len(check_books(now=NOW)) == rows
    statements = [each for each in seen.captured_queries if "SAVEPOINT" not in each["sql"]]
    assert len(statements) == len(CHECKS) + 1  # the days that uses are charged for
