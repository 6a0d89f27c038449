"""A booking's own pages, at an address that is its secret: what was booked and paid, its receipt, and cancelling."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.booking.cancel import CannotCancelError, cancel_own
from tickets.calendar import booking_calendar
from tickets.models import HELD, Booking, Payment, State
from tickets.public.basket.checkout_return import to_basket
from tickets.public.booking.booking_view import Loss, Visit, lines_of, losses_of, payments_of, promise_of, visits_of
from tickets.public.booking.cancellation_text import cancelling, in_all, money_lost, uses_lost
from tickets.public.pages import answer, booking_or_404, keep_private

CONFLICT = 409
OK = 200


def booking(request: HttpRequest, booking: UUID) -> HttpResponse:
    """What was booked, and what became of it; a basket under way is shown as such."""
    now = timezone.now()
    found = booking_or_404(booking)
    if found.state in HELD:
        # Whoever knows the address may see it: also where they carry no basket, on another device.
        return keep_private(to_basket(request, found.page, found))
    if found.state == State.RELEASED:
        return _answer(request, "booking_released", found, {"payments": payments_of(found)})
    visits = visits_of(found, now=now)
    ahead = [visit for visit in visits if visit.live and not visit.past]
    context = {
        "visits": [(visit, cancelling(visit)) for visit in visits],
        "only": visits[0] if len(visits) == 1 else None,
        "live": sum(len(visit.live) for visit in visits),
        "ahead": ahead,
        "may_cancel": any(visit.may_cancel for visit in visits),
        "payments": _payments(found, visits),
    }
    return _answer(request, "booking", found, context)


def receipt(request: HttpRequest, booking: UUID) -> HttpResponse:
    """What was paid by card for a booking, line by line, to be printed."""
    found = booking_or_404(booking)
    payments = payments_of(found)
    if not payments:
        raise Http404
    lines = lines_of(payments)
    context = {
        "payments": payments,
        "lines": lines,
        "price": sum(seat.price for seat in lines),
        "saved": sum(seat.price - seat.amount for seat in lines),
        "paid": sum(payment.amount for payment in payments),
        "refunded": sum(payment.refunded for payment in payments),
        "left": sum(payment.left for payment in payments),
    }
    return _answer(request, "booking_receipt", found, context)


def calendar(_request: HttpRequest, booking: UUID) -> HttpResponse:
    """The .ics file of a booking; of one that was cancelled, the file that takes it out again."""
    now = timezone.now()
    found = booking_or_404(booking)
    visits = visits_of(found, now=now) if found.state == State.BOOKED else []
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
    visits = visits_of(found, now=now) if found.state == State.BOOKED else []
    chosen = _chosen(request, visits)
    if not chosen:
        return redirect("my_booking", booking=found.uuid)
    losses = losses_of(visits, chosen, _payments(found, visits))
    if request.method == "POST" and request.POST.get("promise") == promise_of(losses):
        return _cancel(request, found, chosen, now=now)
    return _ask(request, found, visits, losses)


def _ask(request: HttpRequest, booking: Booking, visits: Sequence[Visit], losses: Sequence[Loss]) -> HttpResponse:
    """Say what is lost, and what comes back; again, where that is not what a form promised."""
    changed = request.method == "POST"
    chosen = sum(len(loss.backs) for loss in losses)
    context = {
        "losses": [(loss, uses_lost(loss), money_lost(loss)) for loss in losses],
        "only": losses[0].visit if len(losses) == 1 else None,
        "in_all": in_all(losses),
        "chosen": chosen,
        "remaining": sum(len(visit.live) for visit in visits if not visit.past) - chosen,
        "past": [visit for visit in visits if visit.live and visit.past],
        "promise": promise_of(losses),
        "changed": changed,
    }
    return _answer(request, "cancel", booking, context, status=CONFLICT if changed else OK)


def _chosen(request: HttpRequest, visits: Sequence[Visit]) -> set[int]:
    """The seats (ids) that the query names, or its entries; all where it names none: those that can be cancelled."""
    seats, entries = set(request.GET.getlist("seat")), set(request.GET.getlist("entry"))
    return {
        seat.pk
        for visit in visits
        if visit.may_cancel
        for seat in visit.live
        if not (seats or entries) or str(seat.uuid) in seats or str(visit.entry.uuid) in entries
    }


def _cancel(request: HttpRequest, booking: Booking, seats: set[int], *, now: datetime) -> HttpResponse:
    try:
        gone = cancel_own(booking, seats, now=now)
    except CannotCancelError:
        messages.error(request, _("This booking can no longer be cancelled online."))
    else:
        if gone:
            left = booking.seats.filter(cancelled_at__isnull=True).exists()
            messages.success(request, _("Place cancelled") if left else _("Booking cancelled"))
    return redirect("my_booking", booking=booking.uuid)


def _payments(booking: Booking, visits: Sequence[Visit]) -> list[Payment]:
    """What was paid for a booking; no statement where nothing was."""
    paid = any(seat.payment_id for visit in visits for seat in visit.seats)
    return payments_of(booking) if paid else []


def _answer(
    request: HttpRequest, template: str, booking: Booking, context: Mapping[str, object], *, status: int = OK
) -> HttpResponse:
    account = booking.page.account
    known = {"page": booking.page, "booking": booking, "currency": account.currency, "locale": account.locale}
    name = f"tickets/public/{template}.html"
    return keep_private(answer(request, name, {**known, **context}, account=account, status=status))
