"""What customers owe the studio, or have to their credit with it: noted on the seat, and never charged."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import OuterRef, Subquery

from tickets.booking.recorded import record_settled
from tickets.models import Booking, Seat, Ticket


def note_prices(seats: Sequence[Seat]) -> None:
    """Note of seats (with their tickets) that the studio has just booked what their tickets cost."""
    for seat in seats:
        seat.owed = seat.ticket.price
    price = Ticket.objects.filter(pk=OuterRef("ticket")).values("price")
    noted = Seat.objects.filter(account__in={seat.account_id for seat in seats}, pk__in=[seat.pk for seat in seats])
    noted.update(owed=Subquery(price))


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
