"""Editing entries."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_CUSTOMERS, MANAGE_SCHEDULE, OperatorRequest, operator_view
from tickets.booking.refusals import EntryCancelledError
from tickets.dashboard.entries.forms import EditForm
from tickets.dashboard.entries.over import over_meanwhile, over_page
from tickets.dashboard.entries.series_facts import series_facts
from tickets.dashboard.fetch import entry_context, fetch_entry, others_of
from tickets.models import Entry
from tickets.schedule.edit_plan import plan_edit
from tickets.schedule.entries import (
    BelowBookedError,
    EditResult,
    EntryPastError,
    MovedIntoPastError,
    edit_entries,
    entries_in_scope,
)
from tickets.schedule.overrides import Difference, differences


@operator_view(MANAGE_SCHEDULE)
def entry_edit(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Edit entry*: what it is, when and where; everyone with a space is told of a move."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "edit", now=now)
    if context["over"]:
        return over_page(request, context)
    others = others_of(entry, now=now)
    unlike = differences(entry, others)
    form = EditForm(request.POST or None, entry=entry, repeats=bool(others), differs=bool(unlike), now=now)
    if request.method == "POST" and "change" not in request.POST and form.is_valid():
        try:
            return _check_page(request, entry, context, form, now=now) or _saved(request, entry, form, now=now)
        except MovedIntoPastError:
            form.refuse_past()
        except BelowBookedError:  # somebody else gave it other places since we looked
            form.add_error(None, _("This entry has changed since you opened this page. Check it and save again."))
        except (EntryCancelledError, EntryPastError):  # since we looked
            return over_meanwhile(request, pk, "entry_edit", tab="edit")
    return _edit_page(request, entry, context, form, unlike, now=now)


def _edit_page(
    request: OperatorRequest,
    entry: Entry,
    context: dict[str, object],
    form: EditForm,
    unlike: Sequence[Difference],
    *,
    now: datetime,
) -> HttpResponse:
    context |= {"form": form, "unlike": unlike, "repeats": series_facts(entry, now=now)}
    return render(request, "tickets/dashboard/entry_edit.html", context, status=422 if form.errors else 200)


def _check_page(
    request: OperatorRequest, entry: Entry, context: dict[str, object], form: EditForm, *, now: datetime
) -> HttpResponse | None:
    """Which entries would change, how many are booked there, and what stays; None where that need not be asked."""
    if not form.is_to_check:
        return None
    details = form.details(capacity=entry.places.capacity, per_booking=entry.per_booking)
    entries = entries_in_scope(entry, form.chosen_scope, now=now)
    labels_change = not {"leaders", "tags"}.isdisjoint(form.changed_data)
    plan = plan_edit(entries, details, overwrite=form.overwrites, labels_change=labels_change)
    if any(each.entry.starts_at <= now for each in plan.moved):
        raise MovedIntoPastError
    context |= {"form": form, "plan": plan}
    return render(request, "tickets/dashboard/entry_edit_check.html", context) if plan.dates else None


def _saved(request: OperatorRequest, entry: Entry, form: EditForm, *, now: datetime) -> HttpResponse:
    """Save, and go to the entry, or to where it is shown how far the emails are, for those who may see that."""
    details = form.details(capacity=entry.places.capacity, per_booking=entry.per_booking)
    edited = edit_entries(
        entry, details, scope=form.chosen_scope, overwrite=form.overwrites, who=request.user.email, now=now
    )
    messages.success(request, _edited(edited))
    if form.theirs:
        names = ", ".join(str(form.fields[name].label) for name in form.theirs)
        messages.info(request, _("Kept as a colleague has just changed it: %(fields)s") % {"fields": names})
    job = edited.told.operation
    if job and request.role in MANAGE_CUSTOMERS:
        return redirect("dashboard:operation", account=request.account.slug, pk=job.pk)
    return redirect("dashboard:entry", account=request.account.slug, pk=edited.entries[0].pk)


def _edited(edited: EditResult) -> str:
    saved = ngettext("Entry saved", "%(count)d entries saved", len(edited.entries)) % {"count": len(edited.entries)}
    if edited.kept:
        words = ngettext("%(count)d kept what differs.", "%(count)d kept what differs.", edited.kept)
        saved = f"{saved}. {words % {'count': edited.kept}}"
    people = edited.told.people
    if not people:
        return saved
    moved = ngettext("Entry moved", "%(count)d entries moved", len(edited.entries)) % {"count": len(edited.entries)}
    told = ngettext("%(count)d person emailed", "%(count)d people emailed", people)
    if edited.told.operation:
        told = ngettext("%(count)d person is being emailed", "%(count)d people are being emailed", people)
    return _("%(moved)s and %(told)s.") % {"moved": moved, "told": told % {"count": people}}
