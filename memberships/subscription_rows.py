"""A customer's membership as lists and cards show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from memberships.models import Subscription
from memberships.phrases import price_text
from memberships.queries import SubscriptionState, state_of


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription that has begun, in Bookwhen's words (help article 8329735); `cost` with its billing period."""

    subscription: Subscription
    state: SubscriptionState
    cost: str

    @property
    def ends(self) -> datetime | None:
        """When it ended, or will; nothing while it renews."""
        return self.subscription.ended_at or self.subscription.ends_at

    @property
    def renews(self) -> datetime | None:
        """When the next payment is due."""
        if self.ends or self.state in {SubscriptionState.CANCELLED, SubscriptionState.PAUSED}:
            return None
        return self.subscription.period_end


def subscription_row(subscription: Subscription, locale: str) -> SubscriptionRow:
    """The row of a subscription (with its price)."""
    return SubscriptionRow(subscription, state_of(subscription), price_text(subscription.price, locale))


def subscription_rows(subscriptions: Iterable[Subscription], locale: str) -> list[SubscriptionRow]:
    """The rows of subscriptions (with their prices)."""
    return [subscription_row(subscription, locale) for subscription in subscriptions]
