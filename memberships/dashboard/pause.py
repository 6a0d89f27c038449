"""Pausing a customer's membership and resuming it; what will happen is said before."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.return_paths import next_path
from bookwhen.payments.gateway import StripeError
from memberships.dashboard.fetch import fetch_subscription
from memberships.dashboard.phrases import stripe_error_text
from memberships.models import Subscription
from memberships.pause_form import CANCEL, FARTHEST, PausedBookingsForm, PauseForm, next_payments, read_query
from memberships.pauses import is_paused
from memberships.pausing import (
    CannotPauseError,
    PauseObstacle,
    pause_obstacle,
    pause_subscription,
    resume_subscription,
    set_access_during_pause,
)
from tickets.booking.membership_pause import PausePreview, cancel_paused_by_studio, preview_pause

CONFLICT: Final = 409
UNPROCESSABLE: Final = 422
OBSTACLES: Final = {
    PauseObstacle.ENDED: gettext_lazy("This membership has ended, so there’s nothing to pause."),
    PauseObstacle.TRIAL: gettext_lazy(
        "They’re on trial and haven’t paid anything yet. You can pause it after the first payment."
    ),
    PauseObstacle.OWED: gettext_lazy(
        "A payment is overdue, and Stripe would go on collecting it. Wait until it’s paid, or forgive the invoice in"
        " Stripe, then pause the membership."
    ),
    PauseObstacle.ENDS: gettext_lazy(
        "This membership is set to end. Select Keep membership first if you want to pause it instead."
    ),
    PauseObstacle.CHANGES: gettext_lazy(
        "A change to this membership is scheduled. Pause it once that has happened, or undo the change first."
    ),
}
"""Why an operator cannot pause a membership, and what to do."""


@operator_view(MANAGE_CUSTOMERS)
def subscription_pause(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Pause membership*: until when, then what that will do; by POST, if it is still that, do it."""
    found, now = fetch_subscription(request, pk), timezone.now()
    if obstacle := pause_obstacle(found):
        messages.info(request, str(OBSTACLES[obstacle]))
        return _back(request, found)
    form = PauseForm(read_query(request), subscription=found, latest=now + FARTHEST, may_be_open=True)
    if not form.is_valid():
        context = _context(found) | {"form": form, "payments": next_payments(found), "next": next_path(request)}
        status = UNPROCESSABLE if form.is_bound else 200
        return render(request, "memberships/dashboard/subscription_pause.html", context, status=status)
    preview = preview_pause(found, until=form.ends_at, now=now)
    if request.method == "POST" and request.POST.get("promise") == preview.promise:
        return _pause(request, found, preview)
    changed = request.method == "POST"
    context = (
        _context(found)
        | {"preview": preview, "changed": changed, "bookings": PausedBookingsForm()}
        | {"next": next_path(request)}
    )
    name = "memberships/dashboard/subscription_pause_confirm.html"
    return render(request, name, context, status=CONFLICT if changed else 200)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def subscription_resume(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Resume membership*: it is billed again from its next billing date on."""
    found = fetch_subscription(request, pk)
    try:
        resume_subscription(found, who=_who(request), now=timezone.now())
    except StripeError as error:
        messages.error(request, stripe_error_text(error))
    else:
        messages.success(request, result_text(fetch_subscription(request, pk)))
    return _back(request, found)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def subscription_let_in(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Let them in now*, although a pause rests their access, or *Stop access*."""
    found, allowed = fetch_subscription(request, pk), request.POST.get("access") != "stop"
    set_access_during_pause(found, allowed=allowed, who=_who(request), now=timezone.now())
    known = {"customer": found.customer}
    words = _("%(customer)s can book until their next payment.") if allowed else _("%(customer)s’s access is paused.")
    messages.success(request, words % known)
    return _back(request, found)


def result_text(subscription: Subscription) -> str:
    """How a subscription is after somebody asked to pause or resume it."""
    about: dict[str, object] = {"customer": subscription.customer, "membership": subscription.membership}
    if not is_paused(subscription):
        words = _("“%(membership)s” is no longer paused for %(customer)s.")
    elif subscription.resumes_at is None:
        words = _("“%(membership)s” is paused for %(customer)s until it’s resumed.")
    else:
        words = _("“%(membership)s” is paused for %(customer)s until %(day)s.")
        about["day"] = date_format(subscription.resumes_at.astimezone(subscription.account.zone), "j F Y")
    return words % about


def _pause(request: OperatorRequest, subscription: Subscription, preview: PausePreview) -> HttpResponse:
    """Ask Stripe, then cancel what is booked within the pause if that was chosen; and say what came of it."""
    now = timezone.now()
    try:
        pause_subscription(subscription, until=preview.plan.until, who=_who(request), now=now)
    except StripeError as error:
        messages.error(request, stripe_error_text(error))
        return _back(request, subscription)
    except CannotPauseError as error:
        messages.error(request, str(OBSTACLES[error.obstacle]))
        return _back(request, subscription)
    words = result_text(fetch_subscription(request, subscription.pk))
    if request.POST.get("bookings") == CANCEL and (count := cancel_paused_by_studio(preview.seats, now=now)):
        words += " " + cancelled_text(count)
    messages.success(request, words)
    return _back(request, subscription)


def cancelled_text(count: int) -> str:
    """How many seats within a pause were cancelled."""
    return ngettext("%(count)d booked space was cancelled.", "%(count)d booked spaces were cancelled.", count) % {
        "count": count
    }


def _context(subscription: Subscription) -> dict[str, object]:
    return {"section": "memberships", "subscription": subscription, "paused": is_paused(subscription)}


def _who(request: OperatorRequest) -> str:
    return request.user.name or request.user.email


def _back(request: OperatorRequest, subscription: Subscription) -> HttpResponse:
    """Where the address says that they came from, else the membership."""
    url = dashboard_url(request, "subscription", pk=subscription.pk)
    return redirect(next_path(request) or url)
