"""Filing uses again where nothing has told that they are counted by something else now.

A known end passes by the clock; during an upgrade the previous release files by its own dates; new time-zone data move
a day. Bookings notice it at their own member. This is for all the others, by night, and before a period is closed.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from groups.locks import lock_members
from offers.models import UsagePeriod
from offers.periods import Period
from offers.queries import counting_of
from offers.services import refile_members
from offers.uses import period_of

BATCH: Final = 1000

log = logging.getLogger(__name__)


def file_all_again(*, now: datetime, batch: int = BATCH) -> int:
    """Look at every period that was not closed yet; how many members had uses filed elsewhere than they are counted."""
    return _file_again(UsagePeriod.objects.all(), now=now, batch=batch)


def file_ending_again(*, now: datetime, batch: int = BATCH) -> int:
    """The same for periods that have ended in any time zone: whether they are closed is judged by what counts now."""
    latest = now.astimezone(UTC).date() + timedelta(days=1)
    return _file_again(UsagePeriod.objects.filter(ends_on__lte=latest), now=now, batch=batch)


def _file_again(rows: QuerySet[UsagePeriod], *, now: datetime, batch: int) -> int:
    filed, last = 0, 0
    while found := list(_read(rows, after=last, batch=batch)):
        last = found[-1].pk
        for member in sorted({row.member_id for row in found if _is_misfiled(row, now=now)}):
            filed += _file_member_again(member, now=now)
    return filed


def _read(rows: QuerySet[UsagePeriod], *, after: int, batch: int) -> QuerySet[UsagePeriod]:
    """The next rows that have a limit to be counted against, with all that they are counted by."""
    limited = rows.filter(closed_at__isnull=True, offer__limit__isnull=False, pk__gt=after).order_by("pk")
    return limited.select_related("offer", "member__group__account").prefetch_related("member__standings")[:batch]


def _is_misfiled(row: UsagePeriod, *, now: datetime) -> bool:
    """Whether a row is not the period that counts now; who does not stand is not counted for."""
    counting = counting_of(row.member, now=now)
    filed = Period(row.starts_on, row.ends_on)
    return counting is not None and filed != period_of(row.offer, counting=counting, day=row.starts_on)


def _file_member_again(member: int, *, now: datetime) -> bool:
    """File one member's uses again, in a transaction of their own; one that fails is left for the next time."""
    try:
        with transaction.atomic():
            lock_members([member])
            refile_members([member], now=now)
    except Exception:
        log.exception("The uses of member %s could not be filed again; the next night will try again", member)
        return False
    return True
