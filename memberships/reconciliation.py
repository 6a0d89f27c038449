"""Comparing every subscription with Stripe, each night or when asked: what differs is recorded, and put right."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Account
from bookwhen.jobs.run import divide
from bookwhen.payments.gateway import Gateway, GoneError, StripeError
from bookwhen.payments.handlers import Comparer, Cursor, Look, NotYetError
from bookwhen.payments.stripe_objects import SubscriptionReading
from bookwhen.payments.stripe_values import UnreadableError
from memberships.bills import UNSETTLED
from memberships.items import KnownHere, choose_item, read_known
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
BATCH: Final = 50
"""How many are asked for one by one before it is noted how far that is."""

Listed = Sequence[tuple[str, Callable[[], SubscriptionReading]]]
AnyRow = TypeVar("AnyRow", Subscription, Invoice)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page of Stripe's list is compared with, read in a fixed number of statements."""

    account: Account
    gateway: Gateway
    readings: Mapping[str, SubscriptionReading | UnreadableError]
    """By Stripe's id what could be read, or why it could not."""
    ours: Mapping[str, Subscription]
    known: KnownHere
    bills: Mapping[str, str]
    """The states of their latest invoices, as far as they are known here."""


def compare_subscriptions(look: Look, cursor: Cursor) -> Cursor | None:
    """Make a page of Stripe's list of all subscriptions ours; each difference is kept as ours beside Stripe's.

    Those of ours that Stripe lists are marked with the comparison's instant: so the others can be told.
    """
    account = _account_of(look)
    if account is None:
        return None
    gateway = gateway_of(account)
    found, after = gateway.subscriptions_page(after=cursor.get("after", ""))
    page = _read_page(account, gateway, found)
    run, seen = look.run(JOB, expected=(StripeError,)), list[str]()
    for stripe_id, _read in found:
        if run.is_over or (seen and look.is_over()):
            break
        run.attempt(stripe_id, partial(_compare, page, stripe_id, now=look.now))
        seen.append(stripe_id)
    live = Subscription.objects.live().filter(account=account)
    divide(seen, lambda some: _mark(live.filter(stripe_id__in=some), look), _log_unmarked, is_over=lambda: False)
    look.conclude(run)
    if len(seen) < len(found):
        return {"after": seen[-1]}
    return {"after": after} if after else None


def compare_unlisted(look: Look, cursor: Cursor) -> Cursor | None:
    """Ask one by one for those that we hold for alive and Stripe did not list: one may just have begun."""
    account = _account_of(look)
    if account is None:
        return None
    live = Subscription.objects.live().filter(account=account)
    return _one_by_one(look, live, cursor, partial(_note_missing, look, account))


def compare_bills(look: Look, cursor: Cursor) -> Cursor | None:
    """Find the bills that are in a state here and not at Stripe: paid, voided or deleted there without our hearing.

    Stripe lists those that still are, a page at a time, so that nothing is asked for each of ours.
    """
    account = _account_of(look)
    if account is None:
        return None
    status = cursor.get("status", UNSETTLED[0])
    ours = Invoice.objects.filter(account=account, status=status)
    if not cursor.get("listed") and ours.exists():
        theirs, after = gateway_of(account).invoices_page(status, after=cursor.get("after", ""))
        _mark(ours.filter(stripe_id__in=theirs), look)
        return {"status": status, "after": after, "listed": not after}
    here = ours.select_related("subscription")
    if (further := _one_by_one(look, here, cursor, partial(_repair_bill, look, account))) is not None:
        return {"status": status, "listed": True, **further}
    later = UNSETTLED[UNSETTLED.index(status) + 1 :]
    return {"status": later[0]} if later else None


COMPARERS: Final = (
    Comparer("memberships.subscriptions", compare_subscriptions),
    Comparer("memberships.unlisted", compare_unlisted),
    Comparer("memberships.bills", compare_bills),
)


def _account_of(look: Look) -> Account | None:
    return Account.objects.with_connection().filter(connection=look.connection).first()


def _mark(rows: QuerySet[AnyRow], look: Look) -> None:
    """Note that this comparison has seen rows."""
    with transaction.atomic():
        rows.filter(_is_unmarked(look)).order_by().update(compared_at=look.begun_at)


def _unmarked(rows: QuerySet[AnyRow], look: Look) -> QuerySet[AnyRow]:
    """Those that this comparison has not seen, in no order: for one, an index of all accounts would be walked."""
    return rows.filter(_is_unmarked(look)).order_by()


def _is_unmarked(look: Look) -> Q:
    return Q(compared_at__isnull=True) | Q(compared_at__lt=look.begun_at)


