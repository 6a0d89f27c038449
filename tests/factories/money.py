"""Payments and refunds that only stand in the database: Stripe knows nothing of them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from accounts.models import Account
from tests.factories.accounts import CustomerFactory
from tests.factories.payments import ConnectionFactory
from tests.factories.schedule import NOW
from tickets.availability import places
from tickets.models import (
    Booking,
    BookingState,
    Dispute,
    DisputeState,
    Entry,
    LedgerLine,
    Payment,
    PaymentState,
    Payout,
    PayoutLine,
    PayoutLineKind,
    PayoutState,
    Refund,
    RefundReason,
    RefundState,
    Seat,
    Ticket,
)


class PaymentFactory(DjangoModelFactory[Payment]):
    """A booking that was paid with 24.00."""

    class Meta:
        model = Payment

    account = factory.SelfAttribute("booking.account")
    connection = factory.SubFactory(ConnectionFactory)
    session = factory.Sequence(lambda number: f"cs_{number}")
    intent = factory.Sequence(lambda number: f"pi_{number}")
    amount = 2400
    currency = "GBP"
    state = PaymentState.PAID
    opened_at = NOW
    paid_at = NOW


class DisputeFactory(DjangoModelFactory[Dispute]):
    """An open dispute of a payment, which has taken all that was paid."""

    class Meta:
        model = Dispute

    account = factory.SelfAttribute("payment.account")
    connection = factory.SelfAttribute("payment.connection")
    intent = factory.SelfAttribute("payment.intent")
    stripe_id = factory.Sequence(lambda number: f"du_{number}")
    status = "needs_response"
    state = DisputeState.OPEN
    reason = "fraudulent"
    amount = factory.SelfAttribute("payment.amount")
    currency = factory.SelfAttribute("payment.currency")
    withdrawn = factory.SelfAttribute("payment.amount")
    answer_by = NOW + timedelta(days=7)
    opened_at = NOW


class RefundFactory(DjangoModelFactory[Refund]):
    """A refund of 10.00 that failed."""

    class Meta:
        model = Refund

    account = factory.SelfAttribute("payment.account")
    amount = 1000
    reason = RefundReason.OPERATOR
    state = RefundState.FAILED
    trouble = "The card was closed."
    due_at = NOW
    created_at = NOW


def create_paid_booking(entry: Entry, ticket: Ticket, *names: str, amount: int = 1200, **fields: Any) -> Booking:
    """A booking (or basket) whose places cost so much each, paid for unless it is not booked."""
    customer = fields.pop("customer", None) or CustomerFactory.create(account=entry.account)
    booking = Booking.objects.create(
        account=entry.account,
        page=entry.page,
        customer=customer,
        channel="customer",
        key=uuid4(),
        created_at=NOW,
        **fields,
    )
    payment = None
    if booking.state == BookingState.BOOKED and amount:
        payment = PaymentFactory.create(
            booking=booking,
            connection=entry.account.connection or ConnectionFactory.create(),
            amount=amount * len(names),
        )
    places.take_places(entry, [ticket] * len(names))
    for name in names:
        Seat.objects.create(
            account=entry.account,
            booking=booking,
            entry=entry,
            ticket=ticket,
            customer=customer,
            attendee_name=name,
            price=amount,
            amount=amount,
            payment=payment,
            created_at=NOW,
        )
    return booking


def create_payout(account: Account, *payments: Payment, fee: int = 20, **fields: Any) -> Payout:
    """A payout that arrived today and holds these payments, each less a fee."""
    held = LedgerLine.objects.filter(account=account, payment__in=payments)
    facts: dict[str, Any] = {
        "account": account,
        "connection": payments[0].connection if payments else ConnectionFactory.create(),
        "stripe_id": f"po_{uuid4().hex}",
        "amount": sum(each.amount - fee for each in held),
        "currency": "GBP",
        "state": PayoutState.PAID,
        "arrives_on": NOW.date(),
        "created_at": NOW,
        "is_listed": bool(payments),
    }
    payout = Payout.objects.create(**facts | fields)
    for each in held:
        PayoutLine.objects.create(
            account=account,
            payout=payout,
            stripe_id=f"txn_{each.pk}",
            kind=PayoutLineKind.PAYMENT,
            source=f"ch_{each.pk}",
            amount=each.amount,
            fee=fee,
            currency=each.currency,
            happened_at=each.happened_at,
            ledger_line=each,
        )
    return payout
