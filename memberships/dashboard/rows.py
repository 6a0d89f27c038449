"""A customer's membership as lists and cards show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from memberships.models import Subscription
from memberships.phrases import cost
from memberships.queries import State, state_of


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription that has begun, in Bookwhen's words (help article 8329735); `cost` with its billing period."""

    subscription: Subscription
    state: State
    cost: str

    @property
    def ends(self) -> datetime | None:
        """When it ended, or will; nothing while it renews."""
        return self.subscription.ended_at or self.subscription.ends_at

    @property
    def renews(self) -> datetime | None:
        """When the next payment is due."""
        return None if self.ends or self.state is State.CANCELLED else self.subscription.period_end


def row_of(subscription: Subscription, locale: str) -> Row:
    """The row of a subscription (with its price)."""
    return Row(subscription, state_of(subscription), cost(subscription.price, locale))


def rows_of(subscriptions: Iterable[Subscription], locale: str) -> list[Row]:
    """The rows of subscriptions (with their prices)."""
    return [row_of(subscription, locale) for subscription in subscriptions]
