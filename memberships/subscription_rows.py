"""A customer's membership as lists and cards show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from memberships.models import Subscription, SubscriptionState
from memberships.pauses import next_payment_at
from memberships.phrases import next_amount_text, subscription_cost
from memberships.queries import state_of


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription that has begun, in Bookwhen's words (help article 8329735); `cost` with its billing period.

    `next_amount` is what Stripe bills next; nothing where only Stripe knows.
    """

    subscription: Subscription
    state: SubscriptionState
    cost: str
    next_amount: str

    @property
    def ends(self) -> datetime | None:
        """When it ended, or will; nothing while it renews."""
        return self.subscription.ended_at or self.subscription.ends_at

    @property
    def renews(self) -> datetime | None:
        """When the next payment is due."""
        if self.state in {SubscriptionState.CANCELLED, SubscriptionState.PAUSED}:
            return None
        return next_payment_at(self.subscription)


def subscription_row(subscription: Subscription, locale: str) -> SubscriptionRow:
    """The row of a subscription (with its price)."""
    cost, next_amount = subscription_cost(subscription, locale), next_amount_text(subscription, locale)
    return SubscriptionRow(subscription, state_of(subscription), cost, next_amount)


def subscription_rows(subscriptions: Iterable[Subscription], locale: str) -> list[SubscriptionRow]:
    """The rows of subscriptions (with their prices)."""
    return [subscription_row(subscription, locale) for subscription in subscriptions]
