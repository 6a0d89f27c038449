"""What happened to a subscription, told from how it was and how it is: a pure rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bookwhen.payments.stripe_objects import InvoiceReading, Settlement
from memberships.models import LIVE, NOT_BEGUN, MilestoneKind, SubscriptionStatus

FAILING: Final = frozenset({SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID})
PAYABLE: Final = frozenset({"open", "uncollectible"})
"""What can be paid: the customer knows of it."""
UPDATE: Final = "subscription_update"
"""Stripe's word for why a bill was made: something was changed."""
SENT: Final = "send_invoice"
"""Stripe's word for bills that are sent, instead of taken from a card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A subscription at one moment, as far as its history is concerned."""

    status: str
    price: int
    ends_at: datetime | None
    trial_end: datetime | None = None
    is_paused: bool = False
    resumes_at: datetime | None = None
    next_price: str = ""
    changes_at: datetime | None = None
    pending_price: str = ""


@dataclass(frozen=True, slots=True)
class KnownInvoice:
    """What we knew of an invoice: `status` and tries, what was due and paid; nothing and none where it is new to us."""

    status: str = ""
    attempts: int = 0
    amounts: tuple[int, int] = (0, 0)

    def is_as(self, now: InvoiceReading) -> bool:
        """Whether there is nothing new about it."""
        return self == KnownInvoice(now.status, now.attempt_count, (now.amount_due, now.amount_paid))


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill that changed: what we knew of it, and how it is now."""

    known: KnownInvoice
    now: InvoiceReading

    @property
    def settled(self) -> Settlement | None:
        """What became of it since we knew it; None where nothing did."""
        return None if self.known.status == self.now.status else self.now.settlement

    @property
    def was_payable(self) -> bool:
        """Whether its customer knew that it was to be paid."""
        return self.known.status in PAYABLE


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, and the bill that it is about; `is_told`: the customer gets a letter of it."""

    kind: MilestoneKind
    invoice: InvoiceReading | None = None
    is_told: bool = True


ACTIVE_AGAIN: Final = {
    Settlement.MONEY: MilestoneKind.PAID_AGAIN,
    Settlement.OUTSIDE: MilestoneKind.PAID_OUTSIDE,
    Settlement.CREDIT: MilestoneKind.PAID_FROM_CREDIT,
    Settlement.FREE: MilestoneKind.ACTIVE_AGAIN,
    Settlement.WAIVED: MilestoneKind.BILL_WAIVED,
    Settlement.WRITTEN_OFF: MilestoneKind.BILL_WRITTEN_OFF,
}
"""Why a subscription is active again: only money is thanked for. The first counts where several bills changed."""
SETTLED: Final = ACTIVE_AGAIN | {Settlement.MONEY: MilestoneKind.BILL_PAID}
"""What is told of a bill that was to be paid, where nothing else follows from it."""
WITHOUT_MONEY: Final = {
    Settlement.OUTSIDE: MilestoneKind.PAID_OUTSIDE,
    Settlement.CREDIT: MilestoneKind.PAID_FROM_CREDIT,
}
"""What a renewal's history adds where nothing came through Stripe."""


def milestones_between(
    before: Snapshot,
    after: Snapshot,
    known: KnownInvoice,
    invoice: InvoiceReading | None,
    older: Sequence[Bill] = (),
) -> Iterator[Happening]:
    """Everything that happened between two looks, in the order in which people are told.

    `known` and `invoice` are the latest bill, then and now; `older` the others that changed. However many of Stripe's
    events were lost or came in another order, each thing is found once: by the state alone.
    """
    latest = None if invoice is None else Bill(known, invoice)
    if before.status in NOT_BEGUN:
        yield from _beginning(before, after, invoice)
        return
    if after.price != before.price:
        yield Happening(MilestoneKind.CHANGED, invoice)
    yield from _changing(before, after)
    bills = [*([latest] if latest else []), *older]
    first = list(_paying(before, after, latest, bills))
    yield from first
    told = {each.invoice.id for each in first if each.invoice}
    if latest is not None and after.price != before.price and _pays_for_change(latest):
        told.add(latest.now.id)
    yield from _other_bills(before, after, bills, told)
    if after.status in LIVE:
        yield from _pausing(before, after)
    if after.status in LIVE and after.ends_at != before.ends_at:
        yield Happening(MilestoneKind.KEPT if after.ends_at is None else MilestoneKind.WILL_END, invoice)
    if after.status == SubscriptionStatus.CANCELED and before.status != SubscriptionStatus.CANCELED:
        yield Happening(MilestoneKind.ENDED, invoice)


def _beginning(before: Snapshot, after: Snapshot, invoice: InvoiceReading | None) -> Iterator[Happening]:
    if after.status in LIVE:
        is_failing = after.status in FAILING
        yield Happening(MilestoneKind.STARTED, invoice, is_told=not is_failing)
        if is_failing:
            yield Happening(_failure(invoice), invoice)
        yield from _pausing(before, after)
        if after.ends_at:
            yield Happening(MilestoneKind.WILL_END, invoice)
        yield from _changing(before, after)
    elif after.status == SubscriptionStatus.CANCELED:
        yield Happening(MilestoneKind.ENDED, invoice)
    elif (
        after.status == SubscriptionStatus.INCOMPLETE_EXPIRED and before.status != SubscriptionStatus.INCOMPLETE_EXPIRED
    ):
        yield Happening(MilestoneKind.CHECKOUT_LEFT, invoice)


