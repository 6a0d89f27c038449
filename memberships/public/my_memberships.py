"""A customer's own memberships, in every account: how each is, what it costs next, and what is left of it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import PersonRequest, person_view
from accounts.language import speak
from accounts.models import Customer, User
from accounts.public.pages import keep_private, render_page
from accounts.public.phrases import format_day
from bookwhen.payments.gateway import StripeError
from bookwhen.payments.stripe_prices import CostBasis
from memberships.change_state import change_state
from memberships.models import Subscription, SubscriptionStatus
from memberships.pauses import PauseFacts, is_paused, next_payment_at, pause_facts
from memberships.pausing import members_obstacle
from memberships.phrases import next_amount_text, subscription_cost
from memberships.public.bills import SentBill, invoice_rows, sent_bill
from memberships.public.phrases import StatusLabel, status_label
from memberships.queries import (
    memberships_on_sale,
    past_due_of,
    subscriptions_known_at_stripe,
    subscriptions_of_customers,
    unpaid_purchases_of,
)
from memberships.sync import sync_subscription
from tickets.public.allowances import GroupAllowance, group_allowances

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPayment:
    """A payment to come: how much, on which local day, and whether it is the first after a trial.

    `amount` is empty where only Stripe knows it.
    """

    amount: str
    day: str
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMembership:
    """A membership that somebody has or had, with what its group gives them now."""

    subscription: Subscription
    allowance: GroupAllowance | None

    @property
    def label(self) -> StatusLabel:
        """How it is."""
        return status_label(self.subscription)

    @property
    def cost(self) -> str:
        """What it costs, and how often."""
        return subscription_cost(self.subscription, self.subscription.account.locale)

    @property
    def is_priced_at_stripe(self) -> bool:
        """Whether only Stripe can say what it costs."""
        return self.subscription.cost_basis == CostBasis.STRIPE and self.subscription.is_live

    @property
    def next_payment(self) -> NextPayment | None:
        """What is paid next, if anything."""
        return next_payment(self.subscription)

    @property
    def sent_bill(self) -> SentBill | None:
        """A bill that was e-mailed and waits to be paid."""
        return sent_bill(self.subscription)

    @property
    def failing(self) -> list[Subscription]:
        """Itself, where its payment failed."""
        return (
            [self.subscription]
            if self.subscription.status in {SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID}
            else []
        )

    @property
    def pause(self) -> PauseFacts | None:
        """Its pause, if it is paused, or was until its next payment."""
        return pause_facts(self.subscription, policy=self.subscription.account.pause_access, now=timezone.now())

    @property
    def can_be_paused(self) -> bool:
        """Whether they may pause it themselves."""
        return not is_paused(self.subscription) and members_obstacle(self.subscription, now=timezone.now()) is None

    @property
    def can_be_resumed(self) -> bool:
        """Whether they may resume it themselves."""
        return is_paused(self.subscription) and self.subscription.account.members_pause

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it runs on unless somebody cancels it."""
        return self.subscription.is_live and self.subscription.ends_at is None


@person_view
def my_memberships(request: PersonRequest) -> HttpResponse:
    """Everything that somebody has or had, the living first."""
    now = timezone.now()
    customers = _customers(request.user)
    held = list(subscriptions_of_customers(customers))
    given = {found.group.pk: found for found in group_allowances(request.user, now=now)}
    shown = [_own_membership(subscription, given) for subscription in held]
    context = {
        "current": [each for each in shown if each.subscription.is_live],
        "past": [each for each in shown if not each.subscription.is_live],
        "failing": past_due_of(request.user),
        "waiting": unpaid_purchases_of(customers),
    }
    return keep_private(render(request, "memberships/public/my_memberships.html", context))


@person_view
def my_membership(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """One of them, with its invoices; `back` in the query: somebody was at Stripe, so look there first."""
    now = timezone.now()
    found = subscription_or_404(request.user, subscription)
    if "back" in request.GET:
        return _sync_and_reload(request, found, now=now)
    given = {each.group.pk: each for each in group_allowances(request.user, now=now)}
    context = {
        "own": _own_membership(found, given),
        "subscription": found,
        "invoice_rows": invoice_rows(found),
        "coming": change_state(found),
        "again": found.page is not None and memberships_on_sale(found.page).filter(pk=found.membership_id).exists(),
    }
    return keep_private(render_page(request, "memberships/public/my_membership.html", context, account=found.account))


def subscription_or_404(user: User, subscription: UUID) -> Subscription:
    """A subscription that this user has or had, with account and connection."""
    found = get_object_or_404(subscriptions_of_customers(_customers(user)).with_connection(), uuid=subscription)
    return _with_page(found)


def unpaid_or_404(user: User, subscription: UUID) -> Subscription:
    """A subscription that this user has or had, or whose first payment waits for them: with account and connection."""
    theirs = subscriptions_known_at_stripe(_customers(user)).with_connection()
    return _with_page(get_object_or_404(theirs, uuid=subscription))


def _with_page(found: Subscription) -> Subscription:
    if found.page:
        found.page.account = found.account
    speak(found.account)
    return found


def next_payment(subscription: Subscription) -> NextPayment | None:
    """What a subscription (with account and price) costs next, and when, as Stripe would bill it.

    None where it ends before, where its payment failed, and while it is paused.
    """
    if subscription.status not in {SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING}:
        return None
    account = subscription.account
    due = next_payment_at(subscription)
    if due is None:
        return None
    return NextPayment(
        amount=next_amount_text(subscription, account.locale),
        day=format_day(due, account),
        first=subscription.status == SubscriptionStatus.TRIALING,
    )


def _customers(user: User) -> Sequence[int]:
    return list(Customer.objects.filter(user=user).values_list("pk", flat=True))


def _own_membership(subscription: Subscription, given: dict[int, GroupAllowance]) -> OwnMembership:
    belonging = given.get(subscription.membership.group_id) if subscription.is_live else None
    return OwnMembership(subscription=subscription, allowance=belonging)


def _sync_and_reload(request: PersonRequest, subscription: Subscription, *, now: datetime) -> HttpResponse:
    try:
        sync_subscription(subscription.account, subscription.stripe_id, now=now)
    except StripeError as error:
        log.warning("Subscription %s could not be looked at: %s", subscription.uuid, error)
        messages.warning(request, _("The changes you made in Stripe will show here in a few minutes."))
    return redirect("my_membership", subscription=subscription.uuid)
