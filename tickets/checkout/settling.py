"""What came of a checkout: confirming what was paid, letting go of what cannot be paid any more.

The return page, the webhook, the sweep and the nightly comparison all come here. Confirming and letting go are single
conditional transitions of the booking and its payment (docs/design.md, *Selling*).
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.fair import work_off
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import GoneError, StripeError
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.stripe_objects import SessionReading
from bookwhen.queue import enqueue
from memberships.models import Subscription
from memberships.purchases import abandon_purchase
from memberships.sync import sync_subscription
from tickets.availability.locks import lock_basket, lock_booking
from tickets.booking import notices
from tickets.booking.hold import overdue, release_basket, release_overdue, release_seats
from tickets.checkout import on_way
from tickets.checkout.collection import CollectionState, read_collection
from tickets.checkout.session import end_session, read_session
from tickets.models import Booking, BookingState, Payment, PaymentState, RefundReason, Seat
from tickets.money.payments import mark_left, mark_paid, open_payment_of
from tickets.money.refunds import create_refund

LATER: Final = timedelta(minutes=10)
"""When what Stripe could not say is asked again."""

log = logging.getLogger(__name__)


def settle_payment(payment: Payment, *, now: datetime) -> None:
    """Make a payment what Stripe says came of it; safe to repeat. Raises StripeError, NotYetError."""
    try:
        session = read_session(payment)
    except GoneError:
        release_unpaid(payment, now=now)
        return
    if session is not None:
        settle_checkout(payment, session, now=now)


def settle_purchase(purchase: Subscription, *, now: datetime) -> Subscription:
    """Make a purchase (with account and its connection) what Stripe says came of it; safe to repeat. The purchase now.

    For its return page, which must be right whether the webhook came early, late, twice or never. Raises StripeError,
    NotYetError.
    """
    if purchase.stripe_id:
        sync_subscription(purchase.account, purchase.stripe_id, now=now)
    elif payment := Payment.objects.open().for_settling().filter(booking__purchase=purchase).first():
        settle_payment(payment, now=now)
    purchase.refresh_from_db()
    return purchase


def settle_checkout(payment: Payment, session: SessionReading, *, now: datetime) -> None:
    """Confirm or let go by a checkout session of ours, as Stripe has it. Raises StripeError, NotYetError.

    `complete` but `unpaid` is booked, with its payment on its way; until Stripe says that it came, or never will.
    """
    if session.status == "expired":
        release_unpaid(payment, now=now)
    elif session.status == "complete":
        bought = sync_subscription(payment.account, session.subscription, now=now) if session.subscription else None
        found = read_collection(payment, session, bought)
        match found.state:
            case CollectionState.PAID:
                confirm_payment(payment, found.intent, bought=bought, now=now)
            case CollectionState.ON_WAY:
                on_way.begin_on_way(payment, bought, now=now)
            case CollectionState.FAILED:
                on_way.fail(payment, bought, now=now)
            case CollectionState.WAIVED:
                on_way.waive(payment, now=now)


def sweep_baskets(run: Run) -> None:
    """Let go of baskets, and settle checkouts, whose time is up: some of each in turn, as long as there is time."""
    work_off(
        run,
        (overdue(BookingState.BASKET), partial(release_overdue, now=run.now)),
        (overdue(BookingState.PAYING), partial(settle_overdue, now=run.now)),
    )


def settle_overdue(booking: int, *, now: datetime) -> None:
    """End the checkout of a booking (id) whose time is up, and let it go if Stripe says that it can not be paid.

    What Stripe cannot say is asked again later; a quiet copy doesn't ask. Raises nothing of Stripe's.
    """
    if is_quiet():
        return
    basket = Booking.objects.filter(pk=booking, state=BookingState.PAYING, held_until__lte=now).first()
    if basket is None:
        return
    payment = open_payment_of(basket)
    try:
        if payment is None:
            release_basket(booking, now=now, when=BookingState.PAYING, overdue=True)
            return
        session = end_session(payment)
        if session is None:
            release_unpaid(payment, now=now)
        else:
            settle_checkout(payment, session, now=now)
    except (NotYetError, StripeError) as error:
        log.warning("What came of payment %s is not known yet: %s", payment.uuid if payment else "", error)
    still = Booking.objects.filter(pk=booking, state=BookingState.PAYING, held_until__lte=now)
    still.update(held_until=now + LATER)


def confirm_payment(payment: Payment, intent: str, *, bought: Subscription | None = None, now: datetime) -> bool:
    """Book what was paid, once; whether this call did. What is not there any more is refunded, with an apology.

    Where it is of nothing and for no seat, a membership (`bought`) was bought alone: that is no booking, and its
    letters are its own. What was on its way is booked already.
    """
    with transaction.atomic():
        booking = lock_booking(payment.booking_id)
        seats = list(_with_entries(_seats_of(payment).select_for_update(of=("self",), no_key=True)))
        unpaid = Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN)
        mine = booking.state == BookingState.PAYING and unpaid.exists()
        if not mark_paid(payment, intent, now=now):
            return False
        enqueue("tickets.tasks.number_receipts_in", payment.account_id)
        if _was_on_way(payment) and booking.state in {BookingState.BOOKED, BookingState.JOINED}:
            on_way.arrive(booking, payment, seats, now=now)
            return True
        if not seats and not payment.amount:
            _join(booking, bought, mine=mine, now=now)
            return True
        if mine:
            booking.end_hold(BookingState.BOOKED, now=now)
        _tell_what_was_paid(booking, payment, seats, mine=mine, now=now)
    return True


def release_unpaid(payment: Payment, *, now: datetime) -> bool:
    """Let go of a basket whose checkout can not be paid any more, once; whether this call did.

    Where its payment was on its way, that has failed.
    """
    if Payment.objects.on_way().filter(pk=payment.pk).exists():
        return on_way.fail(payment, None, now=now)
    with transaction.atomic():
        held = lock_basket(payment.booking_id)
        if not leave_checkout(held, payment, now=now):
            return False
        held.end_hold(BookingState.RELEASED, "purchase", now=now)
        live = Seat.objects.filter(booking=held, cancelled_at__isnull=True)
        release_seats(list(live.values_list("pk", flat=True)), now=now)
    return True


def leave_checkout(held: Booking, payment: Payment, *, now: datetime) -> bool:
    """Note that a booking's payment, and the membership with it, cannot be paid there any more; False where it is over.

    The booking's row is held, and saved by the caller.
    """
    if not mark_left(payment) or held.state != BookingState.PAYING:
        return False
    if held.purchase_id:
        abandon_purchase(Subscription.objects.get(pk=held.purchase_id), now=now)
        held.purchase = None
    return True


def _was_on_way(payment: Payment) -> bool:
    """Whether a payment was known to be on its way, or to have failed there; its booking's row is held."""
    known = Q(on_way_since__isnull=False) | Q(failed_at__isnull=False)
    return Payment.objects.filter(known, pk=payment.pk).exists()


