"""What the overview says of today: each class with who is booked, who waits, and who is not marked in its register."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, F, Prefetch, Q, Window
from django.db.models.functions import RowNumber

from accounts.models import Account
from tickets.models import Entry, EntryLeader, Presence, Seat
from tickets.queries import entries_of, on_now

MOST_READ: Final = 100
MOST_SHOWN: Final = 12
MOST_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class TodayLine:
    """An entry of today (with places, page and leaders), and who came or not, as nobody has said: some by name."""

    entry: Entry
    names: Sequence[str] = ()
    unmarked: int = 0

    @property
    def others(self) -> int:
        """How many are not marked beside those who are named."""
        return self.unmarked - len(self.names)


@dataclass(frozen=True, slots=True)
class Today:
    """The entries of today that are not over, or in whose register somebody is missing; whether there are more."""

    day: date
    lines: Sequence[TodayLine]
    is_cut: bool = False


def read_today(account: Account, day: date, *, now: datetime) -> Today:
    """What is on today (a local day of an account), with what began before and still runs. Four statements."""
    first, after = (datetime.combine(each, time.min, account.zone) for each in (day, day + timedelta(days=1)))
    starts_today = Q(starts_at__gte=first, starts_at__lt=after)
    running = on_now(account, now=now)
    found = entries_of(account).live().filter(starts_today | Q(pk__in=running) if running else starts_today)
    leading = EntryLeader.objects.filter(account=account, leads=True).select_related("leader")
    entries = list(found.prefetch_related(Prefetch("leading", leading))[:MOST_READ])
    missing = _missing(account, [each for each in entries if each.starts_at <= now])
    lines = [
        TodayLine(each, *missing.get(each.pk, ((), 0))) for each in entries if each.ends_at > now or each.pk in missing
    ]
    return Today(day, lines[:MOST_SHOWN], len(lines) > MOST_SHOWN)


def entries_after(account: Account, day: date, *, most: int) -> list[Entry]:
    """The entries of an account that start after a local day and were not cancelled, soonest first."""
    since = datetime.combine(day + timedelta(days=1), time.min, account.zone)
    return list(entries_of(account).live().filter(starts_at__gte=since)[:most])


def _missing(account: Account, entries: Sequence[Entry]) -> dict[int, tuple[list[str], int]]:
    """By entry (id), the first names of those who are booked and neither present nor absent, and how many they are."""
    if not entries:
        return {}
    by_entry = F("entry")
    seats = (
        Seat.objects.live()
        .booked()
        .filter(account=account, entry__in=entries)
        .exclude(attendance__presence__in=(Presence.PRESENT, Presence.ABSENT))
        .annotate(
            number=Window(RowNumber(), partition_by=by_entry, order_by=("attendee_name", "pk")),
            total=Window(Count("pk"), partition_by=by_entry),
        )
        .filter(number__lte=MOST_NAMES)
        .order_by("entry", "number")
    )
    names, totals = defaultdict[int, list[str]](list), dict[int, int]()
    for entry, name, total in seats.values_list("entry", "attendee_name", "total"):
        names[entry].append(name)
        totals[entry] = total
    return {entry: (names[entry], totals[entry]) for entry in totals}
