"""*Fullness*: how full entries were, by entry, day and time, leader or page; who came, and who cancelled late."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.query import query_choice
from accounts.models import Account
from tickets.dashboard.csv_export import Cell, csv_response
from tickets.dashboard.reports.asked import read_days
from tickets.reporting.fullness import Fullness, FullnessBy, FullnessReport, FullnessRow, read_fullness

MONDAY: Final = date(2024, 1, 1)
"""A Monday, by which weekdays are named."""
LEVELS: Final = 5
"""Shades of the table of days and times."""
MOST_IN_FILE: Final = 10_000


@dataclass(frozen=True, slots=True)
class FullnessLine:
    """A line as pages and files show it: what it is of, a second column (empty where none is needed), its numbers."""

    name: str
    more: str
    sums: Fullness


@dataclass(frozen=True, slots=True)
class TimeCell:
    """A weekday (its name) at an hour: its numbers (none where nothing was on), and how dark it is, 1 to `LEVELS`."""

    day: str
    sums: Fullness | None = None

    @property
    def level(self) -> int:
        """0 where nothing is to be shown."""
        if self.sums is None or self.sums.percent is None:
            return 0
        return min(self.sums.percent * LEVELS // 100 + 1, LEVELS)


@dataclass(frozen=True, slots=True)
class TimeGrid:
    """The week at a glance: a column for each weekday, a row for each hour at which anything began."""

    days: Sequence[str]
    hours: Sequence[tuple[str, Sequence[TimeCell]]]


@operator_view(MANAGE_CUSTOMERS)
def report_fullness(request: OperatorRequest) -> HttpResponse:
    """*Fullness*, of the days and by what the address asks for."""
    now = timezone.now()
    asked, by = read_days(request, request.account, now=now), _by(request)
    report = read_fullness(request.account, asked.span, by, now=now)
    context = {
        "section": "reports",
        "asked": asked,
        "by": by,
        "bys": by_choices(request.account),
        "report": report,
        "lines": list(fullness_lines(report, by)),
        "grid": time_grid(report) if by == FullnessBy.TIME else None,
        "query": urlencode({**asked.query, "by": by}),
        "form": asked.form,
    }
    status = 422 if asked.is_wrong else 200
    return render(request, "tickets/dashboard/report_fullness.html", context, status=status)


@operator_view(MANAGE_CUSTOMERS)
def report_fullness_csv(request: OperatorRequest) -> HttpResponseBase:
    """The same as a file."""
    account, now, by = request.account, timezone.now(), _by(request)
    asked = read_days(request, account, now=now)
    report = read_fullness(account, asked.span, by, now=now, most=MOST_IN_FILE)
    name = f"fullness-{account.slug}-{asked.span.first}-{asked.span.last}.csv"
    return csv_response(account, name, _head(account, by), _rows(report, by))


def by_choices(account: Account) -> list[tuple[FullnessBy, str]]:
    """What fullness can be told by, each as the account calls it."""
    return [(each, _by_text(account, each)) for each in FullnessBy]


def fullness_lines(report: FullnessReport, by: FullnessBy) -> Iterator[FullnessLine]:
    """The lines of a report in words; days and times in the order of the week."""
    rows = sorted(report, key=_when) if by == FullnessBy.TIME else report.rows
    for row in rows:
        match by:
            case FullnessBy.TIME:
                yield FullnessLine(weekday_text(int(row.key)), hour_text(int(row.more)), row.sums)
            case FullnessBy.LEADER:
                yield FullnessLine(row.key or _("Nobody named"), "", row.sums)
            case _:
                yield FullnessLine(row.key, "", row.sums)


def time_grid(report: FullnessReport) -> TimeGrid:
    """A report by day and time as a week."""
    sums = {_when(row): row.sums for row in report}
    names = {day: weekday_text(day, short=True) for day in sorted({day for day, _hour in sums})}
    rows = [
        (hour_text(hour), [TimeCell(name, sums.get((day, hour))) for day, name in names.items()])
        for hour in sorted({hour for _day, hour in sums})
    ]
    return TimeGrid(list(names.values()), rows)


def weekday_text(day: int, *, short: bool = False) -> str:
    """A day of the week (1: Monday) as people read it."""
    return date_format(MONDAY + timedelta(days=day - 1), "D" if short else "l")


def hour_text(hour: int) -> str:
    """When an hour begins, as people read it."""
    return time_format(time(hour), "H:i")


def _when(row: FullnessRow) -> tuple[int, int]:
    return int(row.key), int(row.more)


def _by(request: OperatorRequest) -> FullnessBy:
    return query_choice(request, "by", FullnessBy) or FullnessBy.TITLE


def _by_text(account: Account, by: TextChoices) -> str:
    return str(account.leader_texts.one if by == FullnessBy.LEADER else by.label)


def _head(account: Account, by: FullnessBy) -> list[str]:
    first = [_("Day"), _("From")] if by == FullnessBy.TIME else [_by_text(account, by)]
    numbers = [_("Entries"), _("Spaces"), _("Booked"), _("Full (%)"), _("Cancelled late"), _("Present"), _("Absent")]
    return [*first, *numbers, _("Missed out")]


def _rows(report: FullnessReport, by: FullnessBy) -> Iterator[Sequence[Cell]]:
    is_time = by == FullnessBy.TIME
    for line in fullness_lines(report, by):
        yield [line.name, *([line.more] if is_time else []), *_cells(line.sums)]
    yield [_("All together"), *([""] if is_time else []), *_cells(report.total)]


def _cells(sums: Fullness) -> list[Cell]:
    percent: Any = "" if sums.percent is None else sums.percent
    numbers = (sums.entries, sums.places, sums.booked, percent, sums.late, sums.present, sums.absent, sums.waited)
    return [str(each) for each in numbers]
