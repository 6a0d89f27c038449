"""Coming back from Stripe: right whether its webhook came early, late, never or at this moment."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.db.models import F, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import SchedulePage, User
from accounts.public.pages import SeeOther, keep_private, render_page
from bookwhen.payments.gateway import StripeError
from tickets.checkout.basket import find_basket
from tickets.checkout.paying import settle_payment
from tickets.models import HELD_STATES, Booking, BookingState, Payment, PaymentState, Refund, RefundReason, Seat
from tickets.public.basket.cookie import clear_basket_cookie, is_cookie_basket, set_basket_cookie

AGAIN: Final = 10
"""After how many seconds the page that waits for Stripe asks again."""
SORRY: Final = (RefundReason.GONE, RefundReason.TWICE)

log = logging.getLogger(__name__)


def return_from_checkout(request: HttpRequest, page: SchedulePage, secret: str, *, now: datetime) -> HttpResponse:
    """Settle what was paid for the basket of that uuid, and go on to the booking."""
    booking = _booking_or_404(request, page, secret)
    payments = Payment.objects.filter(booking=booking, state=PaymentState.OPEN)
    if payment := payments.select_related("account__connection", "connection", "booking").first():
        try:
            settle_payment(payment, now=now)
        except StripeError as error:
            log.warning("What came of payment %s is not known yet: %s", payment.uuid, error)
        booking.refresh_from_db(fields=["state", "held_until"])
    if booking.state == BookingState.PAYING:
        return _wait(request, page, booking)
    if refunds := _refunds(booking):
        return _apologise(request, page, booking, refunds)
    if booking.state == BookingState.BOOKED:
        sent = _("Booked. We’ve emailed your confirmation to %(address)s.") % {"address": booking.customer.email}
        return redirect_to_booking(request, booking, sent)
    return _redirect_to_current(request, page, booking)


def leave_checkout(request: HttpRequest, page: SchedulePage, secret: str, *, now: datetime) -> HttpResponse:
    """Whoever left the checkout is told what to do; the basket is as it was."""
    booking = _booking_or_404(request, page, secret)
    if booking.state == BookingState.PAYING and booking.held_until and booking.held_until > now:
        messages.warning(
            request,
            _("You left the checkout, so you haven’t been charged.")
            + " "
            + _("Continue to payment, with a different card if yours was declined, or reopen your basket."),
        )
    if booking.state == BookingState.BOOKED:
        return redirect_to_booking(request, booking, _("You’ve already booked this. Here’s your booking."))
    return _redirect_to_current(request, page, booking)


def redirect_to_booking(request: HttpRequest, booking: Booking, told: str) -> HttpResponse:
    """On to the page of what was booked: the visitor carries it no longer."""
    messages.success(request, told)
    response = SeeOther(reverse("my_booking", kwargs={"booking": booking.uuid}))
    clear_basket_cookie(request, response, booking)
    return response


def redirect_to_basket(request: HttpRequest, page: SchedulePage, booking: Booking | None = None) -> HttpResponse:
    """To the page of the basket, which is the visitor's from now on where one is given."""
    response = SeeOther(reverse("public:basket", kwargs={"page": page.slug}))
    if booking is not None and not is_cookie_basket(request, booking):
        set_basket_cookie(request, response, booking)
    return response


def _redirect_to_current(request: HttpRequest, page: SchedulePage, booking: Booking) -> HttpResponse:
    """To the basket that somebody came back to, unless it is over: then to what they carry."""
    return redirect_to_basket(request, page, booking if booking.state in HELD_STATES else None)


def _booking_or_404(request: HttpRequest, page: SchedulePage, secret: str) -> Booking:
    """The booking of that uuid: it is a secret, as in the address of its page, but not to be shown to another login.

    The phone's browser in which somebody comes back from their bank may not be the one that they left.
    """
    try:
        booking = find_basket(page.account, UUID(secret))
    except ValueError:
        booking = None
    if booking is None:
        raise Http404
    user, theirs = request.user, booking.customer.user_id
    if isinstance(user, User) and theirs not in (None, user.pk) and not is_cookie_basket(request, booking):
        raise Http404
    return booking


def _refunds(booking: Booking) -> QuerySet[Refund]:
    """What was paid for the booking and could not be had any more."""
    return Refund.objects.filter(payment__booking=booking, reason__in=SORRY)


def _wait(request: HttpRequest, page: SchedulePage, booking: Booking) -> HttpResponse:
    context = {"page": page, "booking": booking, "seconds": AGAIN}
    response = keep_private(render_page(request, "tickets/public/basket_waiting.html", context, account=page.account))
    # As a header it needs no JavaScript either, and leaves the page to whoever is reading it.
    response["Refresh"] = str(AGAIN)
    return response


def _apologise(request: HttpRequest, page: SchedulePage, booking: Booking, refunds: QuerySet[Refund]) -> HttpResponse:
    """Say what was gone when it was paid, that the money comes back, and what to do next."""
    paid = Seat.objects.filter(booking=booking, payment__state=PaymentState.PAID).select_related(
        "entry__page", "ticket"
    )
    gone = paid.filter(cancelled_at__lte=F("payment__paid_at")).order_by("entry__starts_at", "pk")
    context = {
        "page": page,
        "booking": booking,
        "gone": list(gone),
        "refunded": refunds.aggregate(sum=Sum("amount"))["sum"],
        "twice": any(each.reason == RefundReason.TWICE for each in refunds),
        "remains": booking.state == BookingState.BOOKED and booking.seats.filter(cancelled_at__isnull=True).exists(),
    }
    response = keep_private(render_page(request, "tickets/public/basket_too_late.html", context, account=page.account))
    clear_basket_cookie(request, response, booking)
    return response
