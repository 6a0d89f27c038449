"""Whether and how a subscription lets its customer stand in the group: a pure rule, and doing what it says."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import Final
from zoneinfo import ZoneInfo

from accounts.models import PastDuePolicy
from groups.services import admit, lapse, suspend
from memberships.models import ENDED, Subscription, SubscriptionStatus


class StandingState(Enum):
    """What a subscription is worth in the group."""

    NEVER = auto()
    """It never began."""
    STANDS = auto()
    RESTS = auto()
    """Access waits for a payment; bookings stay."""
    OVER = auto()


STANDING: Final = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE})


@dataclass(frozen=True, slots=True)
class BillingAnchor:
    """From which local dates usage periods are counted, and from when the count starts again."""

    anchor: date
    uses_reset_on: date


def standing_state(status: str, *, policy: str, ends_at: datetime | None, now: datetime) -> StandingState:
    """What Stripe's status means for access: its word, not the clock on the wall, decides.

    See docs/design.md, *Memberships*. `policy` is the account's for members whose payment failed; `unpaid` and
    `paused` never stand. A scheduled end that has come gives nothing any more, even while Stripe's word that it ended
    is still on its way.
    """
    if status in ENDED:
        return StandingState.OVER
    if status in STANDING or (status == SubscriptionStatus.PAST_DUE and policy == PastDuePolicy.KEEP):
        return StandingState.RESTS if ends_at is not None and ends_at <= now else StandingState.STANDS
    if status in {SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID, SubscriptionStatus.PAUSED}:
        return StandingState.RESTS
    return StandingState.NEVER


def billing_anchor(subscription: Subscription, zone: ZoneInfo, *, now: datetime) -> BillingAnchor:
    """The billing date (after a trial: the first one) is the anchor; what was used before the start does not count.

    Stripe's clock may be ahead of ours (in its test clocks), so the start is today at the latest.
    """
    assert subscription.billing_anchor is not None  # noqa: S101 - what stands was taken over from Stripe
    assert subscription.started_at is not None  # noqa: S101 - the same
    return BillingAnchor(
        anchor=subscription.billing_anchor.astimezone(zone).date(),
        uses_reset_on=min(subscription.started_at, now).astimezone(zone).date(),
    )


def sync_standing(subscription: Subscription, *, now: datetime) -> None:
    """Give a subscription (with account, membership's group, customer) the standing that it is worth now.

    Call it in a transaction that holds the subscription's row; to repeat it changes nothing.
    """
    account = subscription.account
    found = standing_state(subscription.status, policy=account.past_due_policy, ends_at=subscription.ends_at, now=now)
    if found is StandingState.STANDS:
        assert subscription.started_at is not None  # noqa: S101 - what stands was taken over from Stripe
        counted = billing_anchor(subscription, account.zone, now=now)
        admit(
            subscription.membership.group,
            subscription.customer,
            ground=subscription.uuid,
            since=subscription.started_at,
            until=subscription.ends_at,
            anchor=counted.anchor,
            uses_reset_on=counted.uses_reset_on,
            now=now,
        )
    elif found is StandingState.RESTS:
        suspend(ground=subscription.uuid, now=now)
    elif found is StandingState.OVER:
        lapse(ground=subscription.uuid, at=subscription.ended_at or now, now=now)
