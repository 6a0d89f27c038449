"""Comparing every subscription with Stripe, each night or when asked: what differs is recorded, and put right."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from math import inf
from typing import Final

from accounts.models import Account
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import Gateway, GoneError, StripeDownError, StripeError
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_objects import SubscriptionReading
from memberships.models import Difference, Invoice, Subscription
from memberships.sync import gateway_of, store_invoice, sync_subscription

log = logging.getLogger(__name__)

COMPARED: Final = ("status", "period_end", "ends_at", "ended_at", "schedule")
JOB: Final = "memberships.reconciliation"
"""What its subscriptions are set aside by."""
MISSING: Final = "missing"


def reconcile(connection: Connection, now: datetime) -> None:
    """Make all subscriptions over a connection what Stripe's are; each difference is kept as ours beside Stripe's.

    One that fails stops no other; the first error is raised once all were looked at.
    """
    account = Account.objects.with_connection().filter(connection=connection).first()
    if account is None:
        return
    gateway, seen = gateway_of(account), set()
    run = Run(JOB, now=now, seconds=inf, expected=(StripeError,), down=(StripeDownError,))
    for stripe_id, read in gateway.subscriptions():
        seen.add(stripe_id)
        if not run.is_over:
            run.attempt(stripe_id, partial(_compare, account, gateway, read, now=now))
    # What we hold for alive and Stripe did not list: asked for one by one, for it may just have begun.
    unseen = Subscription.objects.live().filter(account=account).exclude(stripe_id__in=seen)
    run.each(unseen.values_list("stripe_id", flat=True), partial(_note_missing, account, now=now))
    if run.first_error:
        raise run.first_error


def _compare(account: Account, gateway: Gateway, read: Callable[[], SubscriptionReading], *, now: datetime) -> None:
    reading = read()
    ours = Subscription.objects.filter(account=account, stripe_id=reading.id).select_related("price").first()
    differing = [] if ours is None else list(_differences(ours, reading))
    if ours is not None and not differing:
        return
    try:
        followed = sync_subscription(account, reading.id, now=now)
    except NotYetError as error:
        log.warning("Reconciling %s: %s", account, error)
        _record(account, None, reading.id, (MISSING, "", reading.status), found_at=now, repaired_at=None)
        return
    if followed is None:
        return  # somebody else's, on the same Stripe account
    for each in differing or [(MISSING, "", reading.status)]:
        _record(account, followed, reading.id, each, found_at=now, repaired_at=now)
    for invoice in gateway.invoices(reading.id):
        store_invoice(followed, invoice)


def _differences(ours: Subscription, reading: SubscriptionReading) -> Iterator[tuple[str, str, str]]:
    """Each field that differs, ours, and Stripe's, as texts."""
    for name in COMPARED:
        here, there = getattr(ours, name), getattr(reading, name)
        if name == "ends_at" and reading.ended_at:
            there = None
        if here != there:
            yield name, _text(here), _text(there)
    if ours.price.stripe_id != reading.price.id:
        yield "price", ours.price.stripe_id, reading.price.id
    if reading.invoice is not None:
        known = Invoice.objects.filter(account=ours.account_id, stripe_id=reading.invoice.id).first()
        if known is None or known.status != reading.invoice.status:
            yield "invoice", known.status if known else "", reading.invoice.status


def _note_missing(account: Account, stripe_id: str, *, now: datetime) -> None:
    try:
        sync_subscription(account, stripe_id, now=now)
    except GoneError:
        subscription = Subscription.objects.get(account=account, stripe_id=stripe_id)
        difference = (MISSING, subscription.status, "")
        _record(account, subscription, stripe_id, difference, found_at=now, repaired_at=None)


def _record(
    account: Account,
    subscription: Subscription | None,
    stripe_id: str,
    difference: tuple[str, str, str],
    *,
    found_at: datetime,
    repaired_at: datetime | None,
) -> None:
    field, ours, stripes = difference
    Difference.objects.create(
        account=account,
        subscription=subscription,
        stripe_id=stripe_id,
        field=field,
        ours=ours,
        stripes=stripes,
        found_at=found_at,
        repaired_at=repaired_at,
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value or "")
