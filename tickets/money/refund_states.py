"""What Stripe says of a refund, taken over: on its way, done, or not made after all. Safe to repeat, in any order."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from bookwhen.payments.stripe_objects import RefundReading
from tickets.models import Payment, Refund, RefundState

REFUND: Final = "bookwhen_refund"
"""What our refunds bear in their metadata at Stripe: which refund they are."""
NOBODY: Final = UUID(int=0)
NOT_MADE: Final = frozenset({"failed", "canceled"})
"""Stripe’s words for a refund whose money came back to the studio."""

log = logging.getLogger(__name__)


def as_uuid(text: str) -> UUID:
    """What metadata say; somebody else may have written them, so it may be no uuid, and then nobody's."""
    try:
        return UUID(text)
    except ValueError:
        return NOBODY


def refund_state(status: str) -> RefundState:
    """Our state for Stripe’s word; what we don’t know is on its way."""
    if status in NOT_MADE:
        return RefundState.FAILED
    return RefundState.DONE if status == "succeeded" else RefundState.PENDING


def apply_stripe_refund(found: Refund, reading: RefundReading, *, now: datetime) -> None:
    """Make a refund of ours what Stripe says of it; safe to repeat, in any order."""
    state = refund_state(reading.status)
    if state == RefundState.FAILED:
        mark_refund_failed(found, reading.failure or reading.status, stripe_id=reading.id, now=now)
        return
    # A refund that has failed stays so; and what is done is never on its way again.
    movable = [RefundState.QUEUED, RefundState.PENDING]
    Refund.objects.filter(pk=found.pk, state__in=movable).update(
        state=state,
        stripe_id=reading.id,
        trouble="",
        done_at=now if state == RefundState.DONE else None,
        # The ledger's instant: what was on its way has moved before.
        moved_at=Coalesce("moved_at", Value(now)),
    )


def mark_refund_failed(found: Refund, trouble: str, *, now: datetime, stripe_id: str = "") -> None:
    """Note that a refund was not made, also where Stripe took it back later: its amount can be refunded again."""
    with transaction.atomic():
        held = Payment.objects.select_for_update(no_key=True).get(pk=found.payment_id)
        open_ones = Refund.objects.filter(pk=found.pk).exclude(state=RefundState.FAILED)
        if open_ones.update(
            state=RefundState.FAILED,
            trouble=trouble,
            stripe_id=stripe_id or found.stripe_id,
            done_at=None,
            moved_at=now,
        ):
            Payment.objects.filter(pk=held.pk).update(refunded=F("refunded") - found.amount)
            log.error("Refund %s of payment %s failed: %s", found.uuid, held.uuid, trouble)
