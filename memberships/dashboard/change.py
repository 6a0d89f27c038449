"""Changing a customer's membership to another one, now or at the next billing date; what will happen is said before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import search_term
from bookwhen.keyset import KeysetPage, keyset_page
from bookwhen.payments.gateway import StripeError
from bookwhen.search import few_have
from memberships import changing
from memberships.change_state import change_state
from memberships.changing import (
    CannotChangeError,
    ChangeOutcome,
    QuoteChangedError,
    change_obstacle,
    prices_to_change_to,
)
from memberships.dashboard.fetch import fetch_subscription
from memberships.dashboard.phrases import stripe_error_text
from memberships.models import Membership, Price, Subscription
from tickets.booking.membership_change import choices_of, chosen_price, confirm_change, plan_change

CONFLICT: Final = 409
OK: Final = 200


@operator_view(MANAGE_CUSTOMERS)
def subscription_change(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Change membership*: choose another, see what it will do; by POST, if it is still that, do it."""
    found, now = fetch_subscription(request, pk), timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    if not found.is_live or asked.get("price") == str(found.price.uuid):
        return _back(request, found)
    obstacle = change_obstacle(found)
    price = None if obstacle else chosen_price(found, asked.get("price", ""), by_studio=True)
    if price is None:
        return _show_choices(request, found)
    if request.method == "POST" and "when" in request.POST:
        return _confirm(request, found, price, now=now)
    return _show_plan(request, found, price, now=now)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def subscription_change_undo(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Undo the change*: take a scheduled one back."""
    found = fetch_subscription(request, pk)
    try:
        changing.undo_change(found, who=_who(request), now=timezone.now())
    except StripeError as error:
        messages.error(request, stripe_error_text(error))
    else:
        text = _("“%(membership)s” stays as it is for %(customer)s.")
        messages.success(request, text % {"membership": found.membership, "customer": found.customer})
    return _back(request, found)


def _confirm(request: OperatorRequest, found: Subscription, price: Price, *, now: datetime) -> HttpResponse:
    try:
        outcome = confirm_change(found, price, request.POST.dict(), who=_who(request), by_studio=True, now=now)
    except QuoteChangedError:
        return _show_plan(request, found, price, now=now, changed=True)
    except CannotChangeError:
        return redirect("dashboard:subscription_change", account=request.account.slug, pk=found.pk)
    except StripeError as error:
        messages.error(request, stripe_error_text(error))
    else:
        _say(request, outcome)
    return _back(request, found)


def _say(request: OperatorRequest, outcome: ChangeOutcome) -> None:
    found = outcome.subscription
    about: dict[str, object] = {"customer": found.customer, "membership": found.membership}
    if outcome.is_waiting:
        text = _(
            "Nothing has changed yet for %(customer)s: the payment didn’t go through. We’ve emailed them a link to pay."
        )
        messages.warning(request, text % about)
    elif found.next_price:
        messages.success(request, _("Change scheduled"))
    else:
        messages.success(request, _("%(customer)s now has “%(membership)s”.") % about)


def _show_choices(request: OperatorRequest, found: Subscription) -> HttpResponse:
    words = search_term(request)
    page = _memberships(found, words, request.GET)
    prices = prices_to_change_to(found, by_studio=True).filter(membership__in=page.rows)
    context = {
        "section": "memberships",
        "subscription": found,
        "obstacle": change_obstacle(found),
        "coming": change_state(found),
        "q": words,
        "memberships": page,
        "choices": choices_of(found, prices),
    }
    return render(request, "memberships/dashboard/subscription_change_choose.html", context)


def _memberships(found: Subscription, words: str, address: Mapping[str, str]) -> KeysetPage[Membership]:
    """A page of the memberships that a subscription can change to, by title; its own is the first."""
    prices = prices_to_change_to(found, by_studio=True).order_by().filter(membership=OuterRef("pk"))
    every = Membership.objects.filter(Exists(prices), account=found.account_id)
    if words:
        every = every.filter(few_have("title", words))
    own = Q(pk=found.membership_id)
    return keyset_page(every.exclude(own), ("title", "pk"), address, ahead=every.filter(own))


def _show_plan(
    request: OperatorRequest, found: Subscription, price: Price, *, now: datetime, changed: bool = False
) -> HttpResponse:
    try:
        plan = plan_change(found, price, by_studio=True, now=now)
    except (CannotChangeError, StripeError) as error:
        if isinstance(error, StripeError):
            messages.error(request, stripe_error_text(error))
        return _back(request, found)
    context = {"section": "memberships", "subscription": found, "plan": plan, "changed": changed}
    status = CONFLICT if changed else OK
    return render(request, "memberships/dashboard/subscription_change.html", context, status=status)


def _who(request: OperatorRequest) -> str:
    return request.user.name or request.user.email


def _back(request: OperatorRequest, found: Subscription) -> HttpResponse:
    return redirect("dashboard:subscription", account=request.account.slug, pk=found.pk)
