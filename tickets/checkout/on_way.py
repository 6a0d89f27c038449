"""A checkout that is complete and not paid yet: booked while its money is on its way, and what comes of it.

The events, the sweep and the nightly comparison all come here, in any order and more than once: each change of a
payment’s state is one conditional statement, and each letter is written once (docs/design.md, *Payment on its way*).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bookwhen.payments.gateway import GoneError
from memberships.models import Milestone, MilestoneKind, Subscription
from memberships.purchases import end_first_payment, record_first_payment, record_never_paid
from memberships.sync import sync_subscription
from tickets.availability.locks import lock_basket, lock_booking
from tickets.booking import notices, payment_notices
from tickets.booking.cancel import cancel_seats
from tickets.checkout.session import payment_gateway
from tickets.models import Booking, BookingState, Channel, Payment, RefundReason, Seat
from tickets.money.on_way import mark_failed, mark_on_way
from tickets.money.refunds import create_refund


def begin_on_way(payment: Payment, bought: Subscription | None, *, now: datetime) -> bool:
    """Book what is paid for by money on its way, once, and say so; whether this call did.

    What was taken from the basket meanwhile stays so: it is refunded when the money has come.
    """
    with transaction.atomic():
        booking = lock_booking(payment.booking_id)
        if booking.state != BookingState.PAYING or not mark_on_way(payment, now=now):
            return False
        if bought is not None:
            booking.purchase = bought
            record_first_payment(bought, now=now)
        seats = list(booking.seats.live().for_letters().select_related("use__period").order_by("pk"))
        booking.end_hold(BookingState.BOOKED if seats or payment.amount else BookingState.JOINED, "purchase", now=now)
        payment_notices.notify_on_way(booking, seats, payment=payment, now=now)
    return True


def arrive(booking: Booking, payment: Payment, seats: Sequence[Seat], *, now: datetime) -> None:
    """Follow a payment that was on its way, and is marked as paid: what was promised is refunded, and it is told.

    The rows of its booking and its seats are held. What failed before and comes all the same is refunded where its
    spaces were released.
    """
    if booking.purchase_id:
        end_first_payment(booking.purchase_id)
    promised = {seat.pk: seat.refund_due for seat in seats if seat.cancelled_at and seat.refund_due is not None}
    gone = [seat for seat in seats if seat.cancelled_at and seat.refund_due is None]
    _refund(payment, {seat: due for seat, due in promised.items() if due}, _reason(seats), now=now)
    _refund(payment, {seat.pk: seat.amount for seat in gone if seat.amount}, RefundReason.TOO_LATE, now=now)
    if len(gone) < len(seats) if payment.amount else _had_begun(booking, payment):
        payment_notices.notify_arrived(booking, seats, payment=payment, refunded=sum(promised.values()), now=now)
    if any(seat.amount for seat in gone):
        notices.notify_paid_too_late(booking, gone, payment=payment, now=now)


def fail(payment: Payment, bought: Subscription | None, *, now: datetime) -> bool:
    """Let go of what a payment was for that failed on its way, and say so; whether this call ended it.

    Each step can be repeated; only with the last is it over, so that one that Stripe does not answer is tried again.
    Raises StripeError.
    """
    if not Payment.objects.open().filter(pk=payment.pk).exists():
        return False
    if bought is not None:
        record_never_paid(bought, now=now)
    with transaction.atomic():
        _release_unpaid_seats(payment, now=now)
    if bought is not None:
        _let_go_of_membership(payment, bought, now=now)
    with transaction.atomic():
        ended = mark_failed(payment, now=now)
        if bought is not None:
            end_first_payment(bought.pk)
    return ended


def waive(payment: Payment, *, now: datetime) -> bool:
    """Leave a customer what the studio forgave them: nothing came, and nothing is owed; whether this call did."""
    with transaction.atomic():
        booking = lock_booking(payment.booking_id)
        if not mark_failed(payment, now=now):
            return False
        Payment.objects.filter(pk=payment.pk).update(settled_at=now)
        if booking.purchase_id:
            end_first_payment(booking.purchase_id)
        if booking.state == BookingState.PAYING:
            booking.end_hold(BookingState.BOOKED if booking.seats.exists() else BookingState.JOINED, now=now)
    return True


def _had_begun(booking: Booking, payment: Payment) -> bool:
    """Whether a membership that was bought alone had begun before its payment arrived: nothing else tells of that."""
    payment.refresh_from_db(fields=["on_way_since"])
    started = Milestone.objects.filter(subscription=booking.purchase_id, kind=MilestoneKind.STARTED)
    return payment.on_way_since is not None and started.filter(at__lte=payment.on_way_since).exists()


def _release_unpaid_seats(payment: Payment, *, now: datetime) -> None:
    """Release the spaces at events that have not begun; the others stay, and are owed. In a transaction."""
    held = lock_basket(payment.booking_id)
    if not Payment.objects.open().filter(pk=payment.pk).exists():
        return
    live = held.seats.live().filter(payment=payment).for_letters().order_by("pk")
    kept = [seat for seat in live if seat.entry.starts_at <= now]
    ahead = [seat for seat in live if seat.entry.starts_at > now]
    cancel_seats(
        seats=[seat.pk for seat in ahead],
        by=Channel.PAYMENT_FAILED,
        returning={seat.entry_id for seat in ahead},
        now=now,
        tell=False,
    )
    if held.state == BookingState.PAYING:
        held.end_hold(BookingState.BOOKED if kept or ahead else BookingState.RELEASED, now=now)
    elif held.state == BookingState.JOINED:
        held.end_hold(BookingState.RELEASED, now=now)
    payment_notices.notify_payment_failed(held, ahead, kept=kept, payment=payment, now=now)


def _let_go_of_membership(payment: Payment, bought: Subscription, *, now: datetime) -> None:
    """End a membership that was never paid for: nothing more is tried or charged. Raises StripeError."""
    if bought.ended_at is None:
        try:
            payment_gateway(payment).cancel_now(bought.stripe_id, key=f"unpaid-{payment.uuid}")
        except GoneError:
            return
        sync_subscription(payment.account, bought.stripe_id, now=now)


def _reason(seats: Sequence[Seat]) -> RefundReason:
    """Why what was promised is refunded: by the customer’s word if they cancelled any of it, else the studio’s."""
    by = {seat.cancelled_by for seat in seats if seat.refund_due is not None}
    return RefundReason.CUSTOMER if Channel.CUSTOMER in by else RefundReason.STUDIO


def _refund(payment: Payment, shares: dict[int, int], reason: RefundReason, *, now: datetime) -> None:
    if total := sum(shares.values()):
        create_refund(payment.pk, total, reason, seats=shares, now=now)