def _pausing(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    """A pause that began, has another end, or is over; told by the state, no matter who asked for it, and where."""
    if after.is_paused and (not before.is_paused or before.resumes_at != after.resumes_at):
        yield Happening(MilestoneKind.PAUSED)
    elif before.is_paused and not after.is_paused:
        yield Happening(MilestoneKind.RESUMED)


def _changing(before: Snapshot, after: Snapshot) -> Iterator[Happening]:
    """A change that is still to come: scheduled, taken back, or waiting for its payment."""
    if after.status not in LIVE:
        return
    scheduled = (after.next_price, after.changes_at)
    if after.next_price and scheduled != (before.next_price, before.changes_at):
        yield Happening(MilestoneKind.WILL_CHANGE)
    elif before.next_price and not after.next_price and after.price == before.price:
        yield Happening(MilestoneKind.CHANGE_UNDONE)
    if after.pending_price and after.pending_price != before.pending_price:
        yield Happening(MilestoneKind.CHANGE_UNPAID)


def _paying(before: Snapshot, after: Snapshot, latest: Bill | None, bills: Sequence[Bill]) -> Iterator[Happening]:
    if after.status == SubscriptionStatus.ACTIVE and before.status in FAILING:
        yield _active_again(bills)
    elif latest is not None and _renews(latest) and after.status in LIVE:
        yield Happening(MilestoneKind.FIRST_PAID if _is_first(latest.now, after) else MilestoneKind.RENEWED, latest.now)
        if latest.settled in WITHOUT_MONEY:
            yield Happening(WITHOUT_MONEY[latest.settled], latest.now, is_told=False)
    elif _failed(before, after, latest):
        invoice = latest.now if latest else None
        yield Happening(_failure(invoice), invoice)


def _failure(invoice: InvoiceReading | None) -> MilestoneKind:
    """What it is called that the latest bill was not paid."""
    is_sent = invoice is not None and invoice.collection_method == SENT
    return MilestoneKind.BILL_OVERDUE if is_sent else MilestoneKind.PAYMENT_FAILED


def _active_again(bills: Sequence[Bill]) -> Happening:
    for settlement, kind in ACTIVE_AGAIN.items():
        for bill in bills:
            if bill.settled is settlement:
                return Happening(kind, bill.now)
    return Happening(MilestoneKind.ACTIVE_AGAIN)


def _other_bills(before: Snapshot, after: Snapshot, bills: Sequence[Bill], told: set[str]) -> Iterator[Happening]:
    """What became of bills that were to be paid, and of which nothing else was told; and those that were sent."""
    for bill in reversed(bills):
        if bill.now.id in told or _is_of_forgotten_change(before, bill):
            continue
        settled, is_paused = bill.settled, before.is_paused or after.is_paused
        if settled is not None and bill.was_payable:
            # While it is paused Stripe gives up each bill as soon as it is made: the letter about the pause said so.
            is_told = not is_paused or settled not in {Settlement.WAIVED, Settlement.WRITTEN_OFF}
            kind = MilestoneKind.BILL_PAID if settled is Settlement.FREE else SETTLED[settled]
            yield Happening(kind, bill.now, is_told=is_told and settled is not Settlement.FREE)
        elif bill.now.status == "open" and bill.now.collection_method == SENT and bill.known.status in {"", "draft"}:
            # Stripe sends it, so there is no letter of ours.
            yield Happening(MilestoneKind.BILL_SENT, bill.now, is_told=False)


def _pays_for_change(bill: Bill) -> bool:
    """Whether money came for a change: what is told of the change says how much."""
    return bill.now.billing_reason == UPDATE and bill.settled is Settlement.MONEY


def _is_of_forgotten_change(before: Snapshot, bill: Bill) -> bool:
    """Whether it was for a change that nobody paid in time: Stripe voids it, as the letter about the change said."""
    is_of_change = before.pending_price != "" and bill.now.billing_reason == UPDATE
    return is_of_change and bill.settled is Settlement.WAIVED


def _is_first(invoice: InvoiceReading, after: Snapshot) -> bool:
    """Whether it is the first payment, after a trial: to Stripe a cycle like any other. The shortest cycle is a day."""
    return after.trial_end is not None and invoice.created_at < after.trial_end + timedelta(hours=12)


def _renews(bill: Bill) -> bool:
    return bill.settled is not None and bill.now.status == "paid" and bill.now.billing_reason == "subscription_cycle"


def _failed(before: Snapshot, after: Snapshot, latest: Bill | None) -> bool:
    """Each failed try counts: Stripe tries again for days, and every time is told (help article 8685455)."""
    if after.status not in FAILING or latest is None or latest.now.collection_method == SENT:
        return after.status in FAILING and before.status not in FAILING
    tried_again = latest.now.status == "open" and latest.now.attempt_count > latest.known.attempts
    return tried_again or before.status not in FAILING
