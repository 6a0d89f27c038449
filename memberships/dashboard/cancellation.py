"""Cancelling a customer's membership in both ways, and keeping it; what will happen is said before."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from bookwhen.payments.gateway import StripeError
from groups.dashboard.fetch import redirect_to_group
from memberships.cancellation import cancel_at_period_end, cancel_now, keep_subscription
from memberships.dashboard.fetch import fetch_subscription
from memberships.dashboard.phrases import result_text, stripe_error_text
from memberships.models import Subscription
from tickets.booking.membership_cancellation import cancellation_options, has_other_standing

ACTS: Final = {"end": cancel_at_period_end, "now": cancel_now}
"""The two ways out, by what a form calls them."""


@operator_view(MANAGE_CUSTOMERS)
def subscription_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Cancel membership*: at period end, or at once."""
    found, now = fetch_subscription(request, pk), timezone.now()
    if request.method == "POST" and (act := ACTS.get(request.POST.get("way", ""))):
        return _ask(request, found, act, now=now)
    if not found.is_live:
        messages.info(request, result_text(found, stays=has_other_standing(found, now=now)))
        return _back(request, found)
    context = {"section": "memberships", "subscription": found, "options": cancellation_options(found, now=now)}
    return render(request, "memberships/dashboard/subscription_cancel.html", context)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def subscription_keep(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Keep membership*: undo a cancellation at period end."""
    return _ask(request, fetch_subscription(request, pk), keep_subscription, now=timezone.now())


def _ask(
    request: OperatorRequest, subscription: Subscription, act: Callable[..., None], *, now: datetime
) -> HttpResponse:
    """Ask Stripe, and say what came of it; sent twice, it says the same again."""
    try:
        act(subscription, who=request.user.name or request.user.email, now=now)
    except StripeError as error:
        messages.error(request, stripe_error_text(error))
    else:
        after = fetch_subscription(request, subscription.pk)
        messages.success(request, result_text(after, stays=has_other_standing(after, now=now)))
    return _back(request, subscription)


def _back(request: OperatorRequest, subscription: Subscription) -> HttpResponse:
    """To the customer's membership, or to the group where that is where they came from."""
    if request.POST.get("from") == "group":
        return redirect_to_group(subscription.membership.group, "customers")
    return redirect("dashboard:subscription", account=request.account.slug, pk=subscription.pk)
