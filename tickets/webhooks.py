"""What selling makes of Stripe's events: each only says what to look at: a checkout, a refund, a payout."""

from datetime import datetime
from typing import Final

from accounts.models import Account
from bookwhen.payments.gateway import Gateway, GoneError, PermissionMissingError
from bookwhen.payments.gateway_disputes import list_refunds_of_charge
from bookwhen.payments.handlers import Handler, NotYetError, Outcome, Payload
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_objects import RefundReading
from memberships.marks import ENDPOINT
from tickets.checkout.session import PAYMENT
from tickets.checkout.settling import settle_checkout
from tickets.models import Payment, Refund
from tickets.money.disputes import sync_dispute
from tickets.money.payouts import sync_payout
from tickets.money.refund_states import REFUND, apply_stripe_refund, as_uuid
from tickets.money.refunds_elsewhere import record_stripe_refund

CHECKOUTS: Final = frozenset(
    f"checkout.session.{what}" for what in ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
)
REFUNDS: Final = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
CHARGES: Final = frozenset({"charge.refunded"})
DISPUTES: Final = frozenset(
    f"charge.dispute.{what}" for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
)
PAYOUTS: Final = frozenset(
    f"payout.{what}" for what in ("created", "updated", "paid", "failed", "canceled", "reconciliation_completed")
)


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
    payments = Payment.objects.filter(connection=connection, uuid=as_uuid(found.metadata.get(PAYMENT, "")))
    payment = payments.for_settling().first()
    if payment is None:
        message = f"The checkout {session} was created by this site, but its payment isn’t found here."
        raise NotYetError(message)
    settle_checkout(payment, found, now=now)
    return Outcome.DONE


def _handle_refund(connection: Connection, gateway: Gateway, refund: str, now: datetime) -> Outcome:
    return _follow_refund(connection, gateway, gateway.refund(refund), now)


def _follow_refund(connection: Connection, gateway: Gateway, reading: RefundReading, now: datetime) -> Outcome:
    ours = reading.metadata.get(ENDPOINT) == str(connection.endpoint)
    known = Refund.objects.filter(payment__connection=connection)
    sent = known.filter(uuid=as_uuid(reading.metadata.get(REFUND, ""))).first() if ours else None
    if sent is not None:
        apply_stripe_refund(sent, reading, now=now)
        return Outcome.DONE
    if ours and REFUND in reading.metadata and not known.filter(stripe_id=reading.id).exists():
        message = f"The refund {reading.id} was created by this site, but it isn’t found here."
        raise NotYetError(message)
    if record_stripe_refund(connection, gateway, reading, now=now):
        return Outcome.DONE
    if reading.intent and gateway.payment_metadata(reading.intent).get(ENDPOINT) == str(connection.endpoint):
        message = f"The refund {reading.id} is for a payment that isn’t marked as paid here yet."
        raise NotYetError(message)
    return Outcome.IGNORED


def handle_charge(connection: Connection, charge: str, now: datetime) -> Outcome:
    """Follow every refund of a charge; raises NotYetError, StripeError."""
    if not Account.objects.filter(connection=connection).exists():
        return Outcome.IGNORED
    gateway = Gateway.of(connection)
    try:
        made = list_refunds_of_charge(gateway, charge)
    except GoneError:
        return Outcome.IGNORED
    outcomes = [_follow_refund(connection, gateway, each, now) for each in made]
    return Outcome.DONE if Outcome.DONE in outcomes else Outcome.IGNORED


def handle_dispute(connection: Connection, dispute: str, now: datetime) -> Outcome:
    """Follow a dispute; raises NotYetError, StripeError."""
    try:
        return Outcome.IGNORED if sync_dispute(connection, dispute, now=now) is None else Outcome.DONE
    except GoneError:
        return Outcome.IGNORED


def handle_payout(connection: Connection, payout: str, _now: datetime) -> Outcome:
    """Follow a payout; raises StripeError. A key that may not read payouts is told of on the payments settings."""
    try:
        return Outcome.IGNORED if sync_payout(connection, payout) is None else Outcome.DONE
    except (GoneError, PermissionMissingError):
        return Outcome.IGNORED


def _id_of(_kind: str, payload: Payload) -> str:
    return str(payload["id"])


HANDLER: Final = Handler(types=CHECKOUTS | REFUNDS, subject_of=subject_of, handle=handle_subject)
HANDLERS: Final = (
    HANDLER,
    Handler(types=CHARGES, subject_of=_id_of, handle=handle_charge),
    Handler(types=DISPUTES, subject_of=_id_of, handle=handle_dispute),
    Handler(types=PAYOUTS, subject_of=_id_of, handle=handle_payout),
)
