"""Changes of subscriptions that are still to come, as Stripe's schedules say."""

from collections.abc import Mapping
from dataclasses import replace

from accounts.models import Account
from bookwhen.payments.gateway import Gateway, GoneError, KeyRefusedError
from bookwhen.payments.gateway_changes import scheduled_change
from bookwhen.payments.handlers import Payload
from bookwhen.payments.stripe_objects import SubscriptionReading
from memberships.models import Price, Subscription


def with_scheduled_change(account: Account, gateway: Gateway, reading: SubscriptionReading) -> SubscriptionReading:
    """A subscription with what its schedule, if it has one, will change. Raises StripeError.

    A key that may not read schedules leaves what we know of that schedule.
    """
    if not reading.schedule or reading.ended_at:
        return reading
    try:
        price, at = scheduled_change(gateway, reading.schedule)
    except GoneError:
        return reading
    except KeyRefusedError:
        known = Subscription.objects.filter(account=account, stripe_id=reading.id, schedule=reading.schedule).first()
        price, at = (known.next_price, known.changes_at) if known else ("", None)
    return replace(reading, next_price=price, changes_at=at)


def subscription_of_schedule(payload: Payload) -> str | None:
    """The subscription (Stripe's id) that an event of a schedule is about; none where it has not begun."""
    found = payload.get("subscription") or payload.get("released_subscription")
    if isinstance(found, Mapping):
        found = found.get("id")
    return found if isinstance(found, str) and found else None


def next_price_of(subscription: Subscription) -> Price | None:
    """Our price that a subscription will change to; none where nothing is scheduled, or it is no price of ours."""
    return _price(subscription, subscription.next_price)


def pending_price_of(subscription: Subscription) -> Price | None:
    """Our price that a subscription changes to once an open bill is paid; none where that is nothing that we know."""
    return _price(subscription, subscription.pending_price)


def _price(subscription: Subscription, stripe_id: str) -> Price | None:
    if not stripe_id:
        return None
    found = Price.objects.filter(account=subscription.account_id, stripe_id=stripe_id)
    return found.select_related("membership__group").first()
