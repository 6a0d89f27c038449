"""The basket: what a customer is about to buy. Looking at it judges it again."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import SchedulePage
from offers.uses import LimitReachedError
from tickets.availability.facts import Person, person
from tickets.booking.hold import let_go
from tickets.checkout.basket import Basket, look, read
from tickets.checkout.paying import settle_overdue
from tickets.models import Booking, State
from tickets.public.basket.changes import changes
from tickets.public.basket.checkout_return import came_back, left, to_booking
from tickets.public.basket.cookie import basket_of, carry, is_carried
from tickets.public.basket.expired import released
from tickets.public.basket.page import draw
from tickets.public.pages import answer, keep_private, page_or_404

OK = 200


@require_safe
@never_cache
def basket(request: HttpRequest, page: str) -> HttpResponse:
    """Show the visitor's basket; with its uuid as `paid` or `left` in the query they come back from Stripe."""
    now = timezone.now()
    found = page_or_404(page)
    if "paid" in request.GET:
        return came_back(request, found, request.GET["paid"], now=now)
    if "left" in request.GET:
        return left(request, found, request.GET["left"], now=now)
    who = person(found.account, request.user)
    return show(request, found, who, basket_of(request, found.account, who.customer), now=now)


def show(
    request: HttpRequest,
    page: SchedulePage,
    who: Person,
    booking: Booking | None,
    *,
    now: datetime,
    seen: str = "",
    problem: str = "",
    status: int = OK,
) -> HttpResponse:
    """Show a basket as it is now; `seen` is what was on the page that a form came from, `problem` why it failed."""
    if booking is None:
        return _answer(request, page, "basket_empty", {"problem": problem}, status=status)
    before = seen or read(booking).seen
    basket = _judged(booking, who, now=now)
    if basket.booking.state == State.BOOKED:
        return to_booking(request, basket.booking, _("Your basket is booked already: here it is."))
    if basket.booking.state == State.RELEASED:
        return released(request, page, basket.booking)
    context = {
        "basket": basket,
        "drawn": draw(basket, now=now),
        "changes": changes(before, basket),
        "problem": problem,
        "pages": {each.pk: each for each in (page, *(seat.entry.page for seat in basket.seats))}.values(),
    }
    response = _answer(request, page, "basket_empty" if basket.is_empty else "basket", context, status=status)
    if not is_carried(request, basket.booking):
        carry(request, response, basket.booking)
    return response


def _judged(booking: Booking, who: Person, *, now: datetime) -> Basket:
    """A basket as it stands now: one whose time is up is let go of, without waiting for the sweep."""
    if booking.held_until and booking.held_until <= now:
        if booking.state == State.BASKET:
            let_go(booking.pk, now=now, overdue=True)
        else:
            settle_overdue(booking.pk, now=now)
    try:
        return look(booking, who, now=now)
    except LimitReachedError:  # others take uses faster than it is looked at: the next look has them right
        return read(booking)


def _answer(
    request: HttpRequest, page: SchedulePage, template: str, context: dict[str, object], *, status: int
) -> HttpResponse:
    known = {"page": page, **context}
    return keep_private(answer(request, f"tickets/public/{template}.html", known, account=page.account, status=status))