def _one_by_one(look: Look, rows: QuerySet[AnyRow], cursor: Cursor, act: Callable[[AnyRow], None]) -> Cursor | None:
    """Do it for a batch of rows that this comparison has not seen, as far as there is time; None: there are none.

    `act` marks its row, also where it fails. What cannot even be marked stands in the cursor, and is not tried again.
    """
    run = look.run(JOB, expected=(StripeError,))
    stuck: list[int] = list(cursor.get("stuck", []))
    batch, tried = list(_unmarked(rows.exclude(pk__in=stuck), look)[:BATCH]), list[int]()
    for each in batch:
        if run.is_over or (tried and look.is_over()):
            break
        run.attempt(each.stripe_id, partial(act, each))
        tried.append(each.pk)
    look.conclude(run)
    if run.failed:
        stuck += _unmarked(rows.filter(pk__in=tried), look).values_list("pk", flat=True)
    return {"stuck": stuck} if batch else None


def _log_unmarked(stripe_id: str, error: Exception) -> None:
    log.warning("Reconciling: %s could not be marked as seen: %s", stripe_id, error)


def _read_page(account: Account, gateway: Gateway, found: Listed) -> _Page:
    readings = {stripe_id: _read(read) for stripe_id, read in found}
    good = [each for each in readings.values() if not isinstance(each, UnreadableError)]
    ours = Subscription.objects.filter(account=account, stripe_id__in=list(readings)).select_related("price")
    bills = Invoice.objects.filter(account=account, stripe_id__in=[each.invoice.id for each in good if each.invoice])
    return _Page(
        account,
        gateway,
        readings,
        ours={each.stripe_id: each for each in ours},
        known=read_known(account, good),
        bills=dict(bills.order_by().values_list("stripe_id", "status")),
    )


def _read(read: Callable[[], SubscriptionReading]) -> SubscriptionReading | UnreadableError:
    try:
        return read()
    except UnreadableError as error:
        return error


def _compare(page: _Page, stripe_id: str, *, now: datetime) -> None:
    ours, account = page.ours.get(stripe_id), page.account
    found = _listed(page, stripe_id)
    if found is None:
        return
    reading = without_ended_pause(found, now=now)
    differing = [(MISSING, "", reading.status)] if ours is None else list(_differences(page, ours, reading))
    if ours is not None and ours.cost_basis and not differing and not _is_unasked(ours, reading):
        differing = list(_bills_behind_draft(page, ours, reading))
        if not differing:
            return
    try:
        followed = sync_subscription(account, stripe_id, every_bill=True, now=now)
    except NotYetError as error:
        log.warning("Reconciling %s: %s", account, error)
        _record(account, None, stripe_id, (MISSING, "", reading.status), found_at=now, repaired_at=None)
        return
    if followed is None:
        return
    for each in differing:
        _record(account, followed, stripe_id, each, found_at=now, repaired_at=now)


def _listed(page: _Page, stripe_id: str) -> SubscriptionReading | None:
    """A listed subscription; None where it is somebody else's on the same Stripe account, judged without a call."""
    found, is_ours = page.readings[stripe_id], stripe_id in page.ours
    if isinstance(found, UnreadableError):
        if is_ours:
            raise found
        log.warning("Reconciling %s: %s isn’t known here and can’t be read.", page.account, stripe_id)
        return None
    reading = choose_item(page.account, found, page.known)
    return None if not is_ours and is_foreign(page.account, reading, page.known) else reading


def _repair_bill(look: Look, account: Account, bill: Invoice) -> None:
    status = bill.status
    try:
        followed = sync_subscription(account, bill.subscription.stripe_id, now=look.now)
        found = Invoice.objects.filter(account=account, pk=bill.pk).first()
        after = found.status if found else ""
        repaired_at = None if after == status else look.now
        difference = ("invoice", status, after)
        _record(account, followed, bill.stripe_id, difference, found_at=look.now, repaired_at=repaired_at)
    finally:
        _mark(Invoice.objects.filter(account=account, pk=bill.pk), look)


def _differences(page: _Page, ours: Subscription, reading: SubscriptionReading) -> Iterator[tuple[str, str, str]]:
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
        known = page.bills.get(reading.invoice.id, "")
        if known != reading.invoice.status:
            yield "invoice", known, reading.invoice.status


def _bills_behind_draft(
    page: _Page, ours: Subscription, reading: SubscriptionReading
) -> Iterator[tuple[str, str, str]]:
    """Each bill that differs where the latest is a draft: it has no number yet to tell that none before it is missing.

    Most are drafts for an hour; but while a subscription is paused they may stay so.
    """
    if reading.invoice is None or reading.invoice.number:
        return
    here = dict(Invoice.objects.filter(account=page.account, subscription=ours).values_list("stripe_id", "status"))
    for each in page.gateway.invoices(subscription=ours.stripe_id):
        known = here.get(each.id, "")
        if known != each.status:
            yield "invoice", known, each.status


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


def _note_missing(look: Look, account: Account, ours: Subscription) -> None:
    now = look.now
    try:
        sync_subscription(account, ours.stripe_id, now=now)
    except GoneError:
        ours.refresh_from_db()
        _record(account, ours, ours.stripe_id, (MISSING, ours.status, ""), found_at=now, repaired_at=None)
    finally:
        _mark(Subscription.objects.filter(account=account, pk=ours.pk), look)


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
