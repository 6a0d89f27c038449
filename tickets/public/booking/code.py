"""The code of a booking: its address opens the line of its people on the studio’s register, for the team alone."""

from io import BytesIO
from typing import Final
from uuid import UUID

import qrcode
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from qrcode.image.svg import SvgPathImage

from accounts.public.pages import keep_private
from tickets.models import Seat
from tickets.public.pages import booking_or_404

BORDER: Final = 4
"""Squares of white around it, without which no telephone reads it."""


def booking_code(_request: HttpRequest, booking: UUID, entry: UUID) -> HttpResponse:
    """The code of a booking at one entry, drawn when somebody wants to see it; 404 where nobody is booked any more."""
    found = booking_or_404(booking)
    seats = Seat.objects.live().booked().filter(account=found.account_id, booking=found, entry__uuid=entry)
    first = seats.order_by("pk").first()
    if first is None:
        raise Http404
    drawing = draw_code(scan_url(found.page.account.slug, first))
    return keep_private(HttpResponse(drawing, content_type="image/svg+xml"))


def scan_url(account: str, seat: Seat) -> str:
    """The address that a code of a seat has in it, in an account (slug)."""
    path = reverse("dashboard:register_scan", kwargs={"account": account, "seat": seat.uuid})
    return f"{settings.SITE_URL}{path}"


def draw_code(text: str) -> bytes:
    """A QR code as SVG."""
    drawn = BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=BORDER).save(drawn)
    return drawn.getvalue()
