"""How a series repeats, as a form asks it, and the dates that come of it: seen before anything is made."""

import re
from collections.abc import Collection, Sequence
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
from tickets.schedule.recurrence import MOST, MOST_BETWEEN, Repeat, Repeats, TooManyEntriesError, expand_starts
from tickets.wall_times import is_left_out, to_instant

AHEAD: Final = timedelta(days=3653)
"""How far ahead an entry may be: ten years."""
MOST_LINES: Final = 300
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
_RANGE: Final = re.compile(r"\s+(?:to|until|[-–—])\s+|\s*–\s*", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[\r\n,;]")
_DAY_FORMATS: Final = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d.%m.%Y")


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """A date that an entry would be made for: when it starts and ends on the clock, and whether it is ticked."""

    starts: datetime
    ends: datetime
    ticked: bool
    is_past: bool
    skipped_hour: bool
    """Whether clocks skip that hour on that day, so that it starts later."""


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
            "One on each line, like 2026-12-25, or from one day to another, like 2026-12-21 to 2027-01-03. You’ll see "
            "all dates before they’re created, and can untick any of them."
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
        typed = _SEPARATORS.split(self.cleaned_data["left_out"])
        lines = [line for each in typed if (line := " ".join(each.split()))]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("Enter at most %(most)d lines") % {"most": MOST_LINES})
        return frozenset(day for line in lines for day in _read_days(line))

    def read_repeat(self, *, kind: Repeats | None = None) -> Repeat | None:
        """How it repeats, of `kind` where that is settled; None: only once, or the form says what is missing."""
        given = self.cleaned_data
        until, count, weekdays = given.get("until"), given.get("count"), given.get("weekdays") or ()
        named = given.get("repeats") or (Repeats.WEEKLY.value if until or count or weekdays else "")
        if not (named or kind) or {"repeats", "every", "weekdays", "until", "count"} & set(self.errors):
            return None
        if until and count:
            self.add_error("count", _("Fill in “Until” or how many times, not both"))
        elif not (until or count):
            self.add_error("until", _("Choose the last date, or enter how many times"))
        else:
            kind = kind or Repeats(named)
            days = frozenset(weekdays) if kind is Repeats.WEEKLY else frozenset[int]()
            return Repeat(kind=kind, every=given.get("every") or 1, weekdays=days, until=until, count=count)
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
    return PlannedDate(starts, starts + lasts, ticked, is_past, is_left_out(starts, zone))


def _read_days(line: str) -> Sequence[date]:
    days = [_read_day(part) for part in _RANGE.split(line, maxsplit=1)]
    first, last = days[0], days[-1]
    if not timedelta() <= last - first <= AHEAD:
        words = _("The second date has to come after the first: “%(line)s”")
        raise forms.ValidationError(words % {"line": line[:100]})
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _read_day(typed: str) -> date:
    for layout in _DAY_FORMATS:
        try:
            return datetime.strptime(typed.strip(), layout).date()  # noqa: DTZ007 - a local day
        except ValueError:
            continue
    words = _("Enter dates like 2026-12-25, one on each line: “%(line)s” isn’t one")
    raise forms.ValidationError(words % {"line": typed[:100]})
