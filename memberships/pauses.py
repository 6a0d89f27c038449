"""What a pause of a subscription means: a pure rule, told from what Stripe says and what we know of before.

Stripe calls it `pause_collection`: the status stays, bills are still made, and each is voided, written off or left as a
draft. Here a period whose bill was left out gives nothing (docs/decisions/0037).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from accounts.models import PauseAccess
from bookwhen.dates import months_after
from bookwhen.payments.stripe_objects import InvoiceReading, SubscriptionReading
from memberships.models import BillingInterval, Subscription

LEFT_OUT: Final = frozenset({"void", "uncollectible"})
PERIOD_BILLS: Final = frozenset({"subscription_cycle", "subscription_create"})
"""Why Stripe makes the bill of a whole period; others are for changes within one."""
CLOSE: Final = timedelta(hours=1)
"""How far a bill may be from the beginning of its period; the shortest period is a day."""
MOST_BILLS: Final = 1500
"""More than a pause ever leaves out: a daily bill in four years."""
_DAYS: Final = {BillingInterval.DAY: 1, BillingInterval.WEEK: 7}
_MONTHS: Final = {BillingInterval.MONTH: 1, BillingInterval.YEAR: 12}


def without_ended_pause(reading: SubscriptionReading, *, now: datetime) -> SubscriptionReading:
    """A reading as it counts at an aware instant: a pause whose end has come is over, also where Stripe still tells it.

    Stripe's documents do not say when it takes the pause off the subscription.
    """
    if reading.resumes_at is None or reading.resumes_at > now:
        return reading
    return replace(reading, pause_behavior="", resumes_at=None)


def apply_pause(subscription: Subscription, reading: SubscriptionReading, *, now: datetime) -> None:
    """Note what a reading means for a subscription's pause, before the rest of it is written there."""
    begins = bool(reading.pause_behavior) and not subscription.pause_behavior
    subscription.paid_until = paid_until(subscription, reading)
    if reading.pause_behavior:
        subscription.paused_at = now if begins else subscription.paused_at
    else:
        subscription.paused_at = None
    if begins or subscription.paid_until is None:
        subscription.let_in_at = None


def paid_until(before: Subscription, reading: SubscriptionReading) -> datetime | None:
    """Until when is paid, if a pause leaves bills out; none while there is no pause and the current period is paid for.

    A bill counts as left out only where a pause was seen: outside of one, a studio that voids a bill forgives it.
    """
    known, pauses = before.paid_until, bool(reading.pause_behavior)
    if not (pauses or before.pause_behavior or known):
        return None
    bill = _bill_of_period(reading)
    if bill and _is_left_out(bill):
        return min(known or reading.period_start, reading.period_start)
    if pauses:
        return known if known and not (bill and bill.status == "paid") else reading.period_end
    if bill or known is None or known >= reading.period_end:
        return None
    # What the period's own bill was is not known: a period that began since is taken to be paid for as usual.
    return known if before.period_end == reading.period_end else None


def is_paused(subscription: Subscription) -> bool:
    """Whether a subscription is paused now: Stripe leaves its bills out."""
    return subscription.is_live and bool(subscription.pause_behavior)


def is_waiting(subscription: Subscription) -> bool:
    """Whether it was resumed in a period whose bill was left out: access starts again with the next payment."""
    return (
        subscription.is_live
        and not subscription.pause_behavior
        and subscription.paid_until is not None
        and subscription.period_end is not None
        and subscription.paid_until < subscription.period_end
    )


def rests_from(subscription: Subscription, *, policy: str, now: datetime) -> datetime | None:
    """From when a subscription gives no access because of a pause, now at the earliest; none: the pause rests nothing.

    `policy` is the account's (`PauseAccess`). Once a period's bill was left out, Stripe's word decides, not our clock.
    """
    paid, end = subscription.paid_until, subscription.period_end
    if paid is None or end is None or subscription.let_in_at is not None:
        return None
    if paid < end:
        return now
    if not subscription.pause_behavior:
        return None
    return now if policy == PauseAccess.START else max(paid, now)


def access_returns_at(subscription: Subscription) -> datetime | None:
    """When a paused or waiting subscription (with its price) gives access again; none where nobody knows yet.

    At the end of the pause where that comes before the end of what is paid, else with the first payment after it.
    """
    resumes, end = subscription.resumes_at, subscription.period_end
    if is_waiting(subscription) or end is None:
        return end
    if resumes is None:
        return None
    if subscription.paid_until is not None and resumes < subscription.paid_until and subscription.paid_until >= end:
        return resumes
    return next_payment_after(subscription, resumes)


