"""A subscription's bills, each kept as Stripe has it: the latest at every look, the others where they may differ."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from django.db.models import CharField, F, Min, Q, QuerySet, Window

from accounts.models import Account
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from bookwhen.fastpath.many import RowWriter
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.stripe_objects import InvoiceReading, SubscriptionReading
from memberships.history import Bill, KnownInvoice
from memberships.models import Invoice, Subscription

UNSETTLED: Final = ("draft", "open", "uncollectible")
"""The states in which a bill may still change."""
MARGIN: Final = timedelta(days=1)
"""How long before its period a bill may be made; the shortest period is a day, the usual one a month."""
NUMBER: Final = re.compile(r"(.*-)([0-9]{1,18})")
"""Of a bill at Stripe: what it begins with, and what is counted."""
_KNOWN: Final = ("stripe_id", "status", "attempt_count", "amount_due", "amount_paid", "created_at")


@compiled_query
def _bills_here(account: int, subscriptions: list[int], stripe_ids: list[str]) -> QuerySet[Invoice]:
    here = Q(status__in=UNSETTLED) | IsOneOf("stripe_id", stripe_ids, of=CharField())
    theirs = Invoice.objects.filter(here, IsOneOf("subscription", subscriptions), account=account)
    return theirs.only("subscription", "stripe_id", "number", "created_at").order_by()


@compiled_query
def _firsts(account: int, subscriptions: list[int]) -> QuerySet[Invoice]:
    theirs = Invoice.objects.filter(IsOneOf("subscription", subscriptions), account=account)
    first = theirs.order_by("subscription_id", "created_at", "pk").distinct("subscription_id")
    return first.only("subscription", "created_at")


@compiled_query
def _newest_numbered(account: int, subscriptions: list[int]) -> QuerySet[Invoice]:
    theirs = Invoice.objects.filter(IsOneOf("subscription", subscriptions), account=account).exclude(number="")
    first = Window(Min("created_at"), partition_by=F("subscription"))
    newest = theirs.order_by("subscription_id", "-created_at", "-pk").distinct("subscription_id")
    return newest.annotate(first_at=first).only("subscription", "number", "created_at")


@compiled_query
def _named_or_draft(account: int, subscriptions: list[int], stripe_ids: list[str]) -> QuerySet[Invoice]:
    named = IsOneOf("stripe_id", stripe_ids, of=CharField())
    read = named | (IsOneOf("subscription", subscriptions) & Q(status="draft"))
    return Invoice.objects.filter(read, account=account).only("subscription", *_KNOWN).order_by()


if TYPE_CHECKING:

    class Newest(Invoice):
        """The newest bill of a subscription, with the instant at which its first was made."""

        first_at: datetime


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


Looked = Sequence[tuple[SubscriptionReading, Subscription | None]]
"""Subscriptions as Stripe has them, each with what we knew of it before."""


def bills_to_list(account: Account, looked: Looked) -> Mapping[str, datetime | None]:
    """Of which subscriptions (by Stripe's id) the bills have to be listed, and since when; None: all there are.

    That is where a bill but the latest may have changed, or may be missing here. One that waited may have been paid or
    voided at Stripe; and where the latest is new to us, another may have come before it, unless it has the number right
    after that of our newest. What was settled before the period that we knew of changes no more. A draft has no number
    yet: the look that finds it with one decides. However many are asked about, it takes two statements, or fewer.
    """
    begun = [(reading, known) for reading, known in looked if not _has_just_begun(reading, known)]
    if not begun:
        return {}
    pks = [known.pk for _reading, known in begun if known]
    latest = {reading.invoice.id for reading, _known in begun if reading.invoice}
    here: dict[int | None, list[Invoice]] = {}
    for each in _bills_here(account.pk, pks, sorted(latest)):
        here.setdefault(each.subscription_id, []).append(each)
    doubtful = [
        (reading, known, theirs)
        for reading, known in begun
        if _may_miss_some(reading, known, theirs := here.get(known.pk if known else None, []))
    ]
    newest = _read_newest(account, [known for _reading, known, _theirs in doubtful if known])
    since = dict[str, datetime | None]()
    for reading, known, theirs in doubtful:
        ours = newest.get(known.pk) if known else None
        before = _known_before(known, [*theirs, ours]) if ours else None
        if ours is None or before is None or ours.first_at >= before:
            since[reading.id] = None
        elif _others(reading, theirs) or not _comes_next(reading.invoice, ours):
            since[reading.id] = before
    return since


def _read_newest(account: Account, known: Sequence[Subscription]) -> "dict[int, Newest]":
    """The newest bill with a number of each subscription."""
    found = cast("list[Newest]", _newest_numbered(account.pk, [each.pk for each in known]) if known else [])
    return {each.subscription_id: each for each in found}


def _comes_next(latest: InvoiceReading | None, newest: Invoice) -> bool:
    """Whether a bill has the number right after that of our newest one: then there is none between them.

    Stripe counts the bills of each customer, or all of an account, one by one.
    """
    now, was = NUMBER.fullmatch(latest.number if latest else ""), NUMBER.fullmatch(newest.number)
    return bool(now and was and now[1] == was[1] and int(now[2]) == int(was[2]) + 1)


def _has_just_begun(reading: SubscriptionReading, known: Subscription | None) -> bool:
    return known is None and reading.started_at == reading.period_start


def _may_miss_some(reading: SubscriptionReading, known: Subscription | None, here: Sequence[Invoice]) -> bool:
    """Whether anything but the latest bill is unsettled `here`, or the latest is not here with the number it has."""
    latest = reading.invoice
    if _others(reading, here):
        return True
    if latest is None or any(each.stripe_id == latest.id and (each.number or not latest.number) for each in here):
        return False
    return known is None or known.period_start is None or latest.status != "draft" or bool(latest.number)


def _others(reading: SubscriptionReading, here: Sequence[Invoice]) -> bool:
    """Whether a bill but the latest is unsettled here."""
    return any(each.stripe_id != (reading.invoice.id if reading.invoice else "") for each in here)


def _known_before(known: Subscription | None, here: Sequence[Invoice]) -> datetime | None:
    """Before which instant no bill is missing here, and none is unsettled; None: nobody knows.

    `here` are our newest bill that has a number, and those that are unsettled. Each look at a bill that is new to us
    lists those since the period before, and the first of these looks all.
    """
    if known is None or known.period_start is None:
        return None
    return min([known.period_start - MARGIN, *(each.created_at for each in here)])


def list_older_bills(gateway: Gateway, reading: SubscriptionReading, since: datetime | None) -> OlderBills:
    """The bills but the latest, as Stripe lists them. Raises StripeError."""
    latest = reading.invoice.id if reading.invoice else ""
    listed = gateway.invoices(subscription=reading.id, since=since)
    return OlderBills([each for each in listed if each.id != latest], since)


Read = Sequence[tuple[Subscription, InvoiceReading | None, OlderBills | None]]
"""Subscriptions, each with its latest bill and the older ones that were listed."""


def bills_here(read: Read) -> list[BillsHere]:
    """What we knew of the bills that were read, subscription by subscription.

    In one statement, however many they are, where nothing is new about older ones; all are of one account.
    """
    named = [({each.id for each in _in_order(latest, older)}, older) for _subscription, latest, older in read]
    asked = [place for place, (names, older) in enumerate(named) if names or older is not None]
    if not asked:
        return [BillsHere(KnownInvoice(), (), ())] * len(read)
    names = sorted(set().union(*(names for names, _older in named)))
    pks = [read[place][0].pk for place in asked]
    found = _named_or_draft(read[asked[0]][0].account_id, pks, names)
    return [
        _bills_here_of(subscription, latest, older, _theirs(found, subscription, names))
        for (subscription, latest, older), (names, _older) in zip(read, named, strict=True)
    ]


def _theirs(found: Sequence[Invoice], subscription: Subscription, names: Collection[str]) -> list[Invoice]:
    return [each for each in found if each.stripe_id in names or each.subscription_id == subscription.pk]


def _bills_here_of(
    subscription: Subscription, latest: InvoiceReading | None, older: OlderBills | None, found: Sequence[Invoice]
) -> BillsHere:
    known = {each.stripe_id: _known(each) for each in found}
    names = {each.id for each in _in_order(latest, older)}
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
    first = _firsts(subscription.account_id, [subscription.pk]) if bills else []
    return [bill for bill in bills if not first or bill.now.created_at >= first[0].created_at]


def bills_to_write(
    subscription: Subscription, latest: InvoiceReading | None, older: OlderBills | None
) -> list[Invoice]:
    """The older bills and the latest as rows, each once."""
    bills = {each.id: each for each in _in_order(latest, older)}
    return [_row(subscription, each) for each in bills.values()]


def write_bills(rows: Sequence[Invoice]) -> None:
    """Write bills, however many, in one statement; those that are here are updated."""
    _WRITER.insert(rows)


def forget_lost(account: int, lost: Sequence[int]) -> None:
    """Forget drafts (by number) that Stripe does not list any more: they were deleted there."""
    if lost:
        Invoice.objects.filter(account=account, pk__in=lost).delete()


def _in_order(latest: InvoiceReading | None, older: OlderBills | None) -> Iterator[InvoiceReading]:
    yield from reversed(older.bills if older else ())
    if latest is not None:
        yield latest


def store_invoice(subscription: Subscription, reading: InvoiceReading) -> None:
    """Write an invoice of a subscription as Stripe has it."""
    write_bills([_row(subscription, reading)])


def _row(subscription: Subscription, reading: InvoiceReading) -> Invoice:
    return Invoice(
        account_id=subscription.account_id,
        subscription=subscription,
        stripe_id=reading.id,
        settlement=reading.settlement or "",
        **{name: getattr(reading, name) for name in _INVOICE},
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
    "paid_at",
)
"""What is called the same in our invoice and in a reading."""
_WRITER: Final = RowWriter(
    Invoice,
    ("account_id", "subscription_id", "stripe_id", "settlement", *_INVOICE),
    key=("account_id", "stripe_id"),
)
