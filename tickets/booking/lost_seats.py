"""What a basket holds that is its customer's no more, because their membership ended meanwhile."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from groups.models import Standing
from groups.queries import standing_at
from memberships.models import Price
from tickets.models import Booking, Seat


def lost_seats(basket: Booking, price: Price | None, *, now: datetime) -> list[int]:
    """Exclusive places (ids of seats) of a customer who does not stand any more, now or when the event starts.

    The membership in the basket, by its price, is as good as standing.
    """
    mine = Standing.objects.filter(member=OuterRef("use__period__member"))
    stands = Exists(mine.filter(standing_at(now))) & Exists(mine.filter(standing_at(OuterRef("entry__starts_at"))))
    charged = Seat.objects.live().filter(booking=basket, use__isnull=False).exclude(stands)
    if price:
        charged = charged.exclude(use__period__member__group=price.membership.group_id)
    return list(charged.values_list("pk", flat=True))
