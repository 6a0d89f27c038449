"""Memberships, their prices, and customers' subscriptions to them, which follow Stripe."""

from memberships.models.catalogue import LONGEST, BillingInterval, Membership, Price, PriceQuerySet
from memberships.models.history import Difference, Invoice, Milestone, MilestoneKind
from memberships.models.imports import LeftOut
from memberships.models.subscriptions import (
    ENDED,
    LIVE,
    NOT_BEGUN,
    TAKEN,
    Subscription,
    SubscriptionQuerySet,
    SubscriptionSource,
    SubscriptionStatus,
)

__all__ = [
    "ENDED",
    "LIVE",
    "LONGEST",
    "NOT_BEGUN",
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
    "SubscriptionStatus",
]
