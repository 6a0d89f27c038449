"""Following Stripe: one way to make our subscription what Stripe's is now, for webhooks, return pages and comparison.

What is fetched may be stale by the time it is applied. No lock is held while Stripe answers; instead a subscription
counts its revisions, and what was fetched before another revision is fetched again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from math import inf
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from accounts.customers import get_or_create_customers
from accounts.models import Account, Customer, StripeCustomer
from bookwhen.db import violated_constraint
from bookwhen.email_address import find_fault, fold_email
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import Gateway, KeyRefusedError, StripeDownError
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.stripe_objects import SubscriptionReading
from bookwhen.payments.stripe_prices import PriceReading
from memberships.bills import OlderBills, bills_here, read_older_bills, store_bills
from memberships.history import Happening, KnownInvoice, milestones_between
from memberships.items import KnownHere, choose_item, membership_of
from memberships.left_out import is_left_out, wait_while_importing
from memberships.milestones import record_happenings, take_snapshot
from memberships.models import (
    BillingInterval,
    Membership,
    MilestoneKind,
    Price,
    Subscription,
    SubscriptionSource,
    SubscriptionStatus,
)
from memberships.next_payment import billing_of, next_amount
from memberships.pauses import apply_pause, without_ended_pause
from memberships.scheduled_changes import with_scheduled_change
from memberships.standing import is_counted_otherwise, sync_standing

ATTEMPTS: Final = 8
ENDPOINT: Final = "bookwhen_endpoint"
PURCHASE: Final = "bookwhen_purchase"
"""What our objects at Stripe bear in their metadata: whose they are, and which purchase they are."""


TITLE_LENGTH: Final = 100
"""Of a price: as long as our column."""


class StaleError(Exception):
    """Ours was changed after Stripe's was fetched."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What was asked of Stripe beside a subscription: its older bills where they were listed, and what comes next."""

    older: OlderBills | None = None
    billing: Mapping[str, object] = field(default_factory=dict)
    """What it costs, by column (`memberships.next_payment.billing_of`)."""


def gateway_of(account: Account) -> Gateway:
    """The gateway to an account's Stripe; raises KeyRefusedError where it is not connected."""
    if account.connection is None or not account.connection.is_live:
        message = "This account isn’t connected to Stripe."
        raise KeyRefusedError(message)
    return Gateway.of(account.connection)


def stripe_metadata(account: Account, **more: object) -> dict[str, str]:
    """What an object of ours bears at Stripe: this account's endpoint, and `more`."""
    assert account.connection is not None  # noqa: S101 - only a connected account makes objects
    return {ENDPOINT: str(account.connection.endpoint), **{name: str(value) for name, value in more.items()}}


def sync_subscription(account: Account, stripe_id: str, *, ask: bool = False, now: datetime) -> Subscription | None:
    """Make our subscription what Stripe's (by its id) is now; None where it is not ours. Safe to repeat, in any order.

    With `ask`, Stripe is asked what it bills next even where its price seems plain. Raises NotYetError for one that
    bears our mark but that we do not know, or that is being imported, and StripeError.
    """
    gateway = gateway_of(account)
    for _attempt in range(ATTEMPTS):
        known = next(iter(_revised(account.pk, stripe_id)), None)
        reading = choose_item(account, gateway.subscription(stripe_id))
        if known is None and is_foreign(account, reading):
            wait_while_importing(account, reading.id)
            return None
        reading = without_ended_pause(with_scheduled_change(account, gateway, reading), now=now)
        buyer = None if known or _purchase_of(account, reading) else _find_buyer(account, gateway, reading)
        beside = _look_beside(account, gateway, reading, known, ask=ask)
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
    if _purchase_of(account, reading):
        return False
    sold = known.sells(reading.price) if known else membership_of(account, reading.price) is not None
    return ENDPOINT in reading.metadata or not sold or is_left_out(account, reading, known)


