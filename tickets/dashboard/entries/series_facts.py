"""What the pages of an entry say of its series: how it repeats, what is left out, and which parts it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from offers.periods import local_day
from tickets.dashboard.entries.phrases import repeat_text
from tickets.models import Entry, SeriesDate
from tickets.schedule.details import entry_details

MOST_LEFT_OUT = 100


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """How a series repeats in words, when and how long its entry is, and the local starts that it leaves out."""

    rule: str
    starts: datetime
    ends: datetime
    minutes: int
    left_out: Sequence[datetime]


def series_facts(entry: Entry, *, now: datetime) -> SeriesFacts | None:
    """What is said of the series of an entry (with account, places and series); None where it does not repeat."""
    if not entry.series.rule:
        return None
    details = entry_details(entry)
    since = datetime.combine(local_day(now, entry.account.zone), datetime.min.time())
    return SeriesFacts(
        rule=repeat_text(entry.series),
        starts=details.starts,
        ends=details.starts + details.duration,
        minutes=int(details.duration.total_seconds() // 60),
        left_out=dates_left_out(entry, since=since),
    )


def dates_left_out(entry: Entry, *, since: datetime | None = None) -> Sequence[datetime]:
    """The local starts, from a local time on, that the series of an entry leaves out, soonest first."""
    found = SeriesDate.objects.filter(account_id=entry.account_id, series=entry.series_id, left_out=True)
    if since:
        found = found.filter(starts__gte=since)
    starts = found.order_by("starts").values_list("starts", flat=True)
    return [each for each in starts[:MOST_LEFT_OUT] if each]
