"""What is read of memberships, always through the account, the page or the customer."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, TypedDict

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Account, Customer, SchedulePage, User
from bookwhen.counts import CappedCount, CappedCountOf, capped_count, capped_counts
from groups.models import Group
from memberships.models import (
    FAILING,
    NOT_BEGUN,
    PAUSED,
    PAYING,
    Invoice,
    Membership,
    Price,
    Subscription,
    SubscriptionQuerySet,
    SubscriptionState,
    SubscriptionStatus,
)
from memberships.pauses import is_paused, is_waiting

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


SENT: Final = "send_invoice"
"""Stripe's word for bills that are sent, instead of taken from a card."""


class _OnSale(TypedDict):
    on_sale: list[Price]


MembershipOnSale: TypeAlias = "WithAnnotations[Membership, _OnSale]"
"""A membership with its prices that are on sale, cheapest first; to the type checker alone."""


def state_of(subscription: Subscription) -> SubscriptionState:
    """The state of a subscription that has begun."""
    if subscription.status == SubscriptionStatus.CANCELED:
        return SubscriptionState.CANCELLED
    if subscription.status in FAILING:
        return SubscriptionState.UNPAID
    if is_paused(subscription) or is_waiting(subscription):
        return SubscriptionState.PAUSED
    return SubscriptionState.UNRENEWED if subscription.ends_at else SubscriptionState.ACTIVE


def memberships_of(account: Account) -> QuerySet[Membership]:
    """An account's memberships by title, each with its group and `holders`: how many customers have it."""
    return (
        Membership.objects.filter(account=account)
        .select_related("group")
        .annotate(holders=_holders("membership"))
        .order_by("title", "pk")
    )


def prices_of(membership: Membership, *, archived: bool = False) -> QuerySet[Price]:
    """A membership's prices, cheapest first, each with `holders`: those that are in use, or the archived ones."""
    return (
        Price.objects.filter(membership=membership, archived_at__isnull=not archived)
        .annotate(holders=_holders("price"))
        .order_by("amount", "pk")
    )


def memberships_on_sale(page: SchedulePage) -> QuerySet[MembershipOnSale]:
    """What a page (with its account and connection) sells, each with its group and prices (`on_sale`), by title.

    Nothing while the account's plan does not allow it or Stripe is not connected; never what cannot be paid for.
    """
    account = page.account
    found = (
        published_on(page.pk, account.pk)
        .filter(Exists(Price.objects.on_sale().filter(membership=OuterRef("pk"))))
        .select_related("group")
        .prefetch_related(Prefetch("prices", Price.objects.on_sale(), to_attr="on_sale"))
        .order_by("title", "pk")
    )
    return found if account.has_groups and account.takes_payments else found.none()


def published_on(page: int, account: int) -> QuerySet[Membership]:
    """The memberships that an account (id) shows on one of its pages (id), whether or not any price is on sale."""
    shown_on = Membership.pages.through.objects.filter(membership=OuterRef("pk"))
    return Membership.objects.filter(
        Exists(shown_on.filter(schedulepage=page)) | ~Exists(shown_on),
        account=account,
        published=True,
        group__archived_at=None,
    )


def is_on_sale(price: Price, page: SchedulePage) -> bool:
    """Whether a price can be bought on a page (with its account and connection) now."""
    return Price.objects.on_sale().filter(pk=price.pk, membership__in=memberships_on_sale(page).values("pk")).exists()


def _holders(of: str) -> CappedCountOf:
    theirs = Subscription.objects.live().filter(account=OuterRef("account"))
    return CappedCountOf(theirs.filter(**{of: OuterRef("pk")}))


def subscriptions_of(account: Account) -> SubscriptionQuerySet:
    """Everything that customers of an account have or had, newest first, with customer, membership and price."""
    return (
        Subscription.objects.begun()
        .filter(account=account)
        .select_related("customer", "membership", "price")
        .order_by("-started_at", "-pk")
    )


def count_live_subscriptions(account: Account) -> CappedCount:
    """How many customer memberships are paid through an account’s Stripe account.

    Counted through its memberships, whose index has all that is asked: no row is read.
    """
    return capped_count(Subscription.objects.live().filter(account=account, membership__account=account))


