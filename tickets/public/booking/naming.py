"""Who attends by a booking: its customer gives somebody another name, at the booking's own secret address."""

from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.public.pages import keep_private, render_page
from bookwhen.forms import Form, PersonNameField
from tickets.booking.rename import NameFixedError, may_rename, rename_attendee
from tickets.models import Seat
from tickets.public.booking.booking_view import booking_with_seats_or_404
from tickets.public.booking.telling import known_of

WRONG: Final = 422


class AttendeeNameForm(Form):
    """What somebody who attends is called."""

    name = PersonNameField(label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))


def attendee_name(request: HttpRequest, booking: UUID, seat: UUID) -> HttpResponse:
    """*Change name* of one attendee, until the event starts; not where the ticket is for its member alone."""
    now, (found, seats) = timezone.now(), booking_with_seats_or_404(booking)
    chosen = next((each for each in seats if each.uuid == seat), None)
    if chosen is None:
        raise Http404
    if not may_rename(chosen, now=now):
        return keep_private(redirect("my_booking", booking=booking))
    form = AttendeeNameForm(request.POST or None, initial={"name": chosen.attendee_name})
    if request.method == "POST" and form.is_valid():
        try:
            rename_attendee(Seat.objects.get(pk=chosen.pk), form.cleaned_data["name"], now=now)
        except NameFixedError:
            messages.error(request, _("This name can’t be changed any more."))
        else:
            messages.success(request, _("Name saved"))
        return keep_private(redirect("my_booking", booking=booking))
    context = {**known_of(found), "seat": chosen, "form": form}
    template = "tickets/public/booking_name.html"
    status = WRONG if form.errors else 200
    return keep_private(render_page(request, template, context, account=found.page.account, status=status))
