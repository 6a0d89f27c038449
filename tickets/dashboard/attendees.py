"""Who comes to an entry: the list, for print and as a file; taking people off it."""

import csv
from collections.abc import Iterable
from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import MANAGE_CUSTOMERS, SEE_ATTENDEES, OperatorRequest, operator_view
from offers.periods import local_day
from tickets.cancelling import cancel_by_hand
from tickets.dashboard.fetching import entry_context, fetch_entry
from tickets.models import Entry, Seat
from tickets.queries import seats_of

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


@operator_view(SEE_ATTENDEES)
def entry(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Attendees*: everybody with a place at an entry."""
    found = fetch_entry(request.account, pk)
    context = entry_context(request, found, "attendees", now=timezone.now())
    context |= {"seats": _seats(found), "has_tickets": found.series.tickets.filter(retired_at__isnull=True).exists()}
    return render(request, "tickets/dashboard/entry.html", context)


@operator_view(SEE_ATTENDEES)
def attendees_csv(request: OperatorRequest, pk: int) -> HttpResponse:
    """The attendee list as a file for a spreadsheet; instants in the account's zone."""
    found = fetch_entry(request.account, pk)
    day = local_day(found.starts_at, request.account.zone)
    name = f"{slugify(found.title) or 'attendees'}-{day}.csv"
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")  # the mark by which Excel knows UTF-8
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(
        [
            _("Name"),
            _("E-mail address"),
            _("Ticket"),
            _("Booked by"),
            _("Booked by: e-mail address"),
            _("Booked at"),
            _("How"),
            _("Use charged"),
            _("Reference"),
        ]
    )
    writer.writerows(_row(seat, found) for seat in _seats(found))
    return response


@operator_view(MANAGE_CUSTOMERS)
def seats_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """Cancel places by hand, after saying what becomes of them."""
    now, found = timezone.now(), fetch_entry(request.account, pk)
    asked = request.POST if request.method == "POST" else request.GET
    seats = _chosen(found, asked.getlist("seat"))
    live = [seat for seat in seats if seat.cancelled_at is None]
    if request.method == "POST" or not live:
        gone = cancel_by_hand([seat.pk for seat in live], now=now)
        messages.success(request, _gone(len(gone)))
        return redirect("dashboard:entry", account=request.account.slug, pk=pk)
    context = entry_context(request, found, "", now=now)
    context |= {
        "seats": live,
        "uses": sum(seat.use_id is not None for seat in live),
        "customers": {seat.customer_id: seat.customer for seat in live}.values(),
    }
    return render(request, "tickets/dashboard/seats_cancel.html", context)


def _seats(found: Entry) -> QuerySet[Seat]:
    return seats_of(found).select_related("ticket", "customer", "booking", "use__period__offer__group")


def _chosen(found: Entry, ids: Iterable[str]) -> list[Seat]:
    wanted = {int(each) for each in ids if each.isascii() and each.isdigit()}
    seats = Seat.objects.filter(entry=found, pk__in=wanted).select_related("ticket", "customer").order_by("pk")
    if not wanted or len(seats) != len(wanted):
        raise Http404
    return list(seats)


def _row(seat: Seat, found: Entry) -> list[str]:
    made = timezone.localtime(seat.created_at, found.account.zone)
    cells = [
        seat.attendee_name,
        seat.attendee_email,
        seat.ticket.name,
        seat.customer.name,
        seat.customer.email,
        f"{made:%Y-%m-%d %H:%M}",
        seat.booking.get_channel_display(),
        seat.use.period.offer.group.name if seat.use else "",
        seat.booking.reference,
    ]
    return [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]


def _gone(count: int) -> str:
    if not count:
        return _("Already cancelled")
    return ngettext("%(count)d place cancelled", "%(count)d places cancelled", count) % {"count": count}
