"""Writing a subscription's history, and the letters that it gives rise to; `memberships.history` is the rule."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from accounts.models import Letter
from bookwhen.fastpath.many import RowWriter
from bookwhen.payments.stripe_objects import InvoiceReading
from memberships import notices
from memberships.change_notices import describe_change, new_bill
from memberships.history import Happening, KnownInvoice, Snapshot
from memberships.models import Milestone, MilestoneKind, Subscription
from memberships.pauses import is_paused


def take_snapshot(subscription: Subscription) -> Snapshot:
    """A subscription as it is, as far as its history is concerned."""
    return Snapshot(
        status=subscription.status,
        price=subscription.price_id,
        ends_at=subscription.ends_at,
        trial_end=subscription.trial_end,
        is_paused=is_paused(subscription),
        resumes_at=subscription.resumes_at,
        next_price=subscription.next_price,
        changes_at=subscription.changes_at,
        pending_price=subscription.pending_price,
    )


def tell_happenings(
    subscription: Subscription,
    happenings: Iterable[Happening],
    *,
    before: Snapshot,
    known: KnownInvoice,
    invoice: InvoiceReading | None,
    now: datetime,
) -> tuple[list[Milestone], list[Letter]]:
    """What is to be written of what happened since `before`, and the letters to post.

    `invoice` is the latest bill, `known` what it was before.
    """
    bill, milestones, letters = new_bill(invoice, known), list[Milestone](), list[Letter]()
    for happening in happenings:
        change = describe_change(subscription, happening.kind, before.price, bill=bill)
        milestone = Milestone(
            account_id=subscription.account_id,
            subscription=subscription,
            kind=happening.kind,
            at=now,
            until=_until(subscription, happening.kind),
            about=change.about if change else "",
        )
        milestones.append(milestone)
        if happening.is_told and (
            letter := notices.write_letter(
                subscription, happening.kind, invoice=happening.invoice, change=change, now=now
            )
        ):
            letters.append(letter)
    return milestones, letters


def write_milestones(milestones: Sequence[Milestone]) -> None:
    """Write lines of history, however many, in one statement."""
    _WRITER.insert(milestones)


_WRITER: Final = RowWriter(Milestone, ("account_id", "subscription_id", "kind", "who", "at", "until", "about"))


def _until(subscription: Subscription, kind: MilestoneKind) -> datetime | None:
    """The instant that a milestone speaks of."""
    if kind is MilestoneKind.PAUSED:
        return subscription.resumes_at
    return subscription.ended_at or subscription.ends_at or subscription.period_end
