"""One seat of a booking: fetched for the pages that move it or rename who has it; giving its attendee another name."""

from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.models import Account
from bookwhen.email_field import EmailField
from bookwhen.forms import Form, PersonNameField
from tickets.booking.move_terms import SEAT_FACTS
from tickets.booking.rename import NameFixedError, is_name_fixed, may_rename, rename_attendee
from tickets.models import Channel, Seat

FROM_BOOKING: Final = "booking"
"""What an address says (`?from=…`) where the way back is to the booking, and not to the entry."""
CONFLICT: Final = 409


class AttendeeForm(Form):
    """Who attends."""

    name = PersonNameField(
        label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"})
    )
    email = EmailField(
        label=gettext_lazy("Email address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Only shown to your team. Emails go to the person who booked."),
    )


def fetch_seat(account: Account, pk: int) -> Seat:
    """A seat of this account with all that is told of it and judged by; 404 where there is none.

    Nor where it was only ever in a basket.
    """
    found = Seat.objects.filter(account=account).exclude(cancelled_by=Channel.BASKET_ABANDONED)
    seat = get_object_or_404(found.for_letters().select_related(*SEAT_FACTS), pk=pk)
    seat.customer.account = seat.entry.account
    return seat


def fetch_companions(seat: Seat) -> list[Seat]:
    """The other seats of a seat's booking at its entry that are live, each as `fetch_seat` has it."""
    found = Seat.objects.live().filter(account=seat.account_id, booking=seat.booking_id, entry=seat.entry_id)
    others = list(found.exclude(pk=seat.pk).for_letters().select_related(*SEAT_FACTS).order_by("pk"))
    for each in others:
        each.customer.account = each.entry.account
    return others


def seat_frame(request: OperatorRequest, seat: Seat) -> dict[str, object]:
    """What the frame of a seat's pages shows: the way back is where the operator came from."""
    is_from_booking = request.GET.get("from") == FROM_BOOKING
    name, pk = ("booking", seat.booking_id) if is_from_booking else ("entry", seat.entry_id)
    return {
        "section": "bookings" if is_from_booking else "schedule",
        "seat": seat,
        "entry": seat.entry,
        "booking": seat.booking if is_from_booking else None,
        "back_url": dashboard_url(request, name, pk=pk),
    }


@operator_view(MANAGE_CUSTOMERS)
def seat_name(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Change name* of an attendee."""
    seat = fetch_seat(request.account, pk)
    frame = seat_frame(request, seat)
    form = AttendeeForm(request.POST or None, initial={"name": seat.attendee_name, "email": seat.attendee_email})
    if request.method == "POST" and form.is_valid():
        try:
            rename_attendee(seat, form.cleaned_data["name"], form.cleaned_data["email"])
        except NameFixedError:
            messages.error(request, _("This name can’t be changed any more."))
        else:
            messages.success(request, _("Name saved"))
        return redirect(str(frame["back_url"]))
    context = {**frame, "form": form, "may_rename": may_rename(seat), "is_fixed": is_name_fixed(seat)}
    status = 422 if form.errors else 200
    return render(request, "tickets/dashboard/seat_name.html", context, status=status)
