"""A subscription's bills, each kept as Stripe has it: the latest at every look, the others where they may differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import CharField, Q, QuerySet

from accounts.models import Account
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.stripe_objects import InvoiceReading, SubscriptionReading
from memberships.history import Bill, KnownInvoice
from memberships.models import Invoice, Subscription

UNSETTLED: Final = ("draft", "open", "uncollectible")
"""The states in which a bill may still change."""
MARGIN: Final = timedelta(days=1)
"""How long before its period a bill may be made; the shortest period is a day, the usual one a month."""
_KNOWN: Final = ("stripe_id", "status", "attempt_count", "amount_due", "amount_paid", "created_at")


@compiled_query
def _bills_here(account: int, subscription: str, latest: str) -> QuerySet[Invoice]:
    here = Q(status__in=UNSETTLED) | Q(stripe_id=latest)
    theirs = Invoice.objects.filter(here, subscription__account=account, subscription__stripe_id=subscription)
    return theirs.filter(account=account).only("stripe_id", "created_at").order_by()


@compiled_query
def _first(account: int, subscription: int) -> QuerySet[Invoice]:
    theirs = Invoice.objects.filter(account=account, subscription=subscription)
    return theirs.only("created_at").order_by("created_at", "pk")[:1]


@compiled_query
def _named_or_draft(account: int, subscription: int, stripe_ids: list[str]) -> QuerySet[Invoice]:
    named = IsOneOf("stripe_id", stripe_ids, of=CharField())
    read = named | Q(subscription=subscription, status="draft")
    return Invoice.objects.filter(read, account=account).only(*_KNOWN).order_by()


@dataclass(frozen=True, slots=True)
class OlderBills:
    """The bills but the latest, newest first, as Stripe listed them: all since an instant, or all there are."""

    bills: Sequence[InvoiceReading]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class BillsHere:
    """What we knew of the bills that were read: of the latest, of the older ones that changed, and lost drafts.

    Those are drafts of ours that were deleted at Stripe, as far as all bills were listed.
    """

    latest: KnownInvoice
    changed: Sequence[Bill]
    lost: Sequence[int]


def read_older_bills(
    account: Account, gateway: Gateway, reading: SubscriptionReading, known: Subscription | None
) -> OlderBills | None:
    """The bills but the latest, where one of ours may have changed or one may be missing; else None.

    A bill that waited may have been paid or voided at Stripe; and where the latest is new to us, another may have come
    before it. What was settled before the period that we knew of changes no more. Raises StripeError.
    """
    if known is None and reading.started_at == reading.period_start:
        return None  # it has just begun
    latest = reading.invoice.id if reading.invoice else ""
    here = {each.stripe_id: each for each in _bills_here(account.pk, reading.id, latest)}
    if set(here) <= {latest} and (not latest or latest in here):
        return None
    since = _known_before(account, known, list(here.values()))
    listed = gateway.invoices(subscription=reading.id, since=since)
    return OlderBills([each for each in listed if each.id != latest], since)


def _known_before(account: Account, known: Subscription | None, unsettled: Sequence[Invoice]) -> datetime | None:
    """Before which instant no bill is missing here, and none is unsettled; None: nobody knows.

    Each look at a bill that is new to us lists those since the period before, and the first of these looks all.
    """
    if known is None or known.period_start is None:
        return None
    since = min([known.period_start - MARGIN, *(each.created_at for each in unsettled)])
    return since if any(each.created_at < since for each in _first(account.pk, known.pk)) else None


def bills_here(subscription: Subscription, latest: InvoiceReading | None, older: OlderBills | None) -> BillsHere:
    """What we knew of the bills that were read, in one statement where nothing is new about the older ones."""
    listed = [*([latest] if latest else []), *(older.bills if older else ())]
    if not listed and older is None:
        return BillsHere(KnownInvoice(), (), ())
    names = {each.id for each in listed}
    found = _named_or_draft(subscription.account_id, subscription.pk, sorted(names))
    known = {each.stripe_id: _known(each) for each in found}
    bills = [Bill(known.get(each.id, KnownInvoice()), each) for each in (older.bills if older else ())]
    return BillsHere(
        known.get(latest.id, KnownInvoice()) if latest else KnownInvoice(),
        _since_first(subscription, [bill for bill in bills if not bill.known.is_as(bill.now)]),
        [each.pk for each in found if older and each.stripe_id not in names and _was_listed(each, older)],
    )


def _known(found: Invoice) -> KnownInvoice:
    return KnownInvoice(found.status, found.attempt_count, (found.amount_due, found.amount_paid))


def _was_listed(found: Invoice, older: OlderBills) -> bool:
    """Whether a bill would have been listed if it were there."""
    return older.since is None or found.created_at >= older.since


def _since_first(subscription: Subscription, bills: list[Bill]) -> list[Bill]:
    """Not those from before the first that we know: they were over when we heard of it (it was imported, say)."""
    first = _first(subscription.account_id, subscription.pk) if bills else []
    return [bill for bill in bills if not first or bill.now.created_at >= first[0].created_at]


def store_bills(
    subscription: Subscription, latest: InvoiceReading | None, older: OlderBills | None, here: BillsHere
) -> None:
    """Write the latest bill and the older ones; drafts that Stripe does not list any more were deleted there."""
    bills = list(_in_order(latest, older.bills if older else ()))
    if bills:
        _store(subscription, bills)
    if here.lost:
        Invoice.objects.filter(account=subscription.account_id, pk__in=here.lost).delete()


def _in_order(latest: InvoiceReading | None, older: Sequence[InvoiceReading]) -> Iterator[InvoiceReading]:
    yield from reversed(older)
    if latest is not None:
        yield latest


def store_invoice(subscription: Subscription, reading: InvoiceReading) -> None:
    """Write an invoice of a subscription as Stripe has it."""
    _store(subscription, [reading])


def _store(subscription: Subscription, readings: Sequence[InvoiceReading]) -> None:
    """Write invoices, each one once, in one statement."""
    invoices = [
        Invoice(
            account_id=subscription.account_id,
            subscription=subscription,
            stripe_id=each.id,
            settlement=each.settlement or "",
            **{name: getattr(each, name) for name in _INVOICE},
        )
        for each in {each.id: each for each in readings}.values()
    ]
    Invoice.objects.bulk_create(
        invoices,
        update_conflicts=True,
        unique_fields=["account", "stripe_id"],
        update_fields=["subscription", "settlement", *_INVOICE],
        batch_size=500,
    )


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
    "due_at",
    "created_at",
)
"""What is called the same in our invoice and in a reading."""
