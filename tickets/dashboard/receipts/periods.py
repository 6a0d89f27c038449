"""Which days receipts are asked for: those that bookkeepers ask for first, and any other."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from bookwhen.forms import Form
from tickets.reporting.spans import Span

MOST_MONTHS: Final = 36
QUARTER: Final = 3


class PeriodForm(Form):
    """Days of the account's time zone, both included."""

    conditional = frozenset({"since", "until"})

    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False)


class ReceiptsForm(PeriodForm):
    """Which receipts, by number or days."""

    conditional = frozenset({"number", "since", "until"})

    number = forms.CharField(
        label=gettext_lazy("Number"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "search", "inputmode": "numeric"}),
    )

    field_order = ("number", "since", "until")


@dataclass(frozen=True, slots=True)
class Period:
    """Some days of an account, both included."""

    since: date
    until: date

    def within(self, column: str, account: Account) -> Q:
        """The condition that an instant is in it."""
        span = Span(self.since, self.until, account.zone)
        return Q((f"{column}__gte", span.begins), (f"{column}__lt", span.ends))

    @property
    def months(self) -> int:
        """How many months of the calendar it touches."""
        return (self.until.year - self.since.year) * 12 + self.until.month - self.since.month + 1


def usual_periods(today: date) -> list[tuple[str, Period]]:
    """The periods that are asked for most, each by its name."""
    quarter = today.replace(month=today.month - (today.month - 1) % QUARTER, day=1)
    year = today.replace(month=1, day=1)
    last_quarter, last_year = _months_later(quarter, -QUARTER), year.replace(year=year.year - 1)
    return [
        (_("This quarter"), Period(quarter, _months_later(quarter, QUARTER) - timedelta(days=1))),
        (_("Last quarter"), Period(last_quarter, quarter - timedelta(days=1))),
        (_("This year"), Period(year, year.replace(year=year.year + 1) - timedelta(days=1))),
        (_("Last year"), Period(last_year, year - timedelta(days=1))),
    ]


def asked_period(form: PeriodForm, today: date) -> Period:
    """The period that a form (cleaned) asks for; else this quarter. One that is too long, or none, is refused by it."""
    usual = usual_periods(today)[0][1]
    given: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    if not (given.get("since") or given.get("until")):
        return usual
    until = given.get("until") or today
    since = given.get("since") or _months_later(until.replace(day=1), 1 - MOST_MONTHS)
    asked = Period(since, until)
    if since > until:
        form.add_error("until", _("Choose a day that isn’t before the first one"))
        return usual
    if asked.months > MOST_MONTHS:
        form.add_error("since", _("Choose a later day. We add up three years at most."))
        return usual
    return asked


def _months_later(first: date, months: int) -> date:
    """The first day of a month so many months later."""
    whole = first.year * 12 + first.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)
