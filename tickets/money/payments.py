"""A payment's row: open while its checkout is, then paid or left. Who comes second to a change does nothing."""

from collections.abc import Sequence
from datetime import datetime

from tickets.models import Booking, Payment, PaymentState, Seat


def open_payment_of(booking: Booking) -> Payment | None:
    """The payment of a booking that is at the checkout, with what settling it needs."""
    return Payment.objects.open().for_settling().filter(booking=booking).first()


def begin_payment(booking: Booking, seats: Sequence[Seat], *, now: datetime) -> Payment:
    """Write the payment of a booking (with its connected account) for its seats; its row is held.

    A membership is on Stripe's own invoice: where it is bought alone the payment is of nothing, and only stands for
    the checkout.
    """
    account = booking.account
    assert account.connection is not None  # noqa: S101 - there is a gateway
    payment = Payment.objects.create(
        account=account,
        booking=booking,
        connection=account.connection,
        purchase=booking.purchase,
        amount=sum(seat.amount for seat in seats),
        currency=account.currency,
        opened_at=now,
    )
    if seats:
        Seat.objects.filter(pk__in=[seat.pk for seat in seats]).update(payment=payment)
    return payment


def record_payment_session(payment: Payment, session: str) -> bool:
    """Note Stripe's checkout (its id) of a payment; False where it was left while Stripe answered."""
    return bool(Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN).update(session=session))


def mark_paid(payment: Payment, intent: str, *, now: datetime) -> bool:
    """Note that a payment was made, also one that was left; False where that is known."""
    unpaid = Payment.objects.filter(pk=payment.pk).exclude(state=PaymentState.PAID)
    return bool(unpaid.update(state=PaymentState.PAID, paid_at=now, intent=intent))


def mark_left(payment: Payment) -> bool:
    """Note that a payment cannot be made any more; False where it is over already."""
    return bool(Payment.objects.filter(pk=payment.pk, state=PaymentState.OPEN).update(state=PaymentState.ABANDONED))
