"""*Tickets & Costs*: how many places an entry has, and the tickets of its series."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_SCHEDULE, OperatorRequest, operator_view, upgrade_page
from bookwhen.picker import is_looking
from groups.models import Group
from tickets.booking.refusals import EntryCancelledError
from tickets.dashboard.entries.copy_form import CopyTicketsForm
from tickets.dashboard.entries.forms import PlacesForm
from tickets.dashboard.entries.phrases import sale_window_text
from tickets.dashboard.entries.ticket_form import ScopeOnlyForm, TicketForm
from tickets.dashboard.fetch import entry_context, fetch_entry, others_of
from tickets.models import Entry, Ticket
from tickets.queries import tickets_of
from tickets.schedule.catalogue import (
    NeedsStandardError,
    NoGroupError,
    create_ticket_at,
    edit_ticket_at,
    groups_without_offer,
    retire_ticket_at,
)
from tickets.schedule.copying import Direction, copy_tickets, move_ticket
from tickets.schedule.details import entry_details
from tickets.schedule.entries import BelowBookedError, EntryPastError, edit_entries
from tickets.schedule.overrides import differences


@operator_view(MANAGE_SCHEDULE)
def entry_tickets(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Tickets & Costs* of an entry."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    others = others_of(entry, now=now)
    form = PlacesForm(request.POST or None, entry=entry, repeats=bool(others), differs=bool(differences(entry, others)))
    if request.method == "POST" and form.is_valid() and _save_places(request, entry, form, now=now):
        return redirect("dashboard:entry_tickets", account=request.account.slug, pk=pk)
    tickets = list(_tickets(entry))
    context = entry_context(request, entry, "tickets", now=now) | {
        "form": form,
        "tickets": [(ticket, sale_window_text(ticket)) for ticket in tickets],
        "uncovered": _uncovered(tickets),
        "unpayable": any(ticket.price for ticket in tickets) and not request.account.takes_payments,
        "entries_in_series": entry.series.entries.count(),
    }
    return render(request, "tickets/dashboard/entry_tickets.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_SCHEDULE)
def ticket_create(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Add ticket*."""
    return _ticket_page(request, fetch_entry(request.account, pk), None)


@operator_view(MANAGE_SCHEDULE)
def ticket_edit(request: OperatorRequest, pk: int, ticket: int) -> HttpResponse:
    """*Edit ticket*."""
    entry = fetch_entry(request.account, pk)
    return _ticket_page(request, entry, get_object_or_404(_tickets(entry), pk=ticket))


@operator_view(MANAGE_SCHEDULE)
def ticket_remove(request: OperatorRequest, pk: int, ticket: int) -> HttpResponse:
    """*Remove ticket*: it goes off sale, its seats stand."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    found = get_object_or_404(_tickets(entry), pk=ticket)
    form = ScopeOnlyForm(request.POST if request.method == "POST" else None, repeats=_has_others(entry))
    if form.is_valid():
        retire_ticket_at(entry, found, form.chosen_scope, now=now)
        messages.success(request, _("Ticket removed"))
        return redirect("dashboard:entry_tickets", account=request.account.slug, pk=pk)
    ahead = found.seats.live().upcoming(now)
    context = entry_context(request, entry, "tickets", now=now) | {
        "form": form,
        "ticket": found,
        "seats_ahead": ahead.count(),
    }
    return render(request, "tickets/dashboard/ticket_remove.html", context)


@operator_view(MANAGE_SCHEDULE)
def ticket_move(request: OperatorRequest, pk: int, ticket: int) -> HttpResponse:
    """Show a ticket before the one above it, or after the one below."""
    entry = fetch_entry(request.account, pk)
    found = get_object_or_404(_tickets(entry), pk=ticket)
    if request.method == "POST" and request.POST.get("to") in set(Direction):
        move_ticket(found, Direction(request.POST["to"]))
    return redirect("dashboard:entry_tickets", account=request.account.slug, pk=pk)


@operator_view(MANAGE_SCHEDULE)
def tickets_copy(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Copy tickets* from another entry, found by searching."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    form = CopyTicketsForm(request.POST or None, entry=entry)
    if request.method == "POST" and not is_looking(form) and form.is_valid():
        made = copy_tickets(form.cleaned_data["source"], entry)
        words = ngettext("%(count)d ticket copied", "%(count)d tickets copied", len(made)) % {"count": len(made)}
        messages.success(request, words if made else _("This entry has all of those tickets already."))
        return redirect("dashboard:entry_tickets", account=request.account.slug, pk=pk)
    context = entry_context(request, entry, "tickets", now=now) | {"form": form}
    return render(request, "tickets/dashboard/tickets_copy.html", context, status=422 if form.errors else 200)


def _has_others(entry: Entry) -> bool:
    return Entry.objects.filter(account=entry.account_id, series=entry.series_id).exclude(pk=entry.pk).exists()


def _tickets(entry: Entry) -> QuerySet[Ticket]:
    return tickets_of(entry).select_related("series__account").prefetch_related("groups")


def _uncovered(tickets: Sequence[Ticket]) -> list[tuple[Ticket, list[Group]]]:
    """The exclusive tickets that some of those they are for cannot book, with these groups; none: all are archived."""
    without = groups_without_offer(tickets)
    return [
        (ticket, without[ticket.pk])
        for ticket in tickets
        if ticket.exclusive
        and (without[ticket.pk] or all(group.archived_at is not None for group in ticket.groups.all()))
    ]


def _save_places(request: OperatorRequest, entry: Entry, form: PlacesForm, *, now: datetime) -> bool:
    """Save, and say so; where too many are booked, the form says that."""
    given = form.cleaned_data
    details = replace(entry_details(entry), capacity=given["capacity"], per_booking=given["per_booking"])
    try:
        edited = edit_entries(entry, details, scope=form.chosen_scope, overwrite=form.overwrites, now=now)
    except BelowBookedError as error:
        form.refuse(error.minimum)
        return False
    except (EntryCancelledError, EntryPastError):
        messages.error(request, _("This entry has been cancelled or has started, so you can’t change its spaces."))
        return True
    saved = ngettext("Spaces saved", "%(count)d entries saved", len(edited.entries))
    messages.success(request, saved % {"count": len(edited.entries)})
    return True


def _ticket_page(request: OperatorRequest, entry: Entry, ticket: Ticket | None) -> HttpResponse:
    now = timezone.now()
    form = TicketForm(request.POST or None, account=request.account, ticket=ticket, repeats=_has_others(entry))
    if request.method == "POST" and not is_looking(form) and form.is_valid():
        try:
            saved = _save_ticket(entry, ticket, form, now=now)
        except NeedsStandardError:
            return upgrade_page(request)
        if saved:
            messages.success(request, _("Ticket saved") if ticket else _("Ticket added"))
            return redirect("dashboard:entry_tickets", account=request.account.slug, pk=entry.pk)
    context = entry_context(request, entry, "tickets", now=now) | {
        "form": form,
        "ticket": ticket,
        "entries_in_series": entry.series.entries.count(),
    }
    return render(request, "tickets/dashboard/ticket_form.html", context, status=422 if form.errors else 200)


def _save_ticket(entry: Entry, ticket: Ticket | None, form: TicketForm, *, now: datetime) -> bool:
    try:
        if ticket is None:
            create_ticket_at(entry, form.chosen_scope, form.terms())
        else:
            edit_ticket_at(entry, ticket, form.chosen_scope, form.terms(), now=now)
    except NoGroupError:
        form.refuse_without_group()
    except BelowBookedError as error:
        form.refuse_number(error.minimum)
    else:
        return True
    return False
