"""Disputes, followed: whatever of Stripe’s news is lost, doubled or late, ours is as Stripe’s is when it was asked.

What a dispute takes from a payment is counted on the payment (`Payment.withdrawn`). What becomes of the spaces is for
the studio to decide; its owners are told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum

from accounts.models import Account
from bookwhen.db import violated_constraint
from bookwhen.payments.gateway import Gateway, StripeDownError
from bookwhen.payments.gateway_disputes import DisputeReading, payment_of_charge, retrieve_dispute
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.models import Connection
from memberships.marks import ENDPOINT
from memberships.models import Invoice
from tickets.models import UNDECIDED, Dispute, DisputeState, Payment
from tickets.money.bills import find_invoice
from tickets.money.dispute_letters import notify_owners

ATTEMPTS: Final = 8
UNDER_REVIEW: Final = ("under_review", "warning_under_review")
"""While a dispute is so, it has been answered, and the bank decides."""
STATES: Final = {
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "warning_closed": DisputeState.CLOSED,
    "charge_refunded": DisputeState.CLOSED,
}


class StaleError(Exception):
    """Ours was changed after Stripe's was fetched."""


@dataclass(frozen=True, slots=True)
class Disputed:
    """What a dispute is of: a booking’s payment, a membership’s invoice, or both on one bill."""

    payment: Payment | None
    invoice: Invoice | None


def dispute_state(reading: DisputeReading) -> DisputeState:
    """What Stripe’s word means to the studio; a word that we don’t know is an open dispute."""
    if reading.status == "prevented":
        # It never became a dispute, but what was paid may have been given back all the same.
        return DisputeState.LOST if reading.withdrawn else DisputeState.CLOSED
    if reading.status.startswith("warning_") and reading.status != "warning_closed":
        return DisputeState.INQUIRY
    return STATES.get(reading.status, DisputeState.OPEN)


def sync_dispute(connection: Connection, stripe_id: str, *, now: datetime) -> Dispute | None:
    """Make our dispute what Stripe's (by its id) is now; None where it is of nothing of ours. Safe to repeat.

    Raises NotYetError for one of a payment that bears our mark and isn't paid here yet, and StripeError.
    """
    account, gateway = Account.objects.filter(connection=connection).first(), Gateway.of(connection)
    if account is None:
        return None
    for _attempt in range(ATTEMPTS):
        known = Dispute.objects.filter(account=account, stripe_id=stripe_id).first()
        reading = retrieve_dispute(gateway, stripe_id)
        of = Disputed(known.payment, known.invoice) if known else _disputed(account, connection, gateway, reading)
        if of is None:
            return None
        try:
            with transaction.atomic():
                return apply_dispute(account, connection, reading, of, seen=known.revision if known else 0, now=now)
        except StaleError:
            continue
        except IntegrityError as error:
            if violated_constraint(error) != "dispute_once":
                raise
    message = f"{stripe_id} keeps changing in Stripe. We’ll try again."
    raise StripeDownError(message)


def apply_dispute(
    account: Account, connection: Connection, reading: DisputeReading, of: Disputed, *, seen: int, now: datetime
) -> Dispute:
    """Write what was read, what it takes from the payment, and the letters to the owners. Call it in a transaction.

    `seen` is the revision before it was fetched, 0 where we did not know it. Raises StaleError.
    """
    held = Payment.objects.select_for_update(no_key=True).get(pk=of.payment.pk) if of.payment else None
    found = Dispute.objects.select_for_update(no_key=True).filter(account=account, stripe_id=reading.id).first()
    if (found.revision if found else 0) != seen:
        raise StaleError
    before = DisputeState(found.state) if found else None
    row = found or Dispute(account=account, connection=connection, stripe_id=reading.id)
    row.payment, row.invoice, row.opened_at = held, of.invoice, reading.opened_at
    row.intent, row.status, row.reason = reading.intent or row.intent, reading.status, reading.reason
    row.amount, row.currency, row.answer_by = reading.amount, reading.currency, reading.answer_by
    row.state = after = dispute_state(reading)
    row.closed_at = None if after in UNDECIDED else row.closed_at or now
    _count_withdrawn(row, held, reading, at=now if found else reading.opened_at)
    row.revision += 1
    row.save()
    if held:
        taken = Dispute.objects.filter(account=account, payment=held).aggregate(sum=Sum("withdrawn", default=0))
        Payment.objects.filter(pk=held.pk).update(withdrawn=taken["sum"])
    if after != before:
        notify_owners(row, before, now=now)
    return row


