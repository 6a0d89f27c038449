"""Other weekdays, another time or length for a series: which of its dates move, go, come or stay.

Within a week (from Monday, or from `Repeat.week_starts`) a weekday that stays keeps its dates, and of the others the
first becomes the first. Dates on a weekday too many go, unless somebody booked them; a weekday more brings dates
(decision 0069).
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from dateutil.rrule import rrulestr

from tickets.models import Entry, EntryOverride, Seat, Series, SeriesDate, WaitlistRequest
from tickets.schedule.details import entry_details
from tickets.schedule.overrides import TIME, Scope, overrides_of, own_fields, usual_values
from tickets.schedule.recurrence import MOST, WEEK, Repeat, Repeats, TooManyEntriesError, expand_starts, read_rule
from tickets.wall_times import to_instant

NO_DAYS: Final = timedelta()


class Fate(StrEnum):
    """What becomes of a date when its series takes place at other times."""

    MOVES = "moves"
    STAYS = "stays"
    """It is as it is to be."""
    KEPT = "kept"
    """It was moved for its date alone, and is where it was moved to."""
    PAST = "past"
    """It stays, since its new time has passed."""
    GOES = "goes"
    BOOKED = "booked"
    """It would go, and stays since somebody has, or had, a seat, or waits there."""


@dataclass(frozen=True, slots=True)
class Timing:
    """On which weekdays (Monday is 0) a series takes place, from when and how long; no weekdays: each keeps its day."""

    weekdays: frozenset[int]
    start: time
    duration: timedelta


@dataclass(frozen=True, slots=True)
class RetimedDate:
    """An entry, when it starts on the clock and would then, and what becomes of it.

    `occurrence`: when the rule has it from then on; None: the rule has it no more, or never had.
    """

    entry: Entry
    was: datetime
    starts: datetime
    fate: Fate
    occurrence: datetime | None


@dataclass(frozen=True, slots=True)
class ComingDate:
    """A date that the series could have besides: `is_usual` unless it was left out before."""

    starts: datetime
    is_usual: bool


@dataclass(frozen=True, slots=True)
class RetimePlan:
    """All that would change. `rule` and `first` are the series' from then on.

    `left_out` are the starts that it left out from then on, `still_out` when they would be now.
    """

    dates: Sequence[RetimedDate]
    coming: Sequence[ComingDate]
    rule: str
    first: datetime
    left_out: Sequence[datetime]
    still_out: Sequence[datetime]

    def of(self, *fates: Fate) -> list[RetimedDate]:
        """The dates of which this becomes."""
        return [each for each in self.dates if each.fate in fates]


@dataclass(frozen=True, slots=True)
class _Days:
    """The rule's weekdays before and after, and which becomes which; none: they do not change."""

    before: frozenset[int]
    after: frozenset[int]
    week_starts: int

    @property
    def pairs(self) -> Mapping[int, int | None]:
        """What each becomes; None: it goes."""
        old, new = (sorted(each, key=self.place) for each in (self.before - self.after, self.after - self.before))
        paired = {was: now_is for was, now_is in zip_longest(old, new) if was is not None}
        return {each: each for each in self.before & self.after} | paired

    @property
    def added(self) -> AbstractSet[int]:
        """Those that nothing becomes."""
        return self.after - {each for each in self.pairs.values() if each is not None}

    def shift(self, day: date) -> timedelta | None:
        """By how much a day of the rule moves; None: it goes."""
        to = self.pairs.get(day.weekday(), day.weekday())
        return None if to is None else timedelta(days=self.place(to) - self.place(day.weekday()))

    def place(self, weekday: int) -> int:
        """The how-manieth of its week a weekday is, from 0."""
        return (weekday - self.week_starts) % WEEK


def timing_of(series: Series, entries: Sequence[Entry]) -> Timing:
    """When a series takes place by its rule, and as most of some of its entries (with account and places) do."""
    start, duration = usual_values(entries)[TIME]
    return Timing(rule_weekdays(series), start, duration)


def rule_weekdays(series: Series) -> frozenset[int]:
    """The weekdays of a weekly series; none of one that repeats otherwise."""
    repeat = read_rule(series.rule) if series.rule else None
    if repeat is None or repeat.kind is not Repeats.WEEKLY:
        return frozenset()
    return repeat.weekdays or frozenset({series.first.weekday()} if series.first else ())


def plan_retiming(
    series: Series, entries: Sequence[Entry], timing: Timing, *, scope: Scope, now: datetime
) -> RetimePlan:
    """What becomes of these entries (with account and places, the one that is changed first) of a series with a rule.

    Five statements. Raises TooManyEntriesError.
    """
    before, starts_week = rule_weekdays(series), read_rule(series.rule).week_starts
    days = _Days(before, timing.weekdays or before, starts_week)
    rows = list(SeriesDate.objects.filter(account_id=series.account_id, series=series))
    said = overrides_of(entries)
    occurrences = {each.pk: _occurrence(each, said.get(each.pk)) for each in entries}
    since = occurrences[entries[0].pk].date() if scope is Scope.FOLLOWING else min(occurrences.values()).date()
    planned = _Planner(timing, days, {each.starts for each in rows if not each.left_out and each.starts}, now)
    like = usual_values(entries)
    dates = [
        planned.look_at(
            each,
            occurrences[each.pk],
            is_own=bool(own_fields(each, said.get(each.pk), like=[like], among={TIME})),
        )
        for each in sorted(entries, key=lambda each: (each.starts_at, each.pk))
    ]
    others = Entry.objects.live().filter(account=series.account_id, series=series).exclude(pk__in=occurrences)
    dates = _apart(dates, set(others.values_list("starts_at", flat=True)), _held(series.account_id, entries))
    repeat, first = _rule(series, timing, days, [each.date() for each in occurrences.values()])
    left_out = [each.starts for each in rows if each.left_out and each.starts and each.starts.date() >= since]
    still_out = [
        datetime.combine(each + shift, timing.start) for each in left_out if (shift := days.shift(each)) is not None
    ]
    taken = {_at(each) for each in dates if each.fate is not Fate.GOES}
    coming = [
        each
        for each in _coming(repeat, first, days, left_out, still_out)
        if each.starts.date() >= since
        and (at := to_instant(each.starts, entries[0].account.zone)) > now
        and at not in taken
    ]
    if len(coming) > MOST:
        raise TooManyEntriesError
    return RetimePlan(dates, coming, repeat.rule(first), first, left_out, still_out)


