"""*Change membership*: somebody changes theirs to another one, now or at the next billing date, or takes that back."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, person_view
from accounts.public.pages import keep_private, render_page
from accounts.public.phrases import stripe_error_text
from bookwhen.payments.gateway import StripeError
from memberships import changing
from memberships.change_state import change_state
from memberships.changing import (
    CannotChangeError,
    ChangeOutcome,
    QuoteChangedError,
    change_obstacle,
    prices_to_change_to,
)
from memberships.models import Price, Subscription
from memberships.pauses import is_paused
from memberships.public.my_memberships import subscription_or_404
from memberships.queries import payable_invoice
from tickets.booking.membership_change import choices_of, chosen_price, confirm_change, plan_change

log = logging.getLogger(__name__)

CONFLICT: Final = 409
OK: Final = 200


@person_view
def change(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """Choose another membership, then see what the change will do; by POST, if it is still that, do it."""
    found, now = subscription_or_404(request.user, subscription), timezone.now()
    if not found.is_live:
        return _back_to(found)
    if change_obstacle(found):
        return _show_obstacle(request, found)
    asked = request.POST if request.method == "POST" else request.GET
    price = chosen_price(found, asked.get("price", ""), by_studio=False)
    if asked.get("price") == str(found.price.uuid):
        return _back_to(found)
    if price is None:
        return _show_choices(request, found)
    if request.method == "POST" and "when" in request.POST:
        return _confirm(request, found, price, now=now)
    return _show_plan(request, found, price, now=now)


@person_view
@require_POST
def undo(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """*Undo the change*: take a scheduled one back."""
    found = subscription_or_404(request.user, subscription)
    try:
        changing.undo_change(found, who=request.user.email, now=timezone.now())
    except StripeError as error:
        _tell(request, found, error)
    else:
        messages.success(request, _("Your membership stays as it is."))
    return _back_to(found)


def _confirm(request: PersonRequest, found: Subscription, price: Price, *, now: datetime) -> HttpResponse:
    try:
        outcome = confirm_change(found, price, request.POST.dict(), who=request.user.email, by_studio=False, now=now)
    except QuoteChangedError:
        return _show_plan(request, found, price, now=now, changed=True)
    except CannotChangeError:
        return redirect("my_membership_change", subscription=found.uuid)
    except StripeError as error:
        _tell(request, found, error)
    else:
        _say(request, outcome)
    return _back_to(found)


def _say(request: PersonRequest, outcome: ChangeOutcome) -> None:
    found = outcome.subscription
    if outcome.is_waiting:
        messages.warning(request, _("Your membership hasn’t changed yet: the payment didn’t go through."))
    elif found.next_price:
        messages.success(request, _("Change scheduled"))
    else:
        messages.success(request, _("Your membership is now %(title)s.") % {"title": found.membership.title})


def _show_choices(request: PersonRequest, found: Subscription) -> HttpResponse:
    """What it can be changed to; who comes from the page of one membership (`to`, its id) chooses among its prices."""
    every = choices_of(found, prices_to_change_to(found))
    wanted = [each for each in every if str(each.membership.pk) == request.GET.get("to")]
    context = {"subscription": found, "choices": wanted or every, "are_all": not wanted or wanted == every}
    page = render_page(request, "memberships/public/change_choose.html", context, account=found.account)
    return keep_private(page)


def _show_plan(
    request: PersonRequest, found: Subscription, price: Price, *, now: datetime, changed: bool = False
) -> HttpResponse:
    try:
        plan = plan_change(found, price, by_studio=False, now=now)
    except (CannotChangeError, StripeError) as error:
        if isinstance(error, StripeError):
            _tell(request, found, error)
        return _back_to(found)
    context = {"subscription": found, "plan": plan, "changed": changed, "you": True}
    name, status = "memberships/public/change.html", CONFLICT if changed else OK
    return keep_private(render_page(request, name, context, account=found.account, status=status))


def _show_obstacle(request: PersonRequest, found: Subscription) -> HttpResponse:
    context = {
        "subscription": found,
        "obstacle": change_obstacle(found),
        "coming": change_state(found),
        "invoice": payable_invoice(found),
        "can_be_resumed": is_paused(found) and found.account.members_pause,
    }
    page = render_page(request, "memberships/public/change_obstacle.html", context, account=found.account)
    return keep_private(page)


def _tell(request: PersonRequest, found: Subscription, error: StripeError) -> None:
    log.warning("Subscription %s could not be changed: %s", found.uuid, error)
    messages.error(request, stripe_error_text(error, found.account))


def _back_to(found: Subscription) -> HttpResponse:
    return redirect("my_membership", subscription=found.uuid)
