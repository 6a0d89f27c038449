"""Taking things out of the basket, and holding again what was let go of. Each is a POST that may be sent twice."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import SchedulePage
from accounts.public.pages import keep_private, page_or_404, render_page
from bookwhen.client_address import client_network
from bookwhen.limits import TooManyError
from tickets.booking.hold import release_basket
from tickets.booking.refusals import BasketClosedError
from tickets.checkout import basket as baskets
from tickets.models import BookingState, Seat
from tickets.public.basket.checkout_return import redirect_to_basket
from tickets.public.basket.code import use_carried_code
from tickets.public.basket.cookie import clear_basket_cookie, person_of_basket, visitor_basket
from tickets.public.basket.expired import refill_basket
from tickets.public.visitor_limits import count_booking, too_many_text


@require_POST
def remove(request: HttpRequest, page: str) -> HttpResponse:
    """Take one ticket (`seat`, its uuid) out of the basket."""
    now = timezone.now()
    found = page_or_404(page)
    booking = visitor_basket(request, found.account)
    who = person_of_basket(request, found.account, booking)
    if booking is None:
        return redirect_to_basket(request, found)
    try:
        seats = Seat.objects.filter(booking=booking, uuid=UUID(request.POST.get("seat", "")))
        gone = list(seats.filter(cancelled_at__isnull=True).values_list("pk", flat=True))
        if gone:
            baskets.remove_tickets(booking, gone, who, now=now)
            messages.success(request, _("Ticket removed"))
    except BasketClosedError:
        _not_open(request)
    except ValueError:
        pass  # no form of ours sends that
    return redirect_to_basket(request, found, booking)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def remove_membership_view(request: HttpRequest, page: str) -> HttpResponse:
    """Say which tickets go with the membership in the basket; by POST, take it out."""
    now = timezone.now()
    found = page_or_404(page)
    booking = visitor_basket(request, found.account)
    who = person_of_basket(request, found.account, booking)
    if booking is None or booking.state != BookingState.BASKET or booking.membership_price is None:
        return redirect_to_basket(request, found, booking)
    if request.method == "POST":
        try:
            baskets.remove_membership(booking, who, now=now)
            messages.success(request, _("Membership removed"))
        except BasketClosedError:
            _not_open(request)
        return redirect_to_basket(request, found, booking)
    seats = baskets.read_basket(booking).seats
    opened = set(baskets.seats_opened_by_membership(booking, now=now))
    context = {
        "membership": booking.membership_price.membership,
        "going": [seat for seat in seats if seat.pk in opened],
        "staying": sum(seat.pk not in opened for seat in seats),
    }
    return _confirm(request, found, "basket_membership", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def empty(request: HttpRequest, page: str) -> HttpResponse:
    """Say what is let go of with the basket; by POST, let go of it."""
    now = timezone.now()
    found = page_or_404(page)
    booking = visitor_basket(request, found.account)
    if booking is None or booking.state != BookingState.BASKET:
        return redirect_to_basket(request, found, booking)
    if request.method == "POST":
        if not release_basket(booking.pk, now=now):
            _not_open(request)
            return redirect_to_basket(request, found, booking)
        messages.success(request, _("Basket emptied"))
        response = redirect_to_basket(request, found)
        clear_basket_cookie(request, response, booking)
        return response
    return _confirm(request, found, "basket_emptying", {"basket": baskets.read_basket(booking)})


@require_POST
def again(request: HttpRequest, page: str) -> HttpResponse:
    """Hold again what was in the basket when its time was up; what cannot be had any more is told."""
    now = timezone.now()
    found = page_or_404(page)
    booking = visitor_basket(request, found.account)
    who = person_of_basket(request, found.account, booking)
    if booking is None or booking.state != BookingState.RELEASED:
        return redirect_to_basket(request, found, booking)
    try:
        counted = count_booking(request, who, booking.address, now=now)
    except TooManyError as error:
        messages.warning(request, too_many_text(error))
        return redirect_to_basket(request, found, booking)
    held = refill_basket(booking, who, now=now, network=client_network(request))
    if held.basket is None:
        counted.give_back()
    for sentence in held.refused:
        messages.warning(request, sentence)
    response = redirect_to_basket(request, found, held.basket or booking)
    if held.basket:
        held.basket.account = found.account
        use_carried_code(request, response, held.basket, who, now=now)
    return response


def _not_open(request: HttpRequest) -> None:
    messages.warning(request, _("Your basket is at the checkout. Choose “Reopen basket” first."))


def _confirm(request: HttpRequest, page: SchedulePage, template: str, context: dict[str, object]) -> HttpResponse:
    known = {"page": page, **context}
    return keep_private(render_page(request, f"tickets/public/{template}.html", known, account=page.account))
