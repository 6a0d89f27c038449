"""Refunds that somebody made in Stripe itself: taken over, counted once, also where ours came too late for them."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import Account
from bookwhen.payments.gateway import DeclinedError, Gateway, GoneError
from bookwhen.payments.gateway_disputes import CHARGE_DISPUTED, DISPUTED, list_refunds_of_payment
from bookwhen.payments.handlers import NotYetError
from bookwhen.payments.models import Connection
from bookwhen.payments.stripe_objects import RefundReading
from memberships.models import Invoice
from tickets.models import InvoiceRefund, Payment, Refund, RefundReason, RefundState
from tickets.models.troubles import TROUBLES
from tickets.money.bills import find_invoice
from tickets.money.refund_states import NOT_MADE, REFUND, apply_stripe_refund, mark_refund_failed, refund_state

log = logging.getLogger(__name__)


def record_stripe_refund(connection: Connection, gateway: Gateway, reading: RefundReading, *, now: datetime) -> bool:
    """Take over a refund that somebody made in Stripe itself; whether it is of a payment or an invoice of ours.

    Of a bill that a membership was on as well, what the tickets have left is theirs, and the rest the membership's.
    Raises NotYetError while refunds of ours wait that it may have been made instead of, and StripeError.
    """
    if not reading.intent:
        return False
    payment = Payment.objects.paid().filter(connection=connection, intent=reading.intent).select_related("booking")
    found = payment.first()
    if found is None:
        return _record_on_invoice(connection, gateway, reading, reading.amount, now=now)
    with transaction.atomic():
        held = Payment.objects.select_for_update(no_key=True).get(pk=found.pk)
        known = Refund.objects.filter(payment=held, stripe_id=reading.id).first()
        if known is None and reading.amount > held.amount - held.refunded and _has_waiting(held):
            message = f"The refund {reading.id} may have been made in place of one of ours that is still waiting."
            raise NotYetError(message)
        if known is None:
            known = _take_over(held, reading, now=now)
        elif not found.booking.purchase_id:
            _take_over_rest(held, known, reading, now=now)
    if known is not None:
        apply_stripe_refund(known, reading, now=now)
    rest = reading.amount - (known.amount if known else 0)
    if rest and found.booking.purchase_id:
        _record_on_invoice(connection, gateway, reading, rest, now=now)
    return True


def settle_refused_refund(found: Refund, gateway: Gateway, error: DeclinedError | GoneError, *, now: datetime) -> None:
    """Find out how a refund (with its payment) ends that Stripe refused to make.

    Where the same amount was refunded in Stripe itself and nobody told us, that is this refund, and it is done. Where
    other amounts were, they are taken over, and this one has failed; it needs nobody where nothing is left to refund.
    Raises StripeError.
    """
    payment, code = found.payment, error.code
    if isinstance(error, GoneError) or code in DISPUTED or not payment.intent:
        mark_refund_failed(found, CHARGE_DISPUTED if code in DISPUTED else str(error), now=now)
        return
    made = list_refunds_of_payment(gateway, payment.intent)
    with transaction.atomic():
        held = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
        known = set(Refund.objects.filter(payment=held).exclude(stripe_id="").values_list("stripe_id", flat=True))
        unknown = [each for each in made if each.id not in known and each.status not in NOT_MADE]
        elsewhere = [each for each in unknown if REFUND not in each.metadata]
        own = next((each for each in unknown if each.metadata.get(REFUND) == str(found.uuid)), None)
        same = own or next((each for each in elsewhere if each.amount == found.amount), None)
        if same is not None:
            apply_stripe_refund(found, same, now=now)
        else:
            # Its sentence, where its code is none that we have words for.
            mark_refund_failed(found, code if code in TROUBLES else str(error), now=now)
        for each in elsewhere:
            if each is not same and (taken := _take_over(held, each, now=now)):
                apply_stripe_refund(taken, each, now=now)
        held.refresh_from_db(fields=["refunded"])
        if same is None and held.refunded == held.amount:
            Refund.objects.filter(pk=found.pk).update(done_at=now)


def _take_over(held: Payment, reading: RefundReading, *, now: datetime) -> Refund | None:
    """A row for a refund that was made in Stripe, of a payment that is held; none where nothing is left of it."""
    left = Payment.objects.filter(pk=held.pk).values_list("amount", "refunded").get()
    amount = min(reading.amount, left[0] - left[1])
    if amount <= 0:
        return None
    made = Refund.objects.create(
        account_id=held.account_id,
        payment=held,
        amount=amount,
        reason=RefundReason.STRIPE,
        state=RefundState.PENDING,
        stripe_id=reading.id,
        due_at=now,
        created_at=now,
        moved_at=now,
    )
    Payment.objects.filter(pk=held.pk).update(refunded=F("refunded") + amount)
    return made


def _take_over_rest(held: Payment, known: Refund, reading: RefundReading, *, now: datetime) -> None:
    """Take over what there was no room for while refunds of ours were waiting, of which some have failed since."""
    left = Payment.objects.filter(pk=held.pk).values_list("amount", "refunded").get()
    more = min(reading.amount - known.amount, left[0] - left[1])
    is_made = known.state in {RefundState.PENDING, RefundState.DONE} and reading.status not in NOT_MADE
    if known.reason != RefundReason.STRIPE or not is_made or more <= 0:
        return
    Refund.objects.filter(pk=known.pk).update(amount=F("amount") + more, moved_at=now)
    Payment.objects.filter(pk=held.pk).update(refunded=F("refunded") + more)
    known.amount += more
    if left[0] == left[1] + more:
        # Nothing is left to refund, so that those that failed need nobody.
        Refund.objects.filter(payment=held, state=RefundState.FAILED, done_at=None).update(done_at=now)


def _has_waiting(held: Payment) -> bool:
    return Refund.objects.filter(payment=held, state=RefundState.QUEUED).exists()


def _record_on_invoice(
    connection: Connection, gateway: Gateway, reading: RefundReading, amount: int, *, now: datetime
) -> bool:
    """Note a refund on the membership's invoice that was paid; whether there is one."""
    account = Account.objects.filter(connection=connection).first()
    if account is None:
        return False
    known = InvoiceRefund.objects.filter(account=account, stripe_id=reading.id).select_related("invoice").first()
    invoice = known.invoice if known else find_invoice(account, gateway, reading.intent)
    if invoice is None:
        return False
    _store_invoice_refund(account, invoice, reading, amount, moved_at=now if known else None)
    return True


def _store_invoice_refund(
    account: Account, invoice: Invoice, reading: RefundReading, amount: int, *, moved_at: datetime | None
) -> None:
    """Write it as it is now; `moved_at` is when it was known to have changed, where it was known before."""
    row = InvoiceRefund(
        account=account,
        invoice=invoice,
        stripe_id=reading.id,
        amount=amount,
        state=refund_state(reading.status),
        created_at=reading.created_at,
        moved_at=moved_at,
    )
    InvoiceRefund.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["account", "stripe_id"],
        update_fields=["amount", "state", "moved_at"],
    )
