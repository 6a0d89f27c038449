"""Payments on their way (a bank debit, say): Stripe's checkout is complete, and days later the money comes, or not.

What they pay for is booked meanwhile (docs/design.md, *Payment on its way*). Who comes second to a change does nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from accounts.models import Account
from tickets.models import Payment, PaymentQuerySet, PaymentState, Seat
from tickets.money.recorded import record_settled

_PROMISE: Final = """
    UPDATE tickets_seat AS seat SET refund_due = least(promised.share, seat.amount)
    FROM unnest(%s::bigint[], %s::int[]) AS promised (seat, share) WHERE seat.id = promised.seat
    RETURNING seat.id, seat.refund_due
"""


def mark_on_way(payment: Payment, *, now: datetime) -> bool:
    """Note that a payment is on its way; False where that is known, or it is over."""
    open_one = Payment.objects.at_checkout().filter(pk=payment.pk)
    return bool(open_one.update(on_way_since=now))


def mark_failed(payment: Payment, *, now: datetime) -> bool:
    """Note that a payment never came, nor will; False where it is over already."""
    return bool(Payment.objects.open().filter(pk=payment.pk).update(state=PaymentState.ABANDONED, failed_at=now))


def on_way_payments(seats: Iterable[Seat]) -> set[int]:
    """Of the payments (ids) of some seats those that are on their way; no statement where none was to be paid."""
    payments = {seat.payment_id for seat in seats if seat.payment_id}
    if not payments:
        return set()
    return set(Payment.objects.on_way().filter(pk__in=payments).values_list("pk", flat=True))


def promise_refunds(shares: Mapping[int, int]) -> dict[int, int]:
    """Note what is refunded for cancelled seats (ids) once their payment has arrived: what each gets.

    Their rows are held, and so is their payment.
    """
    if not shares:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PROMISE, [list(shares), list(shares.values())])
        return dict(cursor.fetchall())


def owed_payments(account: Account) -> PaymentQuerySet:
    """The payments of an account that failed when what they were for had begun, and that nobody has settled."""
    return Payment.objects.owed().filter(account=account)


def amount_owed(payment: Payment) -> int:
    """What is still owed of a payment that failed, in minor units: for the seats that were kept."""
    if not payment.never_came or payment.settled_at:
        return 0
    kept = Seat.objects.live().booked().filter(payment=payment)
    return sum(kept.values_list("amount", flat=True))


def settle_owed(payment: Payment, *, now: datetime) -> bool:
    """Note that what is owed was paid otherwise, or is waived; whether this call did."""
    with transaction.atomic():
        settled = Payment.objects.owed().filter(pk=payment.pk, account=payment.account_id).update(settled_at=now)
        if settled:
            record_settled(payment)
    return bool(settled)
