"""How much guests may hold without having paid or logged in: so much for one email address, and from one network.

A guest's basket costs nothing and its address need not be theirs, so without a bound a stranger could hold a studio's
whole stock. The numbers are from life: a family of six, and a club or school where several families book at once.
"""

from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Count, Q

from bookwhen.client_address import UNKNOWN
from tickets.booking.refusals import GuestsHoldTooManyError
from tickets.models import Booking, Entry, Seat

FAMILY: Final = 6
"""So many places at an entry anybody may hold, and the studio's maximum per booking where that is more."""
MOST_IN_STUDIO: Final = 200
"""Places at all the entries of a studio: what several families buy for a term."""
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def require_room_for_guest(basket: Booking, entry: Entry, wanted: int, *, now: datetime) -> None:
    """Let a guest's basket (held, with its customer and network) hold so many more places at an entry (with `places`).

    Guests with the same address, or from the same network, wait for one another until the transaction ends. Raises
    GuestsHoldTooManyError.
    """
    network = "" if basket.held_from == UNKNOWN else basket.held_from
    with connection.cursor() as cursor:
        # Always in this order, and after the basket: docs/design.md, *Never too many*.
        cursor.execute(_LOCK, [f"guest-holds:{basket.account_id}:email:{basket.customer_id}"])
        if network:
            cursor.execute(_LOCK, [f"guest-holds:{basket.account_id}:network:{network}"])
    held = _count_held(basket, entry, network, now=now)
    at_entry = max(FAMILY, entry.per_booking)
    # Half of a class: the other half is for everybody else, also while somebody holds all that they may.
    from_network = max(at_entry, entry.places.capacity // 2)
    allowed = {
        "email_here": at_entry,
        "email": MOST_IN_STUDIO,
        "network_here": from_network,
        "network": MOST_IN_STUDIO,
    }
    if any(held[name] + wanted > most for name, most in allowed.items()):
        raise GuestsHoldTooManyError


def _count_held(basket: Booking, entry: Entry, network: str, *, now: datetime) -> dict[str, int]:
    """What guests hold with the basket's address and from its network, here and in all. One statement.

    What is overdue is let go of by the minute, and keeps nobody from filling their basket again.
    """
    held = Seat.objects.live().filter(
        account=basket.account_id,
        booking__held_until__gt=now,
        booking__filled_by__isnull=True,
        booking__from_waiting_list=False,
    )
    by_email = Q(customer=basket.customer_id)
    by_network = Q(booking__held_from=network) if network else Q(pk__isnull=True)
    here = Q(entry=entry)
    return held.filter(by_email | by_network).aggregate(
        email_here=Count("pk", filter=by_email & here),
        email=Count("pk", filter=by_email),
        network_here=Count("pk", filter=by_network & here),
        network=Count("pk", filter=by_network),
    )
