"""Days that somebody types as they write them: one on each line, with commas between them, or from one to another."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.imports.tables.cells import DayOrder, read_day

MOST_LINES: Final = 300
LONGEST: Final = 100
"""Characters of one day, or from one to another."""
_YEARS: Final = 9
"""Within how many years each day comes once, 29 February too."""
# No comma in “Friday, 25 December 2026” or in “December 25, 2026” divides days.
_SEPARATORS: Final = re.compile(
    r"[\r\n;]|(?<!day)(?<!mon)(?<!tue)(?<!wed)(?<!thu)(?<!fri)(?<!sat)(?<!sun),(?!\s?\d{4}\b(?![-/.]\d))", re.IGNORECASE
)
_RANGE: Final = re.compile(r"\s(?:to|until|till|through|[-–—])\s|[–—]", re.IGNORECASE)
_DAYS_OF_ONE_MONTH: Final = re.compile(
    r"(?<![\d./-])(\d{1,2})(?:st|nd|rd|th)? ?[-–—] ?(?=\d{1,2}(?:st|nd|rd|th)? [^\W\d]{3})"
)
_WITHOUT_YEAR: Final = re.compile(r"(\d{1,2}) ?[./-] ?(\d{1,2})\.?")
_ALONE: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_CLOSE: Final = re.compile(r"\d{8}")
_FILLED: Final = re.compile(r"\b(?:from|of|the|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)\b", re.IGNORECASE)
"""What says nothing more of a day."""


def read_days(text: str, *, since: date, american: bool, longest: timedelta) -> frozenset[date]:
    """The days that a text names; one without a year is the next after `since`, or on it.

    In numbers the day comes first, unless that is no day, or it is `american`: as in lists that are imported. `longest`
    is how far it may be from one to another. Raises ValidationError, with what it does not understand.
    """
    order: DayOrder = "mdy" if american else "dmy"
    lines = [" ".join(each.split()) for each in _SEPARATORS.split(text) if each.strip()]
    if len(lines) > MOST_LINES:
        raise ValidationError(_("Enter at most %(most)d lines") % {"most": MOST_LINES})
    return frozenset(day for line in lines for day in _days_of(line, since, order, longest))


def _days_of(line: str, since: date, order: DayOrder, longest: timedelta) -> Iterator[date]:
    if len(line) > LONGEST:
        raise _odd(line)
    first, last = _ends_of(line, since, order)
    if not timedelta() <= last - first <= longest:
        words = _("The second date has to come after the first: “%(line)s”")
        raise ValidationError(words % {"line": line})
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _ends_of(line: str, since: date, order: DayOrder) -> tuple[date, date]:
    """The first and the last day of a line: the same where it is one."""
    parts = _DAYS_OF_ONE_MONTH.sub(r"\1 - ", " ".join(_FILLED.sub(" ", line).split()), count=1)
    begins, *ends = (each.strip(" ,") for each in _RANGE.split(parts, maxsplit=1))
    if not ends:
        day = _with_year(begins, order) or _next(begins, since, order)
        if day is None:
            raise _odd(line)
        return day, day
    first, last = _with_year(begins, order), _with_year(ends[0], order)
    if last is None:
        first = first or _next(begins, since, order)
        last = _next(ends[0], first or since, order)
    if first is None and last is not None:
        first = _last_before(begins, last, order)
    if first is None or last is None:
        raise _odd(line)
    return first, last


def _with_year(typed: str, order: DayOrder) -> date | None:
    """The day that a text with a year names, where it names no more than one."""
    numbers = re.findall(r"\d+", typed)
    words = any(each.isalpha() for each in typed)
    if ":" in typed or not (_CLOSE.fullmatch(typed) or len(numbers) == (2 if words else 3)):
        return None
    return read_day(typed, order)


def _in_year(typed: str, year: int, order: DayOrder) -> date | None:
    """The day of a year that a text without one names."""
    if found := _WITHOUT_YEAR.fullmatch(typed):
        return _with_year(f"{found[1]}/{found[2]}/{year:04}", order)
    if len(re.findall(r"\d+", typed)) != 1 or _ALONE.fullmatch(typed):
        return None
    return _with_year(f"{typed} {year:04}", order)


def _next(typed: str, since: date, order: DayOrder) -> date | None:
    found = (_in_year(typed, year, order) for year in range(since.year, since.year + _YEARS))
    return next((day for day in found if day and day >= since), None)


def _last_before(typed: str, last: date, order: DayOrder) -> date | None:
    """The first of several days up to another: of the same month where it is a number alone."""
    if alone := _ALONE.fullmatch(typed):
        return _in_year(f"{alone[1]} {last:%B}", last.year, order)
    found = (_in_year(typed, year, order) for year in range(last.year, last.year - _YEARS, -1))
    return next((day for day in found if day and day <= last), None)


def _odd(line: str) -> ValidationError:
    words = _("Enter dates like 2026-12-25, one on each line: “%(line)s” isn’t one")
    return ValidationError(words % {"line": line[:LONGEST]})
