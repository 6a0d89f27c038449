"""The rule of a series, and the dates that it leaves out or has besides."""

from collections.abc import Iterable
from datetime import date, datetime

from tickets.models import Series, SeriesDate
from tickets.schedule.overrides import Shift
from tickets.schedule.recurrence import read_rule


def leave_out(series: Series, starts: Iterable[datetime]) -> None:
    """Keep that a series leaves out these local starts."""
    _keep(series, starts, left_out=True)


def add_besides(series: Series, starts: Iterable[datetime]) -> None:
    """Keep that a series has these local starts besides its rule."""
    _keep(series, starts, left_out=False)


def forget_dates(series: Series, starts: Iterable[datetime]) -> int:
    """Keep nothing more of these local starts; of how many something was kept."""
    found = SeriesDate.objects.filter(account_id=series.account_id, series=series, starts__in=list(starts))
    return found.delete()[0]


def days_left_out(series: Series) -> set[date]:
    """The local days that a series leaves out of its rule."""
    found = SeriesDate.objects.filter(account_id=series.account_id, series=series, left_out=True)
    return {starts.date() for starts in found.values_list("starts", flat=True) if starts}


def move_rule(series: int, shift: Shift, *, since: datetime) -> None:
    """Let a series (id), which is held, go on as its entries do that were moved from a local start on."""
    found = Series.objects.get(pk=series)
    if found.rule and found.first:
        first = shift.apply(found.first)
        if shift.days:
            found.rule = read_rule(found.rule).moved(shift.days.days, to=first.date()).rule(first)
        found.first = first
        found.save(update_fields=["rule", "first"])
    dates = SeriesDate.objects.filter(account_id=found.account_id, series=found, starts__gte=since)
    moved = [SeriesDate(**_plain(each) | {"starts": shift.apply(each.starts)}) for each in dates if each.starts]
    dates.delete()
    SeriesDate.objects.bulk_create(moved, ignore_conflicts=True)


def _plain(row: SeriesDate) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("account_id", "series_id", "left_out")}


def _keep(series: Series, starts: Iterable[datetime], *, left_out: bool) -> None:
    SeriesDate.objects.bulk_create(
        (
            SeriesDate(account_id=series.account_id, series=series, starts=each.replace(fold=0), left_out=left_out)
            for each in starts
        ),
        update_conflicts=True,
        unique_fields=["series", "starts"],
        update_fields=["left_out"],
    )
