"""Changing a membership: one subscription goes on at another price, now or at its next billing date.

Asked for here, done by Stripe, then followed. Each may be sent twice. See docs/decisions/0038.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.history.recording import Change
from accounts.models import SchedulePage
from bookwhen.payments import gateway_changes
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, StripeError
from bookwhen.payments.gateway_changes import ChangePreview
from memberships.catalogue import ensure_at_stripe, mend_at_stripe
from memberships.models import Milestone, MilestoneKind, Price, Subscription, SubscriptionStatus
from memberships.phrases import price_text
from memberships.queries import memberships_on_sale
from memberships.recorded import record_asked
from memberships.sync import gateway_of, sync_subscription


class ChangeObstacle(StrEnum):
    """Why a membership cannot be changed as it is; each has its way on."""

    OVER = "over"
    UNPAID = "unpaid"
    PAUSED = "paused"
    ENDING = "ending"
    SCHEDULED = "scheduled"
    WAITING = "waiting"


class ChangeTime(StrEnum):
    """When a change is made."""

    NOW = "now"
    RENEWAL = "renewal"


class CannotChangeError(Exception):
    """The membership cannot be changed as it is, or not to that price."""

    def __init__(self, obstacle: ChangeObstacle | None = None) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


class QuoteChangedError(Exception):
    """Stripe would charge another amount than was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuote:
    """What a change to a price costs now, prorated at the instant `at`; without a `preview` nothing is charged for it.

    In a trial nothing is: it goes on to its end.
    """

    price: Price
    at: datetime
    preview: ChangePreview | None

    @property
    def due(self) -> int:
        """What is charged at once, in minor units."""
        return self.preview.due if self.preview else 0

    @property
    def credit(self) -> int:
        """What is credited towards the next payments, in minor units."""
        return max(-self.preview.total, 0) if self.preview else 0

    @property
    def terms(self) -> str:
        """What somebody agrees to who has seen it."""
        return f"{self.due}:{self.credit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenQuote:
    """What of a quote somebody has seen, and agrees to."""

    price: Price
    at: datetime
    terms: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOutcome:
    """What became of a change. `pay_url`: it waits for this bill to be paid, or confirmed with the bank."""

    subscription: Subscription
    pay_url: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether nothing has changed yet."""
        return bool(self.pay_url or self.subscription.pending_price)


_UNPAID: Final = frozenset({SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID})


def change_obstacle(subscription: Subscription) -> ChangeObstacle | None:
    """What keeps a subscription from being changed; none where it can be."""
    if not subscription.is_live:
        return ChangeObstacle.OVER
    if subscription.status in _UNPAID:
        return ChangeObstacle.UNPAID
    if subscription.status == SubscriptionStatus.PAUSED or subscription.pause_behavior:
        return ChangeObstacle.PAUSED
    if subscription.ends_at is not None:
        return ChangeObstacle.ENDING
    if subscription.pending_price:
        return ChangeObstacle.WAITING
    return ChangeObstacle.SCHEDULED if subscription.next_price else None


def prices_to_change_to(subscription: Subscription, *, by_studio: bool = False) -> QuerySet[Price]:
    """The prices that a subscription (with its account and connection) can change to, each with membership and group.

    A customer's: what any of the account's pages sells. The studio's: every price that is not archived. In both cases
    none of a membership that the customer has by another subscription.
    """
    others = Subscription.objects.live().filter(account=subscription.account_id, customer=subscription.customer_id)
    taken = others.exclude(pk=subscription.pk).values("membership")
    found = Price.objects.filter(
        account=subscription.account_id,
        currency=subscription.price.currency,
        archived_at__isnull=True,
        membership__group__archived_at__isnull=True,
    ).exclude(Q(pk=subscription.price_id) | Q(membership__in=taken))
    if not by_studio:
        sold = [memberships_on_sale(page).values("pk") for page in _pages_of(subscription)]
        on_page = Q(pk__in=[])
        for memberships in sold:
            on_page |= Q(membership__in=memberships)
        found = found.filter(on_page, published=True)
    return found.select_related("membership__group").order_by("membership__title", "membership", "amount", "pk")


def quote_change(subscription: Subscription, price: Price, *, at: datetime | None = None, now: datetime) -> ChangeQuote:
    """Ask Stripe what a change to a price would cost now; `at` is what an earlier quote was prorated at.

    Raises CannotChangeError, StripeError.
    """
    _require_change(subscription, price)
    if subscription.status == SubscriptionStatus.TRIALING:
        return ChangeQuote(price=price, at=at or now.replace(microsecond=0), preview=None)
    gateway = gateway_of(subscription.account)
    ensure_at_stripe(price, gateway)
    try:
        preview = _preview(gateway, subscription, price, at=at, now=now)
    except (GoneError, DeclinedError):
        # Its price may have been deleted or archived there.
        if not mend_at_stripe(price, gateway):
            raise
        preview = _preview(gateway, subscription, price, at=at, now=now)
    # Stripe's clock is the one that counts: in its test clocks it is ahead of ours.
    return ChangeQuote(price=price, at=at or preview.at or now.replace(microsecond=0), preview=preview)


def change_now(
    subscription: Subscription, seen: SeenQuote, *, who: str, keeps_bookings: bool, by_studio: bool, now: datetime
) -> ChangeOutcome:
    """Change a subscription at once, to the price of a quote that somebody has seen.

    `who` asked, as people know them. Raises QuoteChangedError where Stripe would charge something else than was seen,
    CannotChangeError, StripeError.
    """
    subscription = _as_it_is(subscription)
    if subscription.price_id == seen.price.pk:
        return ChangeOutcome(subscription=subscription)
    quote = quote_change(subscription, seen.price, at=seen.at, now=now)
    if quote.terms != seen.terms:
        raise QuoteChangedError
    gateway = gateway_of(subscription.account)
    if quote.preview is None:
        mend_at_stripe(seen.price, gateway)
    _note_request(subscription, seen.price, who=who, keeps_bookings=keeps_bookings, now=now)
    key = f"change-{subscription.uuid}-{subscription.price.pk}-{seen.price.uuid}-{int(seen.at.timestamp())}"
    try:
        answer = gateway_changes.change_now(
            gateway,
            subscription.stripe_id,
            old=subscription.price.stripe_id,
            new=seen.price.stripe_id,
            at=seen.at if quote.preview else None,
            off_session=by_studio,
            key=key,
        )
    except (DeclinedError, GoneError) as error:
        return ChangeOutcome(subscription=_unless_changed(subscription, error, now=now))
    return ChangeOutcome(subscription=_followed(subscription, now=now), pay_url=answer.pay_url)


def change_at_renewal(
    subscription: Subscription, price: Price, *, who: str, keeps_bookings: bool, now: datetime
) -> Subscription:
    """Let a subscription change to a price when what is paid for ends; it can be taken back until then.

    Raises CannotChangeError, StripeError.
    """
    subscription = _as_it_is(subscription)
    if subscription.next_price and subscription.next_price == price.stripe_id:
        return subscription
    _require_change(subscription, price)
    if subscription.status == SubscriptionStatus.TRIALING:
        raise CannotChangeError
    gateway = gateway_of(subscription.account)
    mend_at_stripe(price, gateway)
    _note_request(subscription, price, who=who, keeps_bookings=keeps_bookings, now=now)
    key = f"change-later-{subscription.uuid}-{price.uuid}-{subscription.revision}"
    try:
        gateway_changes.change_at_renewal(
            gateway, subscription.stripe_id, old=subscription.price.stripe_id, new=price.stripe_id, key=key
        )
    except (DeclinedError, GoneError) as error:
        return _unless_changed(subscription, error, now=now)
    return _followed(subscription, now=now)


def undo_change(subscription: Subscription, *, who: str, now: datetime) -> Subscription:
    """Take a scheduled change back: the subscription goes on as it is. Raises StripeError."""
    subscription = _as_it_is(subscription)
    if not subscription.next_price:
        return subscription
    _ask(subscription, MilestoneKind.ASKED_NOT_TO_CHANGE, who=who, now=now)
    gateway_changes.release_schedule(gateway_of(subscription.account), subscription.schedule)
    Subscription.objects.filter(pk=subscription.pk).update(cancels_at_price="")
    return _followed(subscription, now=now)


def _preview(
    gateway: Gateway, subscription: Subscription, price: Price, *, at: datetime | None, now: datetime
) -> ChangePreview:
    return gateway_changes.preview_change(
        gateway,
        subscription.stripe_id,
        old=subscription.price.stripe_id,
        new=price.stripe_id,
        at=at,
        period_end=subscription.period_end or now,
    )


def _require_change(subscription: Subscription, price: Price) -> None:
    if obstacle := change_obstacle(subscription):
        raise CannotChangeError(obstacle)
    if price.pk == subscription.price_id or price.currency != subscription.price.currency:
        raise CannotChangeError


def _pages_of(subscription: Subscription) -> list[SchedulePage]:
    pages = list(subscription.account.pages.all())
    for page in pages:
        page.account = subscription.account
    return pages


def _note_request(subscription: Subscription, price: Price, *, who: str, keeps_bookings: bool, now: datetime) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(cancels_at_price="" if keeps_bookings else price.stripe_id)
    about = _about(subscription, price)
    _ask(subscription, MilestoneKind.ASKED_TO_CHANGE, who=who, about=about, now=now)


def _ask(subscription: Subscription, kind: MilestoneKind, *, who: str, about: str = "", now: datetime) -> None:
    with transaction.atomic():
        account = subscription.account_id
        Milestone.objects.create(account_id=account, subscription=subscription, kind=kind, who=who, at=now, about=about)
        record_asked(subscription, kind, [Change(_("Change"), "", about)])


def _about(subscription: Subscription, price: Price) -> str:
    """A change in one line, as the history tells it once it is done."""
    if price.membership_id != subscription.membership_id:
        return f"{subscription.membership} → {price.membership}"
    account = subscription.account
    with override(account.language):
        return f"{price.membership}: {price_text(price, account.locale)}"


def _as_it_is(subscription: Subscription) -> Subscription:
    found = Subscription.objects.with_connection().select_related("price", "membership__group", "customer")
    return found.get(account=subscription.account_id, pk=subscription.pk)


def _followed(subscription: Subscription, *, now: datetime) -> Subscription:
    sync_subscription(subscription.account, subscription.stripe_id, now=now)
    return _as_it_is(subscription)


def _unless_changed(subscription: Subscription, error: StripeError, *, now: datetime) -> Subscription:
    """It as it is now, where it has changed at Stripe meanwhile; else the refusal is raised."""
    found = _followed(subscription, now=now)
    if _state(found) == _state(subscription):
        raise error
    return found


def _state(subscription: Subscription) -> tuple[object, ...]:
    return (subscription.price_id, subscription.next_price, subscription.pending_price, subscription.status)