def apply_stripe_state(
    account: Account,
    reading: SubscriptionReading,
    *,
    seen: int | None,
    buyer: Customer | None,
    beside: Beside | None = None,
    now: datetime,
    imported: bool = False,
) -> Subscription | None:
    """Write what was read, and everything that follows from it: bills, history, letters, standing.

    `seen` is the revision before it was fetched, None where we did not know it; `buyer` the customer of one that began
    at Stripe. One that is `imported` began long ago: its history says only that, and nobody is written to. Call it in a
    transaction. Raises StaleError, NotYetError.
    """
    reading = without_ended_pause(reading, now=now)
    subscription = _find_or_create(account, reading, seen=seen, buyer=buyer, now=now)
    if subscription is None:
        return None
    subscription.account = account
    beside = beside or Beside(billing=billing_of(reading, reading.cost.amount if reading.is_plain else None))
    here = bills_here(subscription, reading.invoice, beside.older)
    known, counted_otherwise = here.latest, is_counted_otherwise(subscription, now=now)
    is_same = _is_unchanged(subscription, reading, known, beside) and not (here.changed or here.lost)
    if is_same and not counted_otherwise:
        # Stripe may have gone to something else and back: a caller that fetched that in between must fetch again.
        Subscription.objects.filter(pk=subscription.pk).update(revision=F("revision") + 1, synced_at=now)
        return subscription
    if (subscription.revision or None) != seen:
        raise StaleError
    before, stood_on = take_snapshot(subscription), _standing_inputs(subscription)
    _apply_reading(subscription, reading, beside, now=now)
    store_bills(subscription, reading.invoice, beside.older, here)
    happened = milestones_between(before, take_snapshot(subscription), known, reading.invoice, here.changed)
    if imported:
        happened = iter([Happening(MilestoneKind.IMPORTED, is_told=False)])
    record_happenings(subscription, happened, before=before, known=known, invoice=reading.invoice, now=now)
    if counted_otherwise or _standing_inputs(subscription) != stood_on:
        sync_standing(subscription, now=now)
    return subscription


def _look_beside(
    account: Account, gateway: Gateway, reading: SubscriptionReading, known: Subscription | None, *, ask: bool
) -> Beside:
    older = read_older_bills(account, gateway, reading, known)
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
    held = _holding().get(account=subscription.account_id, pk=subscription.pk)
    held.account = subscription.account
    return held


def _resync_standing(account: Account, pk: int, *, now: datetime) -> None:
    with transaction.atomic():
        sync_standing(lock_subscription(Subscription(pk=pk, account=account)), now=now)


def _holding() -> QuerySet[Subscription]:
    return Subscription.objects.select_related("membership__group", "customer", "price", "page").select_for_update(
        of=("self",), no_key=True
    )


@compiled_query
def _held(account: int, stripe_id: str) -> QuerySet[Subscription]:
    return _holding().filter(account=account, stripe_id=stripe_id)


@compiled_query
def _revised(account: int, stripe_id: str) -> QuerySet[Subscription]:
    found = Subscription.objects.filter(account=account, stripe_id=stripe_id)
    return found.only("revision", "cost_basis", "period_amount", "next_amount", "period_start")


def _purchase_of(account: Account, reading: SubscriptionReading) -> str:
    """The purchase that a subscription bears in its metadata, if the mark is this account's own."""
    theirs = account.connection is not None and reading.metadata.get(ENDPOINT) == str(account.connection.endpoint)
    return reading.metadata.get(PURCHASE, "") if theirs else ""


def _find_or_create(
    account: Account, reading: SubscriptionReading, *, seen: int | None, buyer: Customer | None, now: datetime
) -> Subscription | None:
    found = next(iter(_held(account.pk, reading.id)), None)
    if found is not None or seen is not None:
        if found is None:
            raise StaleError
        return found
    if purchase := _purchase_of(account, reading):
        return _link_purchase(account, reading, purchase)
    return _create_from_stripe(account, reading, buyer, now=now) if buyer else None


def _link_purchase(account: Account, reading: SubscriptionReading, purchase: str) -> Subscription:
    try:
        found = _holding().filter(account=account, uuid=UUID(purchase)).first()
    except ValueError:
        found = None
    if found is not None and found.stripe_id == reading.id:
        raise StaleError  # somebody else linked it while we waited for it
    if found is None or found.stripe_id:
        message = f"{reading.id} was created by this site, but its purchase {purchase} isn’t found here."
        raise NotYetError(message)
    return found


