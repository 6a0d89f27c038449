"""Telling members that their standing by hand is about to end: a trial week, or what somebody paid for in cash.

Nothing depends on it: the end is judged whenever somebody books, told or not.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.email_queue import queue_letter
from accounts.models import LetterKind
from bookwhen.dates import last_day
from bookwhen.jobs.run import Run
from groups.models import Standing, StandingQuerySet, StandingSource

BEFORE: Final = timedelta(days=3)
"""How long before the end they are told; of less than twice that, when half of it is over."""
BATCH: Final = 500


def tell_of_ends(run: Run) -> None:
    """Tell each member of an end ahead, once. Safe to run twice, late, or by several workers at once."""
    run.each(run.keys(_ending(run.now), batch=BATCH), partial(_tell, now=run.now))


def _ending(now: datetime) -> "QuerySet[Standing]":
    """The standings by hand that end soon, of whose end nobody was told, after which nothing keeps the member in."""
    until = OuterRef("until")
    others = Standing.objects.filter(Q(until__isnull=True) | Q(until__gt=until), member=OuterRef("member"))
    ending: StandingQuerySet = Standing.objects.filter(
        ~Exists(others),
        source=StandingSource.MANUAL,
        until__gt=now,
        until__lte=now + BEFORE,
        end_told_at__isnull=True,
        member__group__archived_at__isnull=True,
    )
    return ending


def _tell(pk: int, *, now: datetime) -> bool:
    with transaction.atomic():
        mine = _ending(now).filter(pk=pk).select_for_update(of=("self",), skip_locked=True, no_key=True)
        standing = mine.select_related("member__customer", "member__group__account").first()
        if standing is None or standing.until is None:
            return False
        if standing.until - now > min(BEFORE, (standing.until - standing.since) / 2):
            return False
        Standing.objects.filter(pk=pk).update(end_told_at=now)
        member, account = standing.member, standing.member.group.account
        queue_letter(
            kind=LetterKind.STANDING_ENDS,
            recipient=member.customer.reached_at,
            template="groups/letters/standing_ends",
            context={
                "customer": member.customer,
                "group": member.group,
                "day": last_day(standing.until, account.zone),
                "page": account.pages.first(),
            },
            account=account,
            now=now,
        )
    return True
