"""A customer's bills as they read them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.public.phrases import format_day
from bookwhen.money import money
from bookwhen.payments.stripe_objects import Settlement
from memberships.history import FAILING, SENT
from memberships.models import Invoice, Subscription
from memberships.public.phrases import invoice_status
from memberships.queries import payable_invoice, payment_under_way


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """An invoice as a customer reads it."""

    number: str
    day: str
    amount: str
    status: str
    is_open: bool
    view_url: str
    pdf_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBill:
    """A bill that was e-mailed: how much, and by which local day it is to be paid (nothing where Stripe sets none)."""

    amount: str
    day: str


def invoice_rows(subscription: Subscription) -> list[InvoiceRow]:
    """The invoices of a subscription (with its account), newest first."""
    account, bills = subscription.account, list(subscription.invoices.all())
    under_way = payment_under_way(subscription, bills)
    return [
        InvoiceRow(
            number=invoice.number,
            day=format_day(invoice.created_at, account),
            amount=_amount(invoice, account.locale),
            status=_("Payment on its way") if invoice == under_way else invoice_status(invoice),
            is_open=invoice.status == "open" and invoice != under_way,
            view_url=invoice.hosted_url,
            pdf_url=invoice.pdf_url,
        )
        for invoice in bills
    ]


def sent_bill(subscription: Subscription) -> SentBill | None:
    """The bill of a subscription (with its account) that waits, where bills are e-mailed and none is overdue."""
    if subscription.collection_method != SENT or subscription.status in FAILING:
        return None
    found = payable_invoice(subscription)
    if found is None:
        return None
    account = subscription.account
    return SentBill(
        amount=money(found.amount_due, found.currency, account.locale),
        day=format_day(found.due_at, account) if found.due_at else "",
    )


def _amount(invoice: Invoice, locale: str) -> str:
    """What was paid through Stripe, or else what the bill came to."""
    is_paid = invoice.status == "paid" and invoice.settlement != Settlement.OUTSIDE
    return money(invoice.amount_paid if is_paid else invoice.amount_due, invoice.currency, locale)
