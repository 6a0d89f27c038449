"""Closing usage periods that have ended: what was left is recorded, and members are told that their uses are back.

Nothing depends on it: a period's row is made when first needed, whether or not the one before was closed.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from math import inf
from typing import Final

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest
from django.urls import reverse

from accounts.email_queue import Envelope, absolute, queue_letters
from accounts.models import Account
from accounts.zones import require_zone
from bookwhen.jobs.run import Run
from groups.models import Standing
from offers.models import Offer, UsagePeriod
from offers.periods import FURTHEST_EAST, local_day

TASK: Final = "offers.tasks.close_ended_periods"
BATCH: Final = 500


def close_periods(*, now: datetime, run: Run | None = None) -> int:
    """Close all periods that ended before the local today of their account; how many were closed.

    Safe to run twice, late, or by several workers at once: each period is closed, and its member told, once. Accounts
    have a batch each in turn. One whose days cannot be told, and a period that cannot be closed, keep no other waiting.
    """
    run = run or Run(TASK, now=now)
    accounts = Run(f"{TASK}.accounts", now=now, seconds=inf)
    ended = UsagePeriod.objects.filter(closed_at__isnull=True, ends_on__lte=(now + FURTHEST_EAST).date())
    found = sorted(ended.order_by().values_list("account", flat=True).distinct())
    # Those that failed lately come last: there may be more of them than a run puts up with.
    waiting = sorted(found, key=set(accounts.set_aside()).__contains__)
    while waiting and not run.is_over:
        more = set[int]()
        accounts.each(waiting, partial(_close_in_account, run, more))
        waiting = [account for account in waiting if account in more]
    run.failed, run.left = run.failed + accounts.failed, run.left or accounts.left or bool(waiting)
    return run.done


def _close_in_account(run: Run, more: set[int], account: int) -> None:
    """Close a batch of an account's periods; `more` tells of which there may be more."""
    if run.is_over:
        more.add(account)
        return
    today = local_day(run.now, require_zone(Account.objects.get(pk=account).time_zone))
    ended = UsagePeriod.objects.filter(account=account, closed_at__isnull=True, ends_on__lte=today)
    # What is still to be carried over to another offer is closed by that one's periods.
    carried = Offer.objects.filter(account=account, carrying=True).values_list("replaces", flat=True)
    ended = ended.exclude(offer__in=list(carried))
    # In this order, and not by their numbers: for those, all periods that there ever were would be walked.
    batch = list(run.waiting(ended).order_by("ends_on", "pk").values_list("pk", flat=True)[:BATCH])
    before = run.done + run.failed
    run.divided(batch, partial(_close, account, now=run.now))
    if run.done + run.failed > before:  # else there are none, or another worker has them
        more.add(account)


def _close(account: int, periods: Sequence[int], *, now: datetime) -> int:
    """Close periods (ids) that nobody else is closing; how many."""
    ended = UsagePeriod.objects.filter(account=account, pk__in=periods, closed_at__isnull=True)
    mine = list(ended.order_by("pk").select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    unused = Greatest(F("ceiling") - F("used"), 0)
    UsagePeriod.objects.filter(account=account, pk__in=mine).update(closed_at=now, left_unused=unused)
    _announce(mine, now=now)
    return len(mine)


def _announce(closed: Sequence[int], *, now: datetime) -> None:
    """Tell who used something in these periods and still has the offer, in accounts that want it."""
    standing = Standing.objects.at(now).filter(member=OuterRef("member"))
    periods = (
        UsagePeriod.objects.filter(
            Exists(standing),
            pk__in=closed,
            account__announces_resets=True,
            used__gt=0,
            offer__enabled=True,
            offer__deleted_at__isnull=True,
            offer__group__archived_at__isnull=True,
        )
        .select_related("account", "offer__group", "member__customer")
        .order_by("account_id", "pk")
    )
    for account, theirs in groupby(periods, key=lambda period: period.account):
        queue_letters(
            [_letter(period) for period in theirs],
            kind="uses_back",
            template="offers/letters/uses_back",
            account=account,
            now=now,
        )


def _letter(period: UsagePeriod) -> Envelope:
    return Envelope(
        recipient=period.member.customer.reached_at,
        context={
            "customer": period.member.customer,
            "group": period.offer.group,
            "offer": period.offer,
            "link": absolute(reverse("my_bookings")),
        },
        dedupe=f"uses-back-{period.offer_id}-{period.member_id}-{period.ends_on}",
        # Only who used something is told.
        has_booked=True,
    )