def _join(booking: Booking, bought: Subscription | None, *, mine: bool, now: datetime) -> None:
    """A membership was bought alone; its row is held. Also where the basket had been let go of by then."""
    if not mine and booking.state != BookingState.RELEASED:
        return  # it is open again, and holds other things
    booking.purchase = bought or booking.purchase
    booking.end_hold(BookingState.JOINED, "purchase", now=now)


def _tell_what_was_paid(booking: Booking, payment: Payment, seats: list[Seat], *, mine: bool, now: datetime) -> None:
    """Refund what was gone, and write the receipt and the apology; the booking's row is held."""
    gone = [seat for seat in seats if not mine or seat.cancelled_at]
    _refund_gone(payment, gone, whole=not mine, twice=booking.state == BookingState.BOOKED and not mine, now=now)
    live = list(_with_entries(booking.seats.filter(cancelled_at__isnull=True).select_related("use__period")))
    if mine and live:
        notices.notify_bought(booking, live, payment=payment, now=now)
    if gone or not mine:
        notices.notify_paid_too_late(booking, gone, payment=payment, now=now)


def _refund_gone(payment: Payment, gone: list[Seat], *, whole: bool, twice: bool, now: datetime) -> None:
    # What came too late altogether paid for no seat: they may cost something else by now, or be paid for otherwise.
    parts = {} if whole else {seat.pk: seat.amount for seat in gone if seat.amount}
    amount = payment.amount if whole else sum(parts.values())
    if amount:
        create_refund(
            payment.pk, amount, RefundReason.PAID_TWICE if twice else RefundReason.TOO_LATE, seats=parts, now=now
        )


def _seats_of(payment: Payment) -> QuerySet[Seat]:
    return Seat.objects.filter(payment=payment)


def _with_entries(seats: QuerySet[Seat]) -> QuerySet[Seat]:
    return seats.select_related("entry__account", "entry__page", "entry__places", "ticket").order_by("pk")
