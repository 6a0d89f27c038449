"""*Cash book*: what was taken and given back at the studio, day by day and by method; and a file of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.models import Account
from bookwhen.forms import Form
from bookwhen.keyset import keyset_page
from bookwhen.money import amount_of
from offers.periods import local_day
from tickets.dashboard.csv_export import Cell, csv_response
from tickets.dashboard.studio.reading import studio_payments
from tickets.models import MoneyMethod
from tickets.money.till import taken_by_method, within

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tickets.annotated import StudioPaymentRow

ORDER: Final = ("-taken_at", "-pk")
PER_PAGE: Final = 25
LONGEST: Final = timedelta(days=366)


class PeriodForm(Form):
    """Which days, both included, and which way of paying."""

    conditional = frozenset({"since", "until", "method"})

    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False)
    method = forms.ChoiceField(
        label=gettext_lazy("How"), required=False, choices=[("", gettext_lazy("Any")), *MoneyMethod.choices]
    )


@dataclass(frozen=True, slots=True)
class Period:
    """The days that are shown, both included; a year at most. `method`: only what went that way, else all."""

    since: date
    until: date
    method: str
    today: date

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.since == self.until

    def as_form(self) -> PeriodForm:
        """The form that asks for it, so that it says which days are shown."""
        return PeriodForm({"since": self.since, "until": self.until, "method": self.method})

    @property
    def before(self) -> date:
        """The day before."""
        return self.since - timedelta(days=1)

    @property
    def after(self) -> date | None:
        """The day after; none where that is still to come."""
        return self.until + timedelta(days=1) if self.until < self.today else None


@operator_view(MANAGE_CUSTOMERS)
def cash_book(request: OperatorRequest) -> HttpResponse:
    """What was taken at the studio on a day, or in a period, by method."""
    account = request.account
    form = PeriodForm(request.GET)
    period = read_period(form, local_day(timezone.now(), account.zone))
    context = {
        "section": "to_collect",
        "tab": "cash_book",
        "filter": form if form.errors else period.as_form(),
        "period": period,
        "taken": taken_by_method(account, period.since, period.until),
        "payments": keyset_page(_listed(account, period), ORDER, request.GET, size=PER_PAGE),
    }
    return render(request, "tickets/dashboard/studio/cash_book.html", context)


@operator_view(MANAGE_CUSTOMERS)
def cash_book_csv(request: OperatorRequest) -> HttpResponseBase:
    """The same as a file, oldest first; instants in the account's zone."""
    account = request.account
    period = read_period(PeriodForm(request.GET), local_day(timezone.now(), account.zone))
    head = [
        _("Date"),
        _("Customer"),
        _("How"),
        _("Amount"),
        _("Currency"),
        _("Note"),
        _("By"),
        _("Number"),
        _("Corrects"),
    ]
    name = f"cash-book-{period.since}-{period.until}.csv"
    return csv_response(account, name, head, _rows(account, period))


def read_period(form: PeriodForm, today: date) -> Period:
    """Which days a form asks for: today, unless it says others; what it cannot say is passed over."""
    form.is_valid()
    given: dict[str, Any] = form.cleaned_data
    since = given.get("since") or given.get("until") or today
    until = max(given.get("until") or (since if not given.get("since") else max(since, today)), since)
    return Period(since, min(until, since + LONGEST), given.get("method") or "", today)


def _listed(account: Account, period: Period) -> "QuerySet[StudioPaymentRow, StudioPaymentRow]":
    start, end = within(account, period.since, period.until)
    found = studio_payments(account).filter(taken_at__gte=start, taken_at__lt=end)
    return found.filter(method=period.method) if period.method else found


def _rows(account: Account, period: Period) -> Iterator[list[Cell]]:
    for made in _listed(account, period).order_by("taken_at", "pk").iterator(chunk_size=500):
        by = made.taken_by
        yield [
            f"{timezone.localtime(made.taken_at, account.zone):%Y-%m-%d %H:%M}",
            made.walk_in_name or str(made.customer),
            str(MoneyMethod(made.method).label),
            amount_of(made.amount, made.currency),
            made.currency,
            made.note,
            (by.name or by.email) if by else "",
            str(made.pk),
            str(made.corrects_id or ""),
        ]
