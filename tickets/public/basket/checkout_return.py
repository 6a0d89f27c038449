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
from bookwhen.payments.handlers import NotYetError
from tickets.checkout.basket import find_basket
from tickets.checkout.settling import settle_payment
from tickets.models import HELD_STATES, Booking, BookingState, PaymentState, Refund, RefundReason, Seat
from tickets.money.payments import open_payment_of
from tickets.public.basket.code_cookie import clear_code_cookie
from tickets.public.basket.cookie import (
    clear_basket_cookie,
    is_cookie_basket,
    is_own_basket,
    may_carry,
    set_basket_cookie,
)
from tickets.public.booked_cookie import remember_booking

AGAIN: Final = 10
"""After how many seconds the page that waits for Stripe asks again."""
SORRY: Final = (RefundReason.TOO_LATE, RefundReason.PAID_TWICE)

log = logging.getLogger(__name__)


def return_from_checkout(request: HttpRequest, page: SchedulePage, secret: str, *, now: datetime) -> HttpResponse:
    """Settle what was paid for the basket of that uuid, and go on to the booking."""
    booking = _find_booking(request, page, secret)
    if booking is None:
        raise Http404
    if payment := open_payment_of(booking):
        try:
            settle_payment(payment, now=now)
        except (NotYetError, StripeError) as error:
            log.warning("What came of payment %s is not known yet: %s", payment.uuid, error)
    # Also where no payment is open: another tab, or the webhook, may have settled it since the booking was read.
    booking.refresh_from_db(fields=["state", "held_until", "purchase"])
    if booking.state == BookingState.PAYING:
        return _wait(request, page, booking)
    if booking.state == BookingState.JOINED:
        return redirect_to_welcome(request, booking)
    if refunds := _refunds(booking):
        return _apologise(request, page, booking, refunds)
    if booking.state == BookingState.BOOKED:
        return redirect_to_booking(request, booking, _booked_text(booking))
    return _redirect_to_current(request, page, booking)


def _booked_text(booking: Booking) -> str:
    """What is said of a booking on its first page: a payment on its way is not thanked for."""
    told = {"address": booking.address}
    if not booking.seats.live().exists():
        return _("Nothing is booked. We’ve emailed %(address)s about it.") % told
    if open_payment_of(booking):
        return _("Booked. We’ve emailed the details to %(address)s.") % told
    return _("Booked. We’ve emailed your confirmation to %(address)s.") % told


def leave_checkout(request: HttpRequest, page: SchedulePage, secret: str, *, now: datetime) -> HttpResponse:
    """A customer who left the checkout is told what to do; the basket is as it was.

    An address that is not known any more is that of a basket which was reopened since, in another tab.
    """
    booking = _find_booking(request, page, secret)
    if booking is None:
        return redirect_to_basket(request, page)
    if booking.state == BookingState.PAYING and booking.held_until and booking.held_until > now:
        messages.warning(
            request,
            _("You left the checkout, so you haven’t been charged.")
            + " "
            + _("Continue to payment, with a different card if yours was declined, or reopen your basket."),
        )
    if booking.state == BookingState.JOINED:
        return redirect_to_welcome(request, booking)
    if booking.state == BookingState.BOOKED:
        return redirect_to_booking(request, booking, _("You’ve already booked this. Here’s your booking."))
    return _redirect_to_current(request, page, booking)


def redirect_to_booking(request: HttpRequest, booking: Booking, told: str) -> HttpResponse:
    """On to the page of what was booked: the visitor carries it no longer."""
    messages.success(request, told)
    response = SeeOther(reverse("my_booking", kwargs={"booking": booking.uuid}))
    clear_basket_cookie(request, response, booking)
    clear_code_cookie(request, response, booking.account)
    remember_booking(request, response, booking)
    return response


def redirect_to_welcome(request: HttpRequest, booking: Booking) -> HttpResponse:
    """On to the membership that was bought alone: it says what is true of it. The visitor carries it no longer."""
    assert booking.purchase is not None  # noqa: S101 - that is what was bought
    kwargs = {"page": booking.page.slug, "purchase": booking.purchase.uuid}
    response = SeeOther(reverse("public:membership_bought", kwargs=kwargs))
    clear_basket_cookie(request, response, booking)
    return response


def redirect_to_basket(request: HttpRequest, page: SchedulePage, booking: Booking | None = None) -> HttpResponse:
    """To the page of the basket, which is the visitor's from now on where one is given."""
    response = SeeOther(reverse("public:basket", kwargs={"page": page.slug}))
    if booking is not None and not is_cookie_basket(request, booking):
        set_basket_cookie(response, booking)
    return response


def _redirect_to_current(request: HttpRequest, page: SchedulePage, booking: Booking) -> HttpResponse:
    """To the basket that somebody came back to, unless it is over: then to what they carry."""
    carries = booking.state in HELD_STATES and may_carry(request, booking)
    return redirect_to_basket(request, page, booking if carries else None)


def _find_booking(request: HttpRequest, page: SchedulePage, secret: str) -> Booking | None:
    """The booking of that uuid: it is a secret, as in the address of its page, but not to be shown to another login.

    The phone's browser in which somebody comes back from their bank may not be the one that they left.
    """
    try:
        booking = find_basket(page.account, UUID(secret))
    except ValueError:
        booking = None
    if booking and isinstance(request.user, User) and not is_own_basket(request, booking):
        return None
    return booking


def _refunds(booking: Booking) -> QuerySet[Refund]:
    """What was paid for the booking and could not be had any more."""
    return Refund.objects.filter(payment__booking=booking, reason__in=SORRY)


def _wait(request: HttpRequest, page: SchedulePage, booking: Booking) -> HttpResponse:
    context = {"page": page, "booking": booking, "seconds": AGAIN}
    response = keep_private(render_page(request, "tickets/public/basket_waiting.html", context, account=page.account))
    # As a header it needs no JavaScript either, and leaves the page to its reader.
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
        "twice": any(each.reason == RefundReason.PAID_TWICE for each in refunds),
        "remains": booking.state == BookingState.BOOKED and booking.seats.filter(cancelled_at__isnull=True).exists(),
    }
    response = keep_private(render_page(request, "tickets/public/basket_too_late.html", context, account=page.account))
    clear_basket_cookie(request, response, booking)
    return response
