"""Asking Stripe, each night or when told to, what became of payments and refunds whose news may have been missed."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q

from accounts.models import Account
from accounts.stripe_connection import PaymentsInProgressError
from bookwhen.payments.gateway import Gateway, GoneError
from bookwhen.payments.models import Connection
from tickets.checkout.settling import settle_payment
from tickets.models import Payment, PaymentState, Refund, RefundState
from tickets.money.refunds import apply_stripe_refund, mark_refund_failed

PATIENCE: Final = timedelta(hours=1)
"""How long a payment may be at the checkout before Stripe is asked what became of it."""

log = logging.getLogger(__name__)


def reconcile(connection: Connection, now: datetime) -> None:
    """Make payments and refunds over a connection what Stripe says of them; safe to repeat. Raises StripeError."""
    open_ones = Payment.objects.open().filter(connection=connection, opened_at__lte=now - PATIENCE)
    for payment in open_ones.for_settling().order_by("pk"):
        settle_payment(payment, now=now)
    gateway = Gateway.of(connection)
    pending = Refund.objects.filter(payment__connection=connection, state=RefundState.PENDING).exclude(stripe_id="")
    for refund in pending.order_by("pk"):
        _resync_refund(refund, gateway, now=now)


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


def _resync_refund(refund: Refund, gateway: Gateway, *, now: datetime) -> None:
    try:
        reading = gateway.refund(refund.stripe_id)
    except GoneError as error:
        log.warning("The refund %s is not known to Stripe: %s", refund.stripe_id, error)
        mark_refund_failed(refund, str(error), now=now)
    else:
        apply_stripe_refund(refund, reading, now=now)
