"""Paying for a basket: our payment first, then Stripe's checkout, then what Stripe says came of it.

No lock is held while Stripe answers. Confirming and letting go are single conditional transitions of the booking and
its payment: who comes second does nothing (docs/design.md, *Selling*).
"""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.stripe_connection import ensure_stripe_customer
from bookwhen.db import violated_constraint
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, StripeError
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.stripe_objects import SessionReading
from bookwhen.payments.stripe_params import CheckoutLine, Sale
from memberships.catalogue import ensure_at_stripe
from memberships.models import Subscription
from memberships.purchases import (
    ELSEWHERE,
    abandon_purchase,
    close_other_checkouts,
    record_session,
    reserve_purchase,
    settle_purchase_session,
    trial_days,
)
from memberships.sync import PAYMENT, PURCHASE, gateway_of, stripe_metadata
from offers.uses import LimitReachedError
from tickets.availability.facts import Person
from tickets.availability.locks import lock_basket, lock_booking
from tickets.booking import notices
from tickets.booking.book import LOST_RACES
from tickets.booking.hold import release_basket, release_seats
from tickets.booking.refusals import BasketClosedError
from tickets.checkout.basket import Basket, hold_expiry, read_basket, rejudge_basket
from tickets.models import Booking, BookingState, Payment, PaymentState, RefundReason, Seat
from tickets.money.refunds import create_refund

SHORTEST: Final = timedelta(minutes=31)
"""How long Stripe's checkouts live at least (half an hour, and a minute for clocks that differ)."""
LINES, LINES_WITH_MEMBERSHIP = 90, 18
"""How many lines Stripe's checkout takes, with a little to spare; a basket of more is told as one line."""
LATER: Final = timedelta(minutes=10)
"""When what Stripe could not say is asked again."""

log = logging.getLogger(__name__)


class BasketChangedError(Exception):
    """The basket is not what the customer saw: show it again."""


class BasketEmptyError(Exception):
    """There is nothing in the basket (any more)."""


def check_out(basket: Booking, who: Person, seen: str, *, now: datetime) -> str:
    """Buy a basket that is as the customer `seen` it: the address of Stripe's checkout, or nothing where it is booked.

    One in which nothing costs anything never meets Stripe. Whoever is at the checkout already comes back to it. Raises
    BasketChangedError, BasketEmptyError, BasketClosedError, AlreadyHasError, NotOnSaleError, StripeError.
    """
    if (under_way := _open_payment(basket)) is not None:
        return _resume_checkout(under_way, now=now)
    if basket.membership_price is not None:
        close_other_checkouts(basket.membership_price, basket.customer, basket.page, now=now)
    try:
        payment, as_seen = _begin_as_seen(basket, who, seen, now=now)
    except LimitReachedError as error:
        raise BasketChangedError from error
    except IntegrityError as error:
        if violated_constraint(error) not in LOST_RACES:
            raise
        raise BasketChangedError from error
    if not as_seen:
        raise BasketChangedError
    return _open_checkout(payment, now=now) if payment else ""


def _begin_as_seen(basket: Booking, who: Person, seen: str, *, now: datetime) -> tuple[Payment | None, bool]:
    """Begin to buy a basket, if it is as the customer saw it: its payment, where it costs something, and whether it is.

    What was judged is kept either way: the customer is shown it.
    """
    with transaction.atomic():
        rejudge_basket(basket, who, now=now)
        found = read_basket(basket)
        if found.booking.state != BookingState.BASKET:
            raise BasketClosedError
        if found.basket_version != seen:
            return None, False
        if found.is_empty:
            raise BasketEmptyError
        return _begin_payment(found, now=now), True


def reopen_basket(basket: Booking, *, now: datetime) -> bool:
    """Take a basket back from the checkout, to change it; False where it was paid a moment ago, or let go of.

    Stripe's checkout is ended first. Raises StripeError.
    """
    payment = _open_payment(basket)
    if payment is None:
        return read_basket(basket).booking.state == BookingState.BASKET
    session = _end_checkout(payment)
    if session is not None and session.status == "complete":
        settle_checkout(payment, session, now=now)
        return False
    with transaction.atomic():
        held = lock_booking(payment.booking_id)
        if not _abandon_payment(payment):
            return held.state == BookingState.BASKET
        _abandon_purchase(held, now=now)
        held.state, held.held_until = BookingState.BASKET, hold_expiry(held.account, now=now)
        held.save(update_fields=["state", "held_until", "purchase"])
    return True


