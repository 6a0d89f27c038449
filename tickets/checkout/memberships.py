"""Buying a membership alone: a basket of one, which goes straight on to the checkout."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from accounts.models import Customer, SchedulePage
from memberships.models import Price
from memberships.purchases import require_sale
from tickets.availability.facts import Person
from tickets.booking.refusals import BasketClosedError
from tickets.checkout.basket import add_membership, find_basket, read_basket
from tickets.checkout.paying import check_out, purchase_under_way, reopen_basket
from tickets.models import HELD_STATES, Booking, BookingState

ATTEMPTS: Final = 4


def buy_membership(
    basket: Booking | None, price: Price, customer: Customer, page: SchedulePage, *, who: Person, now: datetime
) -> tuple[Booking, str]:
    """Put a membership, by its price, into a basket and check out: the basket, and the address of Stripe's checkout.

    Where the `basket` that the visitor has holds tickets it is only added there, and the address is empty. Who is at
    the checkout of it already, in another tab, comes back to the same one; what they were about to buy at another price
    is closed first. Raises NotOnSaleError, AlreadyHasError, NotAllowedError, CustomerGoneError, StripeError, and
    BasketClosedError where their basket is at the checkout with tickets.
    """
    for _attempt in range(ATTEMPTS):
        require_sale(price, customer, page)
        mine = purchase_under_way(customer, price.membership) or _usable(basket, customer)
        same = mine is not None and mine.membership_price_id == price.pk
        if mine and mine.state == BookingState.PAYING and not (same or _may_reopen(mine, price)):
            break
        try:
            if mine and mine.state == BookingState.PAYING:
                if same:
                    return mine, check_out(mine, who, "", now=now)
                mine = reopen_basket(mine, now=now)
            held = add_membership(mine, price, customer, page, who=who, now=now)
            if held.customer_id != customer.pk:
                # They were merged into another at this instant, who goes on.
                customer, who = held.customer, replace(who, customer=held.customer)
            found = read_basket(held)
            return held, "" if found.seats else check_out(held, who, found.basket_version, now=now)
        except BasketClosedError:
            # Another tab, or Stripe, was quicker: what came of it is looked at once more.
            continue
    raise BasketClosedError


def _usable(basket: Booking | None, customer: Customer) -> Booking | None:
    """The visitor's basket as it is now, if it is still held and for this customer."""
    found = find_basket(basket.account, basket.uuid) if basket else None
    return found if found and found.state in HELD_STATES and found.customer_id == customer.pk else None


def _may_reopen(basket: Booking, price: Price) -> bool:
    """Whether a basket at the checkout may be taken back for another membership: it sells this one, or no ticket."""
    theirs = basket.membership_price
    same = theirs is not None and theirs.membership_id == price.membership_id
    return same or not basket.seats.filter(cancelled_at__isnull=True).exists()
