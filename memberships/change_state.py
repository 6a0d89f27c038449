"""A change of membership that is still to come, as pages show it."""

from dataclasses import dataclass
from datetime import datetime

from memberships.models import Subscription
from memberships.phrases import cost_after_change
from memberships.scheduled_changes import next_price_of, pending_price_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeState:
    """What a subscription will change to, and when; or what it changes to once a bill is paid, until when.

    `title` and `cost` are empty where that is nothing we know.
    """

    is_waiting: bool
    title: str
    cost: str
    at: datetime | None
    pay_url: str = ""


def change_state(subscription: Subscription) -> ChangeState | None:
    """The change of a live subscription (with its account) that is to come; none where there is none."""
    if not subscription.is_live or not (subscription.pending_price or subscription.next_price):
        return None
    is_waiting = bool(subscription.pending_price)
    price = pending_price_of(subscription) if is_waiting else next_price_of(subscription)
    bill = subscription.invoices.filter(status="open").exclude(hosted_url="").first() if is_waiting else None
    return ChangeState(
        is_waiting=is_waiting,
        title=price.membership.title if price else "",
        cost=cost_after_change(subscription, price, subscription.account.locale) if price else "",
        at=subscription.pending_until if is_waiting else subscription.changes_at,
        pay_url=bill.hosted_url if bill else "",
    )
