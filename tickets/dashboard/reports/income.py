"""*Income*: what came in and went out month by month, tickets and memberships, online and at the studio."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from babel.numbers import format_compact_currency
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.models import Account
from bookwhen.charts import Chart, Frame, Series, stacked_bars
from bookwhen.money import amount_of, locale_of, money
from tickets.dashboard.csv_export import Cell, csv_response
from tickets.dashboard.reports.asked import read_months, short_month_text
from tickets.dashboard.studio.reading import to_collect_in_all
from tickets.models import LedgerMethod
from tickets.reporting.fullness import share
from tickets.reporting.income import (
    Income,
    MonthIncome,
    NamedAmount,
    methods_used,
    read_income,
    read_ticket_income,
)
from tickets.reporting.payouts import read_fees
from tickets.reporting.spans import Month

CURRENCY: Final = "currency"
"""In the query of the page: of which currency it tells, where the account has had several."""


@dataclass(frozen=True, slots=True)
class AmountLine:
    """A name, its amount in minor units, and its part of all such lines in percent (none of what is below 0)."""

    name: str
    amount: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class _MonthShown:
    """A month with its income, and what Stripe kept of it, in minor units, as far as it has been paid out."""

    month: Month
    income: Income
    fees: int


@operator_view(MANAGE_ACCOUNT)
def report_income(request: OperatorRequest) -> HttpResponse:
    """*Income*, of the months that the address asks for."""
    account = request.account
    asked = read_months(request, account, now=timezone.now())
    incomes = read_income(account, asked.span)
    currency = _currency(request, incomes)
    months, tickets = incomes[currency], read_ticket_income(account, asked.span, currency)
    total = sum((each.income for each in months), Income())
    fees = read_fees(account, asked.span, currency)
    context = {
        "section": "reports",
        "asked": asked,
        "currency": currency,
        "currencies": list(incomes) if len(incomes) > 1 else [],
        "months": [_MonthShown(each.month, each.income, fees.get(each.month, 0)) for each in months[::-1]],
        "all_fees": sum(fees.values()),
        "total": total,
        "chart": income_chart(months, account, currency),
        "methods": _by_method(months, total),
        "pages": _lines(tickets.pages),
        "entries": _lines(tickets.entries),
        "other": tickets.other,
        "owed": to_collect_in_all(account),
    }
    return render(request, "tickets/dashboard/report_income.html", context)


@operator_view(MANAGE_ACCOUNT)
def report_income_csv(request: OperatorRequest) -> HttpResponseBase:
    """The months as a file."""
    account = request.account
    asked = read_months(request, account, now=timezone.now())
    incomes = read_income(account, asked.span)
    currency = _currency(request, incomes)
    head = [_("Month"), *(name for name, _amount in columns(Income())), _("Net"), _("Stripe’s fees"), _("Currency")]
    fees = read_fees(account, asked.span, currency)
    name = f"income-{account.slug}-{asked.span.first}-{asked.span.last}.csv"
    return csv_response(account, name, head, _rows(incomes[currency], fees, currency))


def columns(income: Income) -> list[tuple[str, int]]:
    """What an income is made of, each with its name; together its net."""
    return [
        (_("Tickets online"), income.tickets),
        (_("Memberships"), income.memberships),
        (_("At the studio"), income.at_studio),
        (_("Refunds"), income.refunds),
        (_("Disputes"), income.disputes),
    ]


def income_chart(months: Sequence[MonthIncome], account: Account, currency: str) -> Chart:
    """What came in, above the line, and what went out, below it, month by month."""
    locale = locale_of(account.locale)

    def tick(minor: int) -> str:
        return str(format_compact_currency(amount_of(minor, currency), currency, locale=locale, fraction_digits=1))

    frame = Frame(
        "income",
        _("Income by month"),
        _("What came in and went out in each month, by kind. The table below has the numbers."),
        [short_month_text(each.month) for each in months],
        tick,
    )
    kinds = zip(*(columns(each.income) for each in months), strict=True)
    series = [_series(kind, account, currency) for kind in kinds]
    return stacked_bars(frame, [each for each in series if any(each.values)] or series[:1])


def _series(kind: Sequence[tuple[str, int]], account: Account, currency: str) -> Series:
    amounts = [amount for _name, amount in kind]
    return Series(kind[0][0], amounts, [money(amount, currency, account.locale) for amount in amounts])


def _currency(request: OperatorRequest, incomes: dict[str, list[MonthIncome]]) -> str:
    asked = request.GET.get(CURRENCY, "")
    return asked if asked in incomes else next(iter(incomes))


def _by_method(months: Sequence[MonthIncome], total: Income) -> list[AmountLine]:
    used = methods_used(months)
    whole = sum(max(total.by(each), 0) for each in used)
    return [_line(str(LedgerMethod(each).label), total.by(each), whole) for each in used]


def _lines(named: Sequence[NamedAmount]) -> list[AmountLine]:
    whole = sum(max(each.amount, 0) for each in named)
    return [_line(each.name, each.amount, whole) for each in named]


def _line(name: str, amount: int, whole: int) -> AmountLine:
    return AmountLine(name, amount, share(amount, whole) if amount > 0 else None)


def _rows(months: Sequence[MonthIncome], fees: Mapping[Month, int], currency: str) -> Iterator[Sequence[Cell]]:
    for each in months:
        amounts = [amount_of(amount, currency) for _name, amount in columns(each.income)]
        kept = amount_of(fees.get(each.month, 0), currency)
        yield [str(each.month), *amounts, amount_of(each.income.net, currency), kept, currency]
