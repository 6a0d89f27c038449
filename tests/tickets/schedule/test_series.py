"""A series as studios think of it: dates left out, added and removed; changes of one date, the later ones, or all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tickets.calendar import calendar_of
from tickets.models import Entry, EntryOverride, Series, SeriesDate
from tickets.queries import entries_in_feed
from tickets.schedule.details import EntryDetails, entry_details
from tickets.schedule.entries import MovedIntoPastError, NoDatesError, cancel_entry, create_entries, edit_entries
from tickets.schedule.extending import DateBookedError, DateTakenError, add_date, extend_series, skip_date
from tickets.schedule.overrides import Scope, differences
from tickets.schedule.recurrence import Repeat
from tickets.schedule.splitting import split_series

pytestmark = pytest.mark.django_db

TERM: Final = EntryDetails(
    title="Yoga",
    starts=datetime(2030, 3, 4, 18),  # noqa: DTZ001 - a wall-clock time; summer time begins on 31 March
    duration=timedelta(hours=1),
    capacity=10,
    location="Hall",
)
MWF: Final = Repeat(weekdays=frozenset({0, 2, 4}), count=6)


def create_term(repeat: Repeat = MWF, *, left_out: set[date] | None = None) -> list[Entry]:
    made = create_entries(SchedulePageFactory.create(), TERM, repeat=repeat, left_out=left_out or set())
    return [load_entry(each) for each in made]


def change(entry: Entry, scope: Scope = Scope.THIS, *, overwrite: bool = False, **changes: Any) -> None:
    fresh = load_entry(entry)
    edit_entries(fresh, replace(entry_details(fresh), **changes), scope=scope, overwrite=overwrite, now=NOW)


def local(day: int, hour: int = 18, month: int = 3) -> datetime:
    return datetime(2030, month, day, hour)  # noqa: DTZ001 - a wall-clock time


def shown(entries: list[Entry], name: str = "starts") -> list[Any]:
    return [getattr(entry_details(load_entry(each)), name) for each in entries]


# Made, with what is left out


def test_days_left_out_are_not_made_and_are_kept() -> None:
    entries = create_term(left_out={date(2030, 3, 6), date(2030, 5, 1)})

    assert shown(entries) == [local(4), local(8), local(11), local(13), local(15)]
    series = Series.objects.get()
    assert (series.rule, series.first) == ("FREQ=WEEKLY;COUNT=6;BYDAY=MO,WE,FR", local(4))
    assert list(SeriesDate.objects.values_list("starts", "left_out")) == [(local(6), True)]


def test_with_every_day_left_out_nothing_is_made() -> None:
    with pytest.raises(NoDatesError):
        create_term(Repeat(count=2), left_out={date(2030, 3, 4), date(2030, 3, 11)})

    assert Series.objects.count() == 0


# Going on


def test_it_goes_on_by_its_rule_without_what_was_left_out() -> None:
    entries = create_term(left_out={date(2030, 3, 15)})

    new = extend_series(entries[0].series, repeat=Repeat(count=3), left_out={date(2030, 3, 20)})
    later = extend_series(entries[0].series, until=date(2030, 3, 27))

    assert shown(new) == [local(18), local(22)]
    assert shown(later) == [local(25), local(27)]


def test_it_goes_on_as_most_are_and_not_as_a_last_date_that_was_changed_alone() -> None:
    entries = create_term(Repeat(count=3))
    change(entries[2], starts=local(20, 9), title="Special", capacity=3)

    [new] = extend_series(entries[0].series, repeat=Repeat(count=1))

    assert entry_details(load_entry(new)) == replace(TERM, starts=local(25))


def test_a_series_moved_to_other_days_goes_on_there() -> None:
    entries = create_term()
    change(entries[0], Scope.ALL, starts=local(5, 19))

    new = extend_series(entries[0].series, repeat=Repeat(count=3))

    assert shown(entries) == [local(day, 19) for day in (5, 7, 9, 12, 14, 16)]
    assert shown(new) == [local(day, 19) for day in (19, 21, 23)]


@pytest.mark.parametrize("days", [-1, 4, 6])
def test_moved_across_monday_it_goes_on_in_the_weeks_that_it_was_counted_in(days: int) -> None:
    entries, by = create_term(replace(MWF, every=2)), timedelta(days=days)
    change(entries[0], Scope.ALL, starts=TERM.starts + by)

    new = extend_series(entries[0].series, repeat=Repeat(count=4))

    assert [each - by for each in shown(entries)] == [local(day) for day in (4, 6, 8, 18, 20, 22)]
    assert [each - by for each in shown(new)] == [local(1, month=4), *(local(day, month=4) for day in (3, 5, 15))]


def test_a_date_is_added_beside_the_rule_and_the_series_goes_on_by_it() -> None:
    entries = create_term(Repeat(count=2))

    added = add_date(entries[0], local(30, 10))
    new = extend_series(entries[0].series, repeat=Repeat(count=1))

    assert entry_details(load_entry(added)) == replace(TERM, starts=local(30, 10))
    assert list(SeriesDate.objects.values_list("starts", "left_out")) == [(local(30, 10), False)]
    assert shown(new) == [local(18)]


def test_a_date_is_not_added_twice() -> None:
    entries = create_term(Repeat(count=2))

    with pytest.raises(DateTakenError):
        add_date(entries[0], local(11))


def test_it_goes_on_beside_a_date_of_its_rule_that_was_added_before() -> None:
    entries = create_term(Repeat(count=2))
    added = add_date(entries[0], local(25))
    change(add_date(entries[0], local(8, month=4)), starts=local(9, month=4))
    cancel_entry(load_entry(added), now=NOW)

    new = extend_series(entries[0].series, repeat=Repeat(count=3))

    assert shown(new) == [local(18), local(1, month=4), local(15, month=4)]


def test_it_goes_on_beside_a_date_that_was_moved_to_one_of_its_rule() -> None:
    entries = create_term(Repeat(count=3))
    change(entries[2], starts=local(25))

    assert shown(extend_series(entries[0].series, until=date(2030, 4, 1))) == [local(1, month=4)]


def test_each_part_of_a_series_goes_on_without_the_dates_of_the_other() -> None:
    entries = create_term(Repeat(count=4))
    later = split_series(entries[2], Scope.FOLLOWING).series

    of_first = extend_series(entries[0].series, repeat=Repeat(count=2))
    of_later = extend_series(later, repeat=Repeat(count=2))

    assert shown(of_first) == [local(1, month=4), local(8, month=4)]
    assert shown(of_later) == [local(15, month=4), local(22, month=4)]


def test_a_date_that_nobody_booked_is_removed_and_does_not_come_back_until_it_is_added() -> None:
    entries = create_term(Repeat(count=3))

    skip_date(entries[2])
    assert shown(entries[:2]) == [local(4), local(11)]
    assert Entry.objects.count() == 2
    assert shown(extend_series(entries[0].series, repeat=Repeat(count=1))) == [local(25)]

    assert shown([add_date(entries[0], local(18))]) == [local(18)]
    assert SeriesDate.objects.count() == 0


def test_a_date_that_somebody_booked_is_not_removed_even_if_they_cancelled() -> None:
    entries = create_term(Repeat(count=2))
    book_seat_manually(entries[1], TicketFactory.create(entry=entries[0]))
    cancel_entry(load_entry(entries[1]), now=NOW)

    with pytest.raises(DateBookedError):
        skip_date(entries[1])


# Changed: one, later ones, all


@pytest.mark.parametrize("scope", [Scope.FOLLOWING, Scope.ALL])
@pytest.mark.parametrize(
    "own",
    [
        {"title": "With a guest"},
        {"location": "Park"},
        {"description": "Bring water."},
        {"capacity": 4},
        {"per_booking": 1},
        {"duration": timedelta(hours=2)},
        {"starts": local(13, 20)},
        {"starts": local(14)},
    ],
)
def test_what_was_changed_for_one_date_survives_unless_it_is_overwritten(scope: Scope, own: dict[str, Any]) -> None:
    entries = create_term()
    change(entries[4], **own)
    before = entry_details(load_entry(entries[4]))
    everything: dict[str, Any] = {
        "title": "Yin", "location": "Studio", "description": "Slow.", "capacity": 8, "per_booking": 3,
        "duration": timedelta(minutes=90), "starts": local(4, 17),
    }  # fmt: skip

    change(entries[0], scope, **everything)

    after, [name] = entry_details(load_entry(entries[4])), own
    kept = {"starts": before.starts, "duration": before.duration} if name in {"starts", "duration"} else own
    assert after == replace(before, **{**everything, "starts": local(13, 17), **kept})
    assert shown([entries[1], entries[5]], "title") == ["Yin", "Yin"]

    change(entries[0], scope, overwrite=True, **{name: getattr(TERM, name)})

    assert getattr(entry_details(load_entry(entries[4])), name) == (
        datetime.combine(before.starts.date(), TERM.starts.time()) if name == "starts" else getattr(TERM, name)
    )


def test_all_never_touches_what_has_started_or_was_cancelled() -> None:
    entries = create_term()
    cancel_entry(entries[3], now=NOW)
    fresh = load_entry(entries[2])

    edit_entries(fresh, replace(entry_details(fresh), title="Yin"), scope=Scope.ALL, now=entries[1].starts_at)

    assert shown(entries, "title") == ["Yoga", "Yoga", "Yin", "Yoga", "Yin", "Yin"]


def test_nothing_moves_into_the_past() -> None:
    entries = create_term()
    fresh, now = load_entry(entries[3]), datetime(2030, 3, 4, 12, tzinfo=UTC)

    with pytest.raises(MovedIntoPastError):
        edit_entries(fresh, replace(entry_details(fresh), starts=local(9)), scope=Scope.ALL, now=now)

    assert shown(entries) == [local(day) for day in (4, 6, 8, 11, 13, 15)]


def test_the_odd_one_out_can_be_what_all_become() -> None:
    entries = create_term(Repeat(count=3))
    change(entries[1], title="Special")

    change(entries[1], Scope.ALL, title="Yin")

    assert shown(entries, "title") == ["Yin", "Yin", "Yin"]
    assert EntryOverride.objects.count() == 0


def test_what_most_were_changed_to_one_by_one_survives_too() -> None:
    entries = create_term(Repeat(count=3))
    for each in entries[1:]:
        change(each, location="Park")

    change(entries[0], Scope.ALL, location="Studio")

    assert shown(entries, "location") == ["Studio", "Park", "Park"]


def test_what_differs_from_before_this_was_kept_survives() -> None:
    entries = create_term(Repeat(count=4))
    Entry.objects.filter(pk=entries[2].pk).update(title="Special")

    change(entries[0], Scope.FOLLOWING, title="Yin")

    assert shown(entries, "title") == ["Yin", "Yin", "Special", "Yin"]


def test_a_date_changed_back_is_like_the_others_again() -> None:
    entries = create_term(Repeat(count=3))
    change(entries[1], title="Special", starts=local(12, 9))
    assert EntryOverride.objects.get().fields == ["title", "time"]

    change(entries[1], title="Yoga", starts=local(11))

    assert EntryOverride.objects.count() == 0


def test_the_dates_that_differ_are_told_with_what_differs() -> None:
    entries = create_term(Repeat(count=4))
    change(entries[2], location="Park", starts=local(19))
    everybody = [load_entry(each) for each in entries]

    found = differences(everybody[0], everybody[1:])

    assert [(each.entry.pk, each.fields) for each in found] == [(entries[2].pk, ("time", "location"))]


def test_a_date_that_was_moved_is_in_the_feed_once_also_past_its_neighbour() -> None:
    entries = create_term(Repeat(count=3))
    change(entries[0], starts=local(12, 9))
    change(entries[1], Scope.FOLLOWING, starts=local(11, 19))
    change(entries[1], Scope.ALL, title="Yin")

    feed = calendar_of(entries_in_feed(entries[0].page, now=NOW), name="Yoga", now=NOW)

    assert shown(entries) == [local(12, 9), local(11, 19), local(18, 19)]
    lines = [line.split(":")[-1] for line in feed.splitlines() if line.startswith("DTSTART;")]
    uids = [line for line in feed.splitlines() if line.startswith("UID")]
    assert sorted(lines) == ["20300311T190000", "20300312T090000", "20300318T190000"]
    assert len(set(uids)) == 3
    assert shown(extend_series(entries[0].series, repeat=Repeat(count=1))) == [local(25, 19)]


def test_a_moved_date_that_is_removed_is_left_out_at_the_time_of_its_series() -> None:
    entries = create_term(Repeat(count=3))
    change(entries[2], starts=local(21, 9))
    change(entries[0], Scope.ALL, starts=local(5, 19))

    skip_date(load_entry(entries[2]))

    assert list(SeriesDate.objects.values_list("starts", "left_out")) == [(local(19, 19), True)]
    assert shown(extend_series(entries[0].series, repeat=Repeat(count=1))) == [local(26, 19)]
