"""The bookings that a browser made without a login: it alone is told of them, and nobody else who types its address."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tickets.models import Booking

NAME: Final = "booked"
MOST: Final = 5
DAY: Final = 24 * 3600


def remembered_bookings(request: HttpRequest) -> list[UUID]:
    """The uuids of what this browser booked in the last day, newest first; whatever is no uuid is passed over."""
    found = []
    for text in request.COOKIES.get(NAME, "").split(".")[:MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def remember_booking(request: HttpRequest, response: HttpResponseBase, booking: Booking) -> None:
    """Let the browser that made a booking know it for a day."""
    known = [booking.uuid, *(each for each in remembered_bookings(request) if each != booking.uuid)]
    response.set_cookie(
        NAME,
        ".".join(each.hex for each in known[:MOST]),
        max_age=DAY,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
