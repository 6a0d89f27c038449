"""What the overview says of today: each class with who is booked, who waits, and who is not yet marked."""

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
MOST_LEFT: Final = 3
REMEMBERED: Final = timedelta(hours=12)
"""How long after its end an entry of the day before is spoken of, while somebody is missing in its register."""
MOST_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class TodayLine:
    """An entry of today (with places, page and leaders), and who came or not, as nobody has said: some by name."""

    entry: Entry
    is_over: bool
    names: Sequence[str] = ()
    unmarked: int = 0

    @property
    def is_done(self) -> bool:
        """Whether it is over and nothing is left to do for it."""
        return self.is_over and not self.unmarked

    @property
    def others(self) -> int:
        """How many are not marked beside those who are named."""
        return self.unmarked - len(self.names)


@dataclass(frozen=True, slots=True)
class Today:
    """The entries of today, those that are over too; whether there are more.

    And of the evening before, those in whose register somebody is still missing (`left_over`).
    """

    day: date
    lines: Sequence[TodayLine]
    is_cut: bool = False
    left_over: Sequence[TodayLine] = ()


def read_today(account: Account, day: date, *, now: datetime) -> Today:
    """What is on today (a local day of an account), with what began before and still runs. Four statements."""
    days = (day - timedelta(days=1), day, day + timedelta(days=1))
    before, first, after = (datetime.combine(each, time.min, account.zone) for each in days)
    starts_today = Q(starts_at__gte=first, starts_at__lt=after)
    lately = Q(starts_at__gte=max(before, now - 2 * REMEMBERED), starts_at__lt=first, ends_at__gt=now - REMEMBERED)
    running = on_now(account, now=now)
    found = entries_of(account).live().filter(starts_today | lately | Q(pk__in=running))
    leading = EntryLeader.objects.filter(account=account, leads=True).select_related("leader")
    entries = list(found.prefetch_related(Prefetch("leading", leading))[:MOST_READ])
    missing = _missing(account, [each for each in entries if each.starts_at <= now])
    lines = [TodayLine(each, each.ends_at <= now, *missing.get(each.pk, ((), 0))) for each in entries]
    today = [line for line in lines if not line.is_over or line.entry.starts_at >= first]
    left_over = [line for line in lines if line not in today and line.unmarked]
    return Today(day, _shortened(today), len(today) > MOST_SHOWN, left_over[-MOST_LEFT:])


def _shortened(lines: Sequence[TodayLine]) -> list[TodayLine]:
    """As many as are shown, in their order: of a long day what is done goes first, the earliest of it before all."""
    done = [line for line in lines if line.is_done]
    gone = done[: max(len(lines) - MOST_SHOWN, 0)]
    return [line for line in lines if line not in gone][:MOST_SHOWN]


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
