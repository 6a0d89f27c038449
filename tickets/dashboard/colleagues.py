"""`{% load colleagues %}`: which colleague “the studio” was, for pages that only colleagues see."""

from collections.abc import Iterable

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.history.reading import StudioNames
from tickets.models import Booking, Channel, Seat

register = Library()


def is_by_studio(booking: Booking) -> bool:
    """Whether the studio made a booking."""
    return booking.channel == Channel.STUDIO


def bookings_of_seats(seats: Iterable[Seat]) -> set[int]:
    """The bookings (ids) of which the studio cancelled a space."""
    return {seat.booking_id for seat in seats if seat.cancelled_by == Channel.STUDIO}


@register.simple_tag
def booked_by_studio(booking: Booking, names: StudioNames | str) -> SafeString:
    """Who of the team made a booking, as far as `names` know: else the studio."""
    return _by(names.made.get(booking.pk, "") if isinstance(names, StudioNames) else "")


@register.simple_tag
def cancelled_by_studio(seat: Seat, names: StudioNames | str) -> SafeString:
    """Who of the team cancelled a space, as far as `names` know: else the studio."""
    at = seat.cancelled_at
    return _by(names.cancelled(seat.booking_id, at) if at and isinstance(names, StudioNames) else "")


def _by(name: str) -> SafeString:
    return format_html("{}", _("by %(name)s") % {"name": name} if name else _("by the studio"))
