"""Who comes to an entry: the list, for print and as a file; taking people off it."""

from django.db.models import F, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, SEE_ATTENDEES, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.history.reading import studio_names
from offers.periods import local_day
from tickets.dashboard.bookings.cancellation import confirm_cancellation
from tickets.dashboard.colleagues import is_by_studio
from tickets.dashboard.csv_export import csv_response
from tickets.dashboard.entries.attendee_table import draw_attendees
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import HELD_STATES, BookingState, Entry, Seat
from tickets.queries import seats_of


@operator_view(SEE_ATTENDEES)
def entry(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Attendees*: everybody with a place at an entry; after them the places that are only held in baskets."""
    found = fetch_entry(request.account, pk)
    seats = list(_seats(found).order_by(F("booking__held_until").asc(nulls_first=True), "attendee_name", "pk"))
    names = studio_names(request.account, {seat.booking_id for seat in seats if is_by_studio(seat.booking)})
    context = entry_context(request, found, "attendees", now=timezone.now()) | {
        "seats": seats,
        "attendees": draw_attendees(found, seats, names, may_book=request.role in MANAGE_CUSTOMERS),
        "held": sum(seat.booking.state in HELD_STATES for seat in seats),
        "has_tickets": found.series.tickets.on_sale().exists(),
    }
    return render(request, "tickets/dashboard/entry.html", context)


@operator_view(SEE_ATTENDEES)
def attendees_csv(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """The attendee list as a file for a spreadsheet; instants in the account's zone. What is only held is not on it."""
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
    ]
    booked = _seats(found).filter(booking__state=BookingState.BOOKED)
    name = f"{slugify(found.title) or 'attendees'}-{day}.csv"
    return csv_response(request.account, name, head, [_row(seat, found) for seat in booked])


@operator_view(MANAGE_CUSTOMERS)
def seats_cancel(request: OperatorRequest, pk: int) -> HttpResponse:
    """Cancel places by hand, after saying what becomes of them and of the money."""
    found = fetch_entry(request.account, pk)
    back = dashboard_url(request, "entry", pk=pk)
    frame = entry_context(request, found, "", now=timezone.now()) | {"back_url": back}
    return confirm_cancellation(request, Seat.objects.filter(entry=found), frame=frame)


def _seats(found: Entry) -> QuerySet[Seat]:
    return seats_of(found).select_related("ticket", "customer", "booking", "payment", "use__period__offer__group")


def _row(seat: Seat, found: Entry) -> list[str]:
    made = timezone.localtime(seat.created_at, found.account.zone)
    return [
        seat.attendee_name,
        seat.attendee_email,
        seat.ticket.name,
        seat.booking.booker_name or seat.customer.name,
        seat.customer.email,
        f"{made:%Y-%m-%d %H:%M}",
        seat.booking.get_channel_display(),
        seat.use.period.offer.group.name if seat.use else "",
        seat.booking.reference,
        _payment_text(seat),
    ]


def _payment_text(seat: Seat) -> str:
    """What is to be known of the money for a seat; empty where all is well, or nothing was to be paid."""
    if seat.payment is None or not seat.amount:
        return ""
    if seat.payment.is_on_way:
        return _("On its way")
    return _("Payment failed") if seat.payment.never_came and not seat.payment.settled_at else ""