def _occurrence(entry: Entry, override: EntryOverride | None) -> datetime:
    return (override and override.occurrence) or entry_details(entry).starts.replace(fold=0)


@dataclass(frozen=True, slots=True)
class _Planner:
    """Looks at one date after another."""

    timing: Timing
    days: _Days
    besides: Collection[datetime]
    now: datetime

    def look_at(self, entry: Entry, occurrence: datetime, *, is_own: bool) -> RetimedDate:
        """What becomes of an entry if no other one is in its way."""
        details, by_rule = entry_details(entry), occurrence not in self.besides
        shift = self.days.shift(occurrence.date()) if by_rule else NO_DAYS
        if shift is None:
            fate = Fate.KEPT if is_own else Fate.GOES
            return RetimedDate(entry, details.starts, details.starts, fate, None)
        by_new = datetime.combine(occurrence.date() + shift, self.timing.start) if by_rule else None
        if is_own:
            return RetimedDate(entry, details.starts, details.starts, Fate.KEPT, by_new)
        starts = datetime.combine(details.starts.date() + shift, self.timing.start)
        if (starts, self.timing.duration) == (details.starts.replace(fold=0), details.duration):
            return RetimedDate(entry, details.starts, details.starts, Fate.STAYS, by_new)
        if to_instant(starts, entry.account.zone) <= self.now:
            return RetimedDate(entry, details.starts, details.starts, Fate.PAST, None)
        return RetimedDate(entry, details.starts, starts, Fate.MOVES, by_new)


def _held(account: int, entries: Sequence[Entry]) -> set[int]:
    """The entries (ids) at which somebody has, or had, a seat, or waits."""
    seats = Seat.objects.filter(account=account, entry__in=entries).values_list("entry", flat=True)
    waits = WaitlistRequest.objects.filter(account=account, entry__in=entries).values_list("entry", flat=True)
    return {*seats.distinct(), *waits.distinct()}


def _apart(dates: list[RetimedDate], fixed: set[datetime], held: set[int]) -> list[RetimedDate]:
    """The same where no date moves to when another one is: then it goes; and where none goes that is `held` (ids)."""
    dates = [replace(each, fate=Fate.BOOKED) if _is_held(each, held) else each for each in dates]
    while True:
        taken = fixed | {_at(each) for each in dates if each.fate not in {Fate.MOVES, Fate.GOES}}
        found = list[RetimedDate]()
        for each in dates:
            if each.fate is Fate.MOVES and _at(each) in taken:
                gone = replace(each, starts=each.was, fate=Fate.GOES, occurrence=None)
                found.append(replace(gone, fate=Fate.BOOKED) if _is_held(gone, held) else gone)
                continue
            found.append(each)
            if each.fate is Fate.MOVES:
                taken.add(_at(each))
        if found == dates:
            return dates
        dates = found


def _is_held(each: RetimedDate, held: set[int]) -> bool:
    return each.fate is Fate.GOES and each.entry.pk in held


def _at(each: RetimedDate) -> datetime:
    return to_instant(each.starts, each.entry.account.zone)


def _rule(series: Series, timing: Timing, days: _Days, found: Sequence[date]) -> tuple[Repeat, datetime]:
    """How the series repeats from now on, and the first start from which weeks and months are counted."""
    first = series.first or datetime.combine(min(found), timing.start)
    repeat = read_rule(series.rule)
    last = repeat.until
    if repeat.count:
        last = expand_starts(series.rule, first)[-1].date()
    # Of a series that was moved as a whole the last day may be later than its rule says.
    repeat = replace(repeat, until=max([*found, *([last] if last else [])]), count=None)
    day = first.date()
    if days.before != days.after:
        day -= timedelta(days=days.place(day.weekday()))
        repeat = replace(repeat, weekdays=days.after)
    return repeat, datetime.combine(day, timing.start)


def _coming(
    repeat: Repeat, first: datetime, days: _Days, left_out: Sequence[datetime], still_out: Sequence[datetime]
) -> list[ComingDate]:
    """What a weekday more brings, and what was left out, on the days that it has now."""
    without = {each.date() for each in (*left_out, *still_out)}
    more = set[datetime]()
    if days.added:
        starts = rrulestr(repeat.rule(first), dtstart=first)
        more = {each for each in starts if each.weekday() in days.added}
    again = {each for each in still_out if not days.after or each.weekday() in days.after}
    return [ComingDate(each, each.date() not in without) for each in sorted(more | again)]
