"""A purchase: the row of a membership that somebody is buying, until Stripe knows the subscription.

Its checkout is that of a basket (`tickets.checkout`). What Stripe says came of it arrives by `memberships.sync`.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Customer, SchedulePage
from bookwhen.db import violated_constraint
from memberships.models import (
    NOT_BEGUN,
    Milestone,
    MilestoneKind,
    Price,
    Subscription,
    SubscriptionSource,
    SubscriptionStatus,
)
from memberships.queries import is_on_sale


class NotOnSaleError(Exception):
    """The price, or its membership, is not sold (here, any more, or yet)."""


class AlreadyHasError(Exception):
    """The customer has this membership, or its first payment is under way: `subscription` is theirs."""

    def __init__(self, subscription: Subscription) -> None:
        super().__init__(str(subscription))
        self.subscription = subscription

    @property
    def is_unpaid(self) -> bool:
        """Whether they don’t have it yet: its first payment is on its way, or waits for them."""
        return not self.subscription.is_live


class ChangeInsteadError(AlreadyHasError):
    """The customer has another membership that lets them into the same group: they change it, and don't pay twice."""


def require_sale(price: Price, customer: Customer, page: SchedulePage) -> None:
    """Make sure that a customer can buy a price on a page now.

    Raises NotOnSaleError, AlreadyHasError; ChangeInsteadError where a second one would give them nothing.
    """
    if not is_on_sale(price, page):
        raise NotOnSaleError
    theirs = Subscription.objects.taken().filter(customer=customer, membership=price.membership_id).first()
    if theirs is not None:
        raise AlreadyHasError(theirs)
    same_group = Subscription.objects.live().filter(
        account=price.account_id, customer=customer, membership__group=price.membership.group_id
    )
    if (other := same_group.first()) is not None:
        raise ChangeInsteadError(other)


def reserve_purchase(price: Price, customer: Customer, page: SchedulePage, *, now: datetime) -> Subscription | None:
    """A new purchase that no checkout has been opened for yet; None where the customer has one under way already."""
    purchase = Subscription(
        account_id=price.account_id,
        customer=customer,
        membership=price.membership,
        price=price,
        source=SubscriptionSource.CHECKOUT,
        status=SubscriptionStatus.PENDING,
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


def record_session(purchase: Subscription, session: str) -> None:
    """Note the checkout (Stripe's id) that a reserved purchase is sold by."""
    Subscription.objects.filter(pk=purchase.pk, status=SubscriptionStatus.PENDING).update(session=session)


def abandon_purchase(purchase: Subscription, *, now: datetime) -> None:
    """Give up a purchase whose checkout cannot be paid any more; one that has begun stays. Safe to repeat."""
    with transaction.atomic():
        left = Subscription.objects.filter(pk=purchase.pk, status=SubscriptionStatus.PENDING)
        if left.update(status=SubscriptionStatus.ABANDONED):
            _record_milestone(purchase, MilestoneKind.CHECKOUT_LEFT, now=now)


def record_first_payment(bought: Subscription, *, now: datetime) -> None:
    """Note that the first payment of a subscription is on its way. Safe to repeat."""
    Subscription.objects.filter(pk=bought.pk, payment_on_way_since=None).update(payment_on_way_since=now)


def record_never_paid(bought: Subscription, *, now: datetime) -> None:
    """Note that the first payment of a subscription failed on its way, before it is ended for that. Safe to repeat."""
    Subscription.objects.filter(pk=bought.pk, never_paid_at=None).update(never_paid_at=now)


def end_first_payment(subscription: int) -> None:
    """Note that the first payment of a subscription (id) is no longer on its way, whichever way it ended."""
    known = Subscription.objects.filter(pk=subscription, payment_on_way_since__isnull=False)
    known.update(payment_on_way_since=None)


def had_before(customer: Customer, price: Price) -> bool:
    """Whether a customer has had this membership before: a trial is for those who have not."""
    theirs = Subscription.objects.filter(customer=customer, membership=price.membership_id)
    return theirs.exclude(status__in=NOT_BEGUN).exists()


def trial_days(purchase: Subscription) -> int:
    """How long the purchase (with its price) runs before it is paid for: a trial is for who never had it."""
    return 0 if had_before(purchase.customer, purchase.price) else purchase.price.trial_days


def _record_milestone(purchase: Subscription, kind: MilestoneKind, *, now: datetime) -> None:
    Milestone.objects.create(account_id=purchase.account_id, subscription=purchase, kind=kind, at=now)
