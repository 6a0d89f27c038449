"""What customers owe the studio, or have to their credit with it: noted on the seat, and never charged."""

from collections.abc import Sequence

from django.db.models import OuterRef, Subquery

from tickets.models import Seat, Ticket


def note_prices(seats: Sequence[Seat]) -> None:
    """Note of seats (with their tickets) that the studio has just booked what their tickets cost."""
    for seat in seats:
        seat.owed = seat.ticket.price
    price = Ticket.objects.filter(pk=OuterRef("ticket")).values("price")
    Seat.objects.filter(pk__in=[seat.pk for seat in seats]).update(owed=Subquery(price))
