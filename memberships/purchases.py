"""Buying a membership: our purchase first, then Stripe's checkout, then following what Stripe says came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Account, Customer, SchedulePage
from accounts.stripe_connection import ensure_stripe_customer
from bookwhen.db import violated_constraint
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, StripeDownError
from bookwhen.payments.stripe_objects import SessionReading
from bookwhen.payments.stripe_params import Checkout
from memberships.catalogue import ensure_at_stripe
from memberships.models import (
    LIVE,
    NOT_BEGUN,
    Milestone,
    MilestoneKind,
    Price,
    Subscription,
    SubscriptionSource,
    SubscriptionStatus,
)
from memberships.queries import is_on_sale
from memberships.sync import PURCHASE, gateway_of, stripe_metadata, sync_subscription

ATTEMPTS: Final = 4
ELSEWHERE: Final = "elsewhere"
"""The session of a purchase whose checkout somebody else is about to open; Stripe knows no such one."""


class NotOnSaleError(Exception):
    """The price, or its membership, is not sold (here, any more, or yet)."""


class AlreadyHasError(Exception):
    """The customer has this membership: `subscription` is theirs."""

    def __init__(self, subscription: Subscription) -> None:
        super().__init__(str(subscription))
        self.subscription = subscription


@dataclass(frozen=True, slots=True)
class _OpenCheckout:
    """A purchase at the checkout."""

    purchase: Subscription
    session: SessionReading


def begin_purchase(price: Price, customer: Customer, page: SchedulePage, *, now: datetime) -> str:
    """Let a customer buy a membership at a price: the address of Stripe's checkout to send them to.

    Whoever is at the checkout already, in another tab, comes back to the same one; what they were about to buy at
    another price is closed first. Raises NotOnSaleError, AlreadyHasError, StripeError.
    """
    if not is_on_sale(price, page):
        raise NotOnSaleError
    for _attempt in range(ATTEMPTS):
        if (theirs := _live_subscription(price, customer)) is not None:
            raise AlreadyHasError(theirs)
        under_way = _open_purchase(price, customer)
        # What is closed or settled here may turn out to be bought: then it is looked at once more.
        opened = (
            _resume_checkout(under_way, price, now=now) if under_way else _open_checkout(price, customer, page, now=now)
        )
        if opened is not None:
            return opened.session.url
    message = "We couldn’t open the checkout."
    raise StripeDownError(message)


def settle_purchase(purchase: Subscription, *, now: datetime) -> Subscription:
    """Make a purchase (with account and its connection) what Stripe says came of it; safe to repeat. The purchase now.

    For the return page, which must be right whether the webhook came early, late, twice or never. Raises StripeError.
    """
    account = purchase.account
    if purchase.stripe_id:
        sync_subscription(account, purchase.stripe_id, now=now)
    elif purchase.session and purchase.status == SubscriptionStatus.PENDING:
        try:
            _settle(account, purchase, gateway_of(account).session(purchase.session), now=now)
        except GoneError:
            _abandon(purchase, now=now)  # it was in a Stripe account that is not ours any more
    purchase.refresh_from_db()
    return purchase


def settle_purchase_session(account: Account, session: SessionReading, *, now: datetime) -> bool:
    """Settle the purchase that a checkout session of ours belongs to; whether we know it. Raises StripeError."""
    purchase = _find_purchase(account, session.metadata.get(PURCHASE, ""))
    if purchase is None:
        return False
    Subscription.objects.filter(pk=purchase.pk, session="").update(session=session.id)
    _settle(account, purchase, session, now=now)
    return True


def give_up_purchase(purchase: Subscription, *, now: datetime) -> None:
    """Give up a purchase whose checkout nobody was ever sent to, because Stripe's answer never came."""
    if not purchase.session:
        _abandon(purchase, now=now)


def had_before(customer: Customer, price: Price) -> bool:
    """Whether a customer has had this membership before: a trial is for those who have not."""
    theirs = Subscription.objects.filter(customer=customer, membership=price.membership_id)
    return theirs.exclude(status__in=NOT_BEGUN).exists()


