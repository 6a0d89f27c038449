"""What happened to a subscription, told from how it was and how it is: a pure rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bookwhen.payments.stripe_objects import InvoiceReading
from memberships.models import LIVE, NOT_BEGUN, MilestoneKind, SubscriptionStatus

FAILING: Final = frozenset({SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A subscription at one moment, as far as its history is concerned."""

    status: str
    price: int
    ends_at: datetime | None
    trial_end: datetime | None = None
    paused: bool = False
    resumes_at: datetime | None = None
    next_price: str = ""
    changes_at: datetime | None = None
    pending_price: str = ""


@dataclass(frozen=True, slots=True)
class KnownInvoice:
    """What we knew of the latest invoice: `status` and tries; nothing and none where it is new to us."""

    status: str = ""
    attempts: int = 0


def milestones_between(
    before: Snapshot, after: Snapshot, known: KnownInvoice, invoice: InvoiceReading | None
) -> Iterator[MilestoneKind]:
    """Everything that happened between two looks, in the order in which people are told.

    However many of Stripe's events were lost or came in another order, each thing is found once: by the state alone.
    """
    if before.status in NOT_BEGUN:
        yield from _beginning(before, after)
        return
    if after.price != before.price:
        yield MilestoneKind.CHANGED
    yield from _changing(before, after)
    yield from _paying(before, after, known, invoice)
    if after.status in LIVE:
        yield from _pausing(before, after)
    if after.status in LIVE and after.ends_at != before.ends_at:
        yield MilestoneKind.KEPT if after.ends_at is None else MilestoneKind.WILL_END
    if after.status == SubscriptionStatus.CANCELED and before.status != SubscriptionStatus.CANCELED:
        yield MilestoneKind.ENDED


def _beginning(before: Snapshot, after: Snapshot) -> Iterator[MilestoneKind]:
    if after.status in LIVE:
        yield MilestoneKind.STARTED
        yield from _pausing(before, after)
        if after.ends_at:
            yield MilestoneKind.WILL_END
        yield from _changing(before, after)
    elif after.status == SubscriptionStatus.CANCELED:
        yield MilestoneKind.ENDED
    elif (
        after.status == SubscriptionStatus.INCOMPLETE_EXPIRED and before.status != SubscriptionStatus.INCOMPLETE_EXPIRED
    ):
        yield MilestoneKind.CHECKOUT_LEFT


def _pausing(before: Snapshot, after: Snapshot) -> Iterator[MilestoneKind]:
    """A pause that began, has another end, or is over; told by the state, no matter who asked for it, and where."""
    if after.paused and (not before.paused or before.resumes_at != after.resumes_at):
        yield MilestoneKind.PAUSED
    elif before.paused and not after.paused:
        yield MilestoneKind.RESUMED


def _changing(before: Snapshot, after: Snapshot) -> Iterator[MilestoneKind]:
    """A change that is still to come: scheduled, taken back, or waiting for its payment."""
    if after.status not in LIVE:
        return
    scheduled = (after.next_price, after.changes_at)
    if after.next_price and scheduled != (before.next_price, before.changes_at):
        yield MilestoneKind.WILL_CHANGE
    elif before.next_price and not after.next_price and after.price == before.price:
        yield MilestoneKind.CHANGE_UNDONE
    if after.pending_price and after.pending_price != before.pending_price:
        yield MilestoneKind.CHANGE_UNPAID


def _paying(
    before: Snapshot, after: Snapshot, known: KnownInvoice, invoice: InvoiceReading | None
) -> Iterator[MilestoneKind]:
    if after.status == SubscriptionStatus.ACTIVE and before.status in FAILING:
        yield MilestoneKind.PAID_AGAIN
    elif invoice is not None and _renews(invoice) and known.status != "paid" and after.status in LIVE:
        yield MilestoneKind.FIRST_PAID if _is_first(invoice, after) else MilestoneKind.RENEWED
    elif _failed(before, after, known, invoice):
        yield MilestoneKind.PAYMENT_FAILED


def _is_first(invoice: InvoiceReading, after: Snapshot) -> bool:
    """Whether it is the first payment, after a trial: to Stripe a cycle like any other. The shortest cycle is a day."""
    return after.trial_end is not None and invoice.created_at < after.trial_end + timedelta(hours=12)


def _renews(invoice: InvoiceReading) -> bool:
    return invoice.status == "paid" and invoice.billing_reason == "subscription_cycle"


def _failed(before: Snapshot, after: Snapshot, known: KnownInvoice, invoice: InvoiceReading | None) -> bool:
    """Each failed try counts: Stripe tries again for days, and every time is told (help article 8685455)."""
    if after.status not in FAILING:
        return False
    tried_again = invoice is not None and invoice.status == "open" and invoice.attempt_count > known.attempts
    return tried_again or before.status not in FAILING
