"""Following Stripe: one way to make our subscription what Stripe's is now, for webhooks, return pages and comparison.

What is fetched may be stale by the time it is applied. No lock is held while Stripe answers; instead a subscription
counts its revisions, and what was fetched before another revision is fetched again.
"""

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
from bookwhen.payments.stripe_objects import InvoiceReading, PriceReading, SubscriptionReading
from memberships import notices
from memberships.history import KnownInvoice, Snapshot, milestones_between
from memberships.left_out import is_left_out, wait_while_importing
from memberships.models import (
    BillingInterval,
    Invoice,
    Membership,
    Milestone,
    MilestoneKind,
    Price,
    Subscription,
    SubscriptionSource,
    SubscriptionStatus,
)
from memberships.standing import is_counted_otherwise, sync_standing

ATTEMPTS: Final = 8
ENDPOINT: Final = "bookwhen_endpoint"
PURCHASE: Final = "bookwhen_purchase"
"""What our objects at Stripe bear in their metadata: whose they are, and which purchase they are."""


class StaleError(Exception):
    """Ours was changed after Stripe's was fetched."""


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


def sync_subscription(account: Account, stripe_id: str, *, now: datetime) -> Subscription | None:
    """Make our subscription what Stripe's (by its id) is now; None where it is not ours. Safe to repeat, in any order.

    Raises NotYetError for one that bears our mark but that we do not know, and StripeError.
    """
    gateway = gateway_of(account)
    for _attempt in range(ATTEMPTS):
        seen = _known(account, stripe_id)
        reading = gateway.subscription(stripe_id)
        buyer = None if seen or _purchase_of(account, reading) else _find_buyer(account, gateway, reading)
        try:
            with transaction.atomic():
                return apply_stripe_state(account, reading, seen=seen, buyer=buyer, now=now)
        except StaleError:
            continue
        except IntegrityError as error:
            # Somebody else just made the row of a subscription that began at Stripe.
            if violated_constraint(error) not in {"subscription_once", "price_once"}:
                raise
    message = f"{stripe_id} keeps changing in Stripe. We’ll try again."
    raise StripeDownError(message)


def apply_stripe_state(
    account: Account,
    reading: SubscriptionReading,
    *,
    seen: int | None,
    buyer: Customer | None,
    now: datetime,
    imported: bool = False,
) -> Subscription | None:
    """Write what was read, and everything that follows from it: invoice, history, letters, standing.

    `seen` is the revision before it was fetched, None where we did not know it; `buyer` the customer of one that began
    at Stripe. One that is `imported` began long ago: its history says only that, and nobody is written to. Call it in a
    transaction. Raises StaleError, NotYetError.
    """
    subscription = _find_or_create(account, reading, seen=seen, buyer=buyer, now=now)
    if subscription is None:
        return None
    subscription.account = account
    known = _known_invoice(account, reading.invoice)
    counted_otherwise = is_counted_otherwise(subscription, now=now)
    if _is_unchanged(subscription, reading, known) and not counted_otherwise:
        # Stripe may have gone to something else and back: a caller that fetched that in between must fetch again.
        Subscription.objects.filter(pk=subscription.pk).update(revision=F("revision") + 1, synced_at=now)
        return subscription
    if (subscription.revision or None) != seen:
        raise StaleError
    before, stood_on = _snapshot(subscription), _standing_inputs(subscription)
    _apply_reading(subscription, reading, now=now)
    if reading.invoice is not None:
        store_invoice(subscription, reading.invoice)
    happened = milestones_between(before, _snapshot(subscription), known, reading.invoice)
    for kind in [MilestoneKind.IMPORTED] if imported else happened:
        Milestone.objects.create(
            account=account,
            subscription=subscription,
            kind=kind,
            at=now,
            until=subscription.ended_at or subscription.ends_at or subscription.period_end,
        )
        notices.notify_customer(subscription, kind, invoice=reading.invoice, now=now)
    if counted_otherwise or _standing_inputs(subscription) != stood_on:
        sync_standing(subscription, now=now)
    return subscription


def store_invoice(subscription: Subscription, reading: InvoiceReading) -> None:
    """Write an invoice of a subscription as Stripe has it."""
    invoice = Invoice(
        account_id=subscription.account_id,
        subscription=subscription,
        stripe_id=reading.id,
        **{name: getattr(reading, name) for name in _INVOICE},
    )
    Invoice.objects.bulk_create(
        [invoice],
        update_conflicts=True,
        unique_fields=["account", "stripe_id"],
        update_fields=["subscription", *_INVOICE],
    )


