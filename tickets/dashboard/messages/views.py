"""The messages of an account; one of them: how it will look and who gets it, then how far it is and what came of it."""

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, is_proved, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.operations import REFRESH_SECONDS, STILL
from accounts.mailings.audiences import Found, audience_of
from accounts.mailings.letters import preview, send_test
from accounts.mailings.recorded import record_mailing
from accounts.mailings.results import Outcome, forecast, results
from accounts.mailings.services import AudienceGoneError, ChangedMeanwhileError, go_on, send, stop, unschedule
from accounts.models import Deed, Mailing, MailingState, MailOutage
from bookwhen.keyset import keyset_page
from tickets.dashboard.messages.fetch import fetch_mailing, redirect_to_message
from tickets.dashboard.messages.forms import LaterForm, read_instant

GOING_OUT: Final = (MailingState.SENDING, MailingState.SENT)


@operator_view(MANAGE_CUSTOMERS)
def message_list(request: OperatorRequest) -> HttpResponse:
    """*Messages*: all of them, newest first."""
    found = keyset_page(request.account.mailings.defer("text"), ("-created_at", "-pk"), request.GET)
    context = {"section": "messages", "mailings": found}
    return render(request, "tickets/dashboard/messages/list.html", context)


@operator_view(MANAGE_CUSTOMERS)
def message(request: OperatorRequest, pk: int) -> HttpResponse:
    """A message: before it is sent, how it will look and who gets it; then how far it is, and what came of it."""
    mailing, now = fetch_mailing(request, pk), timezone.now()
    if mailing.is_unsent:
        return _unsent_page(request, mailing, LaterForm(account=request.account, now=now), now=now)
    came = results(mailing, now=now)
    is_worked_off = mailing.operation is not None and mailing.operation.is_worked_off
    context = {
        "section": "messages",
        "mailing": mailing,
        "results": came,
        "rows": [(each, came.counts[each]) for each in Outcome if came.counts[each]],
        "left_out": list(came.left_out.items()),
        "is_going_out": mailing.state in GOING_OUT and (is_worked_off or came.is_going_out),
        "is_outage": came.is_going_out and MailOutage.objects.exists(),
        "is_still": STILL in request.GET,
    }
    answer = render(request, "tickets/dashboard/messages/results.html", context)
    if is_worked_off and STILL not in request.GET:
        answer["Refresh"] = str(REFRESH_SECONDS)
    return answer


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def message_send(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Send*, now or at the time that was chosen; a second time it stays as it is."""
    mailing, now = fetch_mailing(request, pk), timezone.now()
    form = LaterForm(request.POST, account=request.account, now=now) if "later" in request.POST else None
    if form is not None and not form.is_valid() and mailing.is_unsent:
        return _unsent_page(request, mailing, form, now=now)
    if not mailing.is_unsent:
        return redirect_to_message(request, mailing)
    seen = read_instant(request.POST.get("seen", ""))
    try:
        send(mailing, seen=seen, who=request.user.email, now=now, at=form.cleaned_data["at"] if form else None)
        if form and form.clocks:
            messages.info(request, form.clocks)
    except ChangedMeanwhileError:
        messages.error(request, _("This message has changed since you opened this page. Check it and send it again."))
    except AudienceGoneError:
        messages.error(request, _("What this message was for isn’t there any more, so nobody would get it."))
    return redirect_to_message(request, mailing)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def message_test(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Send a test to me*: the email as its first recipient will read it, to the person who asks."""
    mailing, now = fetch_mailing(request, pk), timezone.now()
    found = audience_of(mailing, now=now)
    if not is_proved(request.user):
        messages.error(request, _("Confirm your own email address first. Then we can send you a test."))
    elif found is None or not mailing.is_unsent:
        messages.error(request, _("There’s nothing left to test."))
    elif send_test(mailing, found, request.user, now=now):
        record_mailing(Deed.MESSAGE_TESTED, mailing)
        messages.success(request, _("We’ve sent a test to %(email)s.") % {"email": request.user.email})
    else:
        messages.info(request, _("A test is already on its way to you. You can send another in a minute."))
    return redirect_to_message(request, mailing)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def message_unschedule(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Don’t send it*: a scheduled message becomes a draft again."""
    mailing = fetch_mailing(request, pk)
    if unschedule(mailing, now=timezone.now()):
        messages.success(request, _("It won’t be sent. It’s a draft again."))
    return redirect_to_message(request, mailing)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def message_stop(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Stop*: what is not on its way yet is not sent."""
    mailing = fetch_mailing(request, pk)
    if not stop(mailing, now=timezone.now()):
        messages.info(request, _("Every email had already gone out, so there was nothing to stop."))
    return redirect_to_message(request, mailing)


@operator_view(MANAGE_CUSTOMERS)
@require_POST
def message_continue(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Go on*: those who haven’t got it get it, and nobody twice."""
    mailing = fetch_mailing(request, pk)
    go_on(mailing, who=request.user.email, now=timezone.now())
    return redirect_to_message(request, mailing)


def _unsent_page(request: OperatorRequest, mailing: Mailing, form: LaterForm, *, now: datetime) -> HttpResponse:
    found = audience_of(mailing, now=now)
    context: dict[str, Any] = {"section": "messages", "mailing": mailing, "found": found, "form": form}
    context["can_test"] = is_proved(request.user)
    if found is not None:
        context |= {"forecast": forecast(mailing, found, now=now), "preview": preview(mailing, found)}
        context["place_url"] = _place_url(request, found)
        context["left_out"] = [(each, each.label, count) for each, count in context["forecast"].left_out.items()]
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "tickets/dashboard/messages/unsent.html", context, status=status)


def _place_url(request: OperatorRequest, found: Found) -> str:
    if found.place is None:
        return ""
    return dashboard_url(request, found.place.page, **({"pk": found.place.pk} if found.place.pk else {}))
