"""The bookings that a browser made without a login: it alone is told of them, and nobody else who types its address."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bookwhen.cookies import own_cookie
from tickets.models import Booking
from tickets.public.basket.cookie import basket_prefix

NAME: Final = "booked"
MOST: Final = 5
DAY: Final = 24 * 3600


def remembered_bookings(request: HttpRequest) -> list[UUID]:
    """The uuids of what this browser booked in the last day; whatever is no uuid is passed over.

    Its baskets are among them: who paid for one need not have come back from the checkout.
    """
    found = []
    baskets = [value for name, value in request.COOKIES.items() if name.startswith(basket_prefix())]
    for text in (*request.COOKIES.get(own_cookie(NAME), "").split(".")[:MOST], *baskets[:MOST]):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def remember_booking(request: HttpRequest, response: HttpResponseBase, booking: Booking) -> None:
    """Let the browser that made a booking know it for a day."""
    known = [booking.uuid, *(each for each in remembered_bookings(request) if each != booking.uuid)]
    response.set_cookie(
        own_cookie(NAME),
        ".".join(each.hex for each in known[:MOST]),
        max_age=DAY,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
