"""Somebody's own place on a waiting list, at an address that only they and their letters know: see, take, leave."""

import logging
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.language import speak
from accounts.models import User
from accounts.public.hosted_pages import go_to_hosted_page
from accounts.public.pages import keep_private, render_page
from bookwhen.limits import TooManyError
from bookwhen.payments.gateway import StripeError
from memberships.purchases import AlreadyHasError, NotOnSaleError
from offers.uses import LimitReachedError
from tickets.availability.facts import Person, identify_person, on_behalf
from tickets.booking.refusals import BasketClosedError
from tickets.checkout.basket import Basket, read_basket
from tickets.checkout.paying import BasketChangedError, BasketEmptyError, check_out, reopen_basket
from tickets.models import Booking, BookingState, WaitlistRequest, WaitState
from tickets.public.basket.checkout import problem_text
from tickets.public.basket.checkout_return import redirect_to_booking
from tickets.public.basket.cookie import count_basket_items, set_basket_cookie
from tickets.public.schedule.lines import render_when
from tickets.public.visitor_limits import count_checkout, too_many_text
from tickets.waiting import requests
from tickets.waiting.people import person_waiting
from tickets.waiting.phrases import skip_text, tickets_text
from tickets.waiting.withdrawing import why_lost, withdraw

_WITH = (
    "customer",
    "ticket",
    "entry__account__connection",
    "entry__page",
    "entry__places",
    "hold__membership_price__membership",
)

_PROBLEMS = (
    TooManyError,
    BasketChangedError,
    BasketEmptyError,
    LimitReachedError,
    AlreadyHasError,
    NotOnSaleError,
    StripeError,
)
"""What may stand in the way of taking what is held; a membership may have been put beside it."""

log = logging.getLogger(__name__)


@require_safe
def my_waiting(request: HttpRequest, request_: UUID) -> HttpResponse:
    """Somebody's place in line, what is held for them, or what became of it."""
    now = timezone.now()
    found = _request_or_404(request, request_)
    basket, lost = _basket(found), why_lost(found, now=now)
    context = {
        "page": found.entry.page,
        "entry": found.entry,
        "when": render_when(found.entry),
        "waiting": found,
        "tickets": tickets_text(found),
        "position": requests.position(found) if found.state == WaitState.WAITING else 0,
        "reason": skip_text(lost or found.skipped),
        "lost": lost,
        "basket": basket,
        # What is held here is in no browser's basket yet.
        "basket_items": count_basket_items(request, found.entry.account),
        "is_paying": basket is not None and basket.booking.state == BookingState.PAYING,
        "uses": sum(seat.uses_allowance for seat in basket.seats) if basket else 0,
        "is_over": found.entry.cancelled_at is not None or found.entry.starts_at <= now,
    }
    template = "tickets/public/waiting.html"
    return keep_private(render_page(request, template, context, account=found.entry.account))


@require_POST
def take(request: HttpRequest, request_: UUID) -> HttpResponse:
    """Book what is held for them, or go on to pay for it."""
    now = timezone.now()
    found = _request_or_404(request, request_)
    hold = _hold(found)
    if hold is None:
        return redirect("my_waiting", request_=found.uuid)
    who = _person(request, found)
    _let_them_have(hold, who)
    try:
        count_checkout(request, who, now=now)
        url = check_out(hold, who, request.POST.get("basket_version", ""), now=now, confirmed=True)
    except BasketClosedError:
        return redirect("my_waiting", request_=found.uuid)
    except _PROBLEMS as error:
        messages.error(request, _problem_text(found, hold, error, now=now))
        return redirect("my_waiting", request_=found.uuid)
    if url:
        response = go_to_hosted_page(request, url)
        set_basket_cookie(response, hold)
        return response
    told = _("Booked. We’ve emailed your confirmation to %(address)s.") % {"address": found.address}
    return redirect_to_booking(request, hold, told)


def _problem_text(found: WaitlistRequest, hold: Booking, error: Exception, *, now: datetime) -> str:
    """What stood in the way of taking it; where nothing is held for them any more, that is over."""
    if isinstance(error, TooManyError):
        return too_many_text(error)
    if isinstance(error, StripeError):
        log.warning("The checkout of an offered space (basket %s) could not be opened: %s", hold.pk, error)
    elif (lost := why_lost(found, now=now)) and withdraw(found, lost, now=now, tells=False):
        return _("We can’t hold this space for you any more. You haven’t been charged.")
    return problem_text(error, found.entry.account)


@require_POST
def leave(request: HttpRequest, request_: UUID) -> HttpResponse:
    """Leave the list, or let the next in line have what is held for them."""
    now = timezone.now()
    found = _request_or_404(request, request_)
    try:
        _leave(found, now=now)
    except (StripeError, requests.PayingError):
        messages.error(request, _("You’re paying for this space at the moment. Leave the checkout first."))
    return redirect("my_waiting", request_=found.uuid)


def _leave(found: WaitlistRequest, *, now: datetime) -> None:
    """Leave the list; a checkout that is open is ended first."""
    try:
        requests.leave(found, now=now)
    except requests.PayingError:
        hold = _hold(found)
        if hold is None or reopen_basket(hold, now=now) is None:
            raise
        requests.leave(found, now=now)


def _request_or_404(request: HttpRequest, uuid: UUID) -> WaitlistRequest:
    """The request of this address; 404 for a login whose it is not."""
    found = WaitlistRequest.objects.select_related(*_WITH).filter(uuid=uuid).first()
    if found is None or (isinstance(request.user, User) and found.customer.user_id not in {None, request.user.pk}):
        raise Http404
    found.entry.page.account = found.entry.account
    speak(found.entry.account)
    return found


def _hold(found: WaitlistRequest) -> Booking | None:
    """The basket that holds what was offered; none where nothing is offered (any more)."""
    if found.state != WaitState.OFFERED or found.hold_id is None:
        return None
    return Booking.objects.for_checkout().filter(pk=found.hold_id).first()


def _basket(found: WaitlistRequest) -> Basket | None:
    hold = _hold(found)
    return read_basket(hold) if hold else None


def _person(request: HttpRequest, found: WaitlistRequest) -> Person:
    """Who takes it: the login that it is for, or the person the letter was sent to."""
    who = on_behalf(identify_person(found.entry.account, request.user), found.customer_id)
    return who if who.is_customer(found.customer) else person_waiting(found)


def _let_them_have(hold: Booking, who: Person) -> None:
    """Make a basket their login's, if they have one: their own pages show what is booked by it."""
    if who.user is not None and hold.filled_by_id is None:
        Booking.objects.filter(pk=hold.pk, filled_by__isnull=True).update(filled_by=who.user)
        hold.filled_by_id = who.user
