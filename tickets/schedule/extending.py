"""More dates for a series: by its rule, or one besides it; and one date less."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Deed
from offers.periods import local_day
from tickets.availability import locks
from tickets.models import Entry, EntryOverride, Seat, Series, SeriesDate
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import insert_entries
from tickets.schedule.labels import planned_labels
from tickets.schedule.overrides import TIME
from tickets.schedule.recorded import record_made, record_skipped
from tickets.schedule.recurrence import Repeat, read_rule, starts_after
from tickets.schedule.series_dates import add_besides, days_left_out, forget_dates, leave_out
from tickets.schedule.series_parts import part_at, parts_of
from tickets.wall_times import to_instant


class DateTakenError(Exception):
    """The series has an entry that starts then."""


class DateBookedError(Exception):
    """Somebody has, or had, a seat at an entry: it can be cancelled, but is not removed."""


@dataclass(frozen=True, slots=True)
class Extension:
    """How a series would go on: like which entry, from which first start by which rule, and at which local starts."""

    like: Entry
    first: datetime
    rule: str
    starts: list[datetime]


def extend_series(
    series: Series,
    *,
    until: date | None = None,
    repeat: Repeat | None = None,
    left_out: Collection[date] = (),
    after: datetime | None = None,
) -> list[Entry]:
    """Go on with a series by its rule, after its last date and like its last entry, until a local day (inclusive).

    `repeat` may say how many times instead, and in which way where the series is a single entry, which else becomes
    weekly. Dates up to the aware instant `after` are left out: a series that ended long ago goes on from now. So are
    the days `left_out`, which the series keeps, and those that it left out before; and what it, or another part of it,
    has then already. Raises TooManyEntriesError.
    """
    with transaction.atomic():
        locks.lock_series(series.pk)
        plan = plan_extension(Series.objects.get(pk=series.pk), repeat or Repeat(until=until), after=after)
        new = [each for each in plan.starts if each.date() not in left_out] if plan else []
        if not (plan and new):
            return []
        last = plan.starts[-1].date()
        rule = replace(read_rule(plan.rule), until=until or (repeat and repeat.until) or last, count=None)
        Series.objects.filter(pk=series.pk).update(rule=rule.rule(plan.first), first=plan.first)
        made = insert_entries(series, plan.like.page, details_like(plan.like), new)
        leave_out(series, [each for each in plan.starts if each not in new])
        record_made(Deed.ENTRY_REPEATED, plan.like, made)
        return made


def plan_extension(series: Series, repeat: Repeat, *, after: datetime | None = None) -> Extension | None:
    """How a series, as it was read, would go on as far as `repeat` says; None where it has no entries.

    Raises TooManyEntriesError.
    """
    like, last = usual_entry(series), last_date(series)
    if like is None or last is None:
        return None
    zone, hour = like.account.zone, entry_details(like).starts.time()
    first = datetime.combine((series.first or entry_details(like).starts).date(), hour)
    rule = series.rule or repeat.rule(first)
    day = max(last, local_day(after, zone) - timedelta(days=1)) if after else last
    # The one of today may be over by now: one more is reckoned than are wanted.
    wanted = replace(repeat, count=repeat.count and repeat.count + 1)
    taken = _starts_taken(series, zone, since=day)
    starts = starts_after(rule, first, wanted, after=day, left_out=days_left_out(series), taken=taken)
    coming = [each for each in starts if after is None or to_instant(each, zone) > after]
    return Extension(like, first, rule, coming[: repeat.count] if repeat.count else coming)


def _starts_taken(series: Series, zone: ZoneInfo, *, since: date) -> set[datetime]:
    """The local starts from a day on that a series, or another part of it, has already: added, moved, gone on there.

    Those of cancelled entries too, which are not made once more; and those that an entry had before it was moved.
    """
    parts, account = parts_of(series), series.account_id
    begins = to_instant(datetime.combine(since, time.min), zone)
    entries = Entry.objects.filter(account=account, series__in=parts, starts_at__gte=begins)
    moved = EntryOverride.objects.filter(account_id=account, entry__series__in=parts, occurrence__isnull=False)
    starts = {each.wall_times(zone).starts for each in entries}
    return starts | {each for each in moved.values_list("occurrence", flat=True) if each}


def usual_entry(series: Series) -> Entry | None:
    """The last entry of a series of which nothing was changed for its date alone: what new ones are like."""
    found = Entry.objects.select_related("account", "page__account", "places").filter(series=series)
    newest = found.order_by("-starts_at", "-pk")
    return newest.filter(override=None).first() or newest.first()


def last_date(series: Series) -> date | None:
    """The last local day on which a series takes place by its rule, wherever the entry of that day was moved."""
    added = SeriesDate.objects.filter(account_id=series.account_id, series=series, left_out=False)
    besides = set(added.values_list("starts", flat=True))
    entries = Entry.objects.filter(series=series).select_related("account", "places")
    moved = dict(
        EntryOverride.objects.filter(account_id=series.account_id, entry__series=series).values_list(
            "entry", "occurrence"
        )
    )
    starts = [moved.get(each.pk) or each.wall_times(each.account.zone).starts for each in entries]
    by_rule = [each for each in starts if each not in besides]
    days = [max(by_rule or starts).date()] if starts else []
    # What was split from it goes on by the same rule: those dates are not made twice.
    gone_on = Series.objects.filter(account=series.account_id, split_from=series).exclude(rule="")
    return max([*days, *(day for each in gone_on if (day := last_date(each)))], default=None)


def add_date(entry: Entry, starts: datetime) -> Entry:
    """Put one more entry into the series of another, like its others, at a local start.

    Where the series was split, into the part that takes place then, whose tickets it has. Raises DateTakenError.
    """
    with transaction.atomic():
        series = Series.objects.get(pk=entry.series_id)
        parts = parts_of(series)
        for each in parts:
            locks.lock_series(each)
        at = to_instant(starts, entry.account.zone)
        series = Series.objects.get(pk=part_at(series, parts, at))
        like = usual_entry(series) or entry
        if Entry.objects.live().filter(account=entry.account_id, series__in=parts, starts_at=at).exists():
            raise DateTakenError
        [made] = insert_entries(series, like.page, details_like(like), [starts])
        if not forget_dates(series, [starts]):
            add_besides(series, [starts])
        if starts.time() != entry_details(like).starts.time():
            EntryOverride.objects.create(
                entry=made, account_id=made.account_id, fields=[TIME], occurrence=starts.replace(fold=0)
            )
        record_made(Deed.DATE_ADDED, made, [made])
        return made


def skip_date(entry: Entry) -> None:
    """Take an entry that nobody ever booked out of its series, which keeps that it is left out.

    Raises DateBookedError where somebody has, or had, a seat: then it can be cancelled.
    """
    with transaction.atomic():
        locks.lock_series(entry.series_id)
        locks.lock_entry_places([entry.pk])
        found = Entry.objects.select_related("account", "places", "series").filter(pk=entry.pk).first()
        if found is None:
            return
        # A booking under way has its seats before it has its places, which are held: it fails, and looks again.
        if Seat.objects.filter(entry=found).exists() or found.waitlist_requests.exists():
            raise DateBookedError
        override = EntryOverride.objects.filter(account_id=found.account_id, pk=found.pk).first()
        starts = (override and override.occurrence) or found.wall_times(found.account.zone).starts
        if not forget_dates(found.series, [starts]):
            leave_out(found.series, [starts])
        record_skipped(found)
        found.delete()


def details_like(entry: Entry) -> EntryDetails:
    """What another one like it is: with its picture, its tags, and those whom the series means to lead it."""
    return replace(entry_details(entry), labels=planned_labels(entry))
