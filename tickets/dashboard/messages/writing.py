"""Writing a message: to whom, and what; a draft is kept, and can be changed until it is sent."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.deletion import deletes_once, deletion_key
from accounts.dashboard.links import dashboard_url
from accounts.mailings.audiences import Found, audience_of, find_audience
from accounts.mailings.recorded import last_change
from accounts.mailings.services import (
    AlreadySentError,
    ChangedMeanwhileError,
    Draft,
    delete_draft,
    edit_draft,
    write_draft,
)
from accounts.models import Mailing
from groups.queries import groups_of
from tickets.dashboard.messages.fetch import fetch_mailing, redirect_to_message
from tickets.dashboard.messages.forms import MessageForm, written_in

NAMED: Final = 20
"""How many groups are offered as whom to write to; the others have the same button on their pages."""


@operator_view(MANAGE_CUSTOMERS)
def message_new(request: OperatorRequest) -> HttpResponse:
    """Write a message to whom the address names, or choose that first. What is saved is a draft."""
    audience, now = find_audience(request.GET.get("to", "")), timezone.now()
    asked = audience.ask(request.GET) if audience else {}
    found = audience.find(request.account, asked, now) if audience else None
    if audience is None or found is None or asked.get("customers") == []:
        return _choose(request)
    form = MessageForm(request.POST if request.method == "POST" else None, found=found, asked=asked)
    if request.method == "POST" and form.is_valid():
        draft, key = _named(request, form.draft(audience.name), now=now), form.cleaned_data["key"]
        try:
            mailing = write_draft(request.account, draft, who=request.user.email, key=key, now=now)
        except AlreadySentError:
            form.renew_key()
        else:
            return redirect_to_message(request, mailing)
    return _form_page(request, form, found, {"back_url": _back(request, found)})


@operator_view(MANAGE_CUSTOMERS)
def message_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """Change what a message says, and whom of its audience it is for, until it is sent."""
    mailing, now = fetch_mailing(request, pk), timezone.now()
    found = audience_of(mailing, now=now)
    if request.method != "POST" and (found is None or not mailing.is_unsent):
        return redirect_to_message(request, mailing)
    if found is None:
        return _choose(request)
    sent = request.POST if request.method == "POST" else None
    form = MessageForm(sent, found=found, asked=mailing.asked, initial=written_in(mailing))
    if request.method == "POST" and form.is_valid() and _edit(request, mailing, form, now=now):
        return redirect_to_message(request, mailing)
    back = dashboard_url(request, "message", pk=mailing.pk)
    return _form_page(request, form, found, {"mailing": mailing, "back_url": back})


def _edit(request: OperatorRequest, mailing: Mailing, form: MessageForm, *, now: datetime) -> bool:
    """Change a message as a valid form says; else say why it isn’t changed, and keep what was typed."""
    draft = _named(request, form.draft(mailing.audience), now=now)
    try:
        if edit_draft(mailing, draft, now=now, seen=form.seen_at):
            return True
    except ChangedMeanwhileError:
        mailing.refresh_from_db()
        form.show_change(mailing, _changed_text(request, mailing))
    else:
        form.add_error(None, _("It’s being sent already, so it can’t be changed any more."))
    return False


def _changed_text(request: OperatorRequest, mailing: Mailing) -> str:
    """Who changed a message after its page was opened, with the way to what it says now."""
    found = last_change(mailing)
    words = _("Someone changed this message after you opened this page.")
    if found and found.actor_id == request.user.pk:
        words = _("You changed this message in another window after you opened this page.")
    elif found and found.actor_name:
        words = _("%(name)s changed this message after you opened this page.") % {"name": found.actor_name}
    return format_html(
        '{} <a href="{}" target="_blank">{}</a>. {}',
        words,
        dashboard_url(request, "message", pk=mailing.pk),
        _("See what it says now"),
        _("What you typed is still here. To save it instead, select “Preview” again."),
    )


@operator_view(MANAGE_CUSTOMERS)
@deletes_once(then="messages")
def message_delete(request: OperatorRequest, pk: int) -> HttpResponse:
    """Drop a message that nobody gets yet."""
    mailing = fetch_mailing(request, pk)
    if not mailing.is_unsent:
        return redirect_to_message(request, mailing)
    if request.method == "POST":
        if delete_draft(mailing, now=timezone.now()):
            messages.success(request, _("Draft deleted"))
            return redirect("dashboard:messages", account=request.account.slug)
        messages.error(request, _("It’s being sent already, so it can’t be deleted any more."))
        return redirect_to_message(request, mailing)
    context = {"section": "messages", "mailing": mailing, "key": deletion_key(request)}
    return render(request, "tickets/dashboard/messages/delete.html", context)


def _choose(request: OperatorRequest) -> HttpResponse:
    groups = list(groups_of(request.account).order_by("name", "pk")[: NAMED + 1])
    is_gone = request.method == "POST"
    context = {"section": "messages", "groups": groups[:NAMED], "has_more": len(groups) > NAMED, "is_gone": is_gone}
    return render(request, "tickets/dashboard/messages/choose.html", context)


def _form_page(request: OperatorRequest, form: MessageForm, found: Found, more: dict[str, Any]) -> HttpResponse:
    context = {"section": "messages", "form": form, "found": found, **more}
    return render(request, "tickets/dashboard/messages/form.html", context, status=422 if form.errors else 200)


def _named(request: OperatorRequest, draft: Draft, *, now: datetime) -> Draft:
    """A draft with what its audience, as it was chosen in the form, is called."""
    unsaved = Mailing(account=request.account, audience=draft.audience, asked=draft.asked)
    found = audience_of(unsaved, now=now)
    return replace(draft, audience_name=found.title) if found else draft


def _back(request: OperatorRequest, found: Found) -> str:
    if found.place is None:
        return dashboard_url(request, "messages")
    kwargs = {"pk": found.place.pk} if found.place.pk else {}
    return dashboard_url(request, found.place.page, **kwargs)
