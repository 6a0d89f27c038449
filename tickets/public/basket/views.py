"""The basket: what a customer is about to buy. Looking at it judges it again."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import SchedulePage
from accounts.public.pages import keep_private, page_or_404, render_page
from memberships.models import Subscription
from memberships.queries import taken_by_membership
from offers.uses import LimitReachedError
from tickets.availability.facts import Person
from tickets.booking.hold import release_basket
from tickets.checkout.basket import Basket, read_basket, refresh_basket
from tickets.checkout.settling import settle_overdue
from tickets.models import Booking, BookingState
from tickets.public.basket.changes import changes
from tickets.public.basket.checkout_return import (
    leave_checkout,
    redirect_to_booking,
    redirect_to_welcome,
    return_from_checkout,
)
from tickets.public.basket.code_cookie import get_code_cookie
from tickets.public.basket.cookie import is_cookie_basket, person_of_basket, set_basket_cookie, visitor_basket
from tickets.public.basket.expired import show_expired
from tickets.public.basket.page import build_basket_page

OK = 200


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """A discount code that was typed, and why it cannot be used."""

    typed: str
    text: str


@require_safe
@never_cache
def basket(request: HttpRequest, page: str) -> HttpResponse:
    """Show the visitor's basket; with its uuid as `paid` or `left` in the query they come back from Stripe."""
    now = timezone.now()
    found = page_or_404(page)
    if "paid" in request.GET:
        return return_from_checkout(request, found, request.GET["paid"], now=now)
    if "left" in request.GET:
        return leave_checkout(request, found, request.GET["left"], now=now)
    booking = visitor_basket(request, found.account)
    return show_basket(request, found, person_of_basket(request, found.account, booking), booking, now=now)


def show_basket(
    request: HttpRequest,
    page: SchedulePage,
    who: Person,
    booking: Booking | None,
    *,
    now: datetime,
    seen: str = "",
    problem: str | CodeProblem = "",
    status: int = OK,
) -> HttpResponse:
    """Show a basket as it is now; `seen` is what was on the page that a form came from, `problem` why it failed."""
    if booking is None:
        return _render(request, page, "basket_empty", {"problem": problem}, status=status)
    before = seen or read_basket(booking).basket_version
    basket = _judged(booking, who, now=now)
    if basket.booking.state == BookingState.JOINED:
        return redirect_to_welcome(request, basket.booking)
    if basket.booking.state == BookingState.BOOKED:
        return redirect_to_booking(request, basket.booking, _("You’ve already booked this. Here’s your booking."))
    if basket.booking.state == BookingState.RELEASED:
        return show_expired(request, page, basket.booking)
    context = {
        "basket": basket,
        "basket_page": build_basket_page(basket, who, now=now),
        "changes": changes(before, basket),
        "change_instead": _memberships_to_change(basket, who),
        "problem": problem if isinstance(problem, str) else "",
        "code": problem.typed if isinstance(problem, CodeProblem) else get_code_cookie(request, page.account),
        "code_problem": problem.text if isinstance(problem, CodeProblem) else "",
        "pages": {each.pk: each for each in (page, *(seat.entry.page for seat in basket.seats))}.values(),
    }
    response = _render(request, page, "basket_empty" if basket.is_empty else "basket", context, status=status)
    if not is_cookie_basket(request, basket.booking):
        set_basket_cookie(response, basket.booking)
    return response


def _memberships_to_change(basket: Basket, who: Person) -> list[Subscription]:
    """What the customer has already, if they are looking and a membership is in the basket: it can be changed."""
    if basket.price is None or who.customer is None or not who.is_customer(basket.booking.customer):
        return []
    return [each for each in taken_by_membership(who.customer).values() if each.is_live]


def _judged(booking: Booking, who: Person, *, now: datetime) -> Basket:
    """A basket as it stands now: one whose time is up is let go of, without waiting for the sweep."""
    if booking.held_until and booking.held_until <= now:
        if booking.state == BookingState.BASKET:
            release_basket(booking.pk, now=now, overdue=True)
        else:
            settle_overdue(booking.pk, now=now)
    try:
        return refresh_basket(booking, who, now=now)
    except LimitReachedError:  # others take uses faster than it is looked at: the next look has them right
        return read_basket(booking)


def _render(
    request: HttpRequest, page: SchedulePage, template: str, context: dict[str, object], *, status: int
) -> HttpResponse:
    known = {"page": page, **context}
    return keep_private(
        render_page(request, f"tickets/public/{template}.html", known, account=page.account, status=status)
    )
