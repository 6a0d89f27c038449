"""Writing what was read at Stripe, for one subscription or for many at once, and all that follows from it.

What was fetched may be stale by the time it is written. A subscription counts its revisions, and what was fetched
before another one is refused: `memberships.sync`, which fetched it, does so again.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import CharField, F, QuerySet

from accounts.email_queue import post_composed
from accounts.models import Account, Customer, Letter
from bookwhen.fastpath.compiled import IsOneOf, compiled_query
from bookwhen.fastpath.many import RowWriter
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.stripe_objects import SubscriptionReading
from bookwhen.payments.stripe_prices import PriceReading
from memberships.bills import BillsHere, OlderBills, bills_here, bills_to_write, forget_lost, write_bills
from memberships.history import Happening, milestones_between
from memberships.items import membership_of
from memberships.marks import purchase_of
from memberships.milestones import take_snapshot, tell_happenings, write_milestones
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
from memberships.next_payment import billing_of
from memberships.pauses import apply_pause, without_ended_pause
from memberships.standing import counted_otherwise, sync_standing

TITLE_LENGTH: Final = 100
"""Of a price: as long as our column."""


class StaleError(Exception):
    """Ours was changed after Stripe's was fetched."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What was asked of Stripe beside a subscription: its older bills where they were listed, and what comes next."""

    older: OlderBills | None = None
    billing: Mapping[str, object] = field(default_factory=dict)
    """What it costs, by column (`memberships.next_payment.billing_of`)."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was read at Stripe of a subscription of ours, and its revision before that."""

    reading: SubscriptionReading
    seen: int
    beside: Beside


