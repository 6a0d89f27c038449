"""What customers owe the studio, or have to their credit with it: noted on the seat, and never charged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F

from bookwhen.money import step
from tickets.booking.recorded import record_settled
from tickets.booking.studio_terms import StudioTermsChangedError
from tickets.models import Booking, Seat
from tickets.money.pricing import discount_owed
from tickets.money.studio import OwedChangedError

WHOLE: Final = 100


def note_prices(booking: Booking, seats: Sequence[Seat], *, seen: int | None, now: datetime) -> None:
    """Note of seats (with entry and ticket) that the studio has just booked what they cost, discounts taken off.

    Raises StudioTermsChangedError where that is not what the operator has `seen` (in minor units; none: nobody has),
    and `offers.uses.LimitReachedError`.
    """
    owed = discount_owed(booking, seats, now=now)
    if seen is not None and owed != seen:
        raise StudioTermsChangedError


def owe_at_studio(seats: Sequence[Seat]) -> None:
    """Note of a basket’s seats (held) that what they cost, discounts taken off, is paid at the studio.

    As where the studio books: nothing is charged for them, and what is to pay is owed.
    """
    ids = [seat.pk for seat in seats]
    Seat.objects.filter(pk__in=ids).update(owed=F("amount"), amount=0, price=0)
    for seat in seats:
        seat.owed, seat.amount, seat.price = seat.amount, 0, 0


def settle_seats(booking: Booking, *, seen: int | None) -> bool:
    """Say that nothing is owed any more for a booking (with its account and customer): it is waived.

    Credits are settled with it, and what is owed for what was cancelled too late. False where nothing was noted any
    more. Raises OwedChangedError where what is noted in all (in minor units, below 0 a credit) is not what the operator
    has `seen` (none: nobody has): it was paid in part meanwhile, say, or cancelled, so that they would lose a credit.
    """
    with transaction.atomic():
        noted = booking.seats.filter(account=booking.account_id).exclude(owed=0)
        seats = list(noted.select_for_update(of=("self",), no_key=True).order_by("pk"))
        if not seats:
            return False
        if seen is not None and sum(seat.owed for seat in seats) != seen:
            raise OwedChangedError
        Seat.objects.filter(account=booking.account_id, pk__in=[seat.pk for seat in seats]).update(owed=0)
        record_settled(booking, sum(seat.owed for seat in seats))
    return True


def owed_if_cancelled(seat: Seat, percent: int) -> int:
    """What is owed for a seat (with its entry's account) that its customer cancels, who has so much of the price back.

    Below 0 it is theirs: what was collected at the studio, and is not kept.
    """
    due, unit = seat.owed + seat.collected, step(seat.entry.account.currency)
    back = due if percent >= WHOLE else min(-(-due * percent // (WHOLE * unit)) * unit, max(due, 0))
    return due - back - seat.collected


def keep_owed(cancelled: Sequence[Seat], percents: Mapping[int, int] | None) -> None:
    """Note what is owed for seats, as they were read before they were cancelled; they are held.

    Nothing, and what was collected is theirs, unless their customers cancelled: then `percents` says by entry (id) how
    much of the price they have back. The database has taken off what was owed already.
    """
    kept = list[Seat]()
    for seat in cancelled:
        if not seat.owed and not seat.collected:
            continue
        owed = -seat.collected if percents is None else owed_if_cancelled(seat, percents.get(seat.entry_id, 0))
        if owed != -seat.collected:
            kept.append(seat)
        seat.owed = owed
    if kept:
        Seat.objects.bulk_update(kept, ["owed"])
