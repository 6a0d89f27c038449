"""How a series repeats, as a form asks it, and the dates that come of it: seen before anything is made."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bookwhen.forms import Form
from offers.periods import local_day
from tickets.dashboard.entries.days_typed import read_days
from tickets.schedule.recurrence import MOST, MOST_BETWEEN, Repeat, Repeats, TooManyEntriesError, expand_starts
from tickets.wall_times import comes_twice, is_left_out, to_instant

AHEAD: Final = timedelta(days=3653)
"""How far ahead an entry may be: ten years."""
WEEKDAYS: Final = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)
CHOICES: Final = (
    ("", _("Only once")),
    (Repeats.DAILY.value, _("By the day")),
    (Repeats.WEEKLY.value, _("By the week")),
    (Repeats.MONTHLY_WEEKDAY.value, _("By the month, on the same weekday (like the second Tuesday)")),
    (Repeats.MONTHLY_LAST.value, _("By the month, on the last such weekday (like the last Friday)")),
    (Repeats.MONTHLY_DAY.value, _("By the month, on the same date")),
)


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """A date that an entry would be made for: when it starts and ends on the clock, and whether it is ticked."""

    starts: datetime
    ends: datetime
    ticked: bool
    is_past: bool
    skipped_hour: bool
    """Whether clocks skip that hour on that day, so that it starts later."""
    comes_twice: bool
    """Whether that hour comes twice on that day: it starts at the first."""


class ClockForm(Form):
    """A form that reads times on the clocks of an account."""

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        self.account, self.now = account, now


class RepeatForm(ClockForm):
    """How a series repeats, and the dates that come of it."""

    conditional = frozenset({"every", "weekdays", "until", "count", "left_out"})

    repeats = forms.ChoiceField(label=_("Repeats"), choices=CHOICES, required=False)
    every = forms.IntegerField(
        label=_("Every how many"),
        min_value=1,
        max_value=MOST_BETWEEN,
        required=False,
        help_text=_("2 is every other day, week or month."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "days"}),
        required=False,
        help_text=_("If it repeats by the week. Leave blank for the weekday of its date."),
    )
    until = forms.DateField(label=_("Until"), required=False, help_text=_("The date of the last one."))
    count = forms.IntegerField(
        label=_("Or how many times"),
        min_value=1,
        max_value=MOST,
        required=False,
        help_text=_("Dates you leave out count too."),
    )
    left_out = forms.CharField(
        label=_("Dates to leave out"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "One on each line, like 25 December 2026, or from one day to another, like 21 December to 3 January. "
            "You’ll see all dates before they’re created, and can untick any of them."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the form's
        super().__init__(*args, **kwargs)
        self.repeat: Repeat | None = None
        self.starts_of_rule: list[datetime] = []

    @property
    def is_confirmed(self) -> bool:
        """Whether it was sent from the list of dates."""
        return "confirmed" in self.data

    @property
    def ticked(self) -> frozenset[str]:
        """The days (ISO) that were ticked in the list of dates."""
        several: Any = getattr(self.data, "getlist", None)
        found = several("dates") if several else self.data.get("dates", [])
        return frozenset([found] if isinstance(found, str) else found)

    @property
    def days_left_out(self) -> frozenset[date]:
        """The days of the rule that are not to be."""
        typed: frozenset[date] = self.cleaned_data.get("left_out") or frozenset()
        if not self.is_confirmed:
            return typed
        return frozenset(each.date() for each in self.starts_of_rule if each.date().isoformat() not in self.ticked)

    def planned(self, lasts: timedelta) -> list[PlannedDate]:
        """The dates to be shown before they are made, each so long."""
        zone, without = self.account.zone, self.days_left_out
        return [_planned(each, lasts, without, zone, now=self.now) for each in self.starts_of_rule]

    def clean_left_out(self) -> frozenset[date]:
        """Read the days, one a line or with commas between them, or from one to another."""
        typed, american = self.cleaned_data["left_out"], self.account.currency == "USD"
        return read_days(typed, since=self.begins(), american=american, longest=AHEAD) if typed else frozenset()

    def begins(self) -> date:
        """The local day from which on its dates are: what is left out without a year is no earlier."""
        typed: date | None = self.cleaned_data.get("date")
        return typed or local_day(self.now, self.account.zone)

    def read_repeat(self, *, kind: Repeats | None = None) -> Repeat | None:
        """How it repeats, of `kind` where that is settled; None: only once, or the form says what is missing."""
        given = self.cleaned_data
        every = given.get("every") or 1
        until, count, weekdays = given.get("until"), given.get("count"), given.get("weekdays") or ()
        named = given.get("repeats") or (Repeats.WEEKLY.value if until or count or weekdays or every > 1 else "")
        if not (named or kind) or {"repeats", "every", "weekdays", "until", "count"} & set(self.errors):
            return None
        if until and count:
            self.add_error("count", _("Fill in “Until” or how many times, not both"))
        elif not (until or count):
            self.add_error("until", _("Choose the last date, or enter how many times"))
        else:
            kind = kind or Repeats(named)
            days = frozenset(weekdays) if kind is Repeats.WEEKLY else frozenset[int]()
            return Repeat(kind=kind, every=every, weekdays=days, until=until, count=count)
        return None

    def expand(self, repeat: Repeat, first: datetime) -> None:
        """Reckon the dates from a first local start; where there are none, or too many, the form says what to do."""
        latest = local_day(self.now, self.account.zone) + AHEAD
        if repeat.until and repeat.until < first.date():
            self.add_error("until", _("Choose a date on or after the first one"))
            return
        try:
            starts = expand_starts(repeat.rule(first), first, latest=repeat.until or latest)
        except TooManyEntriesError:
            self.refuse_many(_nth(repeat, first, MOST).date())
            return
        if not starts:
            self.add_error("until" if repeat.until else None, _("There’s no such day until then. Choose a later date."))
        elif repeat.until and repeat.until > latest:
            self.add_error("until", _("Choose a date within the next ten years"))
        elif repeat.count and len(starts) < repeat.count:
            self.add_error("count", _("Enter fewer: these would go on for more than ten years"))
        else:
            self.repeat, self.starts_of_rule = repeat, starts

    def refuse_many(self, latest: date) -> None:
        """Say that more entries are asked for than are made at once."""
        words = _("Choose %(day)s or an earlier date. You can create up to %(most)d entries at a time.")
        self.add_error("until", words % {"day": f"{latest:%-d %B %Y}", "most": MOST})


def repeat_initial(repeat: Repeat) -> dict[str, Any]:
    """What a form shows of how a series repeats."""
    return {
        "repeats": repeat.kind.value,
        "every": repeat.every if repeat.every > 1 else None,
        "weekdays": sorted(repeat.weekdays),
    }


def _nth(repeat: Repeat, first: datetime, number: int) -> datetime:
    rule = replace(repeat, until=None, count=None).rule(first)
    return list(islice(rrulestr(rule, dtstart=first), number))[-1]


def _planned(
    starts: datetime, lasts: timedelta, without: Collection[date], zone: ZoneInfo, *, now: datetime
) -> PlannedDate:
    is_past = to_instant(starts, zone) <= now
    ticked = not is_past and starts.date() not in without
    clocks = is_left_out(starts, zone), comes_twice(starts, zone)
    return PlannedDate(starts, starts + lasts, ticked, is_past, *clocks)
