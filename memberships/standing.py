"""Whether and how a subscription lets its customer stand in the group: a pure rule, and doing what it says."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum, auto
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, UUIDField

from accounts.models import PastDuePolicy
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from groups.models import Standing
from groups.services import admit, lapse, suspend
from memberships.models import ENDED, Subscription, SubscriptionStatus
from memberships.pauses import rests_from


class StandingState(Enum):
    """What a subscription is worth in the group."""

    NEVER = auto()
    """It never began."""
    STANDS = auto()
    RESTS = auto()
    """Access waits for a payment; bookings stay."""
    OVER = auto()


STANDING: Final = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE})


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


def counts_again_on(subscription: Subscription, zone: ZoneInfo, *, now: datetime) -> date:
    """The local date on which a subscription began: what was used before does not count.

    Stripe's clock may be ahead of ours (in its test clocks), so it is today at the latest.
    """
    assert subscription.started_at is not None  # noqa: S101 - what stands was taken over from Stripe
    return min(subscription.started_at, now).astimezone(zone).date()


def counted_otherwise(subscriptions: Sequence[Subscription], *, now: datetime) -> set[int]:
    """The subscriptions (by number) whose customer stands by them and is not counted by their billing anchor.

    The previous release knows nothing of `anchor_at` (docs/decisions/0025). All of one account, in one statement.
    """
    if not subscriptions:
        return set()
    billed = {each.uuid: each for each in subscriptions}
    customers = [each.customer_id for each in subscriptions]
    stands = _open_on(subscriptions[0].account_id, customers, list(billed), now)
    return {billed[each.ground].pk for each in stands if each.anchor_at != billed[each.ground].billing_anchor}


@compiled_query
def _open_on(account: int, customers: list[int], grounds: list[UUID], now: datetime) -> QuerySet[Standing]:
    theirs = Standing.objects.not_ended(now).filter(IsOneOf("ground", grounds, of=UUIDField()), account=account)
    return theirs.filter(IsOneOf("member__customer", customers)).only("ground", "anchor_at").order_by("pk")


def sync_standing(subscription: Subscription, *, now: datetime) -> None:
    """Give a subscription (with account, membership's group, customer) the standing that it is worth now.

    Call it in a transaction that holds the subscription's row; to repeat it changes nothing.
    """
    account, until = subscription.account, subscription.ends_at
    found = standing_state(subscription.status, policy=account.past_due_policy, ends_at=until, now=now)
    rests = rests_from(subscription, policy=account.pause_access, now=now)
    if found is StandingState.STANDS and rests is not None:
        found, until = _with_pause(rests, until, now=now)
    if found is StandingState.STANDS:
        assert subscription.started_at is not None  # noqa: S101 - what stands was taken over from Stripe
        assert subscription.billing_anchor is not None  # noqa: S101 - the same
        admit(
            subscription.membership.group,
            subscription.customer,
            ground=subscription.uuid,
            since=subscription.started_at,
            until=until,
            anchor_at=subscription.billing_anchor,
            uses_reset_on=counts_again_on(subscription, account.zone, now=now),
            now=now,
            keeps_bookings=not subscription.cancels_at_price,
        )
    elif found is StandingState.RESTS:
        suspend(ground=subscription.uuid, now=now)
    elif found is StandingState.OVER:
        lapse(ground=subscription.uuid, at=subscription.ended_at or now, now=now)


def _with_pause(rests: datetime, until: datetime | None, *, now: datetime) -> tuple[StandingState, datetime | None]:
    """What is left of standing that a pause rests from an instant on: a scheduled end that comes first wins."""
    if rests <= now:
        return StandingState.RESTS, until
    return StandingState.STANDS, min(until or rests, rests)