def subscriptions_in(account: Account, state: SubscriptionState) -> SubscriptionQuerySet:
    """What customers of an account have or had, in one state."""
    return Subscription.objects.listed_as(state).filter(account=account)


def count_by_state(account: Account, subscriptions: SubscriptionQuerySet) -> dict[SubscriptionState, CappedCount]:
    """How many of an account's subscriptions are in each state, in one statement."""
    found = capped_counts(account, {state: subscriptions.listed_as(state) for state in SubscriptionState})
    return {state: found[state] for state in SubscriptionState}


def subscriptions_of_customers(customers: Collection[int]) -> SubscriptionQuerySet:
    """What these customers (ids; one person at several studios) have or had, the living first, then newest first."""
    return (
        Subscription.objects.begun()
        .filter(customer__in=customers)
        .select_related("account", "customer", "membership__group", "price", "page")
        .order_by("ended_at", "-started_at", "-pk")
    )


def subscriptions_known_at_stripe(customers: Collection[int]) -> SubscriptionQuerySet:
    """What these customers (ids) have or had, and what waits for its first payment, newest first."""
    never = NOT_BEGUN - {SubscriptionStatus.INCOMPLETE}
    theirs = Subscription.objects.exclude(status__in=never).filter(customer__in=customers)
    return theirs.select_related("account", "customer", "membership__group", "page").order_by("-created_at", "-pk")


def unpaid_purchases_of(customers: Collection[int]) -> SubscriptionQuerySet:
    """What these customers (ids) bought and have not got yet: its first payment is on its way, or waits for them."""
    return subscriptions_known_at_stripe(customers).filter(status=SubscriptionStatus.INCOMPLETE, page__isnull=False)


def taken_by_membership(customer: Customer) -> dict[int, Subscription]:
    """What a customer has, or will have once it is paid, by membership (id), each with its membership."""
    theirs = Subscription.objects.taken().filter(account=customer.account_id, customer=customer)
    found = theirs.select_related("membership").order_by("-started_at", "-pk")
    return {subscription.membership_id: subscription for subscription in found}


def memberships_had(customer: Customer, memberships: Collection[int]) -> set[int]:
    """Which of these memberships (ids) a customer has or had: they get no trial of them again."""
    theirs = Subscription.objects.begun().filter(customer=customer, membership__in=memberships)
    return set(theirs.values_list("membership", flat=True))


def resting_by_group(customer: Customer, groups: Collection[int]) -> dict[int, Subscription]:
    """What of a customer's memberships is paused, or was until its next payment, by the group (ids) that it opens.

    Not those whose customer the studio let in meanwhile.
    """
    theirs = Subscription.objects.live().filter(customer=customer, membership__group__in=groups, let_in_at=None)
    found = theirs.filter(PAUSED).select_related("membership").order_by("pk")
    return {subscription.membership.group_id: subscription for subscription in found}


def past_due_of(user: User) -> QuerySet[Subscription]:
    """What a user has, in whichever account, whose payment failed, with membership, group and account."""
    return (
        Subscription.objects.filter(
            customer__user=user, status__in=(SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID)
        )
        .select_related("account", "membership__group")
        .order_by("pk")
    )


def payable_invoice(subscription: Subscription) -> Invoice | None:
    """The newest invoice that waits to be paid."""
    return subscription.invoices.filter(status="open").exclude(hosted_url="").first()


def payment_under_way(subscription: Subscription, bills: Sequence[Invoice]) -> Invoice | None:
    """The one of its bills, newest first, whose payment was begun and has not ended: it is not to be paid again.

    A bank debit takes days. Had it failed, the subscription would be past due; of older bills that says nothing.
    """
    bill = next(iter(bills), None)
    if bill is None or bill.status != "open":
        return None
    is_begun = bill.attempt_count > 0 and bill.next_attempt_at is None and subscription.status in PAYING
    takes_it = subscription.collection_method != SENT and not subscription.pending_price
    return bill if subscription.payment_on_way_since is not None or (is_begun and takes_it) else None


def memberships_using(group: Group) -> QuerySet[Membership]:
    """The memberships for which a group must not be archived: on sale, or somebody has them."""
    live = Subscription.objects.live().filter(membership=OuterRef("pk"))
    return Membership.objects.filter(Q(published=True) | Exists(live), group=group)
