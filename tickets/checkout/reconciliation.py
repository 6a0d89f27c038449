"""Asking Stripe, each night or when told to, what became of payments and refunds whose news may have been missed."""

import logging
from datetime import datetime, timedelta
from functools import partial
from math import inf
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Account
from accounts.stripe_connection import PaymentsInProgressError
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import Gateway, GoneError, StripeDownError, StripeError
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.models import Connection
from tickets.checkout.settling import settle_payment
from tickets.models import Payment, PaymentState, Refund, RefundState
from tickets.money.refund_states import apply_stripe_refund, mark_refund_failed

JOB: Final = "tickets.checkout.reconciliation"
"""What its payments and refunds are set aside by."""
PATIENCE: Final = timedelta(hours=1)
"""How long a payment may be at the checkout before Stripe is asked what became of it."""

log = logging.getLogger(__name__)


def reconcile(connection: Connection, now: datetime) -> None:
    """Make payments and refunds over a connection what Stripe says of them; safe to repeat.

    One that fails stops no other; the first error is raised once all were asked for.
    """
    gateway = Gateway.of(connection)
    payments, refunds = _begin("payments", now), _begin("refunds", now)
    open_ones = Payment.objects.open().filter(connection=connection, opened_at__lte=now - PATIENCE)
    payments.each(_keys(open_ones), partial(_settle, now=now))
    pending = Refund.objects.filter(payment__connection=connection, state=RefundState.PENDING).exclude(stripe_id="")
    refunds.each(_keys(pending), partial(_resync_refund, gateway=gateway, now=now))
    if error := payments.first_error or refunds.first_error:
        raise error


def count_payments_in_progress(account: Account) -> int:
    """How many payments are at the checkout of the account's Stripe account, or wait to be refunded by it."""
    if account.connection_id is None:
        return 0
    wanted = Refund.objects.filter(payment=OuterRef("pk"), state=RefundState.QUEUED)
    payments = Payment.objects.filter(connection=account.connection_id)
    return payments.filter(Q(state=PaymentState.OPEN) | Exists(wanted)).count()


def refuse_while_payments_in_progress(*, account: Account, **_about: object) -> None:
    """Let an account not leave its Stripe account while money is on its way there; raises PaymentsInProgressError."""
    if count := count_payments_in_progress(account):
        raise PaymentsInProgressError(count)


def _begin(what: str, now: datetime) -> Run:
    return Run(f"{JOB}.{what}", now=now, seconds=inf, expected=(StripeError, NotYetError), down=(StripeDownError,))


def _keys(rows: QuerySet[Payment] | QuerySet[Refund]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


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
