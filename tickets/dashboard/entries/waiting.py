"""Who waits for space at an entry, what they were offered, why they were passed over; offering now, moving up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.models import Account
from tickets.availability.waiting import read_free
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import OPEN_STATES, Entry, WaitlistRequest, WaitState
from tickets.waiting.ending import remove
from tickets.waiting.offering import Outcome, offer_now
from tickets.waiting.phrases import skip_text, tickets_text
from tickets.waiting.requests import MOST_WAITING
from tickets.waiting.turns import move_up

MOST_ENDED: Final = 50
"""How many of those are shown who wait no more, the latest first."""


@dataclass(frozen=True, slots=True)
class _Line:
    """Somebody who waits: which place in line they have, by which tickets they would come, and why not so far."""

    request: WaitlistRequest
    place: int
    tickets: str
    reason: str
    can_have: bool
    """Whether any of their tickets is free: whether offering them one now can come to anything."""


@operator_view(SEE_ATTENDEES)
def entry_waiting(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Waiting*: everybody who has an offer; everybody who waits, in line; below them who did lately."""
    found = fetch_entry(request.account, pk)
    everyone = WaitlistRequest.objects.filter(account=request.account, entry=found)
    everyone = everyone.select_related("customer", "ticket")
    ended = everyone.exclude(state__in=OPEN_STATES).order_by("-ended_at", "-pk")[:MOST_ENDED]
    context = entry_context(request, found, "waiting", now=timezone.now()) | {
        "offered": everyone.filter(state=WaitState.OFFERED).order_by("offered_until", "pk"),
        "line": _lines(found, everyone.waiting().prefetch_related("also").in_line()[:MOST_WAITING]),
        "ended": [(each, skip_text(each.skipped)) for each in ended],
    }
    return render(request, "tickets/dashboard/entry_waiting.html", context)


def _lines(entry: Entry, line: QuerySet[WaitlistRequest]) -> list[_Line]:
    free = read_free(entry.pk)
    return [
        _Line(
            each,
            place,
            tickets_text(each),
            skip_text(each.skipped),
            any(free.of(ticket.pk) > 0 for ticket in each.tickets),
        )
        for place, each in enumerate(line, 1)
    ]


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
    elif found.state != WaitState.WAITING:
        messages.error(request, _("%(name)s is no longer waiting.") % told)
    else:
        messages.error(request, _("There’s no space to offer. Raise the maximum event size to make some."))
    return redirect("dashboard:entry_waiting", account=request.account.slug, pk=pk)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def waiting_move_up(request: OperatorRequest, pk: int, waiting: int) -> HttpResponse:
    """*Move up* in line by one, or *Move to the front*; they aren't written to, for their page says their place."""
    found = _fetch(request.account, pk, waiting)
    place = move_up(found, to_front="front" in request.POST)
    told = {"name": found.customer, "place": place}
    if place:
        messages.success(request, _("%(name)s is number %(place)s in line now") % told)
    else:
        messages.error(request, _("%(name)s is no longer waiting.") % told)
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
