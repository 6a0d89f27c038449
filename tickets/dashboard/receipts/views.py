"""*Receipts*: those that were issued, one of them, and the VAT of each month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_ACCOUNT, MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.models import Account, Role
from bookwhen.keyset import keyset_page
from tickets.dashboard.exports.kinds import Asked, DaysForm, kept
from tickets.dashboard.exports.receipts import RECEIPTS
from tickets.dashboard.exports.sending import send_list
from tickets.dashboard.receipts.periods import Period, PeriodForm, ReceiptsForm, asked_period, usual_periods
from tickets.models import Receipt, ReceiptDue, ReceiptLine, ReceiptQuerySet
from tickets.money.receipts.business import receipt_settings_of
from tickets.money.receipts.documents import Document, RateSum, with_lines

NEWEST_FIRST: Final = ("-paid_at", "-pk")
MOST_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class MonthSums:
    """What receipts of one month (its first day) come to in one currency, by rate."""

    month: date | None
    currency: str
    rates: list[RateSum]

    @property
    def all(self) -> RateSum:
        """All rates together."""
        return RateSum("", None, sum(each.gross for each in self.rates), sum(each.vat for each in self.rates))


@operator_view(MANAGE_CUSTOMERS)
def receipt_list(request: OperatorRequest) -> HttpResponse:
    """Every receipt and credit note, newest first."""
    form = ReceiptsForm(request.GET)
    form.is_valid()
    settings = receipt_settings_of(request.account)
    found = _found(request.account, form, settings.prefix)
    receipts = keyset_page(found, NEWEST_FIRST, request.GET)
    context = {
        "section": "receipt_list",
        "tab": "receipts",
        "receipts": receipts,
        "filter": form,
        "is_filtered": any(form.cleaned_data.values()),
        "settings": settings,
        "are_due": ReceiptDue.objects.filter(account=request.account).exists(),
        "may_set": request.role == Role.OWNER,
    }
    return render(request, "tickets/dashboard/receipts.html", context)


@operator_view(MANAGE_CUSTOMERS)
def receipt(request: OperatorRequest, pk: int) -> HttpResponse:
    """One receipt, as its customer has it."""
    found = get_object_or_404(with_lines(Receipt.objects.filter(account=request.account)), pk=pk)
    document = Document(found, list(found.lines.all()), request.account.zone)
    context = {"section": "receipt_list", "document": document, "locale": request.account.locale}
    return render(request, "tickets/dashboard/receipt.html", context)


@operator_view(MANAGE_CUSTOMERS)
def receipts_csv(request: OperatorRequest) -> HttpResponseBase:
    """The same days as a file: a row for each receipt and rate."""
    form = DaysForm(request.GET)
    form.is_valid()
    frame = {
        "section": "receipt_list",
        "back_url": dashboard_url(request, "receipt_list"),
        "back": _("Back to receipts"),
        "hint": _("To get a smaller file at once, go back and choose fewer days."),
    }
    return send_list(request, RECEIPTS, kept(form.cleaned_data), frame)


@operator_view(MANAGE_ACCOUNT)
def vat_summary(request: OperatorRequest) -> HttpResponse:
    """Gross, net and VAT by rate, for each month of some time and for all of it."""
    today = timezone.now().astimezone(request.account.zone).date()
    form = PeriodForm(request.GET)
    period = asked_period(form, today)
    months = _sums_by_month(request.account, period)
    context = {
        "section": "receipt_list",
        "tab": "vat",
        "filter": form,
        "period": period,
        "periods": [(name, each, each == period) for name, each in usual_periods(today)],
        "months": months,
        "totals": _together(months),
        "settings": receipt_settings_of(request.account),
    }
    return render(request, "tickets/dashboard/vat_summary.html", context, status=422 if form.errors else 200)


def _found(account: Account, form: ReceiptsForm, prefix: str) -> ReceiptQuerySet:
    """The receipts that a filter asks for, by a number with its prefix or without; what is unclear is passed over."""
    given: dict[str, Any] = form.cleaned_data
    found = Receipt.objects.filter(account=account).select_related("line")
    if number := str(given.get("number", "")):
        return found.filter(number__in=_numbers_meant(number, prefix))
    return found.filter(Asked(account, kept(given), timezone.now()).within("paid_at"))


def _numbers_meant(typed: str, prefix: str) -> set[int]:
    """Which numbers somebody may mean: what follows the prefix, which may end with digits, or the last dash."""
    rests = (typed.casefold().removeprefix(prefix.casefold()), typed.rpartition("-")[2])
    digits = {"".join(letter for letter in rest if letter.isdecimal()) for rest in rests}
    return {int(each) for each in digits if 0 < len(each) < MOST_DIGITS}


def _sums_by_month(account: Account, period: Period) -> list[MonthSums]:
    lines = ReceiptLine.objects.filter(
        period.within("receipt__paid_at", account), account=account, receipt__account=account
    )
    rows = (
        lines.order_by()
        .annotate(month=TruncMonth("receipt__paid_at", tzinfo=account.zone))
        .values("month", "receipt__currency", "vat_name", "basis_points")
        .annotate(gross=Sum("amount"), tax=Sum("vat", default=0))
        .order_by("-month", "receipt__currency", "-basis_points", "vat_name")
        .values_list("month", "receipt__currency", "vat_name", "basis_points", "gross", "tax")
    )
    return [
        MonthSums(month.date(), currency, [RateSum(*row[2:]) for row in some])
        for (month, currency), some in groupby(rows, key=lambda row: row[:2])
    ]


def _together(months: Iterable[MonthSums]) -> list[MonthSums]:
    """All months together, by currency."""
    found: dict[str, dict[tuple[str, int | None], RateSum]] = {}
    for month in months:
        rates = found.setdefault(month.currency, {})
        for each in month.rates:
            key = each.name, each.basis_points
            had = rates.get(key, RateSum(*key, 0, 0))
            rates[key] = RateSum(*key, had.gross + each.gross, had.vat + each.vat)
    return [MonthSums(None, currency, list(rates.values())) for currency, rates in found.items()]
