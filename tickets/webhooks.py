"""What selling makes of Stripe's events: each only says which checkout or which refund to look at."""

from datetime import datetime
from typing import Final
from uuid import UUID

from accounts.models import Account
from bookwhen.payments.gateway import Gateway, GoneError
from bookwhen.payments.handlers import Handler, NotYetError, Outcome, Payload
from bookwhen.payments.models import Connection
from memberships.sync import ENDPOINT
from tickets.checkout.session import PAYMENT
from tickets.checkout.settling import settle_checkout
from tickets.models import Payment, Refund
from tickets.money.refunds import REFUND, apply_stripe_refund, record_stripe_refund

CHECKOUTS: Final = frozenset(
    f"checkout.session.{what}" for what in ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
)
NOBODY: Final = UUID(int=0)
REFUNDS: Final = frozenset(f"refund.{what}" for what in ("created", "updated", "failed"))


def subject_of(kind: str, payload: Payload) -> str | None:
    """The checkout of a basket, or the refund, that an event is about."""
    if kind in REFUNDS:
        return str(payload["id"])
    return str(payload["id"]) if PAYMENT in (payload.get("metadata") or {}) else None


def handle_subject(connection: Connection, subject: str, now: datetime) -> Outcome:
    """Settle a checkout or follow a refund; raises NotYetError, StripeError."""
    if not Account.objects.filter(connection=connection).exists():
        return Outcome.IGNORED
    gateway = Gateway.of(connection)
    try:
        if subject.startswith("cs_"):
            return _handle_checkout(connection, gateway, subject, now)
        return _handle_refund(connection, gateway, subject, now)
    except GoneError:
        return Outcome.IGNORED


def _handle_checkout(connection: Connection, gateway: Gateway, session: str, now: datetime) -> Outcome:
    found = gateway.session(session)
    if found.metadata.get(ENDPOINT) != str(connection.endpoint):
        return Outcome.IGNORED
    payments = Payment.objects.filter(connection=connection, uuid=_uuid(found.metadata.get(PAYMENT, "")))
    payment = payments.for_settling().first()
    if payment is None:
        message = f"The checkout {session} was created by this site, but its payment isn’t found here."
        raise NotYetError(message)
    settle_checkout(payment, found, now=now)
    return Outcome.DONE


def _handle_refund(connection: Connection, gateway: Gateway, refund: str, now: datetime) -> Outcome:
    reading = gateway.refund(refund)
    ours = reading.metadata.get(ENDPOINT) == str(connection.endpoint)
    known = Refund.objects.filter(payment__connection=connection)
    found = known.filter(uuid=_uuid(reading.metadata.get(REFUND, ""))) if ours else known.filter(stripe_id=refund)
    if (kept := found.first()) is not None:
        apply_stripe_refund(kept, reading, now=now)
        return Outcome.DONE
    if ours and REFUND in reading.metadata:
        message = f"The refund {refund} was created by this site, but it isn’t found here."
        raise NotYetError(message)
    if record_stripe_refund(connection, reading, now=now):
        return Outcome.DONE
    if reading.intent and gateway.payment_metadata(reading.intent).get(ENDPOINT) == str(connection.endpoint):
        message = f"The refund {refund} is for a payment that isn’t marked as paid here yet."
        raise NotYetError(message)
    return Outcome.IGNORED


def _uuid(text: str) -> UUID:
    """What the metadata say; somebody else may have written them, so it may be no uuid, and then nobody's."""
    try:
        return UUID(text)
    except ValueError:
        return NOBODY


HANDLER: Final = Handler(types=CHECKOUTS | REFUNDS, subject_of=subject_of, handle=handle_subject)
