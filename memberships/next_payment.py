"""What Stripe will bill next: its price where that is plain, else what Stripe's own preview says, else unknown.

docs/decisions/0036.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bookwhen.payments.gateway import Gateway, StripeError
from bookwhen.payments.stripe_objects import SubscriptionReading
from memberships.models import Subscription, SubscriptionStatus

log = logging.getLogger(__name__)

BILLED: Final = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})


def will_be_billed(reading: SubscriptionReading) -> bool:
    """Whether another bill comes at a known time."""
    is_ending = reading.ended_at is not None or (reading.ends_at is not None and reading.ends_at <= _next_at(reading))
    return reading.status in BILLED and not is_ending and not reading.pause_behavior


def _resumes(reading: SubscriptionReading) -> bool:
    """Whether it is paused until a known time, and goes on then."""
    is_paused = bool(reading.pause_behavior) and reading.resumes_at is not None
    return is_paused and reading.status in BILLED and reading.ends_at is None and reading.ended_at is None


def _next_at(reading: SubscriptionReading) -> datetime:
    """When the first of its items is billed next."""
    return min(each.period_end for each in reading.items)


def has_to_be_asked(reading: SubscriptionReading, known: Subscription | None) -> bool:
    """Whether only Stripe's preview says what comes next, as far as the subscription and what we `known` show.

    Invoice items that wait are on neither a subscription nor its customer. A change at Stripe leaves some (prorations),
    and so may anything that happened before we knew it; where the last answer was not the price, they may still wait.
    """
    if not reading.is_plain or reading.ends_at is not None:
        return True  # the last period of one that ends later may be a short one
    if known is None:
        # What waited went on to its first bill.
        return reading.started_at != reading.period_start and reading.status != SubscriptionStatus.TRIALING
    amount = reading.cost.amount
    return not known.cost_basis or known.period_amount != amount or known.next_amount != amount


def next_amount(gateway: Gateway, reading: SubscriptionReading, known: Subscription | None, *, ask: bool) -> int | None:
    """What will be billed next, in minor units; None where nothing will, or Stripe does not say. Never raises."""
    if _resumes(reading):
        # Stripe previews no bill of a paused one: it costs what it would have before, as long as nothing else is told.
        was_plain = known is not None and known.next_amount == reading.cost.amount
        return reading.cost.amount if was_plain and reading.is_plain and not ask else None
    if not will_be_billed(reading):
        return None
    if not ask and not has_to_be_asked(reading, known):
        return reading.cost.amount
    try:
        preview = gateway.next_invoice(reading.id, schedule=reading.schedule)
    except StripeError as error:
        log.warning("Stripe doesn’t say what %s costs next: %s", reading.id, error)
        return None
    return preview.amount_due if preview.currency == reading.cost.currency else None


def billing_of(reading: SubscriptionReading, amount: int | None) -> Mapping[str, object]:
    """What is kept with a subscription of what it costs, by the name of the column; `amount` is what it costs next."""
    is_billed = will_be_billed(reading)
    return {
        "currency": reading.cost.currency,
        "cost_basis": reading.cost.basis.value,
        "period_amount": reading.cost.amount,
        "next_amount": amount if is_billed or _resumes(reading) else None,
        "next_payment_at": _next_at(reading) if is_billed else None,
    }
