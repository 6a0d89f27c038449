"""Giving back the places that only a membership kept, once it has ended for good.

The end only leaves a row (`Release`), in its own transaction; a task works it off. So an end never waits for bookings,
and none is forgotten: what the broker lost, or a worker that was killed, the next minute's sweep finds.
"""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from bookwhen.jobs.fair import Due, work_off
from bookwhen.jobs.run import Run
from bookwhen.queue import enqueue
from groups.locks import lock_members
from groups.models import Member, Standing
from tickets.booking import notices
from tickets.booking.cancel import WHOLE, cancel_seats
from tickets.models import BookingState, Channel, Release
from tickets.queries import seats_lost

TASK: Final = "tickets.tasks.process_releases"
WAITING: Final = Due("tickets_release", "id", "done_at IS NULL")


def record_release(*, member: Member, ground: UUID, at: datetime, now: datetime, **_rest: object) -> None:
    """Hear that a standing ended for good (`groups.signals`) and leave word of it; the same end leaves one row."""
    row = Release(account_id=member.account_id, member=member, ground=ground, ended_at=at, created_at=now)
    Release.objects.bulk_create([row], ignore_conflicts=True)
    enqueue(TASK)


def process_releases(*, now: datetime, run: Run | None = None) -> int:
    """Release the places of standings that ended, each in a transaction of its own, some of each account in turn.

    How many were done. Any number of workers may run at a time, each row is one's. A row that fails is set aside, and
    keeps nobody else waiting.
    """
    run = run or Run(TASK, now=now)
    work_off(run, (WAITING, partial(_process_release, now=now)))
    return run.done


def _process_release(pk: int, *, now: datetime) -> bool:
    """Work a row off; False where another worker has it, or has done it."""
    with transaction.atomic():
        waiting = Release.objects.filter(pk=pk, done_at__isnull=True)
        release = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if release is None:
            return False
        _release_seats(release, now=now)
    return True


def _release_seats(release: Release, *, now: datetime) -> None:
    # All at once: others hold a customer's memberships in ascending order.
    lock_members(Member.objects.filter(customer__group_members=release.member_id).values_list("pk", flat=True))
    member = Member.objects.select_related("customer", "group__account").get(pk=release.member_id)
    again = member.standings.at(now).filter(ground=release.ground)
    if not again.exists():
        lost = seats_lost(member.customer, member.group, ground=release.ground, after=release.ended_at, now=now)
        entries = dict(lost.values_list("pk", "entry"))
        gone = cancel_seats(
            seats=entries,
            by=Channel.RELEASED,
            returning=set(entries.values()),
            refunding=dict.fromkeys(entries.values(), WHOLE),
            now=now,
            tell=False,
        )
        if booked := [seat for seat in gone.seats if seat.booking.state == BookingState.BOOKED]:
            elsewhere = Standing.objects.at(now).on_ground(release.ground).filter(account=release.account_id)
            key = f"released-{release.pk}"
            notices.notify_released(member, booked, gone.refunded, key=key, has_changed=elsewhere.exists(), now=now)
    Release.objects.filter(pk=release.pk).update(done_at=now)
