"""*Payments health*: what Stripe told us and what became of it, and what comparing with Stripe found."""

import json
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.payments.rows import (
    counts_of,
    difference_rows,
    differences_of,
    event_rows,
    newest_of,
    open_differences,
)
from accounts.dashboard.query import query_choice
from accounts.history.recording import record
from accounts.models import Deed
from accounts.stripe_connection import about_stripe, replay_event
from bookwhen.counts import add_up, capped_count
from bookwhen.installation.copies import quiet_copy, quiet_text
from bookwhen.keyset import keyset_page
from bookwhen.payments import inbox
from bookwhen.payments.models import Connection, EventState, StripeEvent
from bookwhen.queue import enqueue

PER_PAGE: Final = 25
LATEST: Final = 5
CATCH_UP: Final = "bookwhen.payments.tasks.catch_up"
RECONCILE: Final = "bookwhen.payments.tasks.reconcile"


@operator_view(MANAGE_CUSTOMERS)
def payments_health(request: OperatorRequest) -> HttpResponse:
    """How the connection is, the latest differences, and the events, newest first, perhaps of one state."""
    account, connection = request.account, request.account.connection
    context: dict[str, object] = {"section": "settings", "tab": "health", "connection": connection}
    if connection is not None:
        counts = counts_of(connection)
        state = query_choice(request, "state", EventState)
        events = keyset_page(newest_of(connection, state), ("-received_at", "-pk"), request.GET, size=PER_PAGE)
        latest = list(differences_of(account)[: LATEST + 1])
        context |= {
            "events": events,
            "event_rows": event_rows(account, events),
            "state": state,
            "counts": counts,
            "total": add_up(counts.values()),
            "waiting": counts[EventState.RECEIVED],
            "given_up": counts[EventState.DEAD],
            "rows": difference_rows(account, connection, latest[:LATEST]),
            "has_more": len(latest) > LATEST,
            "still_different": capped_count(open_differences(account, connection)),
        }
    return render(request, "accounts/dashboard/payments_health.html", context)


@operator_view(MANAGE_CUSTOMERS)
def payments_differences(request: OperatorRequest) -> HttpResponse:
    """Everything that comparing with Stripe found, newest first."""
    connection = _connection(request)
    page = keyset_page(differences_of(request.account), ("-found_at", "-pk"), request.GET, size=PER_PAGE)
    context = {
        "section": "settings",
        "tab": "health",
        "differences": page,
        "rows": difference_rows(request.account, connection, page),
    }
    return render(request, "accounts/dashboard/payments_differences.html", context)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def payments_catch_up(request: OperatorRequest) -> HttpResponse:
    """*Catch up now*: ask Stripe for what did not reach us; a worker does it."""
    told = _("We’re checking Stripe for missed updates. Reload this page in a moment to see them.")
    return _ask(request, CATCH_UP, told, Deed.STRIPE_CAUGHT_UP)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def payments_compare(request: OperatorRequest) -> HttpResponse:
    """*Compare with Stripe now*: every membership; a worker does it."""
    told = _("We’re comparing every membership with Stripe. Reload this page in a moment to see the result.")
    return _ask(request, RECONCILE, told, Deed.STRIPE_COMPARED)


@operator_view(MANAGE_CUSTOMERS)
def payments_event(request: OperatorRequest, pk: int) -> HttpResponse:
    """One Stripe event with its payload."""
    event = _event(request, pk)
    (row,) = event_rows(request.account, [event])
    context = {
        "section": "settings",
        "tab": "health",
        "event": event,
        "subscription": row.subscription,
        "connection": event.connection,
        "payload": json.dumps(event.payload, indent=2, sort_keys=True, ensure_ascii=False),
        "most_tries": inbox.ATTEMPTS,
    }
    return render(request, "accounts/dashboard/payments_event.html", context)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def payments_event_replay(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Replay*: have a worker look once more at what an event is about."""
    event = _event(request, pk)
    if not event.connection.is_live:
        messages.error(request, _("Stripe is disconnected. Connect it first, then replay the event."))
    elif replay_event(request.account, event, now=timezone.now()):
        messages.success(request, _("We’re replaying the event. Reload this page in a moment to see the result."))
    else:
        messages.info(request, _("This event is already waiting to be processed."))
    return redirect("dashboard:payments_event", account=request.account.slug, pk=pk)


def _connection(request: OperatorRequest) -> Connection:
    """The account's connection, live or not; else 404."""
    if request.account.connection is None:
        raise Http404
    return request.account.connection


def _event(request: OperatorRequest, pk: int) -> StripeEvent:
    connection = _connection(request)
    event = get_object_or_404(connection.events, pk=pk)
    event.connection = connection
    return event


def _ask(request: OperatorRequest, task: str, told: str, deed: Deed) -> HttpResponse:
    connection = request.account.connection
    if copy := quiet_copy():
        messages.error(request, quiet_text(copy))
    elif connection is not None and connection.is_live:
        enqueue(task, connection.pk)
        record(deed, about_stripe(connection), account=request.account)
        messages.success(request, told)
    return redirect("dashboard:payments_health", account=request.account.slug)
