"""What memberships make of Stripe's events: each only says which subscription, or whose, to look at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from accounts.models import Account
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.payments.gateway import GoneError, StripeError
from bookwhen.payments.handlers import Handler, Outcome, Payload
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_objects import subscription_of_invoice
from memberships.models import Subscription
from memberships.scheduled_changes import subscription_of_schedule
from memberships.sync import sync_subscription
from memberships.together import follow_together

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
        "deleted",
    )
)
CUSTOMERS: Final = frozenset({"customer.updated"})
"""A customer's credit, or a discount of theirs, changes what their memberships cost next."""
OF_CUSTOMERS: Final = frozenset(
    {f"customer.discount.{what}" for what in ("created", "updated", "deleted")}
    | {f"invoiceitem.{what}" for what in ("created", "deleted")}
)
"""So do a discount and an invoice item that waits for their next bill: both say whose they are."""
CUSTOMER: Final = "cus_"
"""How Stripe's ids of customers begin."""


def subject_of(kind: str, payload: Payload) -> object:
    """The subscription, or the customer, that an event is about; of an invoice for something else, none.

    An event has the shape of the API version that it was made for: our endpoint's, or where Stripe lists it, whatever
    version the studio's account had then.
    """
    if kind in SUBSCRIPTIONS | CUSTOMERS:
        return str(payload["id"])
    if kind in SCHEDULES:
        return subscription_of_schedule(payload)
    return payload.get("customer") if kind in OF_CUSTOMERS else subscription_of_invoice(payload)


@compiled_query
def _accounts(connection: int) -> QuerySet[Account]:
    return Account.objects.filter(connection=connection)


def handle_subject(connection: Connection, subject: str, now: datetime) -> Outcome:
    """Follow a subscription, or what a customer has; raises NotYetError, StripeError."""
    account = _account_of(connection)
    if account is None:
        return Outcome.IGNORED
    if not subject.startswith(CUSTOMER):
        return _follow(account, subject, now=now)
    theirs = list(_live_of_customer(account, connection, subject))
    for stripe_id in theirs:
        sync_subscription(account, stripe_id, ask=True, now=now)
    return Outcome.DONE if theirs else Outcome.IGNORED


def handle_subjects(connection: Connection, subjects: Sequence[str], now: datetime) -> dict[str, Outcome | StripeError]:
    """Follow the subscriptions among these together, and say of which all is well, or what Stripe failed with."""
    account = _account_of(connection)
    subscriptions = [each for each in subjects if not each.startswith(CUSTOMER)]
    if account is None:
        return dict.fromkeys(subjects, Outcome.IGNORED)
    found = follow_together(account, subscriptions, now=now) if subscriptions else {}
    return {subscription: error or Outcome.DONE for subscription, error in found.items()}


def _account_of(connection: Connection) -> Account | None:
    account = next(iter(_accounts(connection.pk)), None)
    if account is not None:
        account.connection = connection
    return account


def _follow(account: Account, subscription: str, *, now: datetime) -> Outcome:
    try:
        return Outcome.IGNORED if sync_subscription(account, subscription, now=now) is None else Outcome.DONE
    except GoneError:
        if Subscription.objects.filter(account=account, stripe_id=subscription).exists():
            raise
        # Somebody deleted their test data, say: of what was never ours there is nothing to look at.
        return Outcome.IGNORED


def _live_of_customer(account: Account, connection: Connection, customer: str) -> QuerySet[Subscription, str]:
    """Stripe's ids of what a customer (by Stripe's id) has; nothing is asked for customers who are not ours."""
    theirs = Subscription.objects.live().filter(
        account=account,
        customer__at_stripe__connection=connection,
        customer__at_stripe__stripe_id=customer,
    )
    return theirs.values_list("stripe_id", flat=True).order_by("pk")


HANDLER: Final = Handler(
    types=SUBSCRIPTIONS | SCHEDULES | INVOICES | CUSTOMERS | OF_CUSTOMERS,
    subject_of=subject_of,
    handle=handle_subject,
    handle_many=handle_subjects,
)
