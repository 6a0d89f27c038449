"""The ledger as a file for the bookkeeper: each movement of money, online and at the studio."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from bookwhen.keyset import rows_after
from bookwhen.money import amount_of
from tickets.dashboard.csv_export import Cell
from tickets.dashboard.exports.kinds import Asked, Batch, ExportList, Place, from_time
from tickets.models import LedgerLine, PayoutLine

ORDER: Final = ("happened_at", "pk")
KNOWN: Final = (
    "customer",
    "payment__booking",
    "refund__payment__booking",
    "invoice",
    "invoice_refund__invoice",
    "dispute",
    "studio_payment",
    "payout_line__payout",
)


def ledger_lines(account: Account, given: Mapping[str, Any]) -> QuerySet[LedgerLine]:
    """The lines of an account that a filter asks for: days of its own (`since`, `until`), a kind, a method."""
    days = Asked(account, given, datetime.now(account.zone)).within("happened_at")
    found = LedgerLine.objects.filter(days, account=account)
    for name in ("kind", "method"):
        if given.get(name):
            found = found.filter((name, given[name]))
    return found


def _listed(asked: Asked) -> QuerySet[LedgerLine]:
    return ledger_lines(asked.account, asked.given)


def _head(asked: Asked) -> list[str]:
    return [
        asked.zoned(_("Date")),
        _("What"),
        _("How"),
        _("Customer"),
        _("Email address"),
        _("Reference"),
        _("Amount"),
        _("Currency"),
        _("Stripe"),
        _("Stripe’s fee"),
        _("Arrives"),
        _("Payout"),
    ]


def _read(asked: Asked, place: Place | None, most: int) -> Batch:
    lines = list(rows_after(_listed(asked).select_related(*KNOWN), ORDER, from_time(place))[:most])
    after = [lines[-1].happened_at.isoformat(), lines[-1].pk] if len(lines) == most else None
    return Batch([_row(asked, each) for each in lines], after, len(lines))


LEDGER: Final = ExportList(
    name="ledger_csv",
    label=gettext_lazy("Make a file of the ledger"),
    working=gettext_lazy("Writing the ledger"),
    title=gettext_lazy("Ledger"),
    says=gettext_lazy("Each movement of money, for tickets and memberships, online and at the studio."),
    file="ledger",
    head=_head,
    read=_read,
    found=_listed,
    is_for_owners=True,
)


def _row(asked: Asked, line: LedgerLine) -> Sequence[Cell]:
    customer = line.customer
    return [
        asked.moment(line.happened_at),
        line.get_kind_display(),
        line.get_method_display(),
        customer.name if customer else "",
        customer.reached_at if customer else "",
        _reference(line),
        amount_of(line.amount, line.currency),
        line.currency,
        _stripe_id(line),
        *_paid_out(line),
    ]


def _paid_out(line: LedgerLine) -> Sequence[Cell]:
    """What Stripe kept of it, when it arrives at the bank, and in which payout; nothing while that isn’t known."""
    found: PayoutLine | None = getattr(line, "payout_line", None)
    if found is None:
        return ["", "", ""]
    return [amount_of(found.fee, found.currency), found.payout.arrives_on.isoformat(), found.payout.stripe_id]


def _reference(line: LedgerLine) -> str:
    """What a booking or an invoice is called."""
    payment = line.payment or (line.refund.payment if line.refund else None)
    if payment:
        return payment.booking.reference
    invoice = line.invoice or (line.invoice_refund.invoice if line.invoice_refund else None)
    return str(invoice) if invoice else ""


def _stripe_id(line: LedgerLine) -> str:
    """By what Stripe knows it."""
    if line.payment:
        return line.payment.intent
    known = line.refund or line.invoice or line.invoice_refund or line.dispute
    return known.stripe_id if known else ""
