"""A studio that numbers its receipts, and money that moves there."""

from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import Account, Customer
from tests.factories.money import RefundFactory
from tests.factories.schedule import NOW
from tickets.models import (
    MoneyMethod,
    Payment,
    Receipt,
    ReceiptCounter,
    ReceiptSettings,
    Refund,
    RefundedSeat,
    RefundState,
    Seat,
    StudioPayment,
    StudioPaymentLine,
    VatRate,
)
from tickets.money.receipts.issuing import number_receipts


def numbering(account: Account, *, first: int = 1, basis_points: int | None = 2000, **given: Any) -> ReceiptSettings:
    """The account numbers its receipts from now on, with a default rate where one is said."""
    ReceiptCounter.objects.create(account=account, first=first, last=first - 1)
    rate = None
    if basis_points is not None:
        rate = VatRate.objects.create(account=account, name="Standard", basis_points=basis_points)
    said = {"business_name": "River Ltd", "business_address": "1 Mill Lane", "vat_number": "GB123", "is_on": True}
    return ReceiptSettings.objects.create(account=account, default_rate=rate, **said | given)


def refund(payment: Payment, amount: int, seats: dict[Seat, int] | None = None, **given: Any) -> Refund:
    """Money of an online payment was given back, as Stripe says."""
    made = RefundFactory.create(payment=payment, amount=amount, state=RefundState.QUEUED, trouble="", **given)
    for seat, part in (seats or {}).items():
        RefundedSeat.objects.create(account=made.account, refund=made, seat=seat, amount=part)
    Payment.objects.filter(pk=payment.pk).update(refunded=payment.refunded + amount)
    payment.refresh_from_db()
    Refund.objects.filter(pk=made.pk).update(state=RefundState.DONE, done_at=NOW)
    return made


def take(
    customer: Customer, seats: dict[Seat, int], *, method: MoneyMethod = MoneyMethod.CASH, **given: Any
) -> StudioPayment:
    """Money is taken at the studio for some seats; below 0: given back."""
    made = StudioPayment.objects.create(
        account=customer.account,
        customer=customer,
        uuid=uuid4(),
        amount=sum(seats.values()),
        currency="GBP",
        method=method,
        taken_at=given.pop("taken_at", NOW),
        created_at=timezone.now(),
        **given,
    )
    for seat, amount in seats.items():
        StudioPaymentLine.objects.create(account=customer.account, payment=made, seat=seat, amount=amount)
    return made


def numbered(account: Account) -> list[tuple[int, str, int, int | None]]:
    """Number whatever is due; all receipts: number, kind, total and VAT."""
    while number_receipts(account.pk, now=NOW):
        pass
    found = Receipt.objects.filter(account=account).order_by("number")
    return list(found.values_list("number", "kind", "total", "vat"))