def _find_purchase(account: Account, purchase: str) -> Subscription | None:
    try:
        return Subscription.objects.filter(account=account, uuid=UUID(purchase)).first()
    except ValueError:
        return None


def _settle(account: Account, purchase: Subscription, session: SessionReading, *, now: datetime) -> None:
    if session.status == "complete" and session.subscription:
        sync_subscription(account, session.subscription, now=now)
    elif session.status == "expired":
        _abandon(purchase, now=now)


def _abandon(purchase: Subscription, *, now: datetime) -> None:
    with transaction.atomic():
        left = Subscription.objects.filter(pk=purchase.pk, status=SubscriptionStatus.PENDING)
        if left.update(status=SubscriptionStatus.ABANDONED):
            _record_milestone(purchase, MilestoneKind.CHECKOUT_LEFT, now=now)


def _record_milestone(purchase: Subscription, kind: MilestoneKind, *, now: datetime) -> None:
    Milestone.objects.create(account_id=purchase.account_id, subscription=purchase, kind=kind, at=now)


def _live_subscription(price: Price, customer: Customer) -> Subscription | None:
    return Subscription.objects.filter(customer=customer, membership=price.membership_id, status__in=LIVE).first()


def _open_purchase(price: Price, customer: Customer) -> Subscription | None:
    """What the customer has at the checkout already, in another tab or since an earlier visit."""
    return (
        Subscription.objects.filter(
            customer=customer, membership=price.membership_id, status=SubscriptionStatus.PENDING
        )
        .select_related("account__connection", "price__membership", "customer", "page")
        .first()
    )


def _resume_checkout(purchase: Subscription, price: Price, *, now: datetime) -> _OpenCheckout | None:
    """The checkout of a purchase, if it is open and for this price; otherwise it is closed and settled."""
    account, gateway = purchase.account, gateway_of(purchase.account)
    session = _session_of(purchase, gateway, now=now)
    if session is None:
        return None
    if session.status == "open" and purchase.price_id == price.pk:
        return _OpenCheckout(purchase, session)
    if session.status == "open":
        session = _expire_session(gateway, session)
    _settle(account, purchase, session, now=now)
    return None


def _session_of(purchase: Subscription, gateway: Gateway, *, now: datetime) -> SessionReading | None:
    """The session of an open purchase, also where Stripe's answer never arrived; none where there cannot be one."""
    try:
        return gateway.session(purchase.session) if purchase.session else _checkout(purchase, gateway)
    except (DeclinedError, GoneError):
        # It was asked for otherwise, or in another Stripe account: what that made, if anything, expires by itself.
        _abandon(purchase, now=now)
        return None


def _expire_session(gateway: Gateway, session: SessionReading) -> SessionReading:
    try:
        return gateway.expire_session(session.id)
    except DeclinedError:
        return gateway.session(session.id)  # it was paid a moment ago


def _open_checkout(price: Price, customer: Customer, page: SchedulePage, *, now: datetime) -> _OpenCheckout | None:
    """A new purchase and its checkout; none where the customer opened one in another tab meanwhile."""
    account = Account.objects.select_related("connection").get(pk=price.account_id)
    ensure_at_stripe(price, gateway_of(account))
    purchase = reserve_purchase(price, customer, page, account=account, now=now)
    session = _checkout(purchase, gateway_of(account)) if purchase else None
    return _OpenCheckout(purchase, session) if purchase and session else None


