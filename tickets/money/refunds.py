"""Refunds: a row first, counted against its payment, then Stripe; until Stripe has answered it is asked again."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, Sum

from accounts.models import Deed, User
from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.fair import Due, work_off
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, StripeError
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.queue import enqueue
from memberships.marks import ENDPOINT
from tickets.models import Payment, PaymentState, Refund, RefundedSeat, RefundReason, RefundState, Seat
from tickets.money.on_way import promise_refunds
from tickets.money.recorded import record_refund
from tickets.money.refund_states import REFUND, apply_stripe_refund
from tickets.money.refunds_elsewhere import settle_refused_refund

LEASE: Final = timedelta(minutes=2)
PATIENCE: Final = (1, 5, 15, 60)
"""Minutes until Stripe is asked again, by how often it was; then every hour."""
TASK: Final = "tickets.tasks.sweep_refunds"
DUE: Final = Due("tickets_refund", "due_at", "state = 'queued'", "due_at <= %(now)s")
ALONE: Final = 100
"""How many refunds are no reason to call other workers."""

FEW: Final = 10
"""How many refunds made at once each have a task of their own; of more, one task does one after another."""
_COUNT_REFUNDED: Final = """
    UPDATE tickets_payment AS payment SET refunded = payment.refunded + made.amount
    FROM unnest(%s::bigint[], %s::int[]) AS made (payment, amount) WHERE payment.id = made.payment
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund, and whether this call made it: the form of an operator that was sent before finds the same again."""

    refund: Refund
    is_new: bool


class RefundTooLargeError(Exception):
    """More than is left of the payment: `left`, in minor units."""

    def __init__(self, left: int) -> None:
        super().__init__(str(left))
        self.left = left


class LeftChangedError(RefundTooLargeError):
    """What is left is not what somebody saw: a colleague refunded some of it, or a refund failed."""


def create_refund(
    payment: int,
    amount: int,
    reason: RefundReason,
    *,
    now: datetime,
    seats: Mapping[int, int] | None = None,
    by: User | None = None,
    key: UUID | None = None,
    seen: int | None = None,
) -> Refunded:
    """Give back some of a payment (id), in minor units; `seats` says how much of it is for which seat (ids).

    Stripe is told by a worker after the commit. The same `key` (of an operator's form) again finds the same refund.
    Raises RefundTooLargeError, also where it is more than is left of what one of the seats cost; LeftChangedError
    where what is left is not what an operator has `seen` (in minor units; none: nobody has).
    """
    with transaction.atomic():
        held = Payment.objects.select_for_update(no_key=True).get(pk=payment)
        if key and (found := Refund.objects.filter(uuid=key, payment=held).first()):
            return Refunded(found, is_new=False)
        if held.state != PaymentState.PAID or not 0 < amount <= held.refundable:
            raise RefundTooLargeError(held.refundable if held.state == PaymentState.PAID else 0)
        if seen not in {None, held.refundable}:
            raise LeftChangedError(held.refundable)
        each = _refundable_by_seat(seats or {})
        if any(part > each[seat] for seat, part in (seats or {}).items()):
            raise RefundTooLargeError(min(held.refundable, sum(each.values())))
        Payment.objects.filter(pk=held.pk).update(refunded=F("refunded") + amount)
        made = Refund(
            account_id=held.account_id, payment=held, amount=amount, reason=reason, by=by, due_at=now, created_at=now
        )
        made.uuid = key or made.uuid
        made.save(force_insert=True)
        RefundedSeat.objects.bulk_create(
            RefundedSeat(account_id=made.account_id, refund=made, seat_id=seat, amount=part)
            for seat, part in (seats or {}).items()
            if part
        )
        enqueue("tickets.tasks.send_refund", made.pk)
        if reason == RefundReason.OPERATOR:
            record_refund(Deed.PAYMENT_REFUNDED, made)
    return Refunded(made, is_new=True)


def refund_payments(
    shares: Mapping[int, Mapping[int, int]], reason: RefundReason, *, now: datetime, by: User | None = None
) -> dict[int, int]:
    """Refund seats (ids) of payments (ids) their shares, as far as each payment, and seat, has that much left.

    What each seat gets; where its payment is on its way, it gets that once it has arrived. A fixed number of
    statements, however many payments there are. Call it in a transaction.
    """
    if not shares:
        return {}
    held = list(Payment.objects.select_for_update(no_key=True).filter(pk__in=shares).order_by("pk"))
    coming = [payment for payment in held if payment.is_on_way]
    given = promise_refunds({seat: share for payment in coming for seat, share in shares[payment.pk].items()})
    paid = [payment for payment in held if payment.state == PaymentState.PAID]
    each = _refundable_by_seat([seat for payment in paid for seat in shares[payment.pk]])
    theirs = {payment.pk: _share_out(payment, shares[payment.pk], each) for payment in paid}
    _make_refunds([payment for payment in paid if sum(theirs[payment.pk].values())], theirs, reason, by=by, now=now)
    nothing = {seat: 0 for seats in shares.values() for seat in seats}
    return nothing | given | {seat: amount for seats in theirs.values() for seat, amount in seats.items()}


def _share_out(payment: Payment, shares: Mapping[int, int], each: Mapping[int, int]) -> dict[int, int]:
    """What each seat (id) gets of a payment: its share, as far as the payment, and it, has that much left."""
    left, given = payment.refundable, dict[int, int]()
    for seat, share in sorted(shares.items()):
        given[seat] = min(share, left, each[seat])
        left -= given[seat]
    return given


def _make_refunds(
    payments: Sequence[Payment],
    seats: Mapping[int, Mapping[int, int]],
    reason: RefundReason,
    *,
    by: User | None,
    now: datetime,
) -> None:
    """Refund payments (held) what their seats get; Stripe is told by workers after the commit."""
    if not payments:
        return
    total = {payment.pk: sum(seats[payment.pk].values()) for payment in payments}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_REFUNDED, [list(total), list(total.values())])
    made = Refund.objects.bulk_create(
        Refund(
            account_id=payment.account_id,
            payment=payment,
            amount=total[payment.pk],
            reason=reason,
            by=by,
            due_at=now,
            created_at=now,
        )
        for payment in payments
    )
    RefundedSeat.objects.bulk_create(
        RefundedSeat(account_id=refund.account_id, refund=refund, seat_id=seat, amount=part)
        for refund in made
        for seat, part in seats[refund.payment_id].items()
        if part
    )
    if len(made) > FEW:
        enqueue("tickets.tasks.help_with_refunds")
    for refund in made if len(made) <= FEW else ():
        enqueue("tickets.tasks.send_refund", refund.pk)


def _refundable_by_seat(seats: Collection[int]) -> dict[int, int]:
    """What has not been refunded yet of what seats (ids) cost; their payment is held."""
    if not seats:
        return {}
    given = Sum("refunds__amount", filter=~Q(refunds__refund__state=RefundState.FAILED), default=0)
    found = Seat.objects.filter(pk__in=seats).annotate(given=given)
    return {pk: max(amount - had, 0) for pk, amount, had in found.values_list("pk", "amount", "given")}


def submit_refund(refund: int, *, now: datetime) -> None:
    """Ask Stripe for a wanted refund (id) that is due; what it cannot answer now is tried again later.

    In a quiet copy refunds wait.
    """
    if is_quiet():
        return
    claimed = Refund.objects.filter(pk=refund, state=RefundState.QUEUED, due_at__lte=now)
    if not claimed.update(due_at=now + LEASE, tries=F("tries") + 1):
        return
    found = Refund.objects.with_connection().get(pk=refund)
    payment = found.payment
    bears = {ENDPOINT: str(payment.connection.endpoint), REFUND: str(found.uuid)}
    try:
        gateway = Gateway.of(payment.connection)
        key, again = idempotency_key("refund", found.uuid), found.tries > 1
        try:
            reading = gateway.create_refund(payment.intent, found.amount, metadata=bears, key=key, again=again)
        except (DeclinedError, GoneError) as error:
            settle_refused_refund(found, gateway, error, now=now)
        else:
            apply_stripe_refund(found, reading, now=now)
    except StripeError as error:
        log.warning("Refund %s could not be sent: %s", found.uuid, error)
        wait = timedelta(minutes=PATIENCE[min(found.tries, len(PATIENCE)) - 1])
        Refund.objects.filter(pk=refund, state=RefundState.QUEUED).update(due_at=now + wait, trouble=str(error))


def submit_due_refunds(*, now: datetime, run: Run | None = None) -> int:
    """Ask Stripe for refunds that are due, some of each account in turn, as long as there is time; how many.

    None in a quiet copy. Any number of workers may do this at once.
    """
    if is_quiet():
        return 0
    run = run or Run(TASK, now=now)
    work_off(run, (DUE, partial(submit_refund, now=now)))
    return run.done


def are_many_due(run: Run) -> bool:
    """Whether more refunds are due than one worker asks Stripe for in a minute."""
    return not is_quiet() and len(DUE.batch(run, without=set(), each=ALONE + 1)) > ALONE
