"""What the address of a schedule asks for: a day to begin at, and which of its events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date
from django.utils.http import urlencode

from bookwhen.dates import is_sensible
from offers.periods import local_day
from tickets.public.schedule.filtering import EventFilter, read_filter

WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address (`request.GET`) asks for; `since` is the first midnight wanted, where that is still to come."""

    address: Mapping[str, str]
    since: datetime | None
    events: EventFilter
    zone: ZoneInfo
    now: datetime

    @property
    def leads_on(self) -> bool:
        """Whether it leads on through everything: not back, and with no filter."""
        return not self.events.is_filtered and "before" not in self.address

    @property
    def today(self) -> date:
        """The local day on which somebody asks."""
        return local_day(self.now, self.zone)

    @property
    def midnight(self) -> datetime:
        """When that day is over."""
        return datetime.combine(self.today + timedelta(days=1), time.min, self.zone)


def read_asked(address: Mapping[str, str], zone: ZoneInfo, *, now: datetime) -> Asked:
    """What an address asks for at an aware instant, in the time zone of its account."""
    return Asked(address, _since(address, zone, now), read_filter(address), zone, now)


def is_rare(address: Mapping[str, str]) -> bool:
    """Whether an address is one of so many that its page is drawn each time, so that none makes room for it."""
    events = read_filter(address)
    return events.is_filtered or events.is_open or "before" in address


def _since(address: Mapping[str, str], zone: ZoneInfo, now: datetime) -> datetime | None:
    try:
        day = parse_date(address.get("from", ""))
    except ValueError:
        return None
    if day is None or not is_sensible(day) or day <= local_day(now, zone):
        return None
    return datetime.combine(day, time.min, zone)


@dataclass(frozen=True, slots=True)
class StripDay:
    """A day of the week that is shown, and the query of the page that begins at it."""

    day: date
    query: str
    is_chosen: bool
    is_today: bool


@dataclass(frozen=True, slots=True)
class WeekStrip:
    """Seven days from today on, or as many weeks later; the queries of the weeks beside it (empty: there is none)."""

    days: tuple[StripDay, ...] = field(default=())
    previous: str = ""
    next: str = ""


def week_strip(asked: Asked, chosen: date) -> WeekStrip:
    """The week that holds a chosen day, which is not before today. What else is asked of the events, stays so."""
    today = asked.today
    first = today + timedelta(days=(chosen - today).days // WEEK * WEEK)

    def query(day: date) -> str:
        begins = {} if day <= today else {"from": day.isoformat()}
        return f"?{urlencode({**begins, **asked.events.query})}"

    days = [first + timedelta(days=each) for each in range(WEEK)]
    return WeekStrip(
        tuple(StripDay(day, query(day), day == chosen, day == today) for day in days),
        query(first - timedelta(days=WEEK)) if first > today else "",
        query(first + timedelta(days=WEEK)),
    )
