"""The days and months that a report is about: local to the account, whose clocks say when each begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from accounts.models import Account

MOST_MONTHS: Final = 24
"""The longest time that one report is about."""
MONTHS: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int
    """1 to 12."""

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month in which a day is."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.later(1).first - timedelta(days=1)

    def later(self, months: int) -> "Month":
        """The month so many months later; earlier where they are below 0."""
        year, number = divmod(self.year * MONTHS + self.number - 1 + months, MONTHS)
        return Month(year, number + 1)

    def __str__(self) -> str:
        """As addresses have it: 2026-11."""
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of an account, the first and the last included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        """The instant (UTC) at which the first day begins."""
        return midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The instant (UTC) at which the last day is over."""
        return midnight(self.last + timedelta(days=1), self.zone)

    @property
    def months(self) -> Sequence[Month]:
        """The months that its days are in."""
        first, last = Month.of(self.first), Month.of(self.last)
        count = (last.year - first.year) * MONTHS + last.number - first.number + 1
        return [first.later(number) for number in range(count)]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a day begins in a zone, also where its clocks leave midnight out."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def month_span(month: Month, zone: ZoneInfo) -> Span:
    """The days of a month."""
    return Span(month.first, month.last, zone)


def month_so_far(account: Account, *, now: datetime) -> Span:
    """The days of the month of an account that runs at an aware instant, up to its today."""
    today = now.astimezone(account.zone).date()
    return Span(Month.of(today).first, today, account.zone)


def read_month(text: str) -> Month | None:
    """The month that an address names; None where it names none that people can mean."""
    year, dash, number = text.partition("-")
    if not (dash and year.isascii() and year.isdigit() and number.isascii() and number.isdigit()):
        return None
    if not (len(year) == 4 and len(number) == 2 and 1900 <= int(year) <= 2200 and 1 <= int(number) <= MONTHS):  # noqa: PLR2004 - as `is_sensible`
        return None
    return Month(int(year), int(number))
