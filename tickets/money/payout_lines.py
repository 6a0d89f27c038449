"""Which movements of money a payout holds: each found again in our ledger, by what it is of.

A payment for tickets and a membership together is one movement at Stripe and two lines of ours: it has a part for each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet

from accounts.models import Account, FormerStripeCustomer, StripeCustomer
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.gateway_disputes import invoices_paid
from bookwhen.payments.gateway_payouts import MovementReading
from bookwhen.payments.models import Connection
from tickets.models import Dispute, InvoiceRefund, LedgerLine, Payment, PayoutLine, PayoutLineKind, Refund
from tickets.money.bills import find_invoice

KINDS: Final = {
    "charge": PayoutLineKind.PAYMENT,
    "payment": PayoutLineKind.PAYMENT,
    "refund": PayoutLineKind.REFUND,
    "payment_refund": PayoutLineKind.REFUND,
    "refund_failure": PayoutLineKind.REFUND,
    "payment_failure_refund": PayoutLineKind.REFUND,
    "stripe_fee": PayoutLineKind.FEE,
    "stripe_fx_fee": PayoutLineKind.FEE,
    "tax_fee": PayoutLineKind.FEE,
    "payout_failure": PayoutLineKind.RETURNED,
    "payout_cancel": PayoutLineKind.RETURNED,
}
FEW: Final = 3
"""Up to so many payments are asked for one by one."""
AHEAD: Final = timedelta(days=1)
"""How long before it is paid the payment of an invoice is made at Stripe, where the first attempt succeeds."""
DISPUTE_PREFIXES: Final = ("du_", "dp_")
"""How the ids of disputes begin; their movements are adjustments, as others are."""


@dataclass(frozen=True, slots=True)
class Known:
    """Of what of ours a movement is: its ledger lines that no payout holds yet; or whether it may become that."""

    lines: Sequence[LedgerLine]
    may_come: bool


class Finder:
    """Finds the ledger lines of movements of one connection; may ask Stripe, so call it outside of transactions."""

    def __init__(self, account: Account, connection: Connection, gateway: Gateway) -> None:
        self._account, self._connection, self._gateway = account, connection, gateway
        self._taken = set[int]()
        self._invoices = dict[str, str]()

    def look_ahead(self, movements: Sequence[MovementReading]) -> None:
        """List which invoices those payments paid, a page at a time: asking for each takes as long as its payments.

        What was made longer before it was paid is asked for when it is found. Raises StripeError.
        """
        paid = [each.happened_at for each in movements if kind_of(each) is PayoutLineKind.PAYMENT]
        if len(paid) > FEW:
            self._invoices = invoices_paid(self._gateway, min(paid) - AHEAD, max(paid))

    def find(self, movement: MovementReading, *, is_ours: bool = False) -> Known:
        """What a movement is of; `is_ours`: it is known to be of one of our customers. Raises StripeError."""
        kind = kind_of(movement)
        if kind is PayoutLineKind.PAYMENT:
            return self._of_payment(movement, is_ours=is_ours)
        if kind is PayoutLineKind.REFUND:
            of = Q(refund__in=self._refunds(movement)) | Q(invoice_refund__in=self._bill_refunds(movement))
        elif kind is PayoutLineKind.DISPUTE:
            of = Q(dispute__in=Dispute.objects.filter(account=self._account, stripe_id=movement.source))
        else:
            return Known([], may_come=False)
        lines = self._lines(of, movement)
        # What failed and was made again has a line for each: a movement is one of them.
        found = self._fitting(lines, movement)
        self._taken |= {each.pk for each in found}
        return Known(found, may_come=not found)

    def _of_payment(self, movement: MovementReading, *, is_ours: bool) -> Known:
        if not movement.intent:
            return Known([], may_come=False)
        payment = Payment.objects.filter(connection=self._connection, intent=movement.intent).first()
        is_ours = is_ours or payment is not None or self._is_customer(movement.customer)
        is_billed = is_ours and (payment is None or payment.purchase_id is not None)
        listed = self._invoices.get(movement.intent, "")
        invoice = find_invoice(self._account, self._gateway, movement.intent, stripe_id=listed) if is_billed else None
        of = Q(payment=payment) if payment else Q(pk__in=[])
        if invoice:
            of |= Q(invoice=invoice)
        lines = [each for each in self._lines(of, movement) if each.number == 1] if payment or invoice else []
        self._taken |= {each.pk for each in lines}
        return Known(lines, may_come=is_ours and not lines)

    def _lines(self, of: Q, movement: MovementReading) -> list[LedgerLine]:
        sign = Q(amount__gt=0) if movement.amount > 0 else Q(amount__lt=0)
        free = LedgerLine.objects.filter(of, sign, account=self._account, payout_line=None)
        found = free.order_by("happened_at", "pk")
        return [each for each in found if each.pk not in self._taken]

    @staticmethod
    def _fitting(lines: Sequence[LedgerLine], movement: MovementReading) -> list[LedgerLine]:
        """Those of one movement: the one of its amount; else the first of each thing that it is of."""
        same = [each for each in lines if (each.amount, each.currency) == (movement.amount, movement.currency)]
        if same:
            return same[:1]
        first = dict[tuple[int | None, int | None, int | None], LedgerLine]()
        for each in lines:
            first.setdefault((each.refund_id, each.invoice_refund_id, each.dispute_id), each)
        return list(first.values())

    def _refunds(self, movement: MovementReading) -> QuerySet[Refund]:
        paid = Payment.objects.filter(connection=self._connection, intent=movement.intent or None)
        return Refund.objects.filter(payment__in=paid, stripe_id=movement.source)

    def _bill_refunds(self, movement: MovementReading) -> QuerySet[InvoiceRefund]:
        return InvoiceRefund.objects.filter(account=self._account, stripe_id=movement.source)

    def _is_customer(self, stripe_id: str) -> bool:
        asked = {"account": self._account, "connection": self._connection, "stripe_id": stripe_id}
        models = (StripeCustomer, FormerStripeCustomer)
        return bool(stripe_id) and any(model.objects.filter(**asked).exists() for model in models)


def kind_of(movement: MovementReading) -> PayoutLineKind:
    """What a movement at Stripe means to the studio."""
    if movement.kind == "adjustment" and movement.source.startswith(DISPUTE_PREFIXES):
        return PayoutLineKind.DISPUTE
    return KINDS.get(movement.kind, PayoutLineKind.OTHER)


def lines_of(account: Account, movement: MovementReading, known: Known) -> list[PayoutLine]:
    """A movement as lines, unsaved: one for each ledger line, or a single one of none."""
    shares = [abs(each.amount) for each in known.lines] or [1]
    amounts, fees = _shared(movement.amount, shares), _shared(movement.fee, shares)
    return [
        PayoutLine(
            account=account,
            stripe_id=movement.id,
            part=number,
            kind=kind_of(movement),
            source=movement.source,
            intent=movement.intent,
            amount=amount,
            fee=fee,
            currency=movement.currency,
            happened_at=movement.happened_at,
            ledger_line=known.lines[number - 1] if known.lines else None,
            is_waiting=known.may_come,
        )
        for number, (amount, fee) in enumerate(zip(amounts, fees, strict=True), start=1)
    ]


def _shared(amount: int, shares: Sequence[int]) -> list[int]:
    """An amount shared out in proportion; what rounding leaves is the last one's."""
    return list(_parts(amount, shares))


def _parts(amount: int, shares: Sequence[int]) -> Iterator[int]:
    given, whole = 0, sum(shares)
    for each in shares[:-1]:
        part = abs(amount) * each // whole * (1 if amount >= 0 else -1)
        given += part
        yield part
    yield amount - given
