"""What memberships make of Stripe's events: each only says which subscription or checkout to look at."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.models import Account
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.payments.gateway import GoneError
from bookwhen.payments.handlers import Handler, NotYetError, Outcome, Payload
from bookwhen.payments.models import Connection
from memberships.purchases import settle_purchase_session
from memberships.sync import ENDPOINT, PAYMENT, gateway_of, sync_subscription

SUBSCRIPTIONS: Final = frozenset(
    f"customer.subscription.{what}" for what in ("created", "updated", "deleted", "paused", "resumed", "trial_will_end")
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
CHECKOUTS: Final = frozenset(
    f"checkout.session.{what}" for what in ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
)


def subject_of(kind: str, payload: Payload) -> str | None:
    """The subscription (or the checkout that never became one) that an event is about."""
    if kind in SUBSCRIPTIONS:
        return str(payload["id"])
    if kind in INVOICES:
        parent = payload.get("parent") or {}
        return (parent.get("subscription_details") or {}).get("subscription")
    bears = payload.get("metadata") or {}
    if payload.get("mode") != "subscription" or ENDPOINT not in bears or PAYMENT in bears:
        return None
    return payload.get("subscription") or str(payload["id"])


@compiled_query
def _accounts(connection: int) -> QuerySet[Account]:
    return Account.objects.filter(connection=connection)


def handle_subject(connection: Connection, subject: str, now: datetime) -> Outcome:
    """Follow a subscription, or settle a checkout; raises NotYetError, StripeError."""
    account = next(iter(_accounts(connection.pk)), None)
    if account is None:
        return Outcome.IGNORED
    account.connection = connection
    if subject.startswith("cs_"):
        return _handle_checkout(account, subject, now)
    return Outcome.IGNORED if sync_subscription(account, subject, now=now) is None else Outcome.DONE


def _handle_checkout(account: Account, session: str, now: datetime) -> Outcome:
    try:
        found = gateway_of(account).session(session)
    except GoneError:
        return Outcome.IGNORED
    assert account.connection is not None  # noqa: S101 - it was found by it
    if found.metadata.get(ENDPOINT) != str(account.connection.endpoint):
        return Outcome.IGNORED
    if not settle_purchase_session(account, found, now=now):
        message = f"The checkout {session} was created by this site, but its purchase isn’t found here."
        raise NotYetError(message)
    return Outcome.DONE


HANDLER: Final = Handler(types=SUBSCRIPTIONS | INVOICES | CHECKOUTS, subject_of=subject_of, handle=handle_subject)
