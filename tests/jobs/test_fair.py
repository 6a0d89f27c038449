"""What is due is worked off as long as there is time, some of each account in turn, and read by its index alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookwhen.jobs import fair
from bookwhen.jobs.fair import work_off
from bookwhen.jobs.run import Run
from offers.filing import file_ending_again
from offers.models import Offer, UsagePeriod
from offers.period_closing import close_periods
from tests.factories.accounts import CustomerFactory, SchedulePageFactory
from tests.factories.schedule import NOW, GroupFactory, OfferFactory, add_member
from tickets.booking.hold import overdue
from tickets.checkout.settling import sweep_baskets
from tickets.models import Booking, BookingState

pytestmark = pytest.mark.django_db


def fill_baskets(count: int, *, until: datetime = NOW) -> list[int]:
    """Baskets of a studio, the first due longest ago, the last a second before an instant."""
    page = SchedulePageFactory.create()
    customer = CustomerFactory.create(account=page.account)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_booking (account_id, page_id, customer_id, uuid, key, channel, state, held_until,"
            " created_at, booker_name, held_from)"
            " SELECT %s, %s, %s, gen_random_uuid(), gen_random_uuid(), 'customer', 'basket',"
            " %s::timestamptz - (n || ' s')::interval, %s, '', ''"
            " FROM generate_series(%s, 1, -1) AS n RETURNING id",
            [page.account_id, page.pk, customer.pk, until, NOW, count],
        )
        return [row[0] for row in cursor.fetchall()]


@contextmanager
def blocks() -> Iterator[list[int]]:
    """Fills in how many blocks each SELECT of the block reads, by PostgreSQL's own count."""
    found: list[int] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    with connection.cursor() as cursor:
        for each in captured:
            if "SELECT" in each["sql"][:30].upper() or "WITH RECURSIVE" in each["sql"][:60]:
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + each["sql"])
                plan = cursor.fetchone()[0][0]["Plan"]
                found.append(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_all_that_is_due_is_done_in_one_run() -> None:
    made = fill_baskets(130)
    run = Run("sweep", now=NOW)
    sweep_baskets(run)
    assert (run.done, run.left) == (130, False)
    assert set(Booking.objects.filter(pk__in=made).values_list("state", flat=True)) == {BookingState.RELEASED}


def test_a_small_studio_does_not_wait_for_a_big_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair, "EACH", 2)
    big, small = fill_baskets(5), fill_baskets(2)
    order: list[int] = []

    def act(pk: int) -> None:
        order.append(pk)
        Booking.objects.filter(pk=pk).update(state=BookingState.RELEASED, held_until=None)

    work_off(Run("sweep", now=NOW), (overdue(BookingState.BASKET), act))
    assert order == [big[0], small[0], big[1], small[1], *big[2:]]


def test_what_another_worker_has_is_passed_over_and_what_stays_due_is_not_done_for_ever() -> None:
    made = fill_baskets(3)
    tried: list[int] = []

    def act(pk: int) -> bool | None:
        tried.append(pk)
        return False if pk == made[0] else None

    run = Run("sweep", now=NOW)
    work_off(run, (overdue(BookingState.BASKET), act))
    assert tried == [*made, *made[1:]]
    assert run.left is False


def test_a_run_whose_time_is_up_says_that_it_left_something() -> None:
    fill_baskets(3)
    run = Run("sweep", now=NOW)
    work_off(run, (overdue(BookingState.BASKET), lambda _pk: run.end()))
    assert (run.done, run.left) == (1, True)


def make_periods(offer: Offer, count: int, *, closed: bool) -> None:
    member = add_member(offer.group, CustomerFactory.create(account=offer.account))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO offers_usageperiod (account_id, offer_id, member_id, starts_on, ends_on, ceiling, used,"
            " closed_at, left_unused) SELECT %s, %s, %s, d, d + 1, 1, 0, %s, %s"
            " FROM (SELECT %s::date + n AS d FROM generate_series(1, %s) AS n) AS days",
            [
                offer.account_id,
                offer.pk,
                member.pk,
                NOW if closed else None,
                0 if closed else None,
                NOW.date() - timedelta(days=count + 2) if closed else NOW.date() + timedelta(days=30),
                count,
            ],
        )


@pytest.mark.usefixtures("new_files")
def test_closing_where_nothing_is_due_reads_neither_history_nor_what_is_to_come() -> None:
    offer = OfferFactory.create(group=GroupFactory.create(), limit=1)
    make_periods(offer, 20_000, closed=True)
    make_periods(offer, 20_000, closed=False)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE offers_usageperiod")
    with blocks() as taken:
        file_ending_again(now=NOW)
        assert close_periods(now=NOW) == 0
    assert len(taken) >= 2
    assert max(taken) <= 20
    assert UsagePeriod.objects.count() == 40_000


@pytest.mark.usefixtures("new_files")
def test_sweeping_where_little_is_due_reads_as_little_beside_many_baskets_that_are_not() -> None:
    fill_baskets(10_000, until=NOW + timedelta(days=1))
    fill_baskets(3)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_booking")
    due = overdue(BookingState.BASKET)
    with blocks() as taken:
        assert len(due.batch(Run("sweep", now=NOW), without=set())) == 3
    assert max(taken) <= 200