def _find_buyer(account: Account, gateway: Gateway, reading: SubscriptionReading) -> Customer:
    """Our customer for a subscription to a membership of ours that somebody began at Stripe."""
    known = StripeCustomer.objects.filter(connection=account.connection, stripe_id=reading.customer)
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


def _create_from_stripe(
    account: Account, reading: SubscriptionReading, buyer: Customer, *, now: datetime
) -> Subscription | None:
    membership = membership_of(account, reading.price)
    if membership is None:
        return None
    return Subscription.objects.create(
        account=account,
        customer=buyer,
        membership=membership,
        price=_price_of(membership, reading.price, now=now),
        source=SubscriptionSource.STRIPE,
        status=SubscriptionStatus.INCOMPLETE,
        stripe_id=reading.id,
        created_at=now,
    )


def _price_of(membership: Membership, reading: PriceReading, *, now: datetime) -> Price:
    """Our price for Stripe's; one that was made at Stripe is taken over, unpublished."""
    found = Price.objects.filter(account_id=membership.account_id, stripe_id=reading.id).first()
    return found or Price.objects.create(
        account_id=membership.account_id,
        membership=membership,
        title=membership.title[:TITLE_LENGTH].strip(),
        amount=reading.amount or 0,
        amount_known=reading.amount is not None,
        currency=reading.currency,
        interval=reading.interval or BillingInterval.MONTH,
        interval_count=reading.interval_count,
        published=False,
        stripe_id=reading.id,
        created_at=now,
    )


def _is_unchanged(
    subscription: Subscription, reading: SubscriptionReading, known: KnownInvoice, beside: Beside
) -> bool:
    """Whether there is nothing to take over, as for most events of a burst."""
    invoice = reading.invoice
    return (
        subscription.stripe_id == reading.id
        and subscription.price.stripe_id == reading.price.id
        and subscription.price.amount_known == (reading.price.amount is not None)
        and subscription.ends_at == (None if reading.ended_at else reading.ends_at)
        and all(getattr(subscription, name) == getattr(reading, name) for name in _SAME)
        and all(getattr(subscription, name) == value for name, value in beside.billing.items())
        and (invoice is None or known.is_as(invoice))
    )


def _standing_inputs(subscription: Subscription) -> tuple[object, ...]:
    """All that standing depends on, but for the account's policy (`resync_standings`): a renewal does not touch it."""
    return (
        subscription.status,
        subscription.membership_id,
        subscription.started_at,
        subscription.billing_anchor,
        subscription.ends_at,
        subscription.ended_at,
        subscription.paid_until,
        subscription.paid_until and subscription.period_end,
        subscription.pause_behavior != "",
    )


def _apply_reading(subscription: Subscription, reading: SubscriptionReading, beside: Beside, *, now: datetime) -> None:
    account, was = subscription.account, dict(vars(subscription))
    if reading.price.id != subscription.price.stripe_id:
        membership = membership_of(account, reading.price) or subscription.membership
        subscription.membership = membership
        subscription.price = _price_of(membership, reading.price, now=now)
        if subscription.cancels_at_price != reading.price.id:
            subscription.cancels_at_price = ""
    elif subscription.price.amount_known != (reading.price.amount is not None):
        subscription.price.amount_known = reading.price.amount is not None
        subscription.price.save(update_fields=["amount_known"])
    apply_pause(subscription, reading, now=now)
    for name, value in {**{name: getattr(reading, name) for name in _SAME}, **beside.billing}.items():
        setattr(subscription, name, value)
    subscription.stripe_id = reading.id
    subscription.ends_at = None if reading.ended_at else reading.ends_at
    subscription.revision += 1
    subscription.synced_at = now
    written = {field.attname for field in Subscription._meta.concrete_fields}
    subscription.save(update_fields=[name for name in written if getattr(subscription, name) != was[name]])


_SAME: Final = (
    "status",
    "started_at",
    "period_start",
    "period_end",
    "trial_end",
    "billing_anchor",
    "ended_at",
    "cancel_reason",
    "quantity",
    "collection_method",
    "pause_behavior",
    "resumes_at",
    "schedule",
    "next_price",
    "changes_at",
    "pending_price",
    "pending_until",
)
"""What is called the same here and in a reading."""
