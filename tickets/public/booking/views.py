"""A booking's own pages, at an address that is its secret: what was booked and paid, its receipt, and cancelling."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.public.pages import keep_private, render_page
from bookwhen.fastpath.outlines import Outlines
from tickets.annotated import PaymentWithRefunds
from tickets.booking.cancel import CannotCancelError, cancel_by_customer
from tickets.calendar import booking_calendar
from tickets.models import HELD_STATES, Booking, BookingState
from tickets.public.basket.checkout_return import redirect_to_basket, redirect_to_welcome
from tickets.public.basket.cookie import may_carry
from tickets.public.booking.booking_view import (
    BookedEntry,
    CancellationPreview,
    booked_entries,
    booking_with_seats_or_404,
    cancellation_previews,
    payments_begun,
    payments_of,
    preview_version,
)
from tickets.public.booking.cancellation_text import owed_text, refund_text, total_text, uses_text
from tickets.public.booking.receipts import receipts_for_customer
from tickets.public.booking.telling import known_of, tell_booking
from tickets.public.frame import MOST, outlined
from tickets.public.pages import booking_or_404

PAGES: Final = Outlines("tickets/public/booking.html", MOST)
CONFLICT = 409
OK = 200


def booking(request: HttpRequest, booking: UUID) -> HttpResponse:
    """What was booked, and what became of it; a basket under way is shown as such."""
    now = timezone.now()
    found, seats = booking_with_seats_or_404(booking)
    if found.state in HELD_STATES:
        return keep_private(redirect_to_basket(request, found.page, found if may_carry(request, found) else None))
    if found.state == BookingState.JOINED:
        return keep_private(redirect_to_welcome(request, found))
    if found.state == BookingState.RELEASED:
        return _render(request, "booking_released", found, {"payments": payments_of(found)})
    visits = booked_entries(found, now=now, seats=seats)
    shown = tell_booking(found, visits, _payments(found, visits))
    return keep_private(outlined(request, PAGES, shown, page=found.page))


def receipt(request: HttpRequest, booking: UUID) -> HttpResponse:
    """What was paid for a booking, to be printed: its numbered receipts, and what was paid before there were any."""
    found = booking_or_404(booking)
    receipts = receipts_for_customer(found)
    if not receipts:
        raise Http404
    return _render(request, "booking_receipt", found, {"receipts": receipts})


def calendar(_request: HttpRequest, booking: UUID) -> HttpResponse:
    """The .ics file of a booking; of one that was cancelled, the file that takes it out again."""
    now = timezone.now()
    found = booking_or_404(booking)
    visits = booked_entries(found, now=now) if found.state == BookingState.BOOKED else []
    if not visits:
        raise Http404
    live = [visit.entry for visit in visits if visit.live]
    gone = [visit.entry for visit in visits if not visit.live]
    response = HttpResponse(
        booking_calendar(found, live, gone=gone, now=now),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="booking-{found.reference}.ics"'},
    )
    return keep_private(response)


def cancel(request: HttpRequest, booking: UUID) -> HttpResponse:
    """Say what cancelling will do to the booking, or to the seats or entries in the query; by POST, do it.

    The form brings along what its page promised: where that is not so any more, it asks again.
    """
    now = timezone.now()
    found = booking_or_404(booking)
    visits = booked_entries(found, now=now) if found.state == BookingState.BOOKED else []
    chosen = _chosen(request, visits)
    if not chosen:
        return redirect("my_booking", booking=found.uuid)
    losses = cancellation_previews(visits, chosen, _payments(found, visits))
    if request.method == "POST" and request.POST.get("promise") == preview_version(losses):
        return _cancel(request, found, chosen, now=now)
    return _confirm_cancellation(request, found, visits, losses)


def _confirm_cancellation(
    request: HttpRequest, booking: Booking, visits: Sequence[BookedEntry], losses: Sequence[CancellationPreview]
) -> HttpResponse:
    """Say what is lost, and what comes back; again, where that is not what a form promised."""
    changed = request.method == "POST"
    chosen = sum(len(loss.seat_refunds) for loss in losses)
    context = {
        "previews": [(loss, uses_text(loss), _money_text(loss)) for loss in losses],
        "only": losses[0].booked_entry if len(losses) == 1 else None,
        "in_all": total_text(losses),
        "chosen": chosen,
        "remaining": sum(len(visit.live) for visit in visits if not visit.past) - chosen,
        "past": [visit for visit in visits if visit.live and visit.past],
        "promise": preview_version(losses),
        "changed": changed,
    }
    return _render(request, "cancel", booking, context, status=CONFLICT if changed else OK)


def _money_text(loss: CancellationPreview) -> str:
    """What becomes of the money: what was paid by card, and what is to pay at the studio."""
    return " ".join(each for each in (refund_text(loss), owed_text(loss)) if each)


def _chosen(request: HttpRequest, visits: Sequence[BookedEntry]) -> dict[int, int]:
    """The seats that the query names, or its entries; all where it names none: those that can be cancelled.

    By their id, each with the entry (id) that it is at.
    """
    seats, entries = set(request.GET.getlist("seat")), set(request.GET.getlist("entry"))
    return {
        seat.pk: visit.entry.pk
        for visit in visits
        if visit.may_cancel
        for seat in visit.live
        if not (seats or entries) or str(seat.uuid) in seats or str(visit.entry.uuid) in entries
    }


def _cancel(request: HttpRequest, booking: Booking, seats: Mapping[int, int], *, now: datetime) -> HttpResponse:
    try:
        gone = cancel_by_customer(booking, set(seats), at=set(seats.values()), now=now)
    except CannotCancelError:
        messages.error(request, _("You can no longer cancel this booking online."))
    else:
        if gone.seats:
            left = booking.seats.live().exists()
            messages.success(request, _("Ticket cancelled") if left else _("Booking cancelled"))
    return redirect("my_booking", booking=booking.uuid)


def _payments(booking: Booking, visits: Sequence[BookedEntry]) -> list[PaymentWithRefunds]:
    """What was paid for a booking, is on its way or failed there; no statement where nothing was to be paid."""
    paid = any(seat.payment_id for visit in visits for seat in visit.seats)
    return payments_begun(booking) if paid else []


def _render(
    request: HttpRequest, template: str, booking: Booking, context: Mapping[str, object], *, status: int = OK
) -> HttpResponse:
    account = booking.page.account
    name = f"tickets/public/{template}.html"
    return keep_private(render_page(request, name, {**known_of(booking), **context}, account=account, status=status))
