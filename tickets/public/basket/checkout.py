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
from accounts.public.hosted_pages import go_to_hosted_page
from accounts.public.pages import page_or_404
from accounts.public.phrases import contact_text, stripe_error_text
from accounts.public.too_many import STATUS as TOO_MANY
from accounts.public.too_many import say_when
from bookwhen.limits import TooManyError
from bookwhen.money import MOST, least, money
from bookwhen.payments.amounts import AmountError
from bookwhen.payments.gateway import DeclinedError, KeyRefusedError, StripeDownError, StripeError
from memberships.purchases import AlreadyHasError, NotOnSaleError
from offers.uses import LimitReachedError
from tickets.availability.facts import Person
from tickets.booking.refusals import AddressNotConfirmedError, BasketClosedError
from tickets.checkout.basket import find_basket, read_basket
from tickets.checkout.paying import BasketChangedError, BasketEmptyError, check_out, reopen_basket
from tickets.models import Booking, BookingState
from tickets.public.basket.checkout_return import redirect_to_basket, redirect_to_booking, redirect_to_welcome
from tickets.public.basket.confirmation_link import send_confirmation_link
from tickets.public.basket.cookie import (
    is_cookie_basket,
    is_own_basket,
    person_of_basket,
    set_basket_cookie,
    visitor_basket,
)
from tickets.public.basket.views import show_basket
from tickets.public.visitor_limits import count_checkout, too_many_text

CONFLICT = 409
UNAVAILABLE = 503

log = logging.getLogger(__name__)


@require_POST
def pay(request: HttpRequest, page: str) -> HttpResponse:
    """Buy the basket as its customer saw it (`basket_version`)."""
    now = timezone.now()
    found = page_or_404(page)
    booking = visitor_basket(request, found.account) or _basket_from_form(request, found.account)
    if booking is None:
        return redirect_to_basket(request, found)
    who = person_of_basket(request, found.account, booking)
    seen, at_studio = request.POST.get("basket_version", ""), request.POST.get("pay") == "studio"
    return pay_basket(request, found, who, booking, seen=seen, at_studio=at_studio, now=now)


def pay_basket(
    request: HttpRequest,
    page: SchedulePage,
    who: Person,
    booking: Booking,
    *,
    seen: str,
    now: datetime,
    at_studio: bool = False,
) -> HttpResponse:
    """On to Stripe with a basket, or to the booking where nothing is to be paid now; else the basket, and why.

    `seen` is what its customer saw of it (`Basket.basket_version`).
    """
    try:
        count_checkout(request, who, now=now)
        url = check_out(booking, who, seen, now=now, at_studio=at_studio)
    except AddressNotConfirmedError:
        return _send_link(request, page, who, booking, seen, now=now)
    except BasketClosedError:
        return _redirect_closed(request, page, booking)
    except TooManyError as error:
        return _show_too_many(request, page, who, booking, error, seen=seen, now=now)
    except (
        BasketChangedError,
        BasketEmptyError,
        LimitReachedError,
        AlreadyHasError,
        NotOnSaleError,
        StripeError,
    ) as error:
        return _show_with_problem(request, page, who, booking, error, seen=seen, now=now)
    if not url:
        sent = _("Booked. We’ve emailed your confirmation to %(address)s.") % {"address": booking.address}
        return redirect_to_booking(request, booking, sent)
    response = go_to_hosted_page(request, url)
    if not is_cookie_basket(request, booking):
        set_basket_cookie(response, booking)
    return response


@require_POST
def change(request: HttpRequest, page: str) -> HttpResponse:
    """Take the basket back from the checkout, to change it."""
    now = timezone.now()
    found = page_or_404(page)
    booking = visitor_basket(request, found.account)
    if booking is None:
        return redirect_to_basket(request, found)
    try:
        if reopened := reopen_basket(booking, now=now):
            return redirect_to_basket(request, found, reopened)
    except StripeError as error:
        log.warning("The checkout of basket %s could not be ended: %s", booking.pk, error)
        messages.error(request, _stripe_error_text(error, found.account))
        return redirect_to_basket(request, found, booking)
    return _redirect_closed(request, found, booking)


def _basket_from_form(request: HttpRequest, account: Account) -> Booking | None:
    """The basket of the page that a form was sent from: the second of two clicks may come without the cookie."""
    try:
        found = find_basket(account, UUID(request.POST.get("basket", "")))
    except ValueError:
        return None
    return found if found and is_own_basket(request, found) else None