def billing_dates(subscription: Subscription) -> Iterator[datetime]:
    """When Stripe bills a subscription (with its price) from the end of its current period on, one after another."""
    end, anchor, price = subscription.period_end, subscription.billing_anchor, subscription.price
    if end is None:
        return
    interval = BillingInterval(price.interval)
    if days := _DAYS.get(interval, 0) * price.interval_count:
        yield from (end + timedelta(days=days * number) for number in range(MOST_BILLS))
        return
    months, since = _MONTHS[interval] * price.interval_count, anchor or end
    between = (end.year - since.year) * 12 + end.month - since.month
    for number in range(MOST_BILLS):
        if (bills := months_after(since, between + number * months)) is None:
            return
        yield bills


def next_payment_after(subscription: Subscription, instant: datetime) -> datetime | None:
    """The first time that Stripe bills a subscription (with its price) at an instant or later."""
    return next((each for each in billing_dates(subscription) if each >= instant), None)


def next_payment_at(subscription: Subscription) -> datetime | None:
    """When Stripe bills a subscription (with its price) next; none: it ends first, or somebody has to resume it."""
    if not is_paused(subscription):
        due = subscription.next_payment_at or subscription.period_end
    else:
        due = subscription.resumes_at and next_payment_after(subscription, subscription.resumes_at)
    return _unless_it_ends(subscription, due)


def _unless_it_ends(subscription: Subscription, instant: datetime | None) -> datetime | None:
    """An instant, if the subscription has not ended by then."""
    ends = subscription.ends_at
    return None if instant is None or (ends is not None and ends <= instant) else instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePlan:
    """What a pause from now on brings. `until` is when it ends; none: when somebody resumes it.

    `left_out` are the payments that are not taken, `next_payment` the first one that is, `rests_from` when access ends.
    """

    until: datetime | None
    left_out: tuple[datetime, ...]
    next_payment: datetime | None
    rests_from: datetime


def plan_pause(subscription: Subscription, *, until: datetime | None, policy: str, now: datetime) -> PausePlan:
    """What pausing a subscription (with its price) until an instant brings; `policy` is the account's."""
    end = subscription.period_end or now
    paid = end if subscription.paid_until is None else subscription.paid_until
    bills = takewhile(lambda each: until is not None and each < until, billing_dates(subscription))
    return PausePlan(
        until=until,
        left_out=tuple(bills),
        next_payment=None if until is None else next_payment_after(subscription, until),
        rests_from=now if policy == PauseAccess.START else max(paid, now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseFacts:
    """A paused or waiting subscription as people are told of it; `waiting`: it was resumed in a period without a bill.

    `ends_at` is when the pause ends, `rests_from` when access does (none: it does not), `returns_at` when it starts
    again, and `next_payment` when Stripe bills next; none where nobody knows yet.
    """

    waiting: bool
    ends_at: datetime | None
    rests_from: datetime | None
    returns_at: datetime | None
    next_payment: datetime | None
    let_in: bool
    rests: bool


def pause_facts(subscription: Subscription, *, policy: str, now: datetime) -> PauseFacts | None:
    """What to say of a subscription's pause (with its price); none where it is neither paused nor waiting."""
    waiting = is_waiting(subscription)
    if not waiting and not is_paused(subscription):
        return None
    resumes = subscription.period_end if waiting else subscription.resumes_at
    rests = rests_from(subscription, policy=policy, now=now)
    return PauseFacts(
        waiting=waiting,
        ends_at=None if waiting else subscription.resumes_at,
        rests_from=rests,
        returns_at=_unless_it_ends(subscription, access_returns_at(subscription)),
        next_payment=_unless_it_ends(subscription, resumes and next_payment_after(subscription, resumes)),
        let_in=subscription.let_in_at is not None,
        rests=rests is not None and rests <= now,
    )


def _bill_of_period(reading: SubscriptionReading) -> InvoiceReading | None:
    """The bill of the current period, where it is the latest that there is."""
    bill = reading.invoice
    if bill is None or bill.billing_reason not in PERIOD_BILLS or bill.created_at < reading.period_start - CLOSE:
        return None
    return bill


def _is_left_out(bill: InvoiceReading) -> bool:
    return bill.status in LEFT_OUT or (bill.status == "draft" and not bill.auto_advance)
