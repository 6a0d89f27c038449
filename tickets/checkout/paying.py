"""Paying for a basket: our payment first, then Stripe's checkout. What came of it is in `tickets.checkout.settling`.

No lock is held while Stripe answers (docs/design.md, *Selling*).
"""

from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import IntegrityError, transaction

from accounts.models import Customer
from bookwhen.db import violated_constraint
from bookwhen.payments.amounts import require_chargeable
from bookwhen.payments.gateway import DeclinedError, GoneError, StripeDownError, StripeError
from bookwhen.payments.stripe_objects import SessionReading
from memberships.models import Membership, SubscriptionStatus
from memberships.purchases import had_before, record_session, require_sale, reserve_purchase
from memberships.sync import gateway_of
from offers.uses import LimitReachedError
from tickets.availability.facts import Person
from tickets.availability.locks import lock_booking
from tickets.booking import notices
from tickets.booking.lost_races import LOST_RACES
from tickets.booking.owed import owe_at_studio
from tickets.booking.refusals import AddressNotConfirmedError, BasketClosedError
from tickets.checkout.basket import (
    Basket,
    checkout_expiry,
    find_basket,
    hold_expiry,
    needs_confirmed_address,
    read_basket,
    rejudge_basket,
)
from tickets.checkout.session import end_session, open_session, payment_gateway, read_session
from tickets.checkout.settling import leave_checkout, release_unpaid, settle_checkout
from tickets.models import Booking, BookingState, Payment, Seat
from tickets.money.payments import begin_payment, open_payment_of, record_payment_session

ATTEMPTS: Final = 4


class BasketChangedError(Exception):
    """The basket is not what the customer saw: show it again."""


class BasketEmptyError(Exception):
    """There is nothing in the basket (any more)."""


class _AtCheckoutError(Exception):
    """Another tab was quicker: look again at what is under way."""


def check_out(
    basket: Booking, who: Person, seen: str, *, now: datetime, confirmed: bool = False, at_studio: bool = False
) -> str:
    """Buy a basket that is as the customer `seen` it: the address of Stripe's checkout, or nothing where it is booked.

    One in which nothing costs anything, or that is paid `at_studio`, never meets Stripe. Who is at the checkout already
    comes back to it, and one that sells the same membership elsewhere is closed first. `confirmed`: they come by the
    link that was sent to the basket's address. Raises BasketChangedError, BasketEmptyError, BasketClosedError,
    AddressNotConfirmedError, AlreadyHasError, NotOnSaleError, StripeError.
    """
    for _attempt in range(ATTEMPTS):
        try:
            if (under_way := open_payment_of(basket)) is not None:
                return _resume_checkout(under_way, now=now)
            if basket.membership_price is not None:
                _close_other_checkouts(basket, now=now)
            payment = _begin_as_seen(basket, who, seen, now=now, confirmed=confirmed, at_studio=at_studio)
            return _send_to_stripe(payment, now=now) if payment else ""
        except _AtCheckoutError:
            continue
    raise BasketClosedError


def reopen_basket(basket: Booking, *, now: datetime) -> Booking | None:
    """Take a basket back from the checkout, to change it: it as it is now; None where it was paid, or let go of.

    Stripe's checkout is ended first. A guest's has another uuid then: its address was at Stripe. Raises StripeError.
    """
    payment = open_payment_of(basket)
    if payment is None:
        found = find_basket(basket.account, basket.uuid)
        return found if found and found.state == BookingState.BASKET else None
    session = end_session(payment)
    if session is not None and session.status == "complete":
        settle_checkout(payment, session, now=now)
        return None
    with transaction.atomic():
        held = lock_booking(payment.booking_id)
        if leave_checkout(held, payment, now=now):
            held.state, held.held_until = BookingState.BASKET, held.limit_hold(hold_expiry(held.account, now=now))
            if held.filled_by_id is None:
                held.uuid, held.key = uuid4(), uuid4()
            held.save(update_fields=["state", "held_until", "purchase", "uuid", "key"])
        return held if held.state == BookingState.BASKET else None


def purchase_under_way(customer: Customer, membership: Membership) -> Booking | None:
    """The basket in which a customer is at the checkout of a membership: in another tab, or since an earlier visit."""
    found = Booking.objects.for_checkout().filter(
        purchase__customer=customer, purchase__membership=membership, purchase__status=SubscriptionStatus.PENDING
    )
    return found.first()


def _close_other_checkouts(basket: Booking, *, now: datetime) -> None:
    """Close the checkout of another basket that sells the same membership: it may be paid once at most."""
    price = basket.membership_price
    assert price is not None  # noqa: S101 - the caller looked
    require_sale(price, basket.customer, basket.page)
    other = purchase_under_way(basket.customer, price.membership)
    if other is None:
        return
    if other.pk == basket.pk:
        raise _AtCheckoutError
    reopen_basket(other, now=now)
    require_sale(price, basket.customer, basket.page)  # it may have been paid