@dataclass(frozen=True, slots=True)
class _Look:
    """A subscription that is held, and what was read of it."""

    subscription: Subscription
    reading: SubscriptionReading
    beside: Beside
    here: BillsHere

    @property
    def has_other_price(self) -> bool:
        """Whether it has another price now, or one of which another amount is known."""
        price, reading = self.subscription.price, self.reading.price
        return price.stripe_id != reading.id or price.amount_known != (reading.amount is not None)

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to take over, as for most events of a burst."""
        subscription, reading, invoice = self.subscription, self.reading, self.reading.invoice
        return (
            not (self.here.changed or self.here.lost or self.has_other_price)
            and subscription.stripe_id == reading.id
            and subscription.ends_at == (None if reading.ended_at else reading.ends_at)
            and all(getattr(subscription, name) == getattr(reading, name) for name in _SAME)
            and all(getattr(subscription, name) == value for name, value in self.beside.billing.items())
            and (invoice is None or self.here.latest.is_as(invoice))
        )


@dataclass(frozen=True, slots=True)
class _Written:
    """What is to be written of subscriptions that changed."""

    subscriptions: list[Subscription] = field(default_factory=list)
    bills: list[Invoice] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def write(self) -> None:
        """Write all of it, in as many statements as there are kinds of it."""
        _WRITER.update(self.subscriptions)
        write_bills(self.bills)
        write_milestones(self.milestones)
        post_composed(self.letters)


def apply_stripe_state(
    account: Account,
    reading: SubscriptionReading,
    *,
    seen: int | None,
    buyer: Customer | None,
    beside: Beside | None = None,
    now: datetime,
    imported: bool = False,
) -> Subscription | None:
    """Write what was read, and everything that follows from it: bills, history, letters, standing.

    `seen` is the revision before it was fetched, None where we did not know it; `buyer` the customer of one that began
    at Stripe. One that is `imported` began long ago: its history says only that, and nobody is written to. Call it in a
    transaction. Raises StaleError, NotYetError.
    """
    reading = without_ended_pause(reading, now=now)
    subscription = _find_or_create(account, reading, seen=seen, buyer=buyer, now=now)
    if subscription is None:
        return None
    subscription.account = account
    beside = beside or Beside(billing=billing_of(reading, reading.cost.amount if reading.is_plain else None))
    (here,) = bills_here([(subscription, reading.invoice, beside.older)])
    look = _Look(subscription, reading, beside, here)
    is_counted_otherwise = bool(counted_otherwise([subscription], now=now))
    if look.is_same and not is_counted_otherwise:
        _note_looks(account, [subscription], now=now)
        return subscription
    if (subscription.revision or None) != seen:
        raise StaleError
    stood_on, written = _standing_inputs(subscription), _Written()
    _take_over(look, written, imported=imported, now=now)
    written.write()
    forget_lost(account.pk, here.lost)
    if is_counted_otherwise or _standing_inputs(subscription) != stood_on:
        sync_standing(subscription, now=now)
    return subscription


def apply_many(account: Account, fetched: Mapping[str, Fetched], *, now: datetime) -> set[str]:
    """Write what was read of subscriptions of ours (by Stripe's id), in few statements; returns those that are written.

    Left are those that somebody else wrote meanwhile, and what is not usual: another price, a draft that was deleted,
    and whatever changes where somebody stands. Call it in a transaction.
    """
    held = [each for each in _held(account.pk, sorted(fetched)) if each.revision == fetched[each.stripe_id].seen]
    read = [(each, fetched[each.stripe_id].reading, fetched[each.stripe_id].beside) for each in held]
    here = bills_here([(each, reading.invoice, beside.older) for each, reading, beside in read])
    otherwise = counted_otherwise(held, now=now)
    done, same, written = set[str](), list[Subscription](), _Written()
    for (subscription, reading, beside), bills in zip(read, here, strict=True):
        subscription.account = account
        look = _Look(subscription, without_ended_pause(reading, now=now), beside, bills)
        if look.is_same and subscription.pk not in otherwise:
            same.append(subscription)
        elif look.has_other_price or bills.lost or subscription.pk in otherwise or _moves_standing(look, now=now):
            continue
        else:
            _take_over(look, written, now=now)
        done.add(subscription.stripe_id)
    _note_looks(account, same, now=now)
    written.write()
    return done


def _note_looks(account: Account, same: Sequence[Subscription], *, now: datetime) -> None:
    """Count looks that found nothing new.

    Stripe may have gone to something else and back: a caller that fetched that in between must fetch again.
    """
    if same:
        seen = Subscription.objects.filter(account=account, pk__in=[each.pk for each in same])
        seen.update(revision=F("revision") + 1, synced_at=now)


def _take_over(look: _Look, written: _Written, *, imported: bool = False, now: datetime) -> None:
    """Make a subscription, which is held, what was read, and add what is to be written of it."""
    subscription, reading, here = look.subscription, look.reading, look.here
    before = take_snapshot(subscription)
    _apply_reading(subscription, reading, look.beside, now=now)
    happened = milestones_between(before, take_snapshot(subscription), here.latest, reading.invoice, here.changed)
    if imported:
        happened = iter([Happening(MilestoneKind.IMPORTED, is_told=False)])
    milestones, letters = tell_happenings(
        subscription, happened, before=before, known=here.latest, invoice=reading.invoice, now=now
    )
    written.subscriptions.append(subscription)
    written.bills.extend(bills_to_write(subscription, reading.invoice, look.beside.older))
    written.milestones.extend(milestones)
    written.letters.extend(letters)


def holding() -> QuerySet[Subscription]:
    """Subscriptions with all that standing depends on, each held until the transaction ends."""
    return Subscription.objects.select_related("membership__group", "customer", "price", "page").select_for_update(
        of=("self",), no_key=True
    )


@compiled_query
def _held(account: int, stripe_ids: list[str]) -> QuerySet[Subscription]:
    # In one order, so that no two who hold several wait for each other.
    return holding().filter(IsOneOf("stripe_id", stripe_ids, of=CharField()), account=account).order_by("pk")


def _find_or_create(
    account: Account, reading: SubscriptionReading, *, seen: int | None, buyer: Customer | None, now: datetime
) -> Subscription | None:
    found = next(iter(_held(account.pk, [reading.id])), None)
    if found is not None or seen is not None:
        if found is None:
            raise StaleError
        return found
    if purchase := purchase_of(account, reading):
        return _link_purchase(account, reading, purchase)
    return _create_from_stripe(account, reading, buyer, now=now) if buyer else None


def _link_purchase(account: Account, reading: SubscriptionReading, purchase: str) -> Subscription:
    try:
        found = holding().filter(account=account, uuid=UUID(purchase)).first()
    except ValueError:
        found = None
    if found is not None and found.stripe_id == reading.id:
        raise StaleError  # somebody else linked it while we waited for it
    if found is None or found.stripe_id:
        message = f"{reading.id} was created by this site, but its purchase {purchase} isn’t found here."
        raise NotYetError(message)
    return found


def _create_from_stripe(
    account: Account, reading: SubscriptionReading, buyer: Customer, *, now: datetime
) -> Subscription | None:
    membership = membership_of(account, reading.price)
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
        title=membership.title[:TITLE_LENGTH].strip(),
        amount=reading.amount or 0,
        amount_known=reading.amount is not None,
        currency=reading.currency,
        interval=reading.interval or BillingInterval.MONTH,
        interval_count=reading.interval_count,
        published=False,
        stripe_id=reading.id,
        created_at=now,
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
        subscription.paid_until,
        subscription.paid_until and subscription.period_end,
        subscription.pause_behavior != "",
    )


def _moves_standing(look: _Look, *, now: datetime) -> bool:
    """Whether what was read, once it is written, changes what standing depends on."""
    after = copy(look.subscription)
    _apply_reading(after, look.reading, look.beside, now=now)
    return _standing_inputs(after) != _standing_inputs(look.subscription)


def _apply_reading(subscription: Subscription, reading: SubscriptionReading, beside: Beside, *, now: datetime) -> None:
    account = subscription.account
    if reading.price.id != subscription.price.stripe_id:
        membership = membership_of(account, reading.price) or subscription.membership
        subscription.membership = membership
        subscription.price = _price_of(membership, reading.price, now=now)
        if subscription.cancels_at_price != reading.price.id:
            subscription.cancels_at_price = ""
    elif subscription.price.amount_known != (reading.price.amount is not None):
        subscription.price.amount_known = reading.price.amount is not None
        subscription.price.save(update_fields=["amount_known"])
    apply_pause(subscription, reading, now=now)
    for name, value in {**{name: getattr(reading, name) for name in _SAME}, **beside.billing}.items():
        setattr(subscription, name, value)
    subscription.stripe_id = reading.id
    subscription.ends_at = None if reading.ended_at else reading.ends_at
    subscription.revision += 1
    subscription.synced_at = now


_SAME: Final = (
    "status",
    "started_at",
    "period_start",
    "period_end",
    "trial_end",
    "billing_anchor",
    "ended_at",
    "cancel_reason",
    "quantity",
    "collection_method",
    "pause_behavior",
    "resumes_at",
    "schedule",
    "next_price",
    "changes_at",
    "pending_price",
    "pending_until",
)
"""What is called the same here and in a reading."""
_BILLING: Final = ("currency", "cost_basis", "period_amount", "next_amount", "next_payment_at")
"""What `memberships.next_payment.billing_of` tells."""
_WRITER: Final = RowWriter(
    Subscription,
    (
        *("membership_id", "price_id", "stripe_id", "revision", "synced_at", "ends_at", "cancels_at_price"),
        *("paused_at", "paid_until", "let_in_at"),
        *_SAME,
        *_BILLING,
    ),
)
