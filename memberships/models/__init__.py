"""Memberships, their prices, and customers' subscriptions to them, which follow Stripe."""

from memberships.models.catalogue import LONGEST, BillingInterval, Membership, Price, PriceQuerySet
from memberships.models.history import Difference, Invoice, Milestone, MilestoneKind
from memberships.models.imports import LeftOut
from memberships.models.subscriptions import (
    ENDED,
    FAILING,
    LIVE,
    NOT_BEGUN,
    PAUSED,
    PAYING,
    TAKEN,
    Subscription,
    SubscriptionQuerySet,
    SubscriptionSource,
    SubscriptionState,
    SubscriptionStatus,
    listed_from,
)

__all__ = [
    "ENDED",
    "FAILING",
    "LIVE",
    "LONGEST",
    "NOT_BEGUN",
    "PAUSED",
    "PAYING",
    "TAKEN",
    "BillingInterval",
    "Difference",
    "Invoice",
    "LeftOut",
    "Membership",
    "Milestone",
    "MilestoneKind",
    "Price",
    "PriceQuerySet",
    "Subscription",
    "SubscriptionQuerySet",
    "SubscriptionSource",
    "SubscriptionState",
    "SubscriptionStatus",
    "listed_from",
]
