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
from bookwhen.payments.stripe_values import UnreadableError
from memberships.bills import UNSETTLED, store_invoice
from memberships.items import choose_item
from memberships.models import Difference, Invoice, Subscription
from memberships.next_payment import billing_of, will_be_billed
from memberships.pauses import without_ended_pause
from memberships.sync import gateway_of, is_foreign, sync_subscription

log = logging.getLogger(__name__)

COMPARED: Final = ("status", "period_end", "ends_at", "ended_at", "pause_behavior", "resumes_at")
BILLED: Final = ("quantity", "period_amount", "cost_basis", "collection_method", "schedule")
"""What is compared once a subscription was looked at by a release that keeps it."""
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
            run.attempt(stripe_id, partial(_compare, account, gateway, stripe_id, read, now=now))
    # What we hold for alive and Stripe did not list: asked for one by one, for it may just have begun.
    unseen = Subscription.objects.live().filter(account=account).exclude(stripe_id__in=seen)
    run.each(unseen.values_list("stripe_id", flat=True), partial(_note_missing, account, now=now))
    for status in UNSETTLED:
        run.attempt(f"bills {status}", partial(_compare_bills, account, gateway, run, status, now=now))
    if run.first_error:
        raise run.first_error


def _compare(
    account: Account, gateway: Gateway, stripe_id: str, read: Callable[[], SubscriptionReading], *, now: datetime
) -> None:
    ours = Subscription.objects.filter(account=account, stripe_id=stripe_id).select_related("price").first()
    found = _read_ours(account, ours, stripe_id, read)
    if found is None:
        return
    reading = without_ended_pause(found, now=now)
    differing = [(MISSING, "", reading.status)] if ours is None else list(_differences(ours, reading))
    if ours is not None and ours.cost_basis and not differing and not _is_unasked(ours, reading):
        return
    try:
        followed = sync_subscription(account, stripe_id, now=now)
    except NotYetError as error:
        log.warning("Reconciling %s: %s", account, error)
        _record(account, None, stripe_id, (MISSING, "", reading.status), found_at=now, repaired_at=None)
        return
    if followed is None:
        return
    for each in differing:
        _record(account, followed, stripe_id, each, found_at=now, repaired_at=now)
    for invoice in gateway.invoices(subscription=stripe_id):
        store_invoice(followed, invoice)


def _read_ours(
    account: Account, ours: Subscription | None, stripe_id: str, read: Callable[[], SubscriptionReading]
) -> SubscriptionReading | None:
    """A listed subscription; None where it is somebody else's on the same Stripe account, judged without a call."""
    try:
        reading = choose_item(account, read())
    except UnreadableError:
        if ours is not None:
            raise
        log.warning("Reconciling %s: %s isn’t known here and can’t be read.", account, stripe_id)
        return None
    return None if ours is None and is_foreign(account, reading) else reading


def _compare_bills(account: Account, gateway: Gateway, run: Run, status: str, *, now: datetime) -> None:
    """Find the bills that are in a state here and not at Stripe: paid, voided or deleted there without our hearing.

    Stripe lists those that still are, so that nothing is asked for each of ours.
    """
    ours = Invoice.objects.filter(account=account, status=status)
    if not ours.exists():
        return
    theirs = [each.id for each in gateway.invoices(status=status)]
    changed = ours.exclude(stripe_id__in=theirs).values_list("subscription__stripe_id", "stripe_id")
    for subscription, bill in list(changed):
        run.attempt(bill, partial(_repair_bill, account, subscription, bill, status, now=now))


def _repair_bill(account: Account, subscription: str, bill: str, status: str, *, now: datetime) -> None:
    followed = sync_subscription(account, subscription, now=now)
    found = Invoice.objects.filter(account=account, stripe_id=bill).first()
    after = found.status if found else ""
    repaired_at = None if after == status else now
    _record(account, followed, subscription, ("invoice", status, after), found_at=now, repaired_at=repaired_at)


def _differences(ours: Subscription, reading: SubscriptionReading) -> Iterator[tuple[str, str, str]]:
    """Each field that differs, ours, and Stripe's, as texts."""
    for name in COMPARED:
        here, there = getattr(ours, name), getattr(reading, name)
        if name == "ends_at" and reading.ended_at:
            there = None
        if here != there:
            yield name, _text(here), _text(there)
    yield from _billed_otherwise(ours, reading)
    if ours.price.stripe_id != reading.price.id:
        yield "price", ours.price.stripe_id, reading.price.id
    if reading.invoice is not None:
        known = Invoice.objects.filter(account=ours.account_id, stripe_id=reading.invoice.id).first()
        if known is None or known.status != reading.invoice.status:
            yield "invoice", known.status if known else "", reading.invoice.status


def _billed_otherwise(ours: Subscription, reading: SubscriptionReading) -> Iterator[tuple[str, str, str]]:
    if not ours.cost_basis:
        return
    costs = billing_of(reading, None)
    for name in BILLED:
        here, there = getattr(ours, name), costs[name] if name in costs else getattr(reading, name)
        if here != there:
            yield name, _text(here), _text(there)


def _is_unasked(ours: Subscription, reading: SubscriptionReading) -> bool:
    """Whether nobody knows yet what is billed next: it was imported, or Stripe did not answer."""
    return ours.next_amount is None and will_be_billed(reading)


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
