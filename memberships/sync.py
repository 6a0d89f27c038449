"""Following Stripe: one way to make our subscription what Stripe's is now, for webhooks, return pages and comparison.

What is fetched may be stale by the time it is applied. No lock is held while Stripe answers; instead a subscription
counts its revisions, and what was fetched before another revision is fetched again.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from math import inf
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import CharField, Q, QuerySet

from accounts.customers import get_or_create_customers
from accounts.models import Account, Customer, FormerStripeCustomer, StripeCustomer
from bookwhen.db import violated_constraint
from bookwhen.email_address import find_fault, fold_email
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import Gateway, KeyRefusedError, StripeDownError
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.stripe_objects import SubscriptionReading
from memberships.applying import Beside, StaleError, apply_stripe_state, holding
from memberships.bills import bills_to_list, list_older_bills
from memberships.items import KnownHere, choose_item, membership_of
from memberships.left_out import is_left_out, wait_while_importing
from memberships.marks import ENDPOINT, purchase_of
from memberships.models import Subscription, SubscriptionStatus
from memberships.next_payment import billing_of, next_amount
from memberships.pauses import without_ended_pause
from memberships.scheduled_changes import with_scheduled_change
from memberships.standing import sync_standing

ATTEMPTS: Final = 8


def gateway_of(account: Account) -> Gateway:
    """The gateway to an account's Stripe; raises KeyRefusedError where it is not connected."""
    if account.connection is None or not account.connection.is_live:
        message = "This account isn’t connected to Stripe."
        raise KeyRefusedError(message)
    return Gateway.of(account.connection)


def sync_subscription(
    account: Account, stripe_id: str, *, ask: bool = False, every_bill: bool = False, now: datetime
) -> Subscription | None:
    """Make our subscription what Stripe's (by its id) is now; None where it is not ours. Safe to repeat, in any order.

    With `ask`, Stripe is asked what it bills next even where its price seems plain; with `every_bill`, all bills are
    listed even where none seems to be missing here. Raises NotYetError for one that bears our mark but that we do not
    know, or that is being imported, and StripeError.
    """
    gateway = gateway_of(account)
    for _attempt in range(ATTEMPTS):
        known = next(iter(find_known(account.pk, [stripe_id])), None)
        reading = choose_item(account, gateway.subscription(stripe_id))
        if known is None and is_foreign(account, reading):
            wait_while_importing(account, reading.id)
            return None
        reading = without_ended_pause(with_scheduled_change(account, gateway, reading), now=now)
        buyer = None if known or purchase_of(account, reading) else _find_buyer(account, gateway, reading)
        since = {reading.id: None} if every_bill else bills_to_list(account, [(reading, known)])
        beside = look_beside(gateway, reading, known, since, ask=ask)
        seen = known.revision if known else None
        try:
            with transaction.atomic():
                return apply_stripe_state(account, reading, seen=seen, buyer=buyer, beside=beside, now=now)
        except StaleError:
            continue
        except IntegrityError as error:
            # Somebody else just made the row of a subscription that began at Stripe.
            if violated_constraint(error) not in {"subscription_once", "price_once"}:
                raise
    message = f"{stripe_id} keeps changing in Stripe. We’ll try again."
    raise StripeDownError(message)


def is_foreign(account: Account, reading: SubscriptionReading, known: KnownHere | None = None) -> bool:
    """Whether a subscription that we do not know is somebody else's on the same Stripe account: nothing to ask for.

    Where what is `known` here was read for many at once, it takes no statement.
    """
    if purchase_of(account, reading):
        return False
    sold = known.sells(reading.price) if known else membership_of(account, reading.price) is not None
    return ENDPOINT in reading.metadata or not sold or is_left_out(account, reading, known)


def look_beside(
    gateway: Gateway,
    reading: SubscriptionReading,
    known: Subscription | None,
    since: Mapping[str, datetime | None],
    *,
    ask: bool = False,
) -> Beside:
    """What is asked beside a subscription; `since` when its bills have to be listed (`memberships.bills`)."""
    older = list_older_bills(gateway, reading, since[reading.id]) if reading.id in since else None
    amount = next_amount(gateway, reading, known, ask=ask)
    return Beside(older=older, billing=billing_of(reading, amount))


def resync_standings(account: Account, *, now: datetime) -> None:
    """Let everybody whose payment failed or whose membership is paused stand, or not, as the account's policy now says.

    One that fails stops no other; the books' check finds who does not stand as they should.
    """
    depends = Q(status=SubscriptionStatus.PAST_DUE) | Q(paid_until__isnull=False)
    unpaid = Subscription.objects.live().filter(depends, account=account)
    run = Run("memberships.sync.resync_standings", now=now, seconds=inf)
    run.each(list(unpaid.values_list("pk", flat=True)), partial(_resync_standing, account, now=now))


def lock_subscription(subscription: Subscription) -> Subscription:
    """A subscription (with its account) held until the transaction ends, as `sync_standing` wants it."""
    found = holding().filter(account=subscription.account_id, pk=subscription.pk)
    # Where its customer became another one while we waited, it is found at the second look.
    held = found.first() or found.get()
    held.account = subscription.account
    return held


def _resync_standing(account: Account, pk: int, *, now: datetime) -> None:
    with transaction.atomic():
        sync_standing(lock_subscription(Subscription(pk=pk, account=account)), now=now)


@compiled_query
def find_known(account: int, stripe_ids: list[str]) -> QuerySet[Subscription]:
    """What we know of subscriptions before Stripe is asked."""
    found = Subscription.objects.filter(IsOneOf("stripe_id", stripe_ids, of=CharField()), account=account)
    return found.only("stripe_id", "revision", "cost_basis", "period_amount", "next_amount", "period_start").order_by(
        "pk"
    )


def _find_buyer(account: Account, gateway: Gateway, reading: SubscriptionReading) -> Customer:
    """Our customer for a subscription to a membership of ours that somebody began at Stripe."""
    for model in (StripeCustomer, FormerStripeCustomer):
        known = model.objects.filter(connection=account.connection, stripe_id=reading.customer)
        if (found := known.select_related("customer").first()) is not None:
            return found.customer
    person = gateway.customer(reading.customer)
    address = fold_email(person.email)
    if find_fault(address):
        message = f"The Stripe customer for {reading.id} has no usable email address, so we can’t recognise them."
        raise NotYetError(message)
    with transaction.atomic():
        (customer,) = get_or_create_customers(account, {address: person.name}, confirmed=False)
        StripeCustomer.objects.get_or_create(
            customer=customer,
            connection=account.connection,
            defaults={"account": account, "stripe_id": reading.customer},
        )
    return customer
