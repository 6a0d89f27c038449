"""A subscription's bills, each kept as Stripe has it: the latest at every look, the others where they may differ."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import Q, QuerySet

from accounts.models import Account
from bookwhen.fastpath.compiled import compiled_query
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.stripe_objects import InvoiceReading, SubscriptionReading
from memberships.history import Bill, KnownInvoice
from memberships.models import Invoice, Subscription

UNSETTLED: Final = ("draft", "open", "uncollectible")
"""The states in which a bill may still change."""
_KNOWN: Final = ("status", "attempt_count", "amount_due", "amount_paid")


@compiled_query
def _bills_here(account: int, subscription: str, latest: str) -> QuerySet[Invoice]:
    here = Q(status__in=UNSETTLED) | Q(stripe_id=latest)
    theirs = Invoice.objects.filter(here, subscription__account=account, subscription__stripe_id=subscription)
    return theirs.filter(account=account).only("stripe_id").order_by()


@compiled_query
def _invoices(account: int, stripe_id: str) -> QuerySet[Invoice]:
    return Invoice.objects.filter(account=account, stripe_id=stripe_id).only(*_KNOWN).order_by()


def read_older_bills(
    account: Account, gateway: Gateway, reading: SubscriptionReading, *, is_known: bool
) -> list[InvoiceReading] | None:
    """All bills but the latest, newest first, where one of ours may have changed or one may be missing; else None.

    A bill that waited may have been paid or voided at Stripe; and where the latest is new to us, another may have come
    before it. Raises StripeError.
    """
    if not is_known and reading.started_at == reading.period_start:
        return None  # it has just begun
    latest = reading.invoice.id if reading.invoice else ""
    here = {each.stripe_id for each in _bills_here(account.pk, reading.id, latest)}
    if here - {latest} or (latest and latest not in here):
        return [each for each in gateway.invoices(subscription=reading.id) if each.id != latest]
    return None


def known_invoice(account: Account, reading: InvoiceReading | None) -> KnownInvoice:
    """What we knew of an invoice."""
    if reading is None:
        return KnownInvoice()
    found = next(iter(_invoices(account.pk, reading.id)), None)
    return _known(found) if found else KnownInvoice()


def _known(found: Invoice) -> KnownInvoice:
    return KnownInvoice(found.status, found.attempt_count, (found.amount_due, found.amount_paid))


def changed_bills(subscription: Subscription, older: Sequence[InvoiceReading] | None) -> list[Bill]:
    """Those of the older bills that are not what we knew, each as it was and as it is.

    Not those from before the first that we know: they were over when we heard of it (it was imported, say).
    """
    first = subscription.invoices.order_by("created_at").values_list("created_at", flat=True).first()
    older = [each for each in older or () if first is None or each.created_at >= first]
    if not older:
        return []
    found = Invoice.objects.filter(account=subscription.account_id, stripe_id__in=[each.id for each in older])
    known = {each.stripe_id: _known(each) for each in found}
    bills = [Bill(known.get(each.id, KnownInvoice()), each) for each in older]
    return [bill for bill in bills if not bill.known.is_as(bill.now)]


def lost_drafts(
    subscription: Subscription, reading: SubscriptionReading, older: Sequence[InvoiceReading] | None
) -> QuerySet[Invoice]:
    """Drafts of ours that were deleted at Stripe, as far as all bills were listed."""
    latest = [reading.invoice] if reading.invoice else []
    listed = [each.id for each in [*latest, *(older or ())]]
    found = subscription.invoices.filter(status="draft").exclude(stripe_id__in=listed)
    return found.none() if older is None else found


def store_bills(
    subscription: Subscription, reading: SubscriptionReading, older: Sequence[InvoiceReading] | None
) -> None:
    """Write the latest bill and the older ones; drafts that Stripe does not list any more were deleted there."""
    for each in _in_order(reading.invoice, older or ()):
        store_invoice(subscription, each)
    if older is not None:
        lost_drafts(subscription, reading, older).delete()


def _in_order(latest: InvoiceReading | None, older: Sequence[InvoiceReading]) -> Iterator[InvoiceReading]:
    yield from reversed(older)
    if latest is not None:
        yield latest


def store_invoice(subscription: Subscription, reading: InvoiceReading) -> None:
    """Write an invoice of a subscription as Stripe has it."""
    invoice = Invoice(
        account_id=subscription.account_id,
        subscription=subscription,
        stripe_id=reading.id,
        settlement=reading.settlement or "",
        **{name: getattr(reading, name) for name in _INVOICE},
    )
    Invoice.objects.bulk_create(
        [invoice],
        update_conflicts=True,
        unique_fields=["account", "stripe_id"],
        update_fields=["subscription", "settlement", *_INVOICE],
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
