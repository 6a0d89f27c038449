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
from tickets.dashboard.entries.forms import PlacesForm
from tickets.dashboard.entries.phrases import sale_window_text
from tickets.dashboard.entries.ticket_form import TicketForm
from tickets.dashboard.fetch import entry_context, fetch_entry, later_ones
from tickets.models import Entry, Ticket
from tickets.queries import tickets_of
from tickets.schedule.catalogue import (
    NeedsStandardError,
    NoGroupError,
    create_ticket,
    edit_ticket,
    groups_without_offer,
    retire_ticket,
)
from tickets.schedule.entries import BelowBookedError, EntryPastError, edit_entries, entry_details


@operator_view(MANAGE_SCHEDULE)
def entry_tickets(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Tickets & Costs* of an entry."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    form = PlacesForm(request.POST or None, entry=entry, repeats=later_ones(entry).exists())
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
    if request.method == "POST":
        retire_ticket(found, now=now)
        messages.success(request, _("Ticket removed"))
        return redirect("dashboard:entry_tickets", account=request.account.slug, pk=pk)
    ahead = found.seats.live().upcoming(now)
    context = entry_context(request, entry, "tickets", now=now) | {"ticket": found, "seats_ahead": ahead.count()}
    return render(request, "tickets/dashboard/ticket_remove.html", context)


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
        edited = edit_entries(entry, details, later_too=form.later_too, now=now)
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
    form = TicketForm(request.POST or None, account=request.account, ticket=ticket)
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
            create_ticket(entry.series, form.terms())
        else:
            edit_ticket(ticket, form.terms(), now=now)
    except NoGroupError:
        form.refuse_without_group()
    except BelowBookedError as error:
        form.refuse_number(error.minimum)
    else:
        return True
    return False