def resync_standings(account: Account, *, now: datetime) -> None:
    """Let everybody whose payment failed stand, or not, as the account's policy now says.

    One that fails stops no other; the books' check finds who does not stand as they should.
    """
    unpaid = Subscription.objects.filter(account=account, status=SubscriptionStatus.PAST_DUE)
    run = Run("memberships.sync.resync_standings", now=now, seconds=inf)
    run.each(list(unpaid.values_list("pk", flat=True)), partial(_resync_standing, account, now=now))


def _resync_standing(account: Account, pk: int, *, now: datetime) -> None:
    with transaction.atomic():
        held = _holding().get(pk=pk)
        held.account = account
        sync_standing(held, now=now)


def _holding() -> QuerySet[Subscription]:
    return Subscription.objects.select_related("membership__group", "customer", "price", "page").select_for_update(
        of=("self",), no_key=True
    )


@compiled_query
def _held(account: int, stripe_id: str) -> QuerySet[Subscription]:
    return _holding().filter(account=account, stripe_id=stripe_id)


@compiled_query
def _revised(account: int, stripe_id: str) -> QuerySet[Subscription]:
    return Subscription.objects.filter(account=account, stripe_id=stripe_id).only("revision")


@compiled_query
def _invoices(account: int, stripe_id: str) -> QuerySet[Invoice]:
    return Invoice.objects.filter(account=account, stripe_id=stripe_id).only("status", "attempt_count").order_by()


def _known(account: Account, stripe_id: str) -> int | None:
    return next((found.revision for found in _revised(account.pk, stripe_id)), None)


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


def _find_buyer(account: Account, gateway: Gateway, reading: SubscriptionReading) -> Customer | None:
    """Our customer for a subscription that somebody began at Stripe; None where it is not to a membership of ours."""
    if ENDPOINT in reading.metadata or _membership_of(account, reading.price) is None:
        return None
    if is_left_out(account, reading):
        wait_while_importing(account, reading.id)
        return None
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


def _membership_of(account: Account, price: PriceReading) -> Membership | None:
    known = Q(prices__stripe_id=price.id) | (Q(product=price.product) & ~Q(product=""))
    return Membership.objects.filter(known, account=account).distinct().first()


def _create_from_stripe(
    account: Account, reading: SubscriptionReading, buyer: Customer, *, now: datetime
) -> Subscription | None:
    membership = _membership_of(account, reading.price)
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
        title=membership.title,
        amount=reading.amount,
        currency=reading.currency,
        interval=reading.interval or BillingInterval.MONTH,
        interval_count=reading.interval_count,
        published=False,
        stripe_id=reading.id,
        created_at=now,
    )


def _is_unchanged(subscription: Subscription, reading: SubscriptionReading, known: KnownInvoice) -> bool:
    """Whether there is nothing to take over, as for most events of a burst."""
    invoice = reading.invoice
    return (
        subscription.stripe_id == reading.id
        and subscription.price.stripe_id == reading.price.id
        and subscription.ends_at == (None if reading.ended_at else reading.ends_at)
        and all(getattr(subscription, name) == getattr(reading, name) for name in _SAME)
        and (invoice is None or known == KnownInvoice(invoice.status, invoice.attempt_count))
    )


def _known_invoice(account: Account, reading: InvoiceReading | None) -> KnownInvoice:
    if reading is None:
        return KnownInvoice()
    found = next(iter(_invoices(account.pk, reading.id)), None)
    return KnownInvoice(found.status, found.attempt_count) if found else KnownInvoice()


def _snapshot(subscription: Subscription) -> Snapshot:
    return Snapshot(
        status=subscription.status,
        price=subscription.price_id,
        ends_at=subscription.ends_at,
        trial_end=subscription.trial_end,
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
    )


def _apply_reading(subscription: Subscription, reading: SubscriptionReading, *, now: datetime) -> None:
    account = subscription.account
    if reading.price.id != subscription.price.stripe_id:
        membership = _membership_of(account, reading.price) or subscription.membership
        subscription.membership = membership
        subscription.price = _price_of(membership, reading.price, now=now)
    for name in _SAME:
        setattr(subscription, name, getattr(reading, name))
    subscription.stripe_id = reading.id
    subscription.ends_at = None if reading.ended_at else reading.ends_at
    subscription.revision += 1
    subscription.synced_at = now
    subscription.save()


_SAME: Final = (
    "status",
    "started_at",
    "period_start",
    "period_end",
    "trial_end",
    "billing_anchor",
    "ended_at",
    "cancel_reason",
)
"""What is called the same here and in a reading."""
_INVOICE: Final = (
    "number",
    "status",
    "amount_due",
    "amount_paid",
    "currency",
    "hosted_url",
    "pdf_url",
    "attempt_count",
    "next_attempt_at",
    "created_at",
)
"""What is called the same in our invoice and in a reading."""
