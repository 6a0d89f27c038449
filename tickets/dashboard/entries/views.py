"""Creating, editing and repeating entries."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_CUSTOMERS, MANAGE_SCHEDULE, OperatorRequest, operator_view
from bookwhen.picker import is_looking
from tickets.booking.refusals import EntryCancelledError
from tickets.dashboard.entries.forms import EditForm, EntryForm, UntilForm
from tickets.dashboard.fetch import entry_context, fetch_entry, later_ones
from tickets.models import Entry
from tickets.schedule.entries import (
    BelowBookedError,
    EditResult,
    EntryPastError,
    create_entries,
    edit_entries,
    extend_series,
    last_entry,
)

REFUSED = 409


@operator_view(MANAGE_SCHEDULE)
def entry_create(request: OperatorRequest) -> HttpResponse:
    """*Create entry*, once or every week; its tickets come next."""
    form = EntryForm(request.POST or None, account=request.account, now=timezone.now())
    if request.method == "POST" and not is_looking(form) and form.is_valid():
        made = _create(form)
        if made:
            messages.success(request, _created(len(made)))
            return redirect("dashboard:entry_tickets", account=request.account.slug, pk=made[0].pk)
        form.renew_key()
    context = {"section": "schedule", "form": form}
    return render(request, "tickets/dashboard/entry_create.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_SCHEDULE)
def entry_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Edit entry*: what it is, when and where; everyone with a space is told of a move."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "edit", now=now)
    if context["over"]:
        return render(request, "tickets/dashboard/entry_over.html", context, status=_over(request))
    form = EditForm(request.POST or None, entry=entry, repeats=later_ones(entry).exists(), now=now)
    if request.method == "POST" and form.is_valid():
        try:
            edited = _save(request, entry, form, now=now)
        except (
            BelowBookedError,
            EntryCancelledError,
            EntryPastError,
        ):  # something happened since we looked: look again
            return redirect("dashboard:entry_edit", account=request.account.slug, pk=pk)
        messages.success(request, _edited(edited))
        return _to_saved(request, edited)
    context |= {"form": form, "title": entry.title}
    return render(request, "tickets/dashboard/entry_edit.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_SCHEDULE)
def entry_extend(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Repeat until*: more entries after the last one of the series, like it."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    last = last_entry(entry.series) or entry
    form = UntilForm(request.POST or None, last=last, now=now)
    if request.method == "POST" and form.is_valid():
        made = extend_series(entry.series, until=form.cleaned_data["until"], after=now)
        messages.success(request, _added(len(made)))
        return redirect("dashboard:entry", account=request.account.slug, pk=pk)
    context = entry_context(request, entry, "", now=now) | {"form": form, "last": last}
    return render(request, "tickets/dashboard/entry_extend.html", context, status=422 if form.errors else 200)


def _create(form: EntryForm) -> list[Entry]:
    given = form.cleaned_data
    return create_entries(
        form.only_page or given["page"],
        form.details(capacity=given["capacity"], per_booking=given["per_booking"]),
        until=given["until"],
        key=given["key"],
    )


def _save(request: OperatorRequest, entry: Entry, form: EditForm, *, now: datetime) -> EditResult:
    details = form.details(capacity=entry.places.capacity, per_booking=entry.per_booking)
    return edit_entries(entry, details, later_too=form.later_too, who=request.user.email, now=now)


def _to_saved(request: OperatorRequest, edited: EditResult) -> HttpResponse:
    """Go to the entry, or to where it is shown how far the emails are, for those who may see that."""
    job = edited.told.operation
    if job and request.role in MANAGE_CUSTOMERS:
        return redirect("dashboard:operation", account=request.account.slug, pk=job.pk)
    return redirect("dashboard:entry", account=request.account.slug, pk=edited.entries[0].pk)


def _over(request: OperatorRequest) -> int:
    return REFUSED if request.method == "POST" else 200


def _created(count: int) -> str:
    return ngettext("Entry created", "%(count)d entries created", count) % {"count": count}


def _added(count: int) -> str:
    return ngettext("%(count)d entry added", "%(count)d entries added", count) % {"count": count}


def _edited(edited: EditResult) -> str:
    saved = ngettext("Entry saved", "%(count)d entries saved", len(edited.entries)) % {"count": len(edited.entries)}
    people = edited.told.people
    if not people:
        return saved
    moved = ngettext("Entry moved", "%(count)d entries moved", len(edited.entries)) % {"count": len(edited.entries)}
    told = ngettext("%(count)d person emailed", "%(count)d people emailed", people)
    if edited.told.operation:
        told = ngettext("%(count)d person is being emailed", "%(count)d people are being emailed", people)
    return _("%(moved)s and %(told)s.") % {"moved": moved, "told": told % {"count": people}}
