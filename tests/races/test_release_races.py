"""Places that are released against bookings, against customers who cancel them, and against other workers."""

import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from accounts.models import Letter
from bookwhen.celery import app
from bookwhen.installation.models import Heartbeat
from groups.services import admit, lapse
from offers.eligibility import Reason
from offers.models import OfferUse, UsagePeriod
from tests.factories.schedule import (
    NOW,
    create_customer_with_login,
)
from tests.races.crowd import run_at_once, wait_for_everyone
from tests.waiting import eventually
from tests.worlds.members_studio import MembersStudio
from tickets.availability.places import free_places
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.release import process_releases
from tickets.models import Booking, EntryPlaces, Party, Release, Seat

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

MEMBERS = 6


class SubscribersStudio(MembersStudio):
    """Members by subscription instead, each with a place at the first of two entries; their letters are put away."""

    def __init__(self, members: int) -> None:
        super().__init__(members=0, entries=2)
        self.grounds: list[UUID] = []
        for number in range(members):
            self.customers.append(create_customer_with_login(self.account))
            self.grounds.append(uuid4())
            terms: dict[str, Any] = {"anchor_at": NOW, "uses_reset_on": date(2030, 1, 15), "now": NOW}
            admit(self.group, self.customers[-1], ground=self.grounds[-1], since=NOW, until=None, **terms)
            self.book(customer=number)
        Letter.objects.all().delete()

    def cancel(self, number: int) -> str:
        booking = Booking.objects.filter(customer=self.customers[number]).earliest("pk")
        gone = cancel_by_customer(booking, booking.seats.values_list("pk", flat=True), now=NOW).seats
        return "cancelled" if gone else "was cancelled"

    def end(self, number: int) -> str:
        lapse(ground=self.grounds[number], at=NOW, now=NOW)
        process_releases(now=NOW)
        return "ended"


def test_control_looking_and_then_giving_back_counts_a_place_twice() -> None:
    SubscribersStudio(2)
    entry, seat = EntryPlaces.objects.get(taken=2), Seat.objects.earliest("pk")
    both_looked = wait_for_everyone(2)

    def naive(_number: int) -> None:
        live = Seat.objects.live().filter(pk=seat.pk).exists()
        both_looked()
        if live:
            Seat.objects.filter(pk=seat.pk).update(cancelled_at=NOW)
            free_places(entry.pk, [seat.ticket_id])

    run_at_once(2, naive)

    assert (EntryPlaces.objects.get(pk=entry.pk).taken, Seat.objects.filter(cancelled_at=None).count()) == (0, 1)


def test_places_are_given_back_once_whoever_books_and_cancels_meanwhile() -> None:
    studio = SubscribersStudio(MEMBERS)

    def act(number: int) -> str:
        member, what = divmod(number, 3)
        if what == 0:
            return studio.end(member)
        return studio.cancel(member) if what == 1 else studio.try_to_book(customer=member, entry=1)

    outcomes = Counter(run_at_once(3 * MEMBERS, act))
    process_releases(now=NOW)

    assert outcomes["ended"] == MEMBERS
    assert outcomes["cancelled"] + outcomes["was cancelled"] == MEMBERS
    assert outcomes["booked 1"] + outcomes[Reason.NOT_IN_GROUP] == MEMBERS
    by = Counter(Seat.objects.values_list("cancelled_by", flat=True))
    assert by == +Counter(customer=outcomes["cancelled"], released=outcomes["was cancelled"] + outcomes["booked 1"])
    assert set(EntryPlaces.objects.values_list("taken", flat=True)) == {0}
    assert set(UsagePeriod.objects.values_list("used", flat=True)) == {0}
    assert set(Party.objects.values_list("seats", flat=True)) == {0}
    assert OfferUse.objects.live().count() == 0
    assert Release.objects.filter(done_at=NOW).count() == MEMBERS


def test_several_workers_tell_each_customer_once() -> None:
    studio = SubscribersStudio(MEMBERS)
    for ground in studio.grounds:
        lapse(ground=ground, at=NOW, now=NOW)

    done = run_at_once(4, lambda _number: process_releases(now=NOW))

    assert sum(done) == MEMBERS
    assert Counter(Letter.objects.values_list("kind", flat=True)) == {"released": MEMBERS}
    assert len(set(Letter.objects.values_list("recipient", flat=True))) == MEMBERS
    assert Seat.objects.live().count() == 0
    assert set(EntryPlaces.objects.values_list("taken", flat=True)) == {0}


def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_half_done(
    celery_worker_process: subprocess.Popen[bytes],
) -> None:
    studio = SubscribersStudio(1)
    with transaction.atomic():
        # The row that a release moves last, so that the worker waits with everything else done.
        EntryPlaces.objects.select_for_update().get(taken=1)
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(_lapse_elsewhere, studio.grounds[0]).result()
        eventually(_somebody_waits_for_us)
        celery_worker_process.kill()
        celery_worker_process.wait()

    assert (Seat.objects.get().cancelled_at, Release.objects.get().done_at) == (None, None)
    eventually(lambda: process_releases(now=NOW) == 1)
    assert Seat.objects.get().cancelled_at == NOW
    assert set(EntryPlaces.objects.values_list("taken", flat=True)) == {0}
    assert (UsagePeriod.objects.get().used, Letter.objects.filter(kind="released").count()) == (0, 1)


def test_a_worker_that_is_told_to_stop_finishes_its_row_and_leaves_the_rest(
    celery_worker_process: subprocess.Popen[bytes],
) -> None:
    studio = SubscribersStudio(2)
    with transaction.atomic():
        EntryPlaces.objects.select_for_update().get(taken=2)
        with ThreadPoolExecutor(1) as elsewhere:
            for ground in studio.grounds:
                # Both wait before a worker comes for either.
                elsewhere.submit(_lapse_quietly, ground).result()
            elsewhere.submit(enqueue_now, "tickets.tasks.process_releases").result()
        eventually(_somebody_waits_for_us)
        celery_worker_process.terminate()
        time.sleep(1)

    assert celery_worker_process.wait(20) == 0
    assert Release.objects.filter(done_at__isnull=False).count() == 1
    assert Heartbeat.objects.get(name="job:tickets.tasks.process_releases").left
    assert process_releases(now=NOW) == 1


def _lapse_quietly(ground: UUID) -> None:
    """End a standing in another connection, and call nobody."""
    try:
        with transaction.atomic():
            lapse(ground=ground, at=NOW, now=NOW)
            connection.run_on_commit.clear()
    finally:
        connection.close()


def enqueue_now(task: str) -> None:
    """Hand a task to the broker."""
    app.send_task(task)


def _lapse_elsewhere(ground: UUID) -> None:
    try:
        lapse(ground=ground, at=NOW, now=NOW)
    finally:
        connection.close()


def _somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])
