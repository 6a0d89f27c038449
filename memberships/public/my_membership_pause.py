"""What a member does with a pause of their own membership, where the studio lets them."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import PersonRequest, person_view
from accounts.public.pages import keep_private, render_page
from accounts.public.phrases import format_day, stripe_error_text
from bookwhen.payments.gateway import StripeError
from memberships.models import Subscription
from memberships.pause_form import CANCEL, PausedBookingsForm, PauseForm, next_payments, read_query
from memberships.pauses import is_paused, is_waiting
from memberships.pausing import (
    CannotPauseError,
    PauseObstacle,
    latest_end,
    members_obstacle,
    pause_subscription,
    resume_subscription,
)
from memberships.public.my_memberships import subscription_or_404
from tickets.booking.membership_pause import PausePreview, cancel_paused_by_customer, preview_pause

log = logging.getLogger(__name__)

CONFLICT: Final = 409
UNPROCESSABLE: Final = 422
OBSTACLES: Final = {
    PauseObstacle.ENDED: gettext_lazy("This membership has ended, so there’s nothing to pause."),
    PauseObstacle.TRIAL: gettext_lazy(
        "You’re on trial and haven’t paid anything yet. You can pause your membership after the first payment."
    ),
    PauseObstacle.OWED: gettext_lazy("A payment is overdue. Pay it first, then you can pause your membership."),
    PauseObstacle.ENDS: gettext_lazy(
        "Your membership is set to end. Choose “Keep membership” first if you want to pause it instead."
    ),
    PauseObstacle.CHANGES: gettext_lazy("Your membership is about to change. You can pause it once that has happened."),
    PauseObstacle.NOT_ALLOWED: gettext_lazy("Please ask the studio if you want to pause your membership."),
    PauseObstacle.TOO_FAR: gettext_lazy(
        "Your next payment is too far ahead for a pause. Please ask the studio if you want to pause your membership."
    ),
}
"""Why a member cannot pause their membership, and what to do."""


@person_view
def pause(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """*Pause membership*: until when, then what that will do; by POST, if it is still that, do it."""
    found, now = subscription_or_404(request.user, subscription), timezone.now()
    if is_paused(found):
        return _back_to(found)
    if obstacle := members_obstacle(found, now=now):
        messages.info(request, str(OBSTACLES[obstacle]))
        return _back_to(found)
    form = PauseForm(read_query(request), subscription=found, latest=latest_end(found, now=now), may_be_open=False)
    if not form.is_valid():
        return _ask_until_when(request, found, form)
    preview = preview_pause(found, until=form.ends_at, now=now)
    if request.method == "POST" and request.POST.get("promise") == preview.promise:
        return _pause(request, found, preview)
    return _confirm(request, found, preview)


@person_view
def resume(request: PersonRequest, subscription: UUID) -> HttpResponse:
    """*Resume membership*: by POST, let it be billed again from its next billing date on."""
    found, now = subscription_or_404(request.user, subscription), timezone.now()
    if request.method != "POST" or not found.account.members_pause:
        return _back_to(found)
    try:
        resume_subscription(found, who=request.user.email, now=now)
    except StripeError as error:
        _tell(request, found, error)
        return _back_to(found)
    after = subscription_or_404(request.user, subscription)
    if not is_paused(after):
        messages.success(request, _resumed(after))
    return _back_to(found)


def _ask_until_when(request: PersonRequest, subscription: Subscription, form: PauseForm) -> HttpResponse:
    days = subscription.account.longest_pause_days
    context = {
        "subscription": subscription,
        "form": form,
        "payments": [format_day(each, subscription.account) for each in next_payments(subscription)],
        "limit": ngettext("You can pause for up to %(days)d day.", "You can pause for up to %(days)d days.", days)
        % {"days": days},
    }
    status = UNPROCESSABLE if form.is_bound else 200
    page = render_page(request, "memberships/public/pause.html", context, account=subscription.account, status=status)
    return keep_private(page)


def _confirm(request: PersonRequest, subscription: Subscription, preview: PausePreview) -> HttpResponse:
    changed = request.method == "POST"
    context = {
        "subscription": subscription,
        "preview": preview,
        "changed": changed,
        "bookings": PausedBookingsForm() if subscription.account.customers_cancel else None,
        "days": [format_day(each, subscription.account) for each in preview.plan.left_out],
    }
    page = render_page(
        request,
        "memberships/public/pause_confirm.html",
        context,
        account=subscription.account,
        status=CONFLICT if changed else 200,
    )
    return keep_private(page)


def _pause(request: PersonRequest, subscription: Subscription, preview: PausePreview) -> HttpResponse:
    now, until = timezone.now(), preview.plan.until
    try:
        pause_subscription(subscription, until=until, who=request.user.email, now=now)
    except StripeError as error:
        _tell(request, subscription, error)
        return _back_to(subscription)
    except CannotPauseError as error:
        messages.error(request, str(OBSTACLES[error.obstacle]))
        return _back_to(subscription)
    words = _paused(subscription, until)
    if request.POST.get("bookings") == CANCEL and (count := cancel_paused_by_customer(preview.seats, now=now)):
        told = ngettext("%(count)d booking was cancelled.", "%(count)d bookings were cancelled.", count)
        words += " " + told % {"count": count}
    messages.success(request, words)
    return _back_to(subscription)


def _paused(subscription: Subscription, until: datetime | None) -> str:
    return _("Your membership is paused until %(day)s.") % {"day": format_day(until, subscription.account)}


def _resumed(subscription: Subscription) -> str:
    payment = format_day(subscription.period_end, subscription.account)
    if is_waiting(subscription):
        words = _("Your membership has been resumed. You can book with it again from your next payment on %(day)s.")
    else:
        words = _("Your membership has been resumed. Your next payment is on %(day)s.")
    return words % {"day": payment}


def _tell(request: PersonRequest, subscription: Subscription, error: StripeError) -> None:
    log.warning("Stripe did not do what was asked of subscription %s: %s", subscription.uuid, error)
    messages.error(request, stripe_error_text(error, subscription.account))


def _back_to(subscription: Subscription) -> HttpResponse:
    return redirect("my_membership", subscription=subscription.uuid)
