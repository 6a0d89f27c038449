"""When the mail server refuses us altogether: one letter at a time tries again, and all others wait for it.

Else every worker would knock at a dead server for every letter, and a provider would lock us out for it.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F
from django.db.models.functions import Least

from accounts.models import Letter, MailOutage

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(minutes=30)
"""No letter waits longer than this, and half as much again, for the next attempt: a fault may be mended any minute."""
DOUBLINGS: Final = 5
MOST_ATTEMPTS: Final = 30_000
"""Where counting stops: the columns hold little more, and attempts never end."""


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time, up to `LONGEST_PAUSE`.

    Up to half is added at random, so that what failed together does not come back together.
    """
    factor: int = 2 ** min(attempts - 1, DOUBLINGS)
    return min(FIRST_PAUSE * factor, LONGEST_PAUSE) * (1 + secrets.randbelow(1000) / 2000)


def may_try(pk: int, *, now: datetime, lease: timedelta) -> bool:
    """Whether the letter with this number may be tried now. During an outage one is, whenever a pause is over.

    It has `lease` to find out; if it is never heard of again, another one may.
    """
    if not MailOutage.objects.exists():
        return True
    overdue = MailOutage.objects.filter(retry_at__lte=now)
    return overdue.update(probe=pk, retry_at=now + lease) == 1


def record_outage(letter: Letter, error: str, *, now: datetime) -> None:
    """Note that the mail server refuses us: let all letters wait. Of many that find out at once the first counts."""
    begun = MailOutage(since=now, error=error, retry_at=now + pause(1))
    MailOutage.objects.bulk_create([begun], ignore_conflicts=True)
    probed = MailOutage.objects.filter(probe=letter.pk).first()
    if probed is not None:
        MailOutage.objects.filter(probe=letter.pk).update(
            error=error,
            attempts=Least(F("attempts") + 1, MOST_ATTEMPTS),
            retry_at=now + pause(probed.attempts + 1),
            probe=None,
        )


def end_outage() -> None:
    """Note that the mail server took a letter: the others need not wait any longer."""
    MailOutage.objects.all().delete()
