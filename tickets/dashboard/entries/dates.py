"""*Dates* of a series: all its entries, what differs on one, what is left out; one date more, one less."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import MANAGE_SCHEDULE, OperatorRequest, operator_view
from bookwhen.keyset import keyset_page
from offers.periods import local_day
from tickets.dashboard.entries.over import over_page
from tickets.dashboard.entries.phrases import repeat_text
from tickets.dashboard.entries.repeat_form import AHEAD, ClockForm
from tickets.dashboard.entries.series_facts import dates_left_out
from tickets.dashboard.fetch import entry_context, fetch_entry, others_of
from tickets.models import Entry
from tickets.schedule.details import entry_details
from tickets.schedule.extending import DateBookedError, DateTakenError, add_date, skip_date, usual_entry
from tickets.schedule.overrides import differences
from tickets.schedule.series_parts import other_parts
from tickets.wall_times import to_instant


class DateForm(ClockForm):
    """One more date of a series."""

    date = forms.DateField(label=gettext_lazy("Date"))
    start = forms.TimeField(label=gettext_lazy("Start"))

    def __init__(self, *args: Any, like: Entry, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, account=like.account, **kwargs)
        self.fields["start"].initial = entry_details(like).starts.time()
        self.starts: datetime | None = None

    def clean(self) -> None:
        """Read when it starts: not before now, and not far ahead."""
        given = self.cleaned_data
        if "date" not in given or "start" not in given:
            return
        starts = datetime.combine(given["date"], given["start"])
        if to_instant(starts, self.account.zone) <= self.now:
            self.add_error("date", _("Choose a date and time in the future"))
        elif given["date"] > local_day(self.now, self.account.zone) + AHEAD:
            self.add_error("date", _("Choose a date within the next ten years"))
        else:
            self.starts = starts


@dataclass(frozen=True, slots=True)
class DateRow:
    """An entry of a series, and in what it differs from the others."""

    entry: Entry
    differs: list[str]
    may_skip: bool


@operator_view(MANAGE_SCHEDULE)
def entry_dates(request: OperatorRequest, pk: int) -> HttpResponse:
    """All dates of a series, and one more."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    form = DateForm(request.POST or None, like=usual_entry(entry.series) or entry, now=now)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.starts
        and (added := _add(request, entry, form, form.starts))
    ):
        shown = pk if added.series_id == entry.series_id else added.pk
        return redirect("dashboard:entry_dates", account=request.account.slug, pk=shown)
    found = Entry.objects.filter(account=request.account, series=entry.series).select_related("places", "account")
    page = keyset_page(found, ("starts_at", "pk"), request.GET, size=100)
    unlike = {each.entry.pk: each.labels for each in differences(entry, others_of(entry, now=now))}
    rows = [DateRow(each, unlike.get(each.pk, []), not each.cancelled_at and each.starts_at > now) for each in page]
    context = entry_context(request, entry, "dates", now=now) | {
        "form": form,
        "page": page,
        "rows": rows,
        "left_out_dates": dates_left_out(entry),
        "rule": repeat_text(entry.series),
        "parts": other_parts(entry),
    }
    return render(request, "tickets/dashboard/entry_dates.html", context, status=422 if form.errors else 200)


@operator_view(MANAGE_SCHEDULE)
def entry_skip(request: OperatorRequest, pk: int) -> HttpResponse:
    """*Remove date*: an entry that nobody booked is taken out of its series; a booked one has to be cancelled."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "", now=now)
    if context["over"]:
        return over_page(request, context)
    rest = Entry.objects.filter(account=request.account, series=entry.series_id).exclude(pk=pk)
    other = rest.order_by("starts_at", "pk").first()
    if request.method == "POST":
        try:
            skip_date(entry)
        except DateBookedError:
            messages.warning(request, _("This entry has been booked. Cancel it, so that everyone booked is told."))
            return redirect("dashboard:entry_cancel", account=request.account.slug, pk=pk)
        messages.success(request, _("Date removed"))
        if other:
            return redirect("dashboard:entry_dates", account=request.account.slug, pk=other.pk)
        return redirect("dashboard:schedule", account=request.account.slug)
    context |= {"booked": entry.seats.exists()}
    return render(request, "tickets/dashboard/entry_skip.html", context)


def _add(request: OperatorRequest, entry: Entry, form: DateForm, starts: datetime) -> Entry | None:
    try:
        added = add_date(entry, starts)
    except DateTakenError:
        form.add_error("date", _("The series already has an entry at this time"))
        return None
    if added.series_id == entry.series_id:
        messages.success(request, _("Date added"))
    else:
        messages.success(request, _("Date added, with the tickets that the series has on that day"))
    return added