def _begin_as_seen(
    basket: Booking, who: Person, seen: str, *, now: datetime, confirmed: bool, at_studio: bool
) -> Payment | None:
    """Begin to buy a basket, if it is as the customer saw it: its payment, or none where it is booked at once.

    What was judged is kept either way: the customer is shown it.
    """
    try:
        with transaction.atomic():
            rejudge_basket(basket, who, now=now)
            found = read_basket(basket)
            if found.booking.state == BookingState.PAYING:
                raise _AtCheckoutError
            if found.booking.state != BookingState.BASKET:
                raise BasketClosedError
            # The studio may have changed how its page is paid for since it was shown.
            may_pay = found.may_pay_at_studio if at_studio else found.may_pay_online or not found.may_pay_at_studio
            as_seen = found.basket_version == seen and (may_pay or found.is_free)
            if as_seen and not confirmed and needs_confirmed_address(found, who, at_studio=at_studio):
                raise AddressNotConfirmedError
            payment = _begin_to_buy(found, at_studio=at_studio, now=now) if as_seen else None
    except LimitReachedError as error:
        raise BasketChangedError from error
    except IntegrityError as error:
        if violated_constraint(error) not in LOST_RACES:
            raise
        raise BasketChangedError from error
    if not as_seen:
        raise BasketChangedError
    return payment


def _begin_to_buy(found: Basket, *, at_studio: bool, now: datetime) -> Payment | None:
    """Book a free basket, or one that is paid at the studio, at once; let another wait for its payment.

    Its row is held.
    """
    booking = found.booking
    if found.is_empty:
        raise BasketEmptyError
    if at_studio and not found.is_free:
        owe_at_studio(found.seats)
    if found.is_free or at_studio:
        booking.end_hold(BookingState.BOOKED, now=now)
        notices.notify_bought(booking, _seats_for_receipt(found), payment=None, now=now)
        return None
    gateway_of(booking.account)
    _require_chargeable(found)
    if found.price:
        booking.purchase = reserve_purchase(found.price, booking.customer, booking.page, now=now)
        if booking.purchase is None:
            raise _AtCheckoutError
    payment = begin_payment(booking, found.seats, now=now)
    booking.state, booking.held_until = BookingState.PAYING, checkout_expiry(found, now=now)
    booking.save(update_fields=["state", "held_until", "purchase"])
    return payment


def _require_chargeable(found: Basket) -> None:
    """Let nothing go to the checkout that Stripe would refuse by its total; raises AmountError.

    A membership that begins with a trial is not paid today.
    """
    price, booking = found.price, found.booking
    begins_free = price is not None and price.trial_days and not had_before(booking.customer, price)
    total = found.total + (price.amount if price and not begins_free else 0)
    require_chargeable(total, booking.account.currency)


def _seats_for_receipt(found: Basket) -> list[Seat]:
    return list(
        Seat.objects.filter(pk__in=[seat.pk for seat in found.seats])
        .select_related("entry__account", "entry__page", "entry__places", "ticket", "use__period")
        .order_by("pk")
    )


def _resume_checkout(payment: Payment, *, now: datetime) -> str:
    """Back to a checkout that is open; where it is not, its basket is settled."""
    try:
        session = read_session(payment)
    except GoneError:
        release_unpaid(payment, now=now)
        raise BasketClosedError from None
    if session is None:
        return _ask_again(payment, now=now)
    if session.status == "open":
        return _address(session)
    settle_checkout(payment, session, now=now)
    raise BasketClosedError


def _ask_again(payment: Payment, *, now: datetime) -> str:
    """Ask for a checkout of which Stripe's answer never came (yet): by its idempotency key it is the same one."""
    try:
        return _send_to_stripe(payment, now=now)
    except DeclinedError as error:
        # It was asked for otherwise, or is asked for too late: what that made, if anything, expires on its own.
        raise _AtCheckoutError from error


def _send_to_stripe(payment: Payment, *, now: datetime) -> str:
    """Open the checkout of a payment at Stripe; where that fails the basket is as it was. Raises StripeError."""
    try:
        session = open_session(payment)
    except StripeError:
        _reopen_unsent(payment, now=now)
        raise
    if not record_payment_session(payment, session.id):
        # It was taken back in another tab, or let go of, while Stripe answered: nobody may pay there.
        payment_gateway(payment).expire_session(session.id)
        raise BasketClosedError
    if payment.booking.purchase:
        record_session(payment.booking.purchase, session.id)
    return _address(session)


def _address(session: SessionReading) -> str:
    """Where an open checkout can be paid. Raises StripeDownError: without one, nothing may seem to be booked."""
    if not session.url:
        message = f"Stripe gave the checkout {session.id} no address."
        raise StripeDownError(message)
    return session.url


def _reopen_unsent(payment: Payment, *, now: datetime) -> None:
    """Nobody was ever sent to the checkout: the basket is open again."""
    with transaction.atomic():
        held = lock_booking(payment.booking_id)
        if leave_checkout(held, payment, now=now):
            held.state, held.held_until = BookingState.BASKET, held.limit_hold(held.held_until or now)
            held.save(update_fields=["state", "held_until", "purchase"])