def _redirect_closed(request: HttpRequest, page: SchedulePage, booking: Booking) -> HttpResponse:
    """The basket is not open (any more): say why, and go where it is."""
    booking.refresh_from_db(fields=["state", "purchase"])
    if booking.state == BookingState.JOINED:
        return redirect_to_welcome(request, booking)
    if booking.state == BookingState.BOOKED:
        return redirect_to_booking(request, booking, _("You’ve already booked this. Here’s your booking."))
    if booking.state == BookingState.PAYING:
        opening = _("We’re opening the checkout. Wait a moment, then continue to payment.")
        messages.warning(request, opening)
    return redirect_to_basket(request, page, booking)


def _show_with_problem(
    request: HttpRequest,
    page: SchedulePage,
    who: Person,
    booking: Booking,
    error: Exception,
    *,
    seen: str,
    now: datetime,
) -> HttpResponse:
    """Show the basket again, with what stood in the way."""
    if isinstance(error, StripeError):
        log.warning("The checkout of basket %s could not be opened: %s", booking.pk, error)
    status = UNAVAILABLE if isinstance(error, StripeError) and not isinstance(error, DeclinedError) else CONFLICT
    problem = problem_text(error, page.account)
    return show_basket(request, page, who, booking, now=now, seen=seen, problem=problem, status=status)


def _send_link(
    request: HttpRequest, page: SchedulePage, who: Person, booking: Booking, seen: str, *, now: datetime
) -> HttpResponse:
    """Send the link that books it, to an address that nobody has confirmed yet."""
    try:
        return send_confirmation_link(request, page, read_basket(booking), now=now)
    except TooManyError as error:
        return _show_too_many(request, page, who, booking, error, seen=seen, now=now)


def _show_too_many(
    request: HttpRequest,
    page: SchedulePage,
    who: Person,
    booking: Booking,
    error: TooManyError,
    *,
    seen: str,
    now: datetime,
) -> HttpResponse:
    problem = too_many_text(error)
    return say_when(
        show_basket(request, page, who, booking, now=now, seen=seen, problem=problem, status=TOO_MANY), error
    )


def problem_text(error: Exception, account: Account) -> str:
    """What to tell a customer of what stood in the way of buying a basket."""
    if isinstance(error, StripeError):
        return _stripe_error_text(error, account)
    if isinstance(error, BasketEmptyError):
        return _("Your basket is empty. Choose something from the schedule.")
    if isinstance(error, AlreadyHasError) and error.is_unpaid:
        return _(
            "You’ve bought this membership, and its payment isn’t complete yet. So we’ve removed it from your basket. "
            "You haven’t been charged again."
        )
    if isinstance(error, AlreadyHasError):
        return _("You already have this membership, so we’ve removed it from your basket. You haven’t been charged.")
    if isinstance(error, NotOnSaleError):
        return _("This membership is no longer on sale. You haven’t been charged.")
    return _("Your basket has changed. You haven’t been charged. Check it, then confirm again.")


def _stripe_error_text(error: StripeError, account: Account) -> str:
    """What to tell a customer whose payment Stripe did not take, and whether it helps to try again."""
    if isinstance(error, StripeDownError):
        return stripe_error_text(error, account)
    if isinstance(error, KeyRefusedError):
        unable = _(
            "%(name)s can’t take payments at the moment. You haven’t been charged, and we’re still holding your basket."
        )
        contact = _("Contact %(name)s to book.") % {"name": contact_text(account)}
        return f"{unable % {'name': account.name}} {contact}"
    if isinstance(error, AmountError):
        return _amount_text(error, account)
    if isinstance(error, DeclinedError):
        refused = _("Stripe couldn’t take this payment. You haven’t been charged.")
        return refused + " " + _("Contact %(name)s to book.") % {"name": contact_text(account)}
    return stripe_error_text(error, account)


def _amount_text(error: AmountError, account: Account) -> str:
    """What to do about a total that no card can pay."""
    most = least(account.currency) if error.is_too_small else MOST
    told = {"amount": money(most, account.currency, account.locale), "name": contact_text(account)}
    if error.is_too_small:
        refused = _("Cards can’t pay less than %(amount)s. You haven’t been charged.")
        return (refused + " " + _("Add another ticket, or contact %(name)s.")) % told
    return _("Cards can’t pay more than %(amount)s at once. You haven’t been charged. Take something out.") % told
