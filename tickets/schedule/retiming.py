"""Giving a series other weekdays, another time or length: for this and later dates, or for all to come."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from tickets.availability import locks
from tickets.booking.refusals import EntryCancelledError
from tickets.models import Entry, EntryOverride, Series
from tickets.schedule.entries import EntryPastError, entries_in_scope, insert_entries
from tickets.schedule.extending import details_like, usual_entry
from tickets.schedule.moving import Told, Whereabouts, refile_moved, tell_of_move
from tickets.schedule.overrides import TIME, Scope, overrides_of
from tickets.schedule.recorded import record_retimed
from tickets.schedule.retime_plan import Fate, RetimedDate, RetimePlan, Timing, plan_retiming, timing_of
from tickets.schedule.series_dates import add_besides, forget_dates, leave_out
from tickets.waiting.ending import look_at_waiting
from tickets.wall_times import WallTimes


class NotRepeatingError(Exception):
    """The series has no rule, so it has no weekdays to change."""


@dataclass(frozen=True, slots=True)
class Retimed:
    """What came of it: the entries that moved, that are new, how many are gone, and who is told."""

    moved: list[Entry]
    made: list[Entry]
    gone: int
    told: Told
    first: Entry | None
    """The first of the dates that are left; None: none is."""


def retime_series(
    entry: Entry, timing: Timing, *, scope: Scope, days: Collection[date], who: str = "", now: datetime
) -> Retimed:
    """Let a series take place at other times, from an entry on or at all dates to come; everyone booked is told.

    Of the dates that would come besides, those on these local `days` are made, and the others left out. What was moved
    for its date alone stays there. Raises NotRepeatingError, EntryCancelledError, EntryPastError, TooManyEntriesError.
    """
    while True:
        with suppress(locks.ConcurrentBookingError), transaction.atomic():
            return _retime(entry, timing, scope=scope, days=days, who=who, now=now)


def look_ahead(entry: Entry, timing: Timing, *, scope: Scope, now: datetime) -> RetimePlan:
    """What `retime_series` would do if it did it now. Raises the same."""
    series = Series.objects.get(account=entry.account_id, pk=entry.series_id)
    entries = _entries(entry, series, scope, now=now)
    return plan_retiming(series, entries, timing, scope=scope, now=now)


def present_timing(entry: Entry, *, now: datetime) -> Timing:
    """When the series of an entry takes place now, as most of its dates to come do."""
    return timing_of(entry.series, entries_in_scope(entry, Scope.ALL, now=now))


def _entries(entry: Entry, series: Series, scope: Scope, *, now: datetime) -> list[Entry]:
    if not series.rule:
        raise NotRepeatingError
    entries = entries_in_scope(entry, scope, now=now)
    if entries[0].cancelled_at:
        raise EntryCancelledError
    if entries[0].starts_at <= now:
        raise EntryPastError
    return entries


def _retime(entry: Entry, timing: Timing, *, scope: Scope, days: Collection[date], who: str, now: datetime) -> Retimed:
    locks.lock_series(entry.series_id)
    series = Series.objects.get(account=entry.account_id, pk=entry.series_id)
    entries = _entries(entry, series, scope, now=now)
    ids = [each.pk for each in entries]
    members = locks.lock_charged_members(ids)
    locks.bump_entry_revision(ids)
    was, befores = timing_of(series, entries), {each.pk: Whereabouts.of(each) for each in entries}
    plan = plan_retiming(series, entries, timing, scope=scope, now=now)
    like = usual_entry(series) or entries[0]
    details = replace(details_like(like), duration=timing.duration)
    moved = _move(plan.of(Fate.MOVES), timing)
    _keep_own(plan.of(Fate.KEPT))
    gone = [each.entry for each in plan.of(Fate.GOES)]
    chosen = [each.starts for each in plan.coming if each.starts.date() in days]
    _keep_rule(series, plan, chosen)
    made = insert_entries(series, like.page, details, chosen) if chosen else []
    refile_moved(moved, members, now=now)
    look_at_waiting(entries[0].account, {each.pk: befores[each.pk].starts_at for each in moved}, now=now)
    told = tell_of_move(moved, befores, who=who, now=now)
    left = [each.entry for each in plan.dates if each.fate is not Fate.GOES]
    record_retimed(entries[0], was, timing, moved=moved, made=made, gone=gone, left=left)
    Entry.objects.filter(account=entry.account_id, pk__in=[each.pk for each in gone]).delete()
    return Retimed(moved, made, len(gone), told, next(iter([*left, *made]), None))


def _move(dates: Sequence[RetimedDate], timing: Timing) -> list[Entry]:
    moved = [each.entry for each in dates]
    for each in dates:
        each.entry.set_times(WallTimes(each.starts, each.starts + timing.duration), each.entry.account.zone)
    Entry.objects.bulk_update(moved, Entry.TIMES)
    return moved


def _keep_own(dates: Sequence[RetimedDate]) -> None:
    """Keep of what was moved for its date alone when the rule would have it now."""
    there = overrides_of([each.entry for each in dates])
    for each in dates:
        own = there.get(each.entry.pk) or EntryOverride(entry=each.entry, account_id=each.entry.account_id, fields=[])
        own.fields, own.occurrence = list(dict.fromkeys([TIME, *own.fields])), each.occurrence
        own.save()


def _keep_rule(series: Series, plan: RetimePlan, chosen: Sequence[datetime]) -> None:
    """Let the series go on by its new rule, without what is left out and with what it has besides."""
    Series.objects.filter(account=series.account_id, pk=series.pk).update(rule=plan.rule, first=plan.first)
    stays = plan.of(Fate.BOOKED, Fate.PAST) + [each for each in plan.of(Fate.KEPT) if each.occurrence is None]
    forget_dates(series, [*plan.left_out, *(each.was for each in plan.dates), *chosen])
    besides = [each.starts for each in plan.dates if each.fate in {Fate.MOVES, Fate.STAYS} and each.occurrence is None]
    add_besides(series, [*besides, *(each.starts for each in stays)])
    unticked = {each.starts for each in plan.coming} | set(plan.still_out)
    leave_out(series, unticked - set(chosen))
