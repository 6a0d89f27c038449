"""Discount codes in a basket: used by it from the moment they are typed, until it is booked or let go of."""

from datetime import datetime
from functools import partial

from tickets.availability.facts import Person
from tickets.checkout.basket import lock_open, rejudge_basket, with_new_prices
from tickets.models import Booking, DiscountCode
from tickets.money.codes import (
    CodeObstacle,
    CodeRefusedError,
    code_terms,
    find_code,
    redeem_code,
    time_obstacle,
    withdraw_code,
)


def apply_code(basket: Booking, typed: str, who: Person, *, now: datetime) -> DiscountCode:
    """Use the code that was typed for an open basket at an aware instant, in place of one that it has, and price it.

    A code that it has already stays. Raises CodeRefusedError, and BasketClosedError where it is not open; then all is
    as it was.
    """
    code = find_code(basket.account, typed)
    if code is None:
        raise CodeRefusedError(CodeObstacle.UNKNOWN)
    if obstacle := time_obstacle(code, basket.account, now=now):
        raise CodeRefusedError(obstacle, None if obstacle is CodeObstacle.UNKNOWN else code)
    with_new_prices(partial(_use, basket, code, who, now=now))
    return code


def remove_code(basket: Booking, who: Person, *, now: datetime) -> None:
    """Leave a basket without a code: its use is given back, and its tickets cost what they cost without it.

    Nothing where it has none. Raises BasketClosedError.
    """
    with_new_prices(partial(_leave, basket, who, now=now))


def _use(basket: Booking, code: DiscountCode, who: Person, *, now: datetime) -> None:
    held = lock_open(basket)
    if held.discount_code_id == code.pk:
        return
    withdraw_code(held, now=now)
    redeem_code(held, code, now=now)
    rejudge_basket(held, who, now=now)
    live = held.seats.live()
    if live.filter(discount_code=code).exists():
        return
    terms = code_terms(code)
    is_covered = any(terms.covers(seat.entry, seat.ticket) for seat in live.with_entry().filter(price__gt=0))
    raise CodeRefusedError(CodeObstacle.NOT_BETTER if is_covered else CodeObstacle.NOT_FOR_THESE, code)


def _leave(basket: Booking, who: Person, *, now: datetime) -> None:
    held = lock_open(basket)
    if held.discount_code_id:
        withdraw_code(held, now=now)
        rejudge_basket(held, who, now=now)
