"""Ending subscriptions, in both ways, and taking a scheduled end back: asked for here, done by Stripe, then followed.

Nothing is refunded automatically. Each may be sent twice.
"""

from datetime import datetime

from django.db import transaction

from bookwhen.payments.gateway import DeclinedError, GoneError
from bookwhen.payments.gateway_changes import release_schedule
from bookwhen.payments.idempotency import idempotency_key
from memberships.models import Milestone, MilestoneKind, Subscription
from memberships.recorded import record_asked
from memberships.sync import gateway_of, sync_subscription


def cancel_at_period_end(subscription: Subscription, *, who: str, now: datetime) -> None:
    """Let a subscription end when what is paid for ends (*Bookwhen cancellation*).

    `who` asked, as people know them. One that ended meanwhile stays so. Raises StripeError.
    """
    subscription = _as_it_is(subscription)
    if subscription.is_live and subscription.ends_at is None:
        _record_request(subscription, MilestoneKind.ASKED_TO_END, who=who, now=now)
        _ask_stripe(subscription, "end", now=now)


def cancel_now(subscription: Subscription, *, who: str, now: datetime) -> None:
    """End a subscription at once (*Stripe cancellation*): its customer leaves the group. Raises StripeError."""
    subscription = _as_it_is(subscription)
    if subscription.is_live:
        _record_request(subscription, MilestoneKind.ASKED_TO_STOP, who=who, now=now)
        _ask_stripe(subscription, "stop", now=now)


def keep_subscription(subscription: Subscription, *, who: str, now: datetime) -> None:
    """Take a scheduled end back (*Keep membership*), however it was asked for. Raises StripeError."""
    subscription = _as_it_is(subscription)
    if subscription.can_be_kept:
        _record_request(subscription, MilestoneKind.ASKED_TO_KEEP, who=who, now=now)
        _ask_stripe(subscription, "keep", now=now)


def _as_it_is(subscription: Subscription) -> Subscription:
    return Subscription.objects.with_connection().get(pk=subscription.pk)


def _ask_stripe(subscription: Subscription, what: str, *, now: datetime) -> None:
    gateway = gateway_of(subscription.account)
    # The revision: what is asked once more after something changed is another wish.
    key = idempotency_key(what, subscription.uuid, subscription.revision)
    try:
        if what == "end":
            if subscription.schedule:
                # Stripe ends nothing at the end of a period that a schedule runs.
                release_schedule(gateway, subscription.schedule)
            gateway.cancel_at_period_end(subscription.stripe_id, key=key)
        elif what == "stop":
            gateway.cancel_now(subscription.stripe_id, key=key)
        else:
            gateway.keep(subscription.stripe_id)
    except (DeclinedError, GoneError):
        # It changed at Stripe meanwhile; only where following it shows nothing of the kind is that an error.
        sync_subscription(subscription.account, subscription.stripe_id, now=now)
        now_is = _as_it_is(subscription)
        if (now_is.status, now_is.ends_at) == (subscription.status, subscription.ends_at):
            raise
        return
    sync_subscription(subscription.account, subscription.stripe_id, now=now)


def _record_request(subscription: Subscription, kind: MilestoneKind, *, who: str, now: datetime) -> None:
    with transaction.atomic():
        account = subscription.account_id
        Milestone.objects.create(account_id=account, subscription=subscription, kind=kind, who=who, at=now)
        record_asked(subscription, kind)
