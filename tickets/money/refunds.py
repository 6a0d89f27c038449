"""Refunds: a row first, counted against its payment, then Stripe; until Stripe has answered it is asked again."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Sum

from accounts.models import User
from bookwhen.installation.copies import is_quiet
from bookwhen.jobs.fair import Due, work_off
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError, StripeError
from bookwhen.payments.idempotency import idempotency_key
from bookwhen.queue import enqueue
from memberships.sync import ENDPOINT
from tickets.models import Payment, PaymentState, Refund, RefundedSeat, RefundReason, RefundState, Seat
from tickets.money.on_way import promise_refunds
from tickets.money.refund_states import REFUND, apply_stripe_refund
from tickets.money.refunds_elsewhere import settle_refused_refund

LEASE: Final = timedelta(minutes=2)
PATIENCE: Final = (1, 5, 15, 60)
"""Minutes until Stripe is asked again, by how often it was; then every hour."""
TASK: Final = "tickets.tasks.sweep_refunds"
DUE: Final = Due("tickets_refund", "due_at", "state = 'queued'", "due_at <= %(now)s")
ALONE: Final = 100
"""How many refunds are no reason to call other workers."""

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


def create_refund(
    payment: int,
    amount: int,
    reason: RefundReason,
    *,
    now: datetime,
    seats: Mapping[int, int] | None = None,
    by: User | None = None,
    key: UUID | None = None,
) -> Refunded:
    """Give back some of a payment (id), in minor units; `seats` says how much of it is for which seat (ids).

    Stripe is told by a worker after the commit. The same `key` (of an operator's form) again finds the same refund.
    Raises RefundTooLargeError, also where it is more than is left of what one of the seats cost.
    """
    with transaction.atomic():
        held = Payment.objects.select_for_update(no_key=True).get(pk=payment)
        if key and (found := Refund.objects.filter(uuid=key, payment=held).first()):
            return Refunded(found, is_new=False)
        if held.state != PaymentState.PAID or not 0 < amount <= held.refundable:
            raise RefundTooLargeError(held.refundable if held.state == PaymentState.PAID else 0)
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
    return Refunded(made, is_new=True)


def refund_seats(
    payment: int, shares: Mapping[int, int], reason: RefundReason, *, now: datetime, by: User | None = None
) -> dict[int, int]:
    """Refund seats (ids) of a payment their shares, as far as it, and each seat, has that much left: what each gets.

    Where it is on its way, they get that once it has arrived. Call it in a transaction.
    """
    held = Payment.objects.select_for_update(no_key=True).get(pk=payment)
    if held.is_on_way:
        return promise_refunds(shares)
    left, given = held.refundable if held.state == PaymentState.PAID else 0, dict[int, int]()
    each = _refundable_by_seat(shares)
    for seat, share in sorted(shares.items()):
        given[seat] = min(share, left, each[seat])
        left -= given[seat]
    if total := sum(given.values()):
        create_refund(payment, total, reason, seats=given, by=by, now=now)
    return given


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
