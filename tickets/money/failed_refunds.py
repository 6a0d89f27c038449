"""Refunds that Stripe did not make: each waits for somebody of the studio, who tries again or settles it otherwise."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Account, Deed, User
from tickets.models import Payment, Refund, RefundReason, RefundState
from tickets.money.recorded import record_refund
from tickets.money.refund_states import mark_refund_failed
from tickets.money.refunds import create_refund


def failed_refunds(account: Account) -> QuerySet[Refund]:
    """The refunds of an account that failed and that nobody has seen to; `done_at` is when somebody did."""
    return Refund.objects.filter(account=account, state=RefundState.FAILED, done_at=None)


def retry_refund(failed: Refund, *, by: User, now: datetime) -> Refund | None:
    """Refund the same amount once more, for the same seats: the new refund; none where somebody has seen to it.

    Safe to send twice. Raises RefundTooLargeError where so much is not left any more.
    """
    with transaction.atomic():
        held = _lock_refund(failed)
        if held.state != RefundState.FAILED or held.done_at:
            return None
        Refund.objects.filter(pk=held.pk).update(done_at=now)
        shares = dict(held.seats.values_list("seat", "amount"))
        made = create_refund(held.payment_id, held.amount, RefundReason(held.reason), seats=shares, by=by, now=now)
        if held.reason != RefundReason.OPERATOR:
            # Of the studio's own, the new refund is told already.
            record_refund(Deed.REFUND_RETRIED, made.refund)
        return made.refund


def can_settle_refund(found: Refund) -> bool:
    """Whether a refund (with its payment's connection) is the studio's to settle: it failed, or never can be sent."""
    if found.state == RefundState.FAILED:
        return found.done_at is None
    return found.state == RefundState.QUEUED and not found.payment.connection.is_live


def settle_refund_otherwise(found: Refund, *, now: datetime) -> bool:
    """Note that the customer had their money back in another way (cash, say); whether this call did.

    Also of a refund that still waits for a Stripe account which was disconnected.
    """
    with transaction.atomic():
        held = _lock_refund(found)
        if not can_settle_refund(held):
            return False
        mark_refund_failed(held, held.trouble, now=now)
        Refund.objects.filter(pk=held.pk).update(done_at=now)
        record_refund(Deed.REFUND_SETTLED, held)
    return True


def _lock_refund(found: Refund) -> Refund:
    """A refund as it is now; its payment is locked, as for any change to it."""
    Payment.objects.select_for_update(no_key=True).get(pk=found.payment_id)
    return Refund.objects.with_connection().get(pk=found.pk)
