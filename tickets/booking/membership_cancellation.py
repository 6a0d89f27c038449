"""The two ways to end a subscription, and what exactly each will do: told before it is done."""

from dataclasses import dataclass
from datetime import datetime

from groups.models import Member, Standing, StandingSource
from memberships.models import Subscription
from memberships.queries import subscriptions_of
from memberships.subscription_rows import SubscriptionRow, subscription_row
from tickets.models import Seat
from tickets.queries import seats_lost


@dataclass(frozen=True, slots=True)
class CancellationOption:
    """What ending at an instant brings: the seats that are released, and what else keeps the customer in the group."""

    at: datetime
    seats: list[Seat]
    by_hand: bool
    by_another: bool
    """Another membership does."""

    @property
    def stays(self) -> bool:
        """Whether they are still in the group then."""
        return self.by_hand or self.by_another


@dataclass(frozen=True, slots=True)
class CancellationOptions:
    """A live subscription, and its two ways out; only the second where its end is set already."""

    row: SubscriptionRow
    in_group: bool
    """Whether it keeps the customer in the group now: not while access waits for a payment."""
    at_period_end: CancellationOption | None
    at_once: CancellationOption


def cancellation_options(subscription: Subscription, *, now: datetime) -> CancellationOptions:
    """The ways out of a live subscription (with customer, price, membership's group, account)."""
    due = subscription.period_end
    scheduled = subscription.ends_at is not None or due is None
    return CancellationOptions(
        row=subscription_row(subscription, subscription.account.locale),
        in_group=Standing.objects.at(now).on_ground(subscription.uuid).exists(),
        at_period_end=None if scheduled else _option_at(subscription, due or now, now=now),
        at_once=_option_at(subscription, now, now=now),
    )


def cancellation_options_of_member(member: Member, *, now: datetime) -> list[CancellationOptions]:
    """The ways out of each subscription that keeps a member (with group, its account and standings) in now."""
    grounds = [standing.ground for standing in member.standings.all() if standing.source == StandingSource.MEMBERSHIP]
    theirs = subscriptions_of(member.group.account).live().filter(customer=member.customer, uuid__in=grounds)
    found = []
    for subscription in theirs:
        subscription.account, subscription.membership.group = member.group.account, member.group
        found.append(cancellation_options(subscription, now=now))
    return found


def has_other_standing(subscription: Subscription, *, now: datetime) -> bool:
    """Whether something other than a subscription keeps its customer in its group."""
    return bool(_other_grounds(subscription, now))


def _option_at(subscription: Subscription, at: datetime, *, now: datetime) -> CancellationOption:
    customer, group = subscription.customer, subscription.membership.group
    others = _other_grounds(subscription, at)
    return CancellationOption(
        at=at,
        seats=list(seats_lost(customer, group, ground=subscription.uuid, after=at, now=now)),
        by_hand=StandingSource.MANUAL in others,
        by_another=StandingSource.MEMBERSHIP in others,
    )


def _other_grounds(subscription: Subscription, at: datetime) -> set[str]:
    """On which other grounds the customer stands in the group at an instant."""
    theirs = Standing.objects.at(at).filter(
        member__customer=subscription.customer_id, member__group=subscription.membership.group_id
    )
    return set(theirs.exclude(ground=subscription.uuid).values_list("source", flat=True))
