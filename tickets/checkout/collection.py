"""How the money of a complete checkout stands, by what Stripe says of it now: paid, on its way, or failed for good."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bookwhen.payments.stripe_objects import SessionReading
from memberships.models import Invoice, Subscription, SubscriptionStatus
from tickets.checkout.session import payment_gateway
from tickets.models import Payment

PAID: Final = frozenset({"paid", "no_payment_required"})
"""What Stripe says of a checkout for which nothing is owed."""
GIVEN_UP: Final = frozenset({"requires_payment_method", "canceled"})
"""What Stripe says of a payment that a bank refused, or that cannot be made any more."""


class CollectionState(Enum):
    """How the money of a complete checkout stands."""

    PAID = auto()
    ON_WAY = auto()
    FAILED = auto()
    WAIVED = auto()
    """The studio gave up the membership’s first bill, and lets its customer have it all the same."""


@dataclass(frozen=True, slots=True)
class Collection:
    """How it stands, and what Stripe refunds it by (empty until it is paid, and where nothing was to be paid)."""

    state: CollectionState
    intent: str = ""


def read_collection(payment: Payment, session: SessionReading, bought: Subscription | None) -> Collection:
    """How the money of a complete checkout stands; `bought` is the membership in it. Raises StripeError.

    With a membership it is on its first bill, and may be paid there later than the checkout knows.
    """
    gateway = payment_gateway(payment)
    if session.payment_status in PAID:
        return Collection(CollectionState.PAID, gateway.intent_of(session) if payment.amount else "")
    if bought is not None and bought.status == SubscriptionStatus.INCOMPLETE_EXPIRED:
        return Collection(CollectionState.FAILED)
    bill = _first_bill(payment, session)
    if bill in {"void", "uncollectible"} and bought is not None:
        return Collection(CollectionState.WAIVED if bought.is_live else CollectionState.FAILED)
    intent = gateway.intent_of(session)
    status = gateway.intent_status(intent) if intent else ""
    if bill == "paid" or status == "succeeded":
        return Collection(CollectionState.PAID, intent)
    return Collection(CollectionState.FAILED if status in GIVEN_UP else CollectionState.ON_WAY)


def _first_bill(payment: Payment, session: SessionReading) -> str:
    """What Stripe last said of the membership’s first bill; nothing where there is none, or none is known."""
    if not session.invoice:
        return ""
    found = Invoice.objects.filter(account=payment.account_id, stripe_id=session.invoice)
    return found.values_list("status", flat=True).first() or ""
