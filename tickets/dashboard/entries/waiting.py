"""Who waits for space at an entry: what they were offered, why they were passed over; offering out of turn."""

from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.models import Account
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import OPEN_STATES, WaitlistRequest
from tickets.waiting.ending import remove
from tickets.waiting.offering import Outcome, offer_now
from tickets.waiting.phrases import skip_text
from tickets.waiting.requests import MOST_WAITING

MOST_ENDED: Final = 50
"""How many of those are shown who wait no more, the latest first."""


@operator_view(SEE_ATTENDEES)
def entry_waiting(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Waiting*: everybody who waits or has an offer, in line; below them who did lately."""
    found = fetch_entry(request.account, pk)
    line = WaitlistRequest.objects.filter(account=request.account, entry=found).select_related("customer", "ticket")
    context = entry_context(request, found, "waiting", now=timezone.now()) | {
        "line": [(each, skip_text(each.skipped)) for each in line.open().in_line()[: 2 * MOST_WAITING]],
        "ended": line.exclude(state__in=OPEN_STATES).order_by("-ended_at", "-pk")[:MOST_ENDED],
        "is_free": found.places.capacity > found.places.taken,
    }
    return render(request, "tickets/dashboard/entry_waiting.html", context)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def waiting_offer(request: OperatorRequest, pk: int, waiting: int) -> HttpResponse:
    """*Offer now*: what is free, to somebody who waits, no matter who is before them."""
    found = _fetch(request.account, pk, waiting)
    outcome = offer_now(found, now=timezone.now())
    found.refresh_from_db()
    told = {"name": found.customer, "until": _moment(found.offered_until, request.account)}
    if outcome is Outcome.OFFERED:
        messages.success(request, _("Offered to %(name)s until %(until)s") % told)
    elif outcome is Outcome.BOOKED:
        messages.success(request, _("Booked for %(name)s, as they asked") % told)
    elif outcome is Outcome.PASSED_OVER:
        told["reason"] = skip_text(found.skipped)
        messages.error(request, _("%(name)s can’t have it: %(reason)s.") % told)
    else:
        messages.error(request, _("There’s no space to offer. Raise the maximum event size to make some."))
    return redirect("dashboard:entry_waiting", account=request.account.slug, pk=pk)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def waiting_remove(request: OperatorRequest, pk: int, waiting: int) -> HttpResponse:
    """Take somebody off the list; they are told."""
    found = _fetch(request.account, pk, waiting)
    if remove(found, now=timezone.now()):
        messages.success(request, _("%(name)s removed from the waiting list and emailed") % {"name": found.customer})
    else:
        messages.error(
            request, _("%(name)s is no longer waiting, or is paying at the moment.") % {"name": found.customer}
        )
    return redirect("dashboard:entry_waiting", account=request.account.slug, pk=pk)


def _fetch(account: Account, entry: int, waiting: int) -> WaitlistRequest:
    line = WaitlistRequest.objects.filter(account=account, entry=entry)
    return get_object_or_404(
        line.select_related("customer", "ticket", "entry__account", "entry__page", "entry__places"), pk=waiting
    )


def _moment(instant: datetime | None, account: Account) -> str:
    return date_format(instant.astimezone(account.zone), "j F Y, H:i") if instant else ""
