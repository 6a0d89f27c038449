"""What a basket holds that is its customer's no more, because their membership ended meanwhile."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from groups.models import Standing
from groups.queries import standing_at
from memberships.models import Price
from tickets.models import Booking, Seat


def stands(now: datetime) -> Q:
    """Whether the member whose use a seat takes stands, now and when its event starts: a condition on a seat."""
    mine = Standing.objects.filter(member=OuterRef("use__period__member"))
    return Exists(mine.filter(standing_at(now))) & Exists(mine.filter(standing_at(OuterRef("entry__starts_at"))))


def lost_seats(basket: Booking, price: Price | None, *, now: datetime) -> list[int]:
    """Exclusive places (ids of seats) of a customer who does not stand any more, now or when the event starts.

    The membership in the basket, by its price, is as good as standing.
    """
    charged = Seat.objects.live().filter(booking=basket, use__isnull=False).exclude(stands(now))
    if price:
        charged = charged.exclude(use__period__member__group=price.membership.group_id)
    return list(charged.values_list("pk", flat=True))
