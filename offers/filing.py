"""Filing uses again where nothing has told that they are counted by something else now.

A known end passes by the clock; during an upgrade the previous release files by its own dates; new time-zone data move
a day. Bookings notice it at their own member. This is for all the others, by night, and before a period is closed.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.db.models import Q, QuerySet

from bookwhen.jobs.run import Run
from groups.locks import lock_members
from offers.models import UsagePeriod
from offers.periods import FURTHEST_EAST, FURTHEST_WEST, Period, local_day
from offers.queries import counting_of
from offers.services import refile_members
from offers.uses import period_of

TASK: Final = "offers.tasks.file_uses_again"
BATCH: Final = 1000


def file_all_again(*, now: datetime, run: Run | None = None, batch: int = BATCH) -> int:
    """Look at every period that was not closed yet; how many members had uses filed elsewhere than they are counted."""
    return _file_again(UsagePeriod.objects.all(), run or Run(TASK, now=now), ("pk",), batch=batch)


def file_ending_again(*, now: datetime, batch: int = BATCH) -> int:
    """The same for periods that have ended by their account's clock, or by any where nobody knows that one.

    Whether they are closed is judged by what counts now.
    """
    last = (now.astimezone(UTC) + FURTHEST_EAST).date()
    ending = UsagePeriod.objects.filter(_has_ended(now), ends_on__lte=last)
    # By their end, and not by their numbers: for those, all periods that there ever were would be walked.
    return _file_again(ending, Run(f"{TASK}.ending", now=now), ("ends_on", "pk"), batch=batch)


def _has_ended(now: datetime) -> Q:
    """Without those whose clocks are not there yet: in a month's last hours these are all that there are, but a few."""
    utc = now.astimezone(UTC)
    first, last = (utc - FURTHEST_WEST).date(), (utc + FURTHEST_EAST).date()
    ended = Q(ends_on__lte=first)
    for number in range(1, (last - first).days + 1):
        day = first + timedelta(days=number)
        ended |= Q(ends_on=day) & ~Q(account__time_zone__in=_zones_before(day, now))
    return ended


def _zones_before(day: date, now: datetime) -> list[str]:
    """The time zones whose clocks have not reached a day."""
    return sorted(name for name in available_timezones() if local_day(now, ZoneInfo(name)) < day)


def _file_again(rows: QuerySet[UsagePeriod], run: Run, order: Sequence[str], *, batch: int) -> int:
    """Do it period by period, in this order; one that fails is set aside, and the others go on."""
    rest, filed = run.waiting(rows), set[int]()
    while not run.is_over and (found := list(_read(rest, order)[:batch])):
        rest = _after(run.waiting(rows), order, found[-1])
        members: dict[int, UsagePeriod] = {}
        run.each([row.pk for row in found], partial(_note_misfiled, {row.pk: row for row in found}, members, run.now))
        for member, row in sorted(members.items()):
            if run.attempt(row.pk, partial(_file_member_again, member, now=run.now)):
                filed.add(member)
    run.left = run.left or run.is_over
    return len(filed)


def _after(rows: QuerySet[UsagePeriod], order: Sequence[str], last: UsagePeriod) -> QuerySet[UsagePeriod]:
    """Those that come after one in an order that ends with the key."""
    if order == ("pk",):
        return rows.filter(pk__gt=last.pk)
    return rows.filter(Q(ends_on__gt=last.ends_on) | Q(pk__gt=last.pk), ends_on__gte=last.ends_on)


def _read(rows: QuerySet[UsagePeriod], order: Sequence[str]) -> QuerySet[UsagePeriod]:
    """Those that have a limit to be counted against, with all that they are counted by."""
    limited = rows.filter(closed_at__isnull=True, offer__limit__isnull=False).order_by(*order)
    return limited.select_related("offer", "member__group__account").prefetch_related("member__standings")


def _note_misfiled(rows: dict[int, UsagePeriod], members: dict[int, UsagePeriod], now: datetime, pk: int) -> bool:
    """Note the member of a row that is not the period that counts now; False: nothing was done yet."""
    row = rows[pk]
    counting = counting_of(row.member, now=now)
    # Who does not stand is not counted for.
    if counting is not None:
        period = period_of(row.offer, counting=counting, day=row.starts_on)
        if period != Period(row.starts_on, row.ends_on):
            members.setdefault(row.member_id, row)
    return False


def _file_member_again(member: int, *, now: datetime) -> None:
    """File one member's uses again, in a transaction of their own."""
    with transaction.atomic():
        lock_members([member])
        refile_members([member], now=now)
