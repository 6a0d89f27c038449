"""Which days or months a report is asked for, by its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.dashboard.query import query_choice
from accounts.models import Account
from bookwhen.dates import months_after
from bookwhen.forms import Form
from offers.periods import local_day
from tickets.reporting.spans import MONTHS, MOST_MONTHS, Month, Span, month_span

DAY: Final = "j M Y"


class DaysAsked(TextChoices):
    """Which days a report is about."""

    THIS_MONTH = "this_month", gettext_lazy("This month")
    LAST_MONTH = "last_month", gettext_lazy("Last month")
    THREE_MONTHS = "three_months", gettext_lazy("Last 3 months")
    TWELVE_MONTHS = "twelve_months", gettext_lazy("Last 12 months")
    CHOSEN = "chosen", gettext_lazy("Other dates")


class MonthsAsked(TextChoices):
    """Which months a report tells one by one."""

    TWELVE = "12", gettext_lazy("Last 12 months")
    TWENTY_FOUR = "24", gettext_lazy("Last 24 months")
    THIS_YEAR = "this_year", pgettext_lazy("of the calendar", "This year")
    LAST_YEAR = "last_year", pgettext_lazy("of the calendar", "Last year")


class ChosenDaysForm(Form):
    """The first and the last day of a report, in the account’s time zone."""

    since = forms.DateField(label=gettext_lazy("From"))
    until = forms.DateField(label=gettext_lazy("Until"))

    def clean(self) -> dict[str, Any]:
        """Refuse days the wrong way round, and too many of them."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("Choose a day that isn’t before the first one"))
        elif since and until and until >= (months_after(since, MOST_MONTHS) or until):
            words = _("Choose at most %(months)d months. For more, download one part after another.")
            self.add_error("until", words % {"months": MOST_MONTHS})
        return cleaned


@dataclass(frozen=True, slots=True)
class AskedDays:
    """The days that an address asks for; `form` only where they are chosen one by one, with what was typed.

    Where that can be no days, the report is of this month.
    """

    choice: DaysAsked
    span: Span
    form: ChosenDaysForm | None = None

    choices = DaysAsked

    @property
    def is_wrong(self) -> bool:
        """Whether what was typed is not what is shown."""
        return self.form is not None and bool(self.form.errors)

    @property
    def query(self) -> Mapping[str, str]:
        """What of an address asks for the same days."""
        if self.choice != DaysAsked.CHOSEN:
            return {"days": self.choice}
        return {"days": self.choice, "since": f"{self.span.first}", "until": f"{self.span.last}"}

    @property
    def words(self) -> str:
        """The days, as people read them."""
        return days_text(self.span.first, self.span.last)


def days_text(first: date, last: date) -> str:
    """Some days as people read them."""
    if first == last:
        return date_format(first, DAY)
    return f"{date_format(first, DAY)} – {date_format(last, DAY)}"


def month_text(month: Month) -> str:
    """A month as people read it: November 2026."""
    return date_format(month.first, "F Y")


def short_month_text(month: Month) -> str:
    """The same below a picture: Nov; January says its year."""
    return date_format(month.first, "M y" if month.number == 1 else "M")


def read_days(request: HttpRequest, account: Account, *, now: datetime) -> AskedDays:
    """The days that the address of a page asks for, up to the account’s today at an aware instant."""
    today, zone = local_day(now, account.zone), account.zone
    month = Month.of(today)
    this_month = Span(month.first, today, zone)
    match query_choice(request, "days", DaysAsked) or DaysAsked.THIS_MONTH:
        case DaysAsked.LAST_MONTH:
            return AskedDays(DaysAsked.LAST_MONTH, month_span(month.later(-1), zone))
        case DaysAsked.THREE_MONTHS:
            return AskedDays(DaysAsked.THREE_MONTHS, Span(month.later(-2).first, today, zone))
        case DaysAsked.TWELVE_MONTHS:
            return AskedDays(DaysAsked.TWELVE_MONTHS, Span(month.later(1 - MONTHS).first, today, zone))
        case DaysAsked.CHOSEN:
            return _chosen(request, this_month)
    return AskedDays(DaysAsked.THIS_MONTH, this_month)


def _chosen(request: HttpRequest, otherwise: Span) -> AskedDays:
    if not ("since" in request.GET or "until" in request.GET):
        first = {"since": otherwise.first, "until": otherwise.last}
        return AskedDays(DaysAsked.CHOSEN, otherwise, ChosenDaysForm(initial=first))
    form = ChosenDaysForm(request.GET)
    span = otherwise
    if form.is_valid():
        span = Span(form.cleaned_data["since"], form.cleaned_data["until"], otherwise.zone)
    return AskedDays(DaysAsked.CHOSEN, span, form)


@dataclass(frozen=True, slots=True)
class AskedMonths:
    """The whole months that an address asks for, the running one among them up to now."""

    choice: MonthsAsked
    span: Span

    choices = MonthsAsked

    @property
    def words(self) -> str:
        """From when to when."""
        first, last = Month.of(self.span.first), Month.of(self.span.last)
        return month_text(first) if first == last else f"{month_text(first)} – {month_text(last)}"


def read_months(request: HttpRequest, account: Account, *, now: datetime) -> AskedMonths:
    """The months that the address of a page asks for, up to the one that runs at an aware instant."""
    month, zone = Month.of(local_day(now, account.zone)), account.zone
    choice = query_choice(request, "months", MonthsAsked) or MonthsAsked.TWELVE
    match choice:
        case MonthsAsked.THIS_YEAR:
            first, last = Month(month.year, 1), month
        case MonthsAsked.LAST_YEAR:
            first, last = Month(month.year - 1, 1), Month(month.year - 1, MONTHS)
        case _:
            first, last = month.later(1 - int(choice)), month
    return AskedMonths(choice, Span(first.first, last.last, zone))
