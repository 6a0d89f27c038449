"""Payments as a file for the bookkeeper: those for tickets, and the invoices of memberships."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from bookwhen.keyset import rows_after
from bookwhen.money import amount_of
from memberships.models import Invoice
from tickets.dashboard.csv_export import Cell
from tickets.dashboard.exports.kinds import BOUNDS, Asked, Batch, DaysForm, ExportList, Place, from_time
from tickets.dashboard.exports.summaries import tickets_text
from tickets.dashboard.payments.filtering import filtered_payments
from tickets.models import Payment, PaymentQuerySet

ORDER: Final = ("at", "pk")


# --- payments for tickets, oldest first


def _listed(asked: Asked) -> PaymentQuerySet:
    days = {bound: parse_date(asked.given.get(bound) or "") for bound in BOUNDS}
    found = filtered_payments(asked.account, {"q": asked.given.get("q", ""), **days}).found.paid()
    return found.prefetch_related("seats__entry", "seats__ticket", "refunds")


def _head(asked: Asked) -> list[str]:
    return [
        asked.zoned(_("Date")),
        _("Reference"),
        _("Customer"),
        _("Email address"),
        _("Tickets"),
        _("Amount"),
        _("Refunded"),
        _("Currency"),
        _("Stripe payment"),
        _("Stripe checkout"),
        _("Stripe refunds"),
        _("Disputed"),
        _("Dispute"),
        _("Net"),
    ]


def _read(asked: Asked, place: Place | None, most: int) -> Batch:
    payments = list(rows_after(_listed(asked), ORDER, from_time(place))[:most])
    after = [_paid_at(payments[-1]).isoformat(), payments[-1].pk] if len(payments) == most else None
    return Batch(list(_rows(payments, asked.account)), after, len(payments))


PAYMENTS: Final = ExportList(
    name="payments_csv",
    label=gettext_lazy("Make a file of payments"),
    working=gettext_lazy("Writing payments"),
    title=gettext_lazy("Payments for tickets"),
    says=gettext_lazy("Each online payment for tickets, with its refunds and disputes, for your bookkeeping."),
    file="payments",
    head=_head,
    read=_read,
    found=_listed,
    form=DaysForm,
)


def _paid_at(payment: Payment) -> datetime:
    assert payment.paid_at is not None  # noqa: S101 - it is paid
    return payment.paid_at


def _rows(payments: Iterable[Payment], account: Account) -> Iterator[Sequence[Cell]]:
    for each in payments:
        customer, currency = each.booking.customer, each.currency
        yield [
            f"{_paid_at(each).astimezone(account.zone):%Y-%m-%d %H:%M}",
            each.booking.reference,
            each.booking.booker_name or customer.name,
            customer.reached_at,
            tickets_text(each.seats.all()),
            amount_of(each.amount, currency),
            amount_of(each.refunded, currency),
            currency,
            each.intent,
            each.session,
            " ".join(refund.stripe_id for refund in each.refunds.all() if refund.stripe_id),
            amount_of(each.withdrawn, currency),
            "; ".join(dispute.get_state_display() for dispute in each.disputes.all()),
            amount_of(each.net, currency),
        ]


# --- invoices of memberships


def _invoices(asked: Asked) -> QuerySet[Invoice]:
    found = Invoice.objects.filter(asked.within("created_at"), account=asked.account)
    return found.select_related("subscription__customer", "subscription__membership")


def _head_of_invoices(asked: Asked) -> list[str]:
    return [
        asked.zoned(_("Date")),
        _("Invoice"),
        _("Customer"),
        _("Email address"),
        _("Membership"),
        _("Status"),
        _("Due"),
        _("Paid"),
        _("Refunded"),
        _("Currency"),
        _("Stripe invoice"),
        _("Stripe subscription"),
    ]


def _read_invoices(asked: Asked, place: Place | None, most: int) -> Batch:
    refunded = Coalesce(Sum("refunds__amount"), 0)
    invoices = list(rows_after(_invoices(asked).annotate(back=refunded), ("pk",), place)[:most])
    rows: list[Sequence[Cell]] = [
        [
            asked.moment(each.created_at),
            each.number,
            each.subscription.customer.name,
            each.subscription.customer.reached_at,
            each.subscription.membership.title,
            each.status,
            amount_of(each.amount_due, each.currency),
            amount_of(each.amount_paid, each.currency),
            amount_of(each.back, each.currency),
            each.currency,
            each.stripe_id,
            each.subscription.stripe_id,
        ]
        for each in invoices
    ]
    return Batch(rows, [invoices[-1].pk] if len(invoices) == most else None, len(invoices))


INVOICES: Final = ExportList(
    name="invoices_csv",
    label=gettext_lazy("Make a file of membership invoices"),
    working=gettext_lazy("Writing invoices"),
    title=gettext_lazy("Membership invoices"),
    says=gettext_lazy("Each invoice that Stripe made for a membership: what was due, paid and refunded."),
    file="invoices",
    head=_head_of_invoices,
    read=_read_invoices,
    found=_invoices,
    form=DaysForm,
)