def settle_payment(payment: Payment, *, now: datetime) -> None:
    """Make a payment what Stripe says came of it; safe to repeat. Raises StripeError."""
    if payment.session:
        try:
            session = _gateway(payment).session(payment.session)
        except GoneError:
            release_unpaid(payment, now=now)
        else:
            settle_checkout(payment, session, now=now)


def settle_checkout(payment: Payment, session: SessionReading, *, now: datetime) -> None:
    """Confirm or let go by a checkout session of ours, as Stripe has it.

    `complete` but `unpaid` stays *paying*, until Stripe has given up collecting it.
    """
    if session.status == "expired":
        if session.metadata.get(PURCHASE):
            settle_purchase_session(payment.account, session, now=now)
        release_unpaid(payment, now=now)
    elif session.status == "complete" and session.payment_status in {"paid", "no_payment_required"}:
        if session.subscription:
            settle_purchase_session(payment.account, session, now=now)
        intent = _gateway(payment).intent_of(session) if payment.amount else ""
        confirm_payment(payment, intent, now=now)
    elif session.status == "complete" and session.intent and _gateway(payment).is_given_up(session.intent):
        release_unpaid(payment, now=now)


def settle_overdue(booking: int, *, now: datetime) -> None:
    """End the checkout of a booking (id) whose time is up, and let it go if Stripe says that it can not be paid.

    What Stripe cannot say is asked again later. Raises nothing of Stripe's.
    """
    basket = Booking.objects.filter(pk=booking, state=BookingState.PAYING, held_until__lte=now).first()
    if basket is None:
        return
    payment = _open_payment(basket)
    try:
        if payment is None:
            release_basket(booking, now=now, when=BookingState.PAYING, overdue=True)
            return
        session = _end_checkout(payment)
        if session is None:
            release_unpaid(payment, now=now)
        else:
            settle_checkout(payment, session, now=now)
    except (NotYetError, StripeError) as error:
        log.warning("What came of payment %s is not known yet: %s", payment.uuid if payment else "", error)
    still = Booking.objects.filter(pk=booking, state=BookingState.PAYING, held_until__lte=now)
    still.update(held_until=now + LATER)


def confirm_payment(payment: Payment, intent: str, *, now: datetime) -> bool:
    """Book what was paid, once; whether this call did. What is not there any more is refunded, with an apology."""
    with transaction.atomic():
        booking = lock_booking(payment.booking_id)
        seats = list(
            Seat.objects.filter(payment=payment)
            .select_for_update(of=("self",), no_key=True)
            .select_related("entry__account", "entry__page", "entry__places", "ticket")
            .order_by("pk")
        )
        unpaid = Payment.objects.filter(pk=payment.pk).exclude(state=PaymentState.PAID)
        mine = booking.state == BookingState.PAYING and unpaid.filter(state=PaymentState.OPEN).exists()
        if not unpaid.update(state=PaymentState.PAID, paid_at=now, intent=intent):
            return False
        if mine:
            booking.state, booking.held_until = BookingState.BOOKED, None
            booking.save(update_fields=["state", "held_until"])
        gone = [seat for seat in seats if not mine or seat.cancelled_at]
        _refund_gone(payment, gone, whole=not mine, twice=booking.state == BookingState.BOOKED and not mine, now=now)
        live = list(
            booking.seats.filter(cancelled_at__isnull=True)
            .select_related("entry__account", "entry__page", "entry__places", "ticket", "use")
            .order_by("pk")
        )
        if mine and live:
            notices.notify_bought(booking, live, payment=payment, now=now)
        if gone or not mine:
            notices.notify_paid_too_late(booking, gone, payment=payment, now=now)
    return True


