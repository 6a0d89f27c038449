"""*Ledger*: each movement of money, newest first, by month, kind and way; and a file of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.db.models import QuerySet, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.dashboard.links import dashboard_url
from accounts.models import Account
from bookwhen.forms import Form
from bookwhen.keyset import keyset_page
from offers.periods import local_day
from tickets.dashboard.exports.ledger import LEDGER, ledger_lines
from tickets.dashboard.exports.sending import send_list
from tickets.dashboard.reports.asked import month_text
from tickets.models import LedgerKind, LedgerLine, LedgerMethod
from tickets.reporting.spans import MOST_MONTHS, Month, month_span, read_month

PER_PAGE: Final = 50
ORDER: Final = ("-happened_at", "-pk")
SHOWN: Final = (
    "customer",
    "payment",
    "refund",
    "invoice",
    "invoice_refund__invoice",
    "dispute",
    "payout_line__payout",
)


class LedgerForm(Form):
    """Which lines are listed."""

    conditional = frozenset({"month", "kind", "method"})

    month = forms.ChoiceField(label=gettext_lazy("Month"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    method = forms.ChoiceField(label=gettext_lazy("How"), required=False)

    def __init__(self, *args: Any, account: Account, asked: Month | None, **kwargs: Any) -> None:  # noqa: ANN401 - what Django's forms take
        super().__init__(*args, **kwargs)
        this = Month.of(local_day(timezone.now(), account.zone))
        months = {this.later(-number) for number in range(MOST_MONTHS)} | ({asked} if asked else set())
        by_month = [(str(each), month_text(each)) for each in sorted(months, reverse=True)]
        self.field_as("month", forms.ChoiceField).choices = [("", _("All months")), *by_month]
        self.field_as("kind", forms.ChoiceField).choices = [("", _("Everything")), *LedgerKind.choices]
        self.field_as("method", forms.ChoiceField).choices = [("", _("Any way")), *LedgerMethod.choices]


@dataclass(frozen=True, slots=True)
class LedgerAsked:
    """What an address asks for; `given` is the filter as files keep it, what cannot be read left out."""

    form: LedgerForm
    month: Month | None
    given: Mapping[str, str]


@operator_view(MANAGE_ACCOUNT)
def report_ledger(request: OperatorRequest) -> HttpResponse:
    """*Ledger*; where it is of one month, with what its lines add up to."""
    account, asked = request.account, _asked(request)
    found = ledger_lines(account, asked.given)
    lines = found.select_related(*SHOWN)
    context = {
        "section": "reports",
        "filter": asked.form,
        "is_filtered": bool(asked.given),
        "lines": keyset_page(lines, ORDER, request.GET, size=PER_PAGE),
        "sums": list(_sums(found)) if asked.month else [],
    }
    return render(request, "tickets/dashboard/report_ledger.html", context)


@operator_view(MANAGE_ACCOUNT)
def report_ledger_csv(request: OperatorRequest) -> HttpResponseBase:
    """The same lines as a file, oldest first."""
    frame = {
        "section": "reports",
        "back_url": dashboard_url(request, "report_ledger"),
        "back": _("Back to the ledger"),
        "hint": _("To get a smaller file at once, go back and choose a month."),
    }
    return send_list(request, LEDGER, _asked(request).given, frame)


def _asked(request: OperatorRequest) -> LedgerAsked:
    account, month = request.account, read_month(request.GET.get("month", ""))
    form = LedgerForm(request.GET, account=account, asked=month)
    form.is_valid()
    given = {name: value for name, value in form.cleaned_data.items() if value}
    given.pop("month", "")
    if month:
        span = month_span(month, account.zone)
        given |= {"since": span.first.isoformat(), "until": span.last.isoformat()}
    return LedgerAsked(form, month, given)


def _sums(found: QuerySet[LedgerLine]) -> Iterator[tuple[str, int]]:
    """What lines add up to, by currency."""
    for row in found.values("currency").annotate(sum=Sum("amount")).order_by("currency"):
        yield row["currency"], row["sum"]
