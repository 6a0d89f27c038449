"""Who comes to an entry: its register, to be printed and as a file; taking people off it."""

from typing import Final

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.dashboard.query import query_choice, query_id, search_term
from accounts.models import Account
from bookwhen.keyset import keyset_page
from offers.periods import local_day
from tickets.booking.attendance import attendance_opens
from tickets.dashboard.bookings.cancellation import confirm_cancellation
from tickets.dashboard.csv_export import csv_response
from tickets.dashboard.entries.attendee_table import RegisterLines, attendance_of
from tickets.dashboard.entries.register import (
    MOST_PRINTED,
    PER_PAGE,
    RegisterCounts,
    RegisterView,
    Sorting,
    cancelled_late,
    listed_seats,
    printed_seats,
    register_counts,
    register_page,
)
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.dashboard.leading import may_mark_at
from tickets.dashboard.owed import owed_text
from tickets.models import BookingState, Entry, Seat
from tickets.queries import seats_of

KEPT: Final = ("q", "sort", "booking", "after", "before")
"""What of a register’s address is kept while people are marked."""


@operator_view(SEE_ATTENDEES)
def entry(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Attendees*: everybody with a place at an entry, and whether they came; last what is only held in baskets."""
    now, found = timezone.now(), fetch_entry(request.account, pk)
    view, counts = read_view(request), register_counts(found)
    page = register_page(found, view, request.GET)
    lines = RegisterLines(found, may_book=request.role in MANAGE_CUSTOMERS, now=now)
    is_theirs = not lines.may_mark or may_mark_at(request, found)
    lines.may_mark &= is_theirs
    kept = request.GET.copy()
    for name in set(kept) - set(KEPT):
        del kept[name]
    context = entry_context(request, found, "attendees", now=now) | {
        "register": page,
        "lines": lines.draw(page),
        "counts": counts,
        "hint": _hint(lines, counts),
        "why_not": "" if is_theirs else request.account.leader_texts.marks,
        "view": view,
        "is_narrowed": bool(view.words or view.booking),
        "is_marking": lines.may_mark,
        "may_walk_in": lines.may_mark and lines.may_book and found.ends_at > now,
        "reference": page.rows[0].booking.reference if view.booking and page.rows else "",
        "sortings": list(Sorting),
        "back": kept.urlencode(),
        "has_tickets": found.series.tickets.on_sale().exists(),
    }
    return render(request, "tickets/dashboard/entry.html", context)


@operator_view(SEE_ATTENDEES)
def attendees_print(request: OperatorRequest, pk: int) -> HttpResponse:
    """The register on paper: everybody with a box to tick."""
    now, found = timezone.now(), fetch_entry(request.account, pk)
    seats = printed_seats(found, read_view(request))
    lines = RegisterLines(found, may_book=False, now=now)
    lines.may_mark = False
    context = entry_context(request, found, "attendees", now=now) | {
        "lines": lines.draw(seats),
        "seats": seats,
        "most": MOST_PRINTED if len(seats) == MOST_PRINTED else 0,
    }
    return render(request, "tickets/dashboard/entry_print.html", context)


@operator_view(SEE_ATTENDEES)
def attendees_csv(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """The register as a file for a spreadsheet; instants in the account's zone. What is only held is not on it."""
    found = fetch_entry(request.account, pk)
    day = local_day(found.starts_at, request.account.zone)
    head = [
        _("Name"),
        _("Email address"),
        _("Ticket"),
        _("Booked by"),
        _("Booked by: email address"),
        _("Booked at"),
        _("Booking made by"),
        _("Use charged"),
        _("Reference"),
        _("Payment"),
        _("Attendance"),
        _("Marked at"),
        _("Marked by"),
        _("Cancelled at"),
    ]
    booked = listed_seats(found).filter(booking__state=BookingState.BOOKED).order_by("attendee_name", "pk")
    name = f"{slugify(found.title) or 'attendees'}-{day}.csv"
    return csv_response(request.account, name, head, [_row(seat, found) for seat in booked])


@operator_view(MANAGE_CUSTOMERS)
def seats_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """Cancel places by hand: first which, then after saying what becomes of them and of the money."""
    now, found = timezone.now(), fetch_entry(request.account, pk)
    back = dashboard_url(request, "entry", pk=pk)
    frame = entry_context(request, found, "", now=now) | {"back_url": back}
    if request.method != "POST" and not request.GET.getlist("seat"):
        seats = keyset_page(seats_of(found), ("attendee_name", "pk"), request.GET, size=PER_PAGE)
        context = frame | {"seats": seats, "is_empty": "chosen" in request.GET}
        return render(request, "tickets/dashboard/seats_choose.html", context)
    return confirm_cancellation(request, Seat.objects.filter(entry=found), frame=frame)


def read_view(request: OperatorRequest) -> RegisterView:
    """Which part of the register is asked for."""
    sorting = query_choice(request, "sort", Sorting) or Sorting.NAME
    return RegisterView(search_term(request), sorting, query_id(request, "booking"))


def _hint(lines: RegisterLines, counts: RegisterCounts) -> str:
    """What else is to be known of everybody: how many are absent or not marked, from when on, what is held."""
    told: list[str] = []
    entry = lines.entry
    held = [_("%(count)d held in baskets") % {"count": counts.held}] if counts.held else []
    if lines.may_mark or counts.present or counts.absent:
        told += [_("%(count)d absent") % {"count": counts.absent}] if counts.absent else []
        told += [_("%(count)d not marked") % {"count": counts.unsaid}] if counts.unsaid else []
    elif entry.cancelled_at is None and lines.today < attendance_opens(entry):
        opens = attendance_opens(entry).astimezone(entry.account.zone)
        # A sentence of its own comes last: nothing reads well after its full stop.
        return " · ".join(
            [*held, _("You can mark attendance from %(time)s.") % {"time": date_format(opens, "l j F, H:i")}]
        )
    return " · ".join([*told, *held])


def _row(seat: Seat, found: Entry) -> list[str]:
    zone, mark = found.account.zone, attendance_of(seat)
    marked = mark if mark and mark.presence else None
    by = marked.marked_by if marked else None
    return [
        seat.attendee_name,
        seat.attendee_email,
        seat.ticket.name,
        seat.booking.booker_name or seat.customer.name,
        seat.customer.reached_at,
        f"{timezone.localtime(seat.created_at, zone):%Y-%m-%d %H:%M}",
        seat.booking.get_channel_display(),
        seat.use.period.offer.group.name if seat.use else "",
        seat.booking.reference,
        _payment_text(seat, found.account),
        _attendance_text(seat, found),
        f"{timezone.localtime(marked.marked_at, zone):%Y-%m-%d %H:%M}" if marked else "",
        (by.name or by.email) if by else "",
        f"{timezone.localtime(seat.cancelled_at, zone):%Y-%m-%d %H:%M}" if seat.cancelled_at else "",
    ]


def _attendance_text(seat: Seat, found: Entry) -> str:
    mark = attendance_of(seat)
    if seat.cancelled_at:
        return _("Cancelled late") if not found.cancelled_at and cancelled_late(found, seat) else _("Cancelled")
    return str(mark.get_presence_display()) if mark and mark.presence else ""


def _payment_text(seat: Seat, account: Account) -> str:
    """What is to be known of the money for a seat; empty where all is well, or nothing was to be paid."""
    if seat.owed:
        return owed_text(seat.owed, account)
    if seat.payment is None or not seat.amount:
        return ""
    if seat.payment.is_on_way:
        return _("On its way")
    return _("Payment failed") if seat.payment.never_came and not seat.payment.settled_at else ""