def release_unpaid(payment: Payment, *, now: datetime) -> bool:
    """Let go of a basket whose checkout can not be paid any more, once; whether this call did."""
    with transaction.atomic():
        held = lock_basket(payment.booking_id)
        if not _abandon_payment(payment) or held.state != BookingState.PAYING:
            return False
        _abandon_purchase(held, now=now)
        held.state, held.held_until = BookingState.RELEASED, None
        held.save(update_fields=["state", "held_until", "purchase"])
        live = Seat.objects.filter(booking=held, cancelled_at__isnull=True)
        release_seats(list(live.values_list("pk", flat=True)), now=now)
    return True


def _open_payment(basket: Booking) -> Payment | None:
    found = Payment.objects.filter(booking=basket, state=PaymentState.OPEN)
    return found.select_related("account__connection", "connection", "booking").first()


def _gateway(payment: Payment) -> Gateway:
    """The Stripe account that a payment was made in."""
    return Gateway.of(payment.connection)


def _resume_checkout(payment: Payment, *, now: datetime) -> str:
    """Back to a checkout that is open; where it is not, its basket is settled."""
    try:
        session = _gateway(payment).session(payment.session) if payment.session else None
    except GoneError:
        release_unpaid(payment, now=now)
        raise BasketClosedError from None
    if session is not None and session.status == "open":
        return session.url
    if session is not None:
        settle_checkout(payment, session, now=now)
    raise BasketClosedError


def _begin_payment(found: Basket, *, now: datetime) -> Payment | None:
    """Book a free basket at once; let another wait for its payment. Its row is held."""
    booking = found.booking
    if found.is_free:
        booking.state, booking.held_until = BookingState.BOOKED, None
        booking.save(update_fields=["state", "held_until"])
        notices.notify_bought(booking, _seats_for_receipt(found), payment=None, now=now)
        return None
    account = booking.account
    gateway_of(account)
    assert account.connection is not None  # noqa: S101 - there is a gateway
    if found.price:
        purchase = reserve_purchase(
            found.price, booking.customer, booking.page, account=account, now=now, session=ELSEWHERE
        )
        if purchase is None:
            raise BasketClosedError
        booking.purchase = purchase
    payment = Payment.objects.create(
        account=account,
        booking=booking,
        connection=account.connection,
        amount=found.total,
        currency=account.currency,
        opened_at=now,
    )
    Seat.objects.filter(pk__in=[seat.pk for seat in found.seats]).update(payment=payment)
    booking.state, booking.held_until = BookingState.PAYING, hold_expiry(account, now=now)
    booking.save(update_fields=["state", "held_until", "purchase"])
    return payment


def _seats_for_receipt(found: Basket) -> list[Seat]:
    return list(
        Seat.objects.filter(pk__in=[seat.pk for seat in found.seats])
        .select_related("entry__account", "entry__page", "entry__places", "ticket", "use")
        .order_by("pk")
    )


def _open_checkout(payment: Payment, *, now: datetime) -> str:
    """Open the checkout of a payment at Stripe; where that fails the basket is as it was. Raises StripeError."""
    try:
        session = _checkout(payment, now=now)
    except StripeError:
        _reopen_unsent(payment, now=now)
        raise
    if not Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN).update(session=session.id):
        # It was taken back in another tab, or let go of, while Stripe answered: nobody may pay there.
        _gateway(payment).expire_session(session.id)
        raise BasketClosedError
    if payment.booking.purchase and not record_session(payment.booking.purchase, session):
        # Its membership is about to be bought in another tab.
        _gateway(payment).expire_session(session.id)
        _reopen_unsent(payment, now=now)
        raise BasketClosedError
    return session.url


def _reopen_unsent(payment: Payment, *, now: datetime) -> None:
    """Nobody was ever sent to the checkout: the basket is open again."""
    with transaction.atomic():
        held = lock_booking(payment.booking_id)
        if _abandon_payment(payment) and held.state == BookingState.PAYING:
            _abandon_purchase(held, now=now)
            held.state = BookingState.BASKET
            held.save(update_fields=["state", "purchase"])


