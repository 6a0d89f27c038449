"""*Keeping data*: for how long each kind is kept, and what goes next, said before a change is saved."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import MANAGE_ACCOUNT, OperatorRequest, operator_view
from accounts.keeping.customers import ERASED
from accounts.keeping.forecast import Forecast, forecast, forecast_customers
from accounts.keeping.kinds import KEPT, Kept, after_years, period
from accounts.keeping.service import CUSTOMERS, retention_of, save_retention, times_of, told
from accounts.models import Retention
from bookwhen.forms import Form

if TYPE_CHECKING:
    from datetime import datetime

    from django.forms.boundfield import BoundField

YEARS: Final = (2, 3, 5, 7, 10)


class KeepingForm(Form):
    """For how long each kind is kept; empty: for as long as the installation does."""

    customers_years = forms.TypedChoiceField(
        label=gettext_lazy("Erase customers who don’t come any more"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=gettext_lazy(
            "Those who haven’t booked, paid, waited for a space or been in a group for so long. Their bookings and "
            "payments stay, without their names."
        ),
    )
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)
    """Whether what would go was shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's own
        super().__init__(*args, **kwargs)
        self.field_as(CUSTOMERS, forms.TypedChoiceField).choices = [
            *((number, after_years(number)) for number in YEARS),
            ("", after_years(None)),
        ]
        for kind in KEPT:
            self.fields[kind.column] = _field(kind)
        # Each has a choice that stands for nothing chosen.
        self.conditional = frozenset(self.fields)  # type: ignore[misc]
        self.order_fields([*(kind.column for kind in KEPT), CUSTOMERS, "sure"])

    @property
    def times(self) -> dict[str, int | None]:
        """What was chosen, by column."""
        return {name: value for name, value in self.cleaned_data.items() if name != "sure"}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind on the page: its choice, and what goes next."""

    field: "BoundField"
    next: str


@operator_view(MANAGE_ACCOUNT)
def keeping(request: OperatorRequest) -> HttpResponse:
    """*Keeping data*: what is chosen is saved once the page has said what will go."""
    saved, now = retention_of(request.account), timezone.now()
    form = KeepingForm(request.POST if request.method == "POST" else None, initial=times_of(saved))
    if request.method != "POST" or not form.is_valid():
        lines = list(_lines(form, saved, now=now))
        context = {"section": "settings", "tab": "keeping", "form": form, "lines": lines}
        return render(request, "accounts/dashboard/keeping.html", context, status=422 if form.errors else 200)
    if form.times != times_of(saved) and not form.cleaned_data["sure"]:
        return _review(request, form, saved, now=now)
    save_retention(request.account, form.times, by=request.user, now=now)
    messages.success(request, _("Settings saved"))
    return redirect("dashboard:keeping", account=request.account.slug)


def _review(request: OperatorRequest, form: KeepingForm, saved: Retention, *, now: "datetime") -> HttpResponse:
    """What would change, and what goes of it tonight."""
    wanted = Retention(account=request.account, **form.times)
    before, after = told(saved), told(wanted)
    coming = _next(wanted, now=now)
    changes = [(label, before[label], after[label], coming[label]) for label in after if before[label] != after[label]]
    context = {"section": "settings", "tab": "keeping", "times": form.times, "changes": changes}
    return render(request, "accounts/dashboard/keeping_review.html", context)


def _lines(form: KeepingForm, saved: Retention, *, now: "datetime") -> Iterator[Line]:
    coming = _next(saved, now=now)
    for name in [*(kind.column for kind in KEPT), CUSTOMERS]:
        yield Line(form[name], coming[str(form.fields[name].label)])


def _next(retention: Retention, *, now: "datetime") -> dict[str, str]:
    """What goes next of each kind, by what it is called, in sentences."""
    said = {str(kind.label): _sentence(kind, retention, forecast(kind, retention, now=now)) for kind in KEPT}
    customers = forecast_customers(retention, now=now)
    return {**said, str(KeepingForm.base_fields[CUSTOMERS].label): _customers_sentence(retention, customers)}


def _sentence(kind: Kept, retention: Retention, coming: Forecast) -> str:
    if kind.days(retention) is None:
        return _("Nothing is deleted.")
    if coming.count:
        return _("Tonight: %(what)s will be deleted.") % {"what": kind.count(coming.count) % {"count": _number(coming)}}
    if coming.first_on:
        return _("Nothing tonight. The first goes on %(day)s.") % {"day": date_format(coming.first_on, "j F Y")}
    return _("There’s nothing to delete.")


def _customers_sentence(retention: Retention, coming: Forecast) -> str:
    if retention.customers_years is None:
        return _("Nobody is erased.")
    if coming.count:
        words = ngettext("%(count)s customer will be erased", "%(count)s customers will be erased", coming.count)
        told = words % {"count": _number(coming)}
        if coming.is_more or coming.count > ERASED:
            return _("From tonight: %(what)s, up to %(most)d a night.") % {"what": told, "most": ERASED}
        return _("Tonight: %(what)s.") % {"what": told}
    if coming.first_on:
        day = date_format(coming.first_on, "j F Y")
        return _("Nobody tonight, and nobody before %(day)s.") % {"day": day}
    if coming.is_more:
        return _("We’re still looking for customers who haven’t come for so long.")
    return _("Nobody tonight: they’ve all come since.")


def _number(coming: Forecast) -> str:
    return f"{coming.count:,}+" if coming.is_more else f"{coming.count:,}"


def _field(kind: Kept) -> forms.TypedChoiceField:
    longest = period(kind.longest())
    default = longest if kind.longest() is None else _("%(period)s (the longest possible)") % {"period": longest}
    return forms.TypedChoiceField(
        label=kind.label,
        choices=[*((days, period(days)) for days in kind.choices), ("", default)],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=kind.help,
    )