def disputes_to_answer(account: Account, *, now: datetime) -> QuerySet[Dispute]:
    """The disputes of an account that wait for the studio, and still can be answered."""
    in_time = Q(answer_by__isnull=True) | Q(answer_by__gt=now)
    return Dispute.objects.undecided().filter(in_time, account=account).exclude(status__in=UNDER_REVIEW)


def is_unchanged(ours: Dispute, reading: DisputeReading) -> bool:
    """Whether a dispute of ours (with its payment) is as Stripe lists it."""
    told = (reading.status, reading.reason, reading.amount, reading.currency, reading.answer_by)
    known = (ours.status, ours.reason, ours.amount, ours.currency, ours.answer_by)
    if ours.payment and (ours.invoice_id or ours.payment.currency != reading.currency):
        return known == told and bool(ours.withdrawn) == bool(reading.withdrawn)
    return known == told and ours.withdrawn == reading.withdrawn


def _count_withdrawn(row: Dispute, held: Payment | None, reading: DisputeReading, *, at: datetime) -> None:
    """Note, unsaved, what a dispute has taken of a payment (held) and of a membership’s bill; `at` that changed.

    A membership's part of a bill with both is what the tickets' part leaves.
    """
    before = (row.withdrawn, row.withdrawn_of_invoice)
    row.withdrawn = _withdrawn(held, row, reading) if held else reading.withdrawn
    is_shared = held is not None and row.invoice_id is not None and held.currency == reading.currency
    row.withdrawn_of_invoice = reading.withdrawn - row.withdrawn if is_shared else 0
    if (row.withdrawn, row.withdrawn_of_invoice) != before:
        row.moved_at = at


def _withdrawn(held: Payment, row: Dispute, reading: DisputeReading) -> int:
    """What of a payment a dispute has taken, in the payment's currency.

    Where the bank reckons in another currency, that is all that's left: nobody tells us a rate. Of a bill that a
    membership was on as well only what the tickets have left is theirs.
    """
    others = Dispute.objects.filter(account=held.account_id, payment=held).exclude(pk=row.pk)
    gone: int = others.aggregate(sum=Sum("withdrawn", default=0))["sum"]
    left = max(held.amount - held.refunded - gone, 0)
    if not reading.withdrawn:
        return 0
    if reading.currency != held.currency:
        return left
    return min(reading.withdrawn, left) if row.invoice_id else reading.withdrawn


def _disputed(account: Account, connection: Connection, gateway: Gateway, reading: DisputeReading) -> Disputed | None:
    """What of ours a dispute is of; none where it is of a payment that somebody else took."""
    intent = reading.intent or (payment_of_charge(gateway, reading.charge) if reading.charge else "")
    if not intent:
        return None
    payments = Payment.objects.paid().filter(account=account, connection=connection, intent=intent)
    payment = payments.select_related("booking").first()
    with_membership = payment is None or payment.booking.purchase_id is not None
    invoice = find_invoice(account, gateway, intent) if with_membership else None
    if payment or invoice:
        return Disputed(payment, invoice)
    if gateway.payment_metadata(intent).get(ENDPOINT) == str(connection.endpoint):
        message = f"The dispute {reading.id} is of a payment that isn’t marked as paid here yet."
        raise NotYetError(message)
    return None
