"""How many letters a studio may send in a day to people who have neither logged in here nor booked.

Signing up is free and needs no proof: without a limit anybody could send the whole world emails in our name. Only the
kinds in `UNSOLICITED` count; confirmations, moves and cancellations never wait (docs/design.md, *Emails*). Messages to
many, and whatever else is written to many at one instant (how to get in, to everybody of a list), leave a fifth of a
day to the others that count: who joins the team is told, however long that takes.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from accounts.models import Account, Customer, Letter, LetterQuota

FIRST_DAY: Final = 100
EACH_DAY: Final = 20
"""How much the quota grows with each day since the account was opened."""
MOST: Final = 2_000
WITH_STRIPE: Final = 2_000
"""How much a live Stripe account adds: Stripe knows who is behind it. A key in test mode proves nothing."""


FOR_MANY: Final = Fraction(4, 5)
"""How much of a day's quota may be used up when one of many emails begins: the rest is for those to one person."""
FEW: Final = 20
"""How many emails that are written at one instant are not many yet."""


def daily_quota(account: Account, *, now: datetime) -> int:
    """How many metered letters an account (with its connection) may send on the day that is `now`."""
    days = max((now - account.created_at).days, 0)
    return min(FIRST_DAY + EACH_DAY * days, MOST) + (WITH_STRIPE if known_to_stripe(account) else 0)


def quota_for_many(account: Account, *, now: datetime) -> int:
    """How many of these may be some of many, on a day on which nothing else counts."""
    return int(daily_quota(account, now=now) * FOR_MANY)


def left_today(account: Account, *, now: datetime, are_many: bool = False) -> int:
    """How many more metered letters an account (with its connection) may begin to send on the day that is `now`.

    Of a message, or whatever else is written to many at once, if they `are_many`.
    """
    today = now.astimezone(account.zone).date()
    used = LetterQuota.objects.filter(account=account, day=today).values_list("used", flat=True).first()
    quota = quota_for_many(account, now=now) if are_many else daily_quota(account, now=now)
    return max(quota - (used or 0), 0)


def known_to_stripe(account: Account) -> bool:
    """Whether an account (with its connection) takes real money."""
    stripe = account.connection
    return stripe is not None and stripe.is_live and stripe.livemode


def addresses_seen_here(account: Account, emails: Iterable[str]) -> set[str]:
    """Which of these folded addresses belong to somebody who proved them, and has been logged in at this account.

    Not who has a login elsewhere: which emails wait would tell the account so.
    """
    wanted = set(emails)
    if not wanted:
        return set()
    seen = Customer.objects.filter(account=account, email__in=wanted, seen_at__isnull=False)
    return set(seen.values_list("email", flat=True))


def charge(letter: Letter, *, now: datetime) -> bool:
    """Count a letter (with account and connection) towards its account's day, once; False when the day is used up.

    One conditional statement moves the counter, and a constraint holds it: any number of workers may ask at a time.
    Only where a day is used up but for its last fifth is it looked whether the letter is one of many.
    """
    account = letter.account
    if not letter.is_metered or letter.metered_on is not None or account is None:
        return True
    today, quota = now.astimezone(account.zone).date(), daily_quota(account, now=now)
    LetterQuota.objects.bulk_create([LetterQuota(account=account, day=today, allowance=quota)], ignore_conflicts=True)

    def count_one(most: int) -> bool:
        of_today = LetterQuota.objects.filter(account=account, day=today, used__lt=most)
        return bool(of_today.update(used=F("used") + 1, allowance=Greatest(F("allowance"), quota)))

    if not count_one(quota_for_many(account, now=now)) and (_is_one_of_many(letter) or not count_one(quota)):
        return False
    Letter.objects.filter(pk=letter.pk).update(metered_on=today)
    letter.metered_on = today
    return True


def _is_one_of_many(letter: Letter) -> bool:
    """Whether a letter is of a message, or was written at one instant with many others: those of a list, say."""
    if letter.mailing_id:
        return True
    together = Letter.objects.filter(account=letter.account_id, created_at=letter.created_at)
    # Each by the index for it: an account's letters that wait, and those that are over.
    waiting, over = together.waiting(), together.filter(Q(sent_at__isnull=False) | Q(failed_at__isnull=False))
    found = 0
    for some in (waiting, over):
        found += len(some.filter(is_metered=True, mailing__isnull=True).values_list("pk")[: FEW + 1])
        if found > FEW:
            return True
    return False


def hold_until_tomorrow(account: Account, over: Collection[Letter], *, now: datetime) -> None:
    """Let letters that would count wait for the account's next day, as these do, which came to be over the quota.

    All of them, if today's is used up; else those of messages, and what was written together with one of these. What
    another worker is just claiming is left to it.
    """
    tomorrow = _next_midnight(account, now)
    waiting = Letter.objects.waiting().filter(account=account, is_metered=True, metered_on__isnull=True)
    if left_today(account, now=now):
        waiting = waiting.filter(Q(mailing__isnull=False) | Q(created_at__in={each.created_at for each in over}))
    mine = waiting.filter(due_at__lt=tomorrow).select_for_update(skip_locked=True).values("pk")
    with transaction.atomic():
        Letter.objects.filter(account=account, pk__in=mine).update(due_at=tomorrow, held_until=tomorrow)


def _next_midnight(account: Account, now: datetime) -> datetime:
    tomorrow = now.astimezone(account.zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), account.zone)
