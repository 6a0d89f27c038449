"""Asking Stripe, each night or when told to, what became of payments and refunds whose news may have been missed."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db.models import Count, QuerySet

from accounts.models import Account
from accounts.stripe_connection import PaymentsInProgressError
from bookwhen.payments.gateway import Gateway, GoneError, StripeError
from bookwhen.payments.handlers import Comparer, Cursor, Look, NotYetError
from tickets.checkout.settling import settle_payment
from tickets.models import Payment, PaymentState, Refund, RefundState
from tickets.money.refund_states import apply_stripe_refund, mark_refund_failed

JOB: Final = "tickets.checkout.reconciliation"
"""What its payments and refunds are set aside by."""
BATCH: Final = 50
"""How many are asked for before it is noted how far that is."""
PATIENCE: Final = timedelta(hours=1)
"""How long a payment may be at the checkout before Stripe is asked what became of it."""

log = logging.getLogger(__name__)


def settle_open_payments(look: Look, cursor: Cursor) -> Cursor | None:
    """Ask what became of a batch of payments that have been at the checkout for long; safe to repeat."""
    open_ones = Payment.objects.open().filter(connection=look.connection, opened_at__lte=look.begun_at - PATIENCE)
    return _each(look, "payments", open_ones, cursor, partial(_settle, now=look.now))


def resync_pending_refunds(look: Look, cursor: Cursor) -> Cursor | None:
    """Ask what became of a batch of refunds that Stripe has not done yet; safe to repeat."""
    pending = Refund.objects.filter(payment__connection=look.connection, state=RefundState.PENDING)
    act = partial(_resync_refund, gateway=Gateway.of(look.connection), now=look.now)
    return _each(look, "refunds", pending.exclude(stripe_id=""), cursor, act)


COMPARERS: Final = (
    Comparer("tickets.payments", settle_open_payments),
    Comparer("tickets.pending refunds", resync_pending_refunds),
)


def _each(
    look: Look,
    what: str,
    rows: QuerySet[Payment] | QuerySet[Refund],
    cursor: Cursor,
    act: Callable[[int], None],
) -> Cursor | None:
    """Do it for the next batch of rows, as far as there is time: where the one after it begins."""
    run = look.run(f"{JOB}.{what}", expected=(StripeError, NotYetError))
    last, done = cursor.get("after", 0), 0
    for pk in list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        if run.is_over or (done and look.is_over()):
            break
        run.attempt(pk, partial(act, pk))
        last, done = pk, done + 1
    look.conclude(run)
    return {"after": last} if done else None


def count_payments_in_progress(account: Account) -> int:
    """How many payments are at the checkout of the account's Stripe account, or wait to be refunded by it."""
    if account.connection_id is None:
        return 0
    # Two statements, each by an index of what is in progress: together they would read every payment there was.
    payments = Payment.objects.filter(account=account, connection=account.connection_id, state=PaymentState.OPEN)
    refunds = Refund.objects.filter(account=account, state=RefundState.QUEUED)
    refunded = refunds.filter(payment__connection=account.connection_id).exclude(payment__state=PaymentState.OPEN)
    return int(payments.count() + refunded.aggregate(payments=Count("payment", distinct=True))["payments"])


def refuse_while_payments_in_progress(*, account: Account, **_about: object) -> None:
    """Let an account not leave its Stripe account while money is on its way there; raises PaymentsInProgressError."""
    if count := count_payments_in_progress(account):
        raise PaymentsInProgressError(count)


def _settle(pk: int, *, now: datetime) -> None:
    settle_payment(Payment.objects.for_settling().get(pk=pk), now=now)


def _resync_refund(pk: int, *, gateway: Gateway, now: datetime) -> None:
    refund = Refund.objects.select_related("payment").get(pk=pk)
    try:
        reading = gateway.refund(refund.stripe_id)
    except GoneError as error:
        log.warning("The refund %s is not known to Stripe: %s", refund.stripe_id, error)
        mark_refund_failed(refund, str(error), now=now)
    else:
        apply_stripe_refund(refund, reading, now=now)
