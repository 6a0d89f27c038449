"""What customers owe the studio, or have to their credit with it: noted on the seat, and never charged."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tickets.booking.recorded import record_settled
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.models import Booking, Seat
from tickets.money.pricing import discount_owed


def note_prices(booking: Booking, seats: Sequence[Seat], *, seen: int | None, now: datetime) -> None:
    """Note of seats (with entry and ticket) that the studio has just booked what they cost, discounts taken off.

    Raises StudioTermsChangedError where that is not what the operator has `seen` (in minor units; none: nobody has),
    and `offers.uses.LimitReachedError`.
    """
    owed = discount_owed(booking, seats, now=now)
    if seen is not None and owed != seen:
        raise StudioTermsChangedError


def settle_seats(booking: Booking) -> bool:
    """Say that nothing is owed any more for a booking (with its account and customer): it was paid, or is waived.

    Credits are settled with it. False where nothing was noted any more.
    """
    with transaction.atomic():
        live = booking.seats.live().filter(account=booking.account_id).exclude(owed=0)
        seats = list(live.select_for_update(of=("self",), no_key=True).order_by("pk"))
        if not seats:
            return False
        Seat.objects.filter(account=booking.account_id, pk__in=[seat.pk for seat in seats]).update(owed=0)
        record_settled(booking, sum(seat.owed for seat in seats))
    return True