def reserve_purchase(
    price: Price, customer: Customer, page: SchedulePage, *, account: Account, now: datetime, session: str = ""
) -> Subscription | None:
    """A new purchase that no checkout has been opened for yet; none where the customer has one under way already.

    For a basket, whose checkout sells tickets too: `close_other_checkouts` comes first, `record_session` afterwards;
    meanwhile its `session` is ELSEWHERE, so that nobody opens another checkout of it.
    """
    purchase = Subscription(
        account=account,
        customer=customer,
        membership=price.membership,
        price=price,
        source=SubscriptionSource.CHECKOUT,
        status=SubscriptionStatus.PENDING,
        session=session,
        page=page,
        created_at=now,
    )
    try:
        with transaction.atomic():
            purchase.save(force_insert=True)
            _record_milestone(purchase, MilestoneKind.CHECKOUT_OPENED, now=now)
    except IntegrityError as error:
        if violated_constraint(error) != "purchase_open_once":
            raise
        return None
    return purchase


def close_other_checkouts(price: Price, customer: Customer, page: SchedulePage, *, now: datetime) -> None:
    """Close what the customer has at a checkout of this membership in another tab, before a basket sells it.

    Raises NotOnSaleError, AlreadyHasError (also for what turns out to be bought there), StripeError.
    """
    if not is_on_sale(price, page):
        raise NotOnSaleError
    if (under_way := _open_purchase(price, customer)) is not None:
        _end_checkout(under_way, now=now)
    if (theirs := _live_subscription(price, customer)) is not None:
        raise AlreadyHasError(theirs)


def record_session(purchase: Subscription, session: SessionReading) -> bool:
    """Note the checkout that a reserved purchase is sold by; False where it was given up while Stripe answered.

    Then the checkout must be ended: what it sells may be on sale in another tab.
    """
    return bool(
        Subscription.objects.filter(pk=purchase.pk, status=SubscriptionStatus.PENDING).update(session=session.id)
    )


def trial_days(purchase: Subscription) -> int:
    """How long the purchase (with its price) runs before it is paid for: a trial is for who never had it."""
    return 0 if had_before(purchase.customer, purchase.price) else purchase.price.trial_days


def abandon_purchase(purchase: Subscription, *, now: datetime) -> None:
    """Give up a purchase whose checkout cannot be paid any more; one that has begun stays."""
    _abandon(purchase, now=now)


def _end_checkout(purchase: Subscription, *, now: datetime) -> None:
    gateway = gateway_of(purchase.account)
    if not purchase.session:
        _abandon(purchase, now=now)
        return
    try:
        session = gateway.session(purchase.session)
    except GoneError:
        _abandon(purchase, now=now)
        return
    if session.status == "open":
        session = _expire_session(gateway, session)
    _settle(purchase.account, purchase, session, now=now)


def _checkout(purchase: Subscription, gateway: Gateway) -> SessionReading | None:
    """Open the checkout of a purchase at Stripe; the same again finds the same session.

    None where the purchase was given up in another tab while Stripe answered: then nobody may pay there.
    """
    bears = stripe_metadata(purchase.account)
    customer = ensure_stripe_customer(purchase.account, purchase.customer, gateway, metadata=bears)
    try:
        session = gateway.create_checkout(_checkout_params(purchase, customer), key=f"checkout-{purchase.uuid}")
    except GoneError:
        customer = ensure_stripe_customer(purchase.account, purchase.customer, gateway, metadata=bears, anew=customer)
        session = gateway.create_checkout(
            _checkout_params(purchase, customer), key=f"checkout-{purchase.uuid}-{customer}"
        )
    if record_session(purchase, session):
        return session
    _expire_session(gateway, session)
    return None


def _checkout_params(purchase: Subscription, customer: str) -> Checkout:
    price = purchase.price
    assert purchase.page is not None  # noqa: S101 - a purchase that is open was begun on a page
    page = purchase.page.slug
    back = reverse("public:membership_bought", kwargs={"page": page, "purchase": purchase.uuid})
    return Checkout(
        customer=customer,
        price=price.stripe_id,
        reference=str(purchase.uuid),
        metadata=stripe_metadata(purchase.account, **{PURCHASE: purchase.uuid}),
        trial_days=trial_days(purchase),
        success_url=f"{settings.SITE_URL}{back}",
        cancel_url=f"{settings.SITE_URL}{reverse('public:memberships', kwargs={'page': page})}",
        locale="auto",
    )
