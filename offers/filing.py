"""Filing uses again where nothing has told that they are counted by something else now.

A known end passes by the clock; during an upgrade the previous release files by its own dates; new time-zone data move
a day. Bookings notice it at their own member. This is for all the others, by night, and before a period is closed.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from bookwhen.jobs.run import Run
from groups.locks import lock_members
from offers.models import UsagePeriod
from offers.periods import Period
from offers.queries import counting_of
from offers.services import refile_members
from offers.uses import period_of

TASK: Final = "offers.tasks.file_uses_again"
BATCH: Final = 1000


def file_all_again(*, now: datetime, run: Run | None = None, batch: int = BATCH) -> int:
    """Look at every period that was not closed yet; how many members had uses filed elsewhere than they are counted."""
    return _file_again(UsagePeriod.objects.all(), run or Run(TASK, now=now), batch=batch)


def file_ending_again(*, now: datetime, batch: int = BATCH) -> int:
    """The same for periods that have ended in any time zone: whether they are closed is judged by what counts now."""
    latest = now.astimezone(UTC).date() + timedelta(days=1)
    return _file_again(UsagePeriod.objects.filter(ends_on__lte=latest), Run(f"{TASK}.ending", now=now), batch=batch)


def _file_again(rows: QuerySet[UsagePeriod], run: Run, *, batch: int) -> int:
    """Do it period by period; one that fails is set aside, and the others go on."""
    last, filed = 0, set[int]()
    while not run.is_over and (found := list(_read(run.waiting(rows), after=last, batch=batch))):
        last = found[-1].pk
        members: dict[int, UsagePeriod] = {}
        run.each([row.pk for row in found], partial(_note_misfiled, {row.pk: row for row in found}, members, run.now))
        for member, row in sorted(members.items()):
            if run.attempt(row.pk, partial(_file_member_again, member, now=run.now)):
                filed.add(member)
    run.left = run.left or run.is_over
    return len(filed)


def _read(rows: QuerySet[UsagePeriod], *, after: int, batch: int) -> QuerySet[UsagePeriod]:
    """The next rows that have a limit to be counted against, with all that they are counted by."""
    limited = rows.filter(closed_at__isnull=True, offer__limit__isnull=False, pk__gt=after).order_by("pk")
    return limited.select_related("offer", "member__group__account").prefetch_related("member__standings")[:batch]


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
