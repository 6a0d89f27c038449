"""A booking's own page, at an address that is its secret: what was booked, the calendar file, and cancelling."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from bookwhen.statements import written_once
from tickets.calendar import booking_calendar
from tickets.cancelling import CannotCancelError, cancel_own, may_cancel, returns_use
from tickets.models import Booking, Entry, Seat
from tickets.public.lines import draw_when
from tickets.public.metadata import entry_path
from tickets.public.pages import answer, booking_or_404, keep_private
from tickets.queries import free_again_until

CONFLICT = 409
OK = 200


def booking(request: HttpRequest, booking: UUID) -> HttpResponse:
    """What was booked, and what became of it."""
    now = timezone.now()
    found = booking_or_404(booking)
    seats = _seats(found.pk)
    entry = _entry(found, seats)
    live = [seat for seat in seats if not seat.cancelled_at]
    context = {
        "booking": found,
        "entry": entry,
        "seats": seats,
        "live": live,
        "past": entry.starts_at <= now,
        "may_cancel": bool(live) and may_cancel(entry, now=now),
        **_terms(entry, live, now=now),
    }
    return _answer(request, "booking", found, entry, context)


def calendar(_request: HttpRequest, booking: UUID) -> HttpResponse:
    """The .ics file of a booking; of one that was cancelled, the file that takes it out again."""
    found = booking_or_404(booking)
    seats = _seats(found.pk)
    entry = _entry(found, seats)
    gone = all(seat.cancelled_at for seat in seats)
    response = HttpResponse(
        booking_calendar(found, entry, gone=gone, now=timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="booking-{found.reference}.ics"'},
    )
    return keep_private(response)


def cancel(request: HttpRequest, booking: UUID) -> HttpResponse:
    """Say what cancelling will do to the booking, or to the seats named in the query; by POST, do it."""
    now = timezone.now()
    found = booking_or_404(booking)
    seats = _seats(found.pk)
    entry = _entry(found, seats)
    named = set(request.GET.getlist("seat"))
    chosen = [seat for seat in seats if not seat.cancelled_at and (not named or str(seat.uuid) in named)]
    if not chosen or not may_cancel(entry, now=now):
        return redirect("my_booking", booking=found.uuid)
    terms = _terms(entry, chosen, now=now)
    promise = "back" if terms["returns"] else "kept"
    if request.method == "POST" and request.POST.get("promise") == promise:
        return _cancel(request, found, chosen, now=now)
    changed = request.method == "POST"
    remaining = sum(not seat.cancelled_at for seat in seats) - len(chosen)
    context = {"seats": chosen, "remaining": remaining, "promise": promise, "changed": changed, **terms}
    return _answer(request, "cancel", found, entry, context, status=CONFLICT if changed else OK)


def _cancel(request: HttpRequest, booking: Booking, seats: Sequence[Seat], *, now: datetime) -> HttpResponse:
    try:
        gone = cancel_own(booking, [seat.pk for seat in seats], now=now)
    except CannotCancelError:
        messages.error(request, _("This booking can no longer be cancelled online."))
    else:
        if gone:
            left = booking.seats.filter(cancelled_at__isnull=True).exists()
            messages.success(request, _("Place cancelled") if left else _("Booking cancelled"))
    return redirect("my_booking", booking=booking.uuid)


@written_once
def _seats(booking: int) -> QuerySet[Seat]:
    seats = Seat.objects.filter(booking=booking).order_by("pk")
    return seats.select_related("entry__places", "ticket", "use__period__offer__group")


def _entry(booking: Booking, seats: Sequence[Seat]) -> Entry:
    """The entry of a booking's seats: always one, so far."""
    entry = seats[0].entry
    entry.account, entry.page = booking.page.account, booking.page
    return entry


def _terms(entry: Entry, seats: Sequence[Seat], *, now: datetime) -> dict[str, object]:
    """Whether cancelling these seats now brings their uses back, and until when it does."""
    return {
        "charged": sum(seat.use_id is not None for seat in seats),
        "returns": returns_use(entry, now=now),
        "always_returns": entry.account.returns_late_uses,
        "cutoff": free_again_until(entry, entry.account),
    }


def _answer(
    request: HttpRequest,
    template: str,
    booking: Booking,
    entry: Entry,
    context: dict[str, object],
    *,
    status: int = OK,
) -> HttpResponse:
    known = {
        "page": booking.page,
        "booking": booking,
        "entry": entry,
        "when": draw_when(entry),
        "entry_url": entry_path(entry),
    }
    name = f"tickets/public/{template}.html"
    return keep_private(answer(request, name, {**known, **context}, account=booking.page.account, status=status))