def _checkout(payment: Payment, *, now: datetime) -> SessionReading:
    account, booking = payment.account, payment.booking
    gateway = gateway_of(account)
    if booking.purchase:
        ensure_at_stripe(booking.purchase.price, gateway)
    bears = stripe_metadata(account)
    customer = ensure_stripe_customer(account, booking.customer, gateway, metadata=bears)
    try:
        return gateway.create_sale(_sale(payment, customer, now=now), key=f"payment-{payment.uuid}")
    except GoneError:
        customer = ensure_stripe_customer(account, booking.customer, gateway, metadata=bears, anew=customer)
        return gateway.create_sale(_sale(payment, customer, now=now), key=f"payment-{payment.uuid}-{customer}")


def _sale(payment: Payment, customer: str, *, now: datetime) -> Sale:
    account, booking, purchase = payment.account, payment.booking, payment.booking.purchase
    back = f"{settings.SITE_URL}{reverse('public:basket', kwargs={'page': booking.page.slug})}"
    bears = stripe_metadata(account, **{PAYMENT: payment.uuid}, **({PURCHASE: purchase.uuid} if purchase else {}))
    return Sale(
        customer=customer,
        currency=payment.currency,
        lines=_lines(payment, most=LINES_WITH_MEMBERSHIP if purchase else LINES),
        reference=str(payment.uuid),
        metadata=bears,
        success_url=f"{back}?paid={booking.uuid}",
        cancel_url=f"{back}?left={booking.uuid}",
        expires_at=now + max(SHORTEST, timedelta(minutes=account.hold_minutes + 1)),
        price=purchase.price.stripe_id if purchase else "",
        trial_days=trial_days(purchase) if purchase else 0,
        subscription=stripe_metadata(account, **{PURCHASE: purchase.uuid}) if purchase else {},
    )


def _lines(payment: Payment, *, most: int) -> list[CheckoutLine]:
    """What the checkout says is paid for: a line for equal tickets, or one for all where they are too many."""
    seats = Seat.objects.filter(payment=payment, amount__gt=0).select_related("entry", "ticket").order_by("pk")
    counted = Counter((seat.entry.title, seat.ticket.name, seat.amount) for seat in seats)
    if len(counted) > most:
        return [CheckoutLine(title=f"{statement_name(payment)} ({len(seats)})", amount=payment.amount)]
    return [
        CheckoutLine(title=f"{entry}: {ticket}", amount=amount, quantity=count)
        for (entry, ticket, amount), count in counted.items()
    ]


def statement_name(payment: Payment) -> str:
    """What the bank statement and the checkout call the studio."""
    return payment.account.name


def _end_checkout(payment: Payment) -> SessionReading | None:
    """The checkout of a payment, ended if it was open; none where nobody was ever sent to one."""
    if not payment.session:
        return None
    gateway = _gateway(payment)
    try:
        session = gateway.session(payment.session)
        return gateway.expire_session(session.id) if session.status == "open" else session
    except GoneError:
        return None
    except DeclinedError:
        return gateway.session(payment.session)  # it was paid a moment ago


def _abandon_payment(payment: Payment) -> bool:
    """A payment that can not be made any more is left, once."""
    return bool(Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN).update(state=PaymentState.LEFT))


def _abandon_purchase(booking: Booking, *, now: datetime) -> None:
    """Let go of the membership that a checkout would have sold; the booking's row is held, and saved by the caller."""
    if booking.purchase_id:
        abandon_purchase(Subscription.objects.get(pk=booking.purchase_id), now=now)
        booking.purchase = None


def _refund_gone(payment: Payment, gone: list[Seat], *, whole: bool, twice: bool, now: datetime) -> None:
    # What came too late altogether paid for no seat: they may cost something else by now, or be paid for otherwise.
    parts = {} if whole else {seat.pk: seat.amount for seat in gone if seat.amount}
    amount = payment.amount if whole else sum(parts.values())
    if amount:
        create_refund(payment.pk, amount, RefundReason.TWICE if twice else RefundReason.GONE, seats=parts, now=now)
