"""*Payouts*: what Stripe sent to the studio’s bank, when it arrives, and which payments and refunds each holds."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.dashboard.links import stripe_url
from bookwhen.keyset import keyset_page
from bookwhen.money import amount_of
from tickets.dashboard.csv_export import Cell, csv_response
from tickets.models import LedgerLine, Payout, PayoutLine
from tickets.reporting.payouts import read_payout_sums

PER_PAGE: Final = 50
NEWEST: Final = ("-arrives_on", "-pk")
IN_ORDER: Final = ("happened_at", "pk")
OF_LINES: Final = (
    "ledger_line__customer",
    "ledger_line__refund",
    "ledger_line__invoice",
    "ledger_line__invoice_refund__invoice",
)
FAILURES: Final = {
    "account_closed": gettext_lazy("The bank account has been closed."),
    "account_frozen": gettext_lazy("The bank account is frozen."),
    "bank_account_restricted": gettext_lazy("The bank account doesn’t take this kind of transfer."),
    "could_not_process": gettext_lazy("The bank couldn’t process the transfer."),
    "declined": gettext_lazy("The bank declined the transfer."),
    "incorrect_account_holder_name": gettext_lazy("The account holder’s name is wrong."),
    "invalid_account_number": gettext_lazy("The account number is wrong."),
    "invalid_currency": gettext_lazy("The bank account doesn’t take this currency."),
    "no_account": gettext_lazy("The bank account couldn’t be found."),
}
"""What Stripe’s commonest codes mean."""


@operator_view(MANAGE_ACCOUNT)
def report_payouts(request: OperatorRequest) -> HttpResponse:
    """*Payouts*, the newest first."""
    context = {
        "section": "reports",
        "payouts": keyset_page(_payouts(request), NEWEST, request.GET, size=PER_PAGE),
        "connected": bool(request.account.connection_id),
    }
    return render(request, "tickets/dashboard/report_payouts.html", context)


@operator_view(MANAGE_ACCOUNT)
def report_payout(request: OperatorRequest, pk: int) -> HttpResponse:
    """A payout: what it holds, and what that adds up to."""
    payout = get_object_or_404(_payouts(request), pk=pk)
    sums = read_payout_sums(payout)
    context = {
        "section": "reports",
        "payout": payout,
        "sums": sums,
        "difference": payout.amount - sums.net if payout.is_listed else 0,
        "failure": _failure(payout),
        "lines": keyset_page(_lines(payout), IN_ORDER, request.GET, size=PER_PAGE),
        "stripe_url": stripe_url(request.account, "payouts", payout.stripe_id),
    }
    return render(request, "tickets/dashboard/report_payout.html", context)


@operator_view(MANAGE_ACCOUNT)
def report_payouts_csv(request: OperatorRequest) -> HttpResponseBase:
    """All payouts as a file, the newest first."""
    head = [_("Arrives"), _("Amount"), _("Currency"), _("State"), _("Why it failed"), _("Stripe")]
    rows = map(_row, _payouts(request).order_by(*NEWEST).iterator())
    return csv_response(request.account, f"payouts-{request.account.slug}.csv", head, rows)


@operator_view(MANAGE_ACCOUNT)
def report_payout_csv(request: OperatorRequest, pk: int) -> HttpResponseBase:
    """What a payout holds, as a file."""
    payout = get_object_or_404(_payouts(request), pk=pk)
    head = [_("Date"), _("What"), _("Customer"), _("Amount"), _("Stripe’s fee"), _("Net"), _("Currency"), _("Stripe")]
    name = f"payout-{request.account.slug}-{payout.arrives_on}.csv"
    return csv_response(request.account, name, head, _rows(request, payout))


def _payouts(request: OperatorRequest) -> QuerySet[Payout]:
    return Payout.objects.filter(account=request.account)


def _lines(payout: Payout) -> QuerySet[PayoutLine]:
    return PayoutLine.objects.filter(payout=payout).select_related(*OF_LINES)


def _failure(payout: Payout) -> str:
    return str(FAILURES.get(payout.failure, _("The bank refused it."))) if payout.failure else ""


def _row(payout: Payout) -> Sequence[Cell]:
    amount, state = amount_of(payout.amount, payout.currency), str(payout.get_state_display())
    return [payout.arrives_on.isoformat(), amount, payout.currency, state, _failure(payout), payout.stripe_id]


def _rows(request: OperatorRequest, payout: Payout) -> Iterator[Sequence[Cell]]:
    for each in _lines(payout).order_by(*IN_ORDER).iterator():
        moved: LedgerLine | None = each.ledger_line
        amounts = [amount_of(amount, each.currency) for amount in (each.amount, each.fee, each.net)]
        customer = moved.customer.name if moved and moved.customer else ""
        at = each.happened_at.astimezone(request.account.zone).strftime("%Y-%m-%d %H:%M")
        yield [at, what_of(each), customer, *amounts, each.currency, each.source]


def what_of(line: PayoutLine) -> str:
    """What a line is of, for people: as the ledger calls it, or as Stripe moved it."""
    return line.ledger_line.get_kind_display() if line.ledger_line else line.get_kind_display()
