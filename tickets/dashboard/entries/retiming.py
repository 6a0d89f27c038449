"""*Change days or times* of a series: what becomes of each date is seen before anything changes."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import MANAGE_SCHEDULE, OperatorRequest, operator_view
from tickets.booking.refusals import EntryCancelledError
from tickets.dashboard.entries.forms import LONGEST
from tickets.dashboard.entries.over import over_meanwhile, over_page
from tickets.dashboard.entries.phrases import repeat_text
from tickets.dashboard.entries.repeat_form import WEEKDAYS, ClockForm
from tickets.dashboard.fetch import entry_context, fetch_entry
from tickets.models import Entry
from tickets.schedule.entries import EntryPastError
from tickets.schedule.overrides import Scope
from tickets.schedule.recurrence import MOST, TooManyEntriesError
from tickets.schedule.retime_plan import Fate, RetimePlan, Timing
from tickets.schedule.retiming import NotRepeatingError, Retimed, look_ahead, present_timing, retime_series


class RetimeForm(ClockForm):
    """On which weekdays, from when, how long, and for which dates."""

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"),
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "days"}),
        error_messages={"required": gettext_lazy("Tick at least one weekday")},
    )
    start = forms.TimeField(label=gettext_lazy("Start"))
    duration = forms.IntegerField(label=gettext_lazy("Duration in minutes"), min_value=1, max_value=LONGEST)
    scope = forms.ChoiceField(
        label=gettext_lazy("Change"),
        choices=[
            (Scope.FOLLOWING.value, gettext_lazy("This and all later entries in the series")),
            (Scope.ALL.value, gettext_lazy("All entries in the series that haven’t started")),
        ],
        widget=forms.RadioSelect,
        initial=Scope.FOLLOWING.value,
    )

    def __init__(self, *args: Any, timing: Timing, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        minutes = int(timing.duration.total_seconds() // 60)
        initial = {"weekdays": sorted(timing.weekdays), "start": timing.start, "duration": minutes}
        super().__init__(*args, initial=initial, **kwargs)
        if not timing.weekdays:
            del self.fields["weekdays"]

    @property
    def timing(self) -> Timing:
        """What was said, once valid."""
        given = self.cleaned_data
        days = frozenset(given.get("weekdays", ()))
        return Timing(days, given["start"], timedelta(minutes=given["duration"]))

    @property
    def chosen_scope(self) -> Scope:
        """Which entries are to change."""
        return Scope(self.cleaned_data["scope"])

    @property
    def is_confirmed(self) -> bool:
        """Whether it was sent from the list of what changes."""
        return "confirmed" in self.data and "change" not in self.data

    @property
    def days(self) -> frozenset[date]:
        """The days that were ticked in that list."""
        sent: Any = getattr(self.data, "getlist", None)
        found = sent("dates") if sent else ()
        return frozenset(day for each in found if (day := _day(each)))

    def refuse_many(self) -> None:
        """Say that more dates would come than are made at once."""
        words = _("Tick fewer weekdays. You can create up to %(most)d entries at a time.") % {"most": MOST}
        self.add_error("weekdays", words)


@operator_view(MANAGE_SCHEDULE)
def entry_retime(request: OperatorRequest, pk: int) -> HttpResponse:
    """Other weekdays, another time or length, for later dates or all of a series."""
    now, entry = timezone.now(), fetch_entry(request.account, pk)
    context = entry_context(request, entry, "edit", now=now) | {"rule": repeat_text(entry.series)}
    if context["over"]:
        return over_page(request, context)
    if not entry.series.rule:
        return redirect("dashboard:entry_extend", account=request.account.slug, pk=pk)
    form = RetimeForm(request.POST or None, account=request.account, timing=present_timing(entry, now=now), now=now)
    if request.method == "POST" and form.is_valid():
        try:
            return _answer(request, entry, form, context, now=now)
        except TooManyEntriesError:
            form.refuse_many()
        except (NotRepeatingError, EntryCancelledError, EntryPastError):  # since we looked
            return over_meanwhile(request, pk, "entry_retime", tab="edit")
    context |= {"form": form}
    return render(request, "tickets/dashboard/entry_retime.html", context, status=422 if form.errors else 200)


def _answer(
    request: OperatorRequest, entry: Entry, form: RetimeForm, context: dict[str, object], *, now: datetime
) -> HttpResponse:
    """Show what would change, or change it."""
    timing, scope = form.timing, form.chosen_scope
    if "change" in request.POST:
        return render(request, "tickets/dashboard/entry_retime.html", context | {"form": form})
    if not form.is_confirmed:
        plan = look_ahead(entry, timing, scope=scope, now=now)
        context |= _told(plan, timing) | {"form": form}
        return render(request, "tickets/dashboard/entry_retime_dates.html", context)
    done = retime_series(entry, timing, scope=scope, days=form.days, who=request.user.email, now=now)
    messages.success(request, _done(done))
    if done.first is None:
        return redirect("dashboard:schedule", account=request.account.slug)
    return redirect("dashboard:entry_dates", account=request.account.slug, pk=done.first.pk)


def _told(plan: RetimePlan, timing: Timing) -> dict[str, object]:
    """What the list of dates shows."""
    moves = plan.of(Fate.MOVES)
    return {
        "moves": [(each, each.starts + timing.duration) for each in moves],
        "booked": sum(each.entry.places.taken for each in moves),
        "goes": plan.of(Fate.GOES),
        "stays": plan.of(Fate.BOOKED, Fate.KEPT, Fate.PAST),
        "coming": [(each, each.starts + timing.duration) for each in plan.coming],
        "changes": bool(moves or plan.of(Fate.GOES) or plan.coming),
    }


def _done(done: Retimed) -> str:
    moved, made, people = len(done.moved), len(done.made), done.told.people
    told = [ngettext("%(count)d entry moved", "%(count)d entries moved", moved) % {"count": moved}]
    if made:
        told.append(ngettext("%(count)d added", "%(count)d added", made) % {"count": made})
    if done.gone:
        told.append(ngettext("%(count)d removed", "%(count)d removed", done.gone) % {"count": done.gone})
    if people:
        told.append(ngettext("%(count)d person emailed", "%(count)d people emailed", people) % {"count": people})
    return ", ".join(told)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
