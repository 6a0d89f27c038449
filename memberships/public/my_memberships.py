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
from accounts.models import Customer, User
from bookwhen.money import money
from bookwhen.payments.gateway import StripeError
from memberships.models import Status, Subscription
from memberships.phrases import cost
from memberships.public.phrases import INVOICES, Label, day, label
from memberships.queries import failing, holdings, on_sale
from memberships.sync import follow
from tickets.public.allowances import Belonging, belongings
from tickets.public.pages import answer, keep_private

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment to come: how much, on which local day, and whether it is the first after a trial."""

    amount: str
    day: str
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """An invoice as a customer reads it."""

    number: str
    day: str
    amount: str
    status: str
    is_open: bool
    view_url: str
    pdf_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A membership that somebody has or had, with what its group gives them now."""

    subscription: Subscription
    belonging: Belonging | None

    @property
    def label(self) -> Label:
        """How it is."""
        return label(self.subscription)

    @property
    def cost(self) -> str:
        """What it costs, and how often."""
        return cost(self.subscription.price, self.subscription.account.locale)

    @property
    def next_payment(self) -> Payment | None:
        """What is paid next, if anything."""
        return next_payment(self.subscription)

    @property
    def failing(self) -> list[Subscription]:
        """Itself, where its payment failed."""
        return [self.subscription] if self.subscription.status in {Status.PAST_DUE, Status.UNPAID} else []

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it runs on unless somebody cancels it."""
        return self.subscription.is_live and self.subscription.ends_at is None


@person_view
def my_memberships(request: PersonRequest) -> HttpResponse:
    """Everything that somebody has or had, the living first."""
    now = timezone.now()
    held = list(holdings(_customers(request.user)))
    given = {found.group.pk: found for found in belongings(request.user, now=now)}
    shown = [_holding(subscription, given) for subscription in held]
    context = {
        "holdings": [each for each in shown if each.subscription.is_live],
        "past": [each for each in shown if not each.subscription.is_live],
        "failing": failing(request.user),
    }
    return keep_private(render(request, "memberships/public/my_memberships.html", context))


@person_view
def my_membership(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """One of them, with its invoices; `back` in the query: somebody was at Stripe, so look there first."""
    now = timezone.now()
    found = subscription_or_404(request.user, subscription)
    if "back" in request.GET:
        return _look_at_stripe(request, found, now=now)
    given = {each.group.pk: each for each in belongings(request.user, now=now)}
    context = {
        "holding": _holding(found, given),
        "subscription": found,
        "bills": _bills(found),
        "again": found.page is not None and on_sale(found.page).filter(pk=found.membership_id).exists(),
    }
    return keep_private(answer(request, "memberships/public/my_membership.html", context, account=found.account))


def subscription_or_404(user: User, subscription: UUID) -> Subscription:
    """A subscription that this user has or had, with account and connection."""
    found = get_object_or_404(holdings(_customers(user)).select_related("account__connection"), uuid=subscription)
    if found.page:
        found.page.account = found.account
    return found


def next_payment(subscription: Subscription) -> Payment | None:
    """What a subscription (with account and price) costs next, and when; None where it ends or its payment failed."""
    if subscription.status not in {Status.ACTIVE, Status.TRIALING} or subscription.ends_at is not None:
        return None
    account, price = subscription.account, subscription.price
    return Payment(
        amount=money(price.amount, price.currency, account.locale),
        day=day(subscription.period_end, account),
        first=subscription.status == Status.TRIALING,
    )


def _customers(user: User) -> Sequence[int]:
    return list(Customer.objects.filter(user=user).values_list("pk", flat=True))


def _holding(subscription: Subscription, given: dict[int, Belonging]) -> Holding:
    belonging = given.get(subscription.membership.group_id) if subscription.is_live else None
    return Holding(subscription=subscription, belonging=belonging)


def _bills(subscription: Subscription) -> list[Bill]:
    account = subscription.account
    return [
        Bill(
            number=invoice.number,
            day=day(invoice.created_at, account),
            amount=money(
                invoice.amount_paid if invoice.status == "paid" else invoice.amount_due,
                invoice.currency,
                account.locale,
            ),
            status=str(INVOICES.get(invoice.status, invoice.status)),
            is_open=invoice.status == "open",
            view_url=invoice.hosted_url,
            pdf_url=invoice.pdf_url,
        )
        for invoice in subscription.invoices.all()
    ]


def _look_at_stripe(request: PersonRequest, subscription: Subscription, *, now: datetime) -> HttpResponse:
    try:
        follow(subscription.account, subscription.stripe_id, now=now)
    except StripeError as error:
        log.warning("Subscription %s could not be looked at: %s", subscription.uuid, error)
        messages.warning(request, _("What you changed at Stripe shows here in a few minutes."))
    return redirect("my_membership", subscription=subscription.uuid)
