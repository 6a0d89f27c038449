"""Buying what is in the basket, and taking it back from the checkout. Both may be sent twice."""

import logging
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Account, SchedulePage
from bookwhen.payments.gateway import DeclinedError, KeyRefusedError, StripeDownError, StripeError
from memberships.public.phrases import trouble
from memberships.purchases import AlreadyHasError, NotOnSaleError
from offers.uses import LimitReachedError
from tickets.availability.facts import Person, person
from tickets.booking.book import BasketClosedError
from tickets.checkout.basket import find
from tickets.checkout.paying import ChangedError, EmptyError, check_out, reopen
from tickets.models import Booking, State
from tickets.public.basket.checkout_return import to_basket, to_booking
from tickets.public.basket.cookie import basket_of
from tickets.public.basket.views import show
from tickets.public.pages import SeeOther, page_or_404

CONFLICT = 409
UNAVAILABLE = 503

log = logging.getLogger(__name__)


@require_POST
def pay(request: HttpRequest, page: str) -> HttpResponse:
    """Buy the basket as its customer saw it (`seen`): on to Stripe, or to the booking where nothing costs anything."""
    now = timezone.now()
    found = page_or_404(page)
    who = person(found.account, request.user)
    booking = basket_of(request, found.account, who.customer) or _named(request, found.account)
    if booking is None:
        return to_basket(request, found)
    try:
        url = check_out(booking, who, request.POST.get("seen", ""), now=now)
    except BasketClosedError:
        return _closed(request, found, booking)
    except (ChangedError, EmptyError, LimitReachedError, AlreadyHasError, NotOnSaleError, StripeError) as error:
        return _again(request, found, who, booking, error, now=now)
    if url:
        return SeeOther(url)
    sent = _("Booked. We have e-mailed the confirmation to %(address)s.") % {"address": booking.customer.email}
    return to_booking(request, booking, sent)


@require_POST
def change(request: HttpRequest, page: str) -> HttpResponse:
    """Take the basket back from the checkout, to change it."""
    now = timezone.now()
    found = page_or_404(page)
    booking = basket_of(request, found.account, person(found.account, request.user).customer)
    if booking is None:
        return to_basket(request, found)
    try:
        if reopen(booking, now=now):
            return to_basket(request, found, booking)
    except StripeError as error:
        log.warning("The checkout of basket %s could not be ended: %s", booking.pk, error)
        messages.error(request, _trouble(error, found.account))
        return to_basket(request, found, booking)
    return _closed(request, found, booking)


def _named(request: HttpRequest, account: Account) -> Booking | None:
    """The basket of the page that a form was sent from: the second of two clicks may come without the cookie."""
    try:
        return find(account, UUID(request.POST.get("basket", "")))
    except ValueError:
        return None


def _closed(request: HttpRequest, page: SchedulePage, booking: Booking) -> HttpResponse:
    """The basket is not open (any more): say why, and go where it is."""
    booking.refresh_from_db(fields=["state"])
    if booking.state == State.BOOKED:
        return to_booking(request, booking, _("This is booked already: here it is."))
    if booking.state == State.PAYING:
        opening = _("The checkout is just being opened. Wait a moment, then go on paying.")
        messages.warning(request, opening)
    return to_basket(request, page, booking)


def _again(
    request: HttpRequest, page: SchedulePage, who: Person, booking: Booking, error: Exception, *, now: datetime
) -> HttpResponse:
    """Show the basket again, with what stood in the way."""
    if isinstance(error, StripeError):
        log.warning("The checkout of basket %s could not be opened: %s", booking.pk, error)
    status = UNAVAILABLE if isinstance(error, StripeError) and not isinstance(error, DeclinedError) else CONFLICT
    seen = request.POST.get("seen", "")
    return show(request, page, who, booking, now=now, seen=seen, problem=_problem(error, page.account), status=status)


def _problem(error: Exception, account: Account) -> str:
    if isinstance(error, StripeError):
        return _trouble(error, account)
    if isinstance(error, EmptyError):
        return _("There is nothing in your basket to book. Choose something from the schedule.")
    if isinstance(error, AlreadyHasError):
        return _("The membership is yours already, so it was taken out of the basket. Nothing was charged.")
    if isinstance(error, NotOnSaleError):
        return _("The membership is no longer on sale here. Nothing was charged.")
    return _("Your basket has changed since you saw it. Nothing was charged: check it, then confirm again.")


def _trouble(error: StripeError, account: Account) -> str:
    """What to tell a customer whose payment Stripe did not take, and whether it helps to try again."""
    if isinstance(error, StripeDownError):
        return trouble(error, account)
    if isinstance(error, KeyRefusedError):
        unable = _("%(name)s cannot take payments at the moment. Nothing was charged, and your basket is still held.")
        return (unable + " " + _("Write to %(name)s to book.")) % {"name": account.name}
    if isinstance(error, DeclinedError):
        refused = _("Stripe does not take this payment: the total may be less than cards can pay. Nothing was charged.")
        return refused + " " + _("Add another ticket, or write to %(name)s.") % {"name": account.name}
    return trouble(error, account)
