"""What memberships make of Stripe's events: each only says which subscription to look at."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.models import Account
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.payments.handlers import Handler, Outcome, Payload
from bookwhen.payments.models import Connection
from memberships.scheduled_changes import subscription_of_schedule
from memberships.sync import sync_subscription

SUBSCRIPTIONS: Final = frozenset(
    f"customer.subscription.{what}"
    for what in (
        "created",
        "updated",
        "deleted",
        "paused",
        "resumed",
        "trial_will_end",
        "pending_update_applied",
        "pending_update_expired",
    )
)
SCHEDULES: Final = frozenset(
    f"subscription_schedule.{what}" for what in ("created", "updated", "released", "completed", "canceled", "aborted")
)
INVOICES: Final = frozenset(
    f"invoice.{what}"
    for what in (
        "created",
        "finalized",
        "paid",
        "payment_action_required",
        "payment_failed",
        "updated",
        "voided",
        "marked_uncollectible",
    )
)


def subject_of(kind: str, payload: Payload) -> str | None:
    """The subscription that an event is about; of an invoice for something else, none."""
    if kind in SUBSCRIPTIONS:
        return str(payload["id"])
    if kind in SCHEDULES:
        return subscription_of_schedule(payload)
    parent = payload.get("parent") or {}
    return (parent.get("subscription_details") or {}).get("subscription")


@compiled_query
def _accounts(connection: int) -> QuerySet[Account]:
    return Account.objects.filter(connection=connection)


def handle_subject(connection: Connection, subject: str, now: datetime) -> Outcome:
    """Follow a subscription; raises NotYetError, StripeError."""
    account = next(iter(_accounts(connection.pk)), None)
    if account is None:
        return Outcome.IGNORED
    account.connection = connection
    return Outcome.IGNORED if sync_subscription(account, subject, now=now) is None else Outcome.DONE


HANDLER: Final = Handler(types=SUBSCRIPTIONS | SCHEDULES | INVOICES, subject_of=subject_of, handle=handle_subject)
