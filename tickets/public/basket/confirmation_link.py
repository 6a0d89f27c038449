"""Free tickets at a studio that asks for a confirmed address: a link in an email books what a guest's basket holds."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.email_queue import absolute
from accounts.models import SchedulePage
from accounts.public.identity import count_link
from accounts.public.pages import keep_private, page_or_404, render_page
from offers.uses import LimitReachedError
from tickets.availability.facts import Person, identify_person
from tickets.booking.notices import notify_to_confirm
from tickets.booking.refusals import BasketClosedError
from tickets.checkout.basket import Basket, find_basket, read_basket, refresh_basket
from tickets.checkout.paying import BasketChangedError, BasketEmptyError, check_out
from tickets.models import Booking, BookingState
from tickets.public.basket.checkout_return import redirect_to_basket, redirect_to_booking
from tickets.public.basket.cookie import is_cookie_basket
from tickets.public.basket.expired import show_expired
from tickets.public.basket.page import build_basket_page

SALT: Final = "tickets.confirmation"
GONE: Final = 410
CONFLICT: Final = 409
OK: Final = 200


def send_confirmation_link(request: HttpRequest, page: SchedulePage, found: Basket, *, now: datetime) -> HttpResponse:
    """Send the link that books a free basket to its address, and go to the basket. Raises TooManyError."""
    booking = found.booking
    count_link(request, booking.address, now=now)
    token = signing.dumps(str(booking.uuid), salt=SALT)
    path = reverse("public:basket_confirm", kwargs={"page": booking.page.slug, "token": token})
    notify_to_confirm(booking, found.seats, absolute(path), now=now)
    assert booking.held_until is not None  # noqa: S101 - a constraint says so
    told = {
        "address": booking.address,
        "time": date_format(booking.held_until.astimezone(booking.account.zone), "H:i"),
    }
    messages.success(
        request,
        _("We’ve sent a link to %(address)s. Use it by %(time)s to confirm your booking. Nothing is booked until then.")
        % told,
    )
    return redirect_to_basket(request, page, booking)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm_by_link(request: HttpRequest, page: str, token: str) -> HttpResponse:
    """Show what the link in an email books; by POST, book it. A program that only looks at links books nothing."""
    now = timezone.now()
    found = page_or_404(page)
    booking = _read_token(found, token)
    if booking is None:
        return _render(request, found, "basket_link_dead", {}, status=GONE)
    who = identify_person(found.account, request.user)
    if request.method == "POST":
        try:
            seen, at_studio = request.POST.get("basket_version", ""), read_basket(booking).may_pay_at_studio
            check_out(booking, who, seen, now=now, confirmed=True, at_studio=at_studio)
        except (BasketChangedError, BasketClosedError, BasketEmptyError, LimitReachedError):
            return _show(request, found, booking, who, now=now, status=CONFLICT)
        sent = _("Booked. We’ve emailed your confirmation to %(address)s.") % {"address": booking.address}
        return redirect_to_booking(request, booking, sent)
    return _show(request, found, booking, who, now=now)


def _read_token(page: SchedulePage, token: str) -> Booking | None:
    """The basket that a link names, whatever became of it; none where the link is damaged or the basket moved on."""
    try:
        return find_basket(page.account, UUID(signing.loads(token, salt=SALT)))
    except (signing.BadSignature, ValueError):
        return None


def _show(
    request: HttpRequest, page: SchedulePage, booking: Booking, who: Person, *, now: datetime, status: int = OK
) -> HttpResponse:
    """What the link books, as it is now, or what became of it."""
    basket = read_basket(booking) if booking.state != BookingState.BASKET else refresh_basket(booking, who, now=now)
    if basket.booking.state == BookingState.BOOKED:
        return redirect_to_booking(request, basket.booking, _("You’ve already booked this. Here’s your booking."))
    if basket.booking.state == BookingState.RELEASED and is_cookie_basket(request, basket.booking):
        return show_expired(request, page, basket.booking)
    books_at_once = basket.is_free or basket.may_pay_at_studio
    if basket.booking.state != BookingState.BASKET or not books_at_once or basket.is_empty:
        return _render(request, page, "basket_link_dead", {}, status=GONE)
    context = {"basket": basket, "basket_page": build_basket_page(basket, who, now=now), "changed": status == CONFLICT}
    return _render(request, page, "basket_confirm", context, status=status)


def _render(
    request: HttpRequest, page: SchedulePage, template: str, context: dict[str, object], *, status: int
) -> HttpResponse:
    known = {"page": page, **context}
    return keep_private(
        render_page(request, f"tickets/public/{template}.html", known, account=page.account, status=status)
    )
