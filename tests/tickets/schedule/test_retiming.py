"""Other weekdays, another time or length for a series: what moves, goes, comes and stays."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import pytest

from accounts.models import Letter
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.schedule.test_series import TERM, change, create_term, local
from tickets.consistency import check_books
from tickets.models import Entry, EntryOverride, Series, SeriesDate
from tickets.schedule.details import entry_details
from tickets.schedule.entries import EntryPastError, cancel_entry, create_entries
from tickets.schedule.extending import add_date, extend_series
from tickets.schedule.overrides import Scope
from tickets.schedule.recurrence import Repeat
from tickets.schedule.retime_plan import Timing
from tickets.schedule.retiming import NotRepeatingError, look_ahead, present_timing, retime_series

pytestmark = pytest.mark.django_db

MON, TUE, WED, THU, FRI, SAT = range(6)
HOUR: Final = timedelta(hours=1)


def timing(*weekdays: int, start: time = time(18), duration: timedelta = HOUR) -> Timing:
    return Timing(frozenset(weekdays), start, duration)


def ticked(entry: Entry, wanted: Timing, scope: Scope, *, now: datetime = NOW) -> set[date]:
    plan = look_ahead(load_entry(entry), wanted, scope=scope, now=now)
    return {each.starts.date() for each in plan.coming if each.is_usual}


def retime(entry: Entry, wanted: Timing, scope: Scope = Scope.ALL, **given: Any) -> Any:
    now = given.pop("now", NOW)
    days = given.pop("days", None)
    days = ticked(entry, wanted, scope, now=now) if days is None else days
    return retime_series(load_entry(entry), wanted, scope=scope, days=days, now=now)


def starts_of(series: Series) -> list[datetime]:
    found = Entry.objects.live().filter(series=series).select_related("account", "places").order_by("starts_at")
    return [entry_details(each).starts for each in found]


def test_other_weekdays_are_paired_in_order_and_one_that_stays_keeps_its_dates() -> None:
    entries = create_term()

    done = retime(entries[0], timing(MON, THU, SAT))

    assert starts_of(entries[0].series) == [local(4), local(7), local(9), local(11), local(14), local(16)]
    assert ([each.pk for each in done.moved], done.made, done.gone) == (
        [entries[number].pk for number in (1, 2, 4, 5)],
        [],
        0,
    )
    assert Series.objects.get().rule == "FREQ=WEEKLY;UNTIL=20300315T235959;BYDAY=MO,TH,SA"


def test_later_dates_change_and_earlier_ones_stay_and_it_goes_on_by_the_new_days() -> None:
    entries = create_term()

    retime(entries[3], timing(TUE, WED, FRI, start=time(19), duration=timedelta(minutes=90)), Scope.FOLLOWING)
    new = extend_series(entries[0].series, repeat=Repeat(count=2))

    assert starts_of(entries[0].series)[:6] == [
        local(4), local(6), local(8), local(12, 19), local(13, 19), local(15, 19),
    ]  # fmt: skip
    assert [(entry_details(load_entry(each)).starts, each.ends_at - each.starts_at) for each in new] == [
        (local(19, 19), timedelta(minutes=90)),
        (local(20, 19), timedelta(minutes=90)),
    ]


def test_a_weekday_too_many_goes_where_nobody_booked_and_stays_where_somebody_did() -> None:
    entries = create_term()
    ticket = TicketFactory.create(entry=entries[0])
    book_seat_manually(entries[5], ticket)

    done = retime(entries[0], timing(MON, WED))

    assert starts_of(entries[0].series) == [local(4), local(6), local(11), local(13), local(15)]
    assert (done.gone, list(SeriesDate.objects.values_list("starts", "left_out"))) == (1, [(local(15), False)])
    # It is besides the rule now, so the series goes on by its weekdays.
    [new] = extend_series(entries[0].series, repeat=Repeat(count=1))
    assert entry_details(load_entry(new)).starts == local(18)
    assert check_books(now=NOW) == []


def test_a_weekday_more_brings_dates_but_not_those_that_are_unticked() -> None:
    entries = create_term()

    done = retime(entries[1], timing(MON, WED, FRI, SAT), Scope.FOLLOWING, days={date(2030, 3, 9)})

    assert starts_of(entries[0].series) == [local(4), local(6), local(8), local(9), local(11), local(13), local(15)]
    assert [each.places.capacity for each in map(load_entry, done.made)] == [10]
    assert not SeriesDate.objects.exists()


def test_a_date_that_is_not_ticked_is_left_out_for_good() -> None:
    entries = create_term()
    extend_series(entries[0].series, until=date(2030, 3, 23))

    retime(entries[0], timing(MON, WED, FRI, SAT), days={date(2030, 3, 9)})

    assert list(SeriesDate.objects.order_by("starts").values_list("starts", "left_out")) == [
        (local(16), True),
        (local(23), True),
    ]


def test_what_was_left_out_is_left_out_on_its_new_day_and_can_be_had_again() -> None:
    entries = create_term(left_out={date(2030, 3, 6), date(2030, 3, 13)})
    wanted = timing(MON, THU, FRI)
    plan = look_ahead(entries[0], wanted, scope=Scope.ALL, now=NOW)
    assert [(each.starts, each.is_usual) for each in plan.coming] == [(local(7), False), (local(14), False)]

    retime(entries[0], wanted, days={date(2030, 3, 14)})

    assert starts_of(entries[0].series) == [local(4), local(8), local(11), local(14), local(15)]
    assert list(SeriesDate.objects.values_list("starts", "left_out")) == [(local(7), True)]


def test_a_new_weekday_is_not_ticked_on_a_day_that_is_left_out() -> None:
    entries = create_term(left_out={date(2030, 3, 6)})

    # Wednesday goes and Saturday comes in its place; Tuesday is no day of theirs.
    plan = look_ahead(entries[0], timing(MON, WED, FRI, SAT), scope=Scope.ALL, now=NOW)

    assert [(each.starts.day, each.is_usual) for each in plan.coming] == [(6, False), (9, True)]


def test_what_was_moved_for_its_date_alone_stays_there() -> None:
    entries = create_term()
    change(entries[1], starts=local(7, 9))
    change(entries[2], title="Special")

    retime(entries[0], timing(TUE, THU, SAT, start=time(17)))

    assert starts_of(entries[0].series) == [
        local(5, 17), local(7, 9), local(9, 17), local(12, 17), local(14, 17), local(16, 17),
    ]  # fmt: skip
    assert EntryOverride.objects.get(entry=entries[1]).occurrence == local(7, 17)
    assert load_entry(entries[2]).title == "Special"


def test_nothing_moves_into_the_past_or_onto_another_date() -> None:
    entries = create_term()
    added = add_date(entries[0], local(14))
    now = load_entry(entries[2]).starts_at + HOUR  # Friday evening

    done = retime(entries[3], timing(MON, THU, FRI), now=now)

    # Wednesday the 13th would be Thursday the 14th, where there is one already.
    assert (starts_of(entries[0].series)[3:], done.gone) == ([local(11), local(14), local(15)], 1)
    assert load_entry(added).starts_at == load_entry(added).starts_at

    later = load_entry(entries[5]).starts_at - timedelta(hours=30)  # Thursday noon
    done = retime(entries[5], timing(MON, TUE, WED), now=later)
    assert done.moved == []
    assert starts_of(entries[0].series)[-1] == local(15)


def test_a_booking_is_kept_and_its_customer_told_once_with_a_calendar_file() -> None:
    entries = create_term()
    seat = book_seat_manually(entries[1], TicketFactory.create(entry=entries[0]))

    done = retime(entries[0], timing(MON, THU, FRI))

    assert (done.told.people, load_entry(entries[1]).starts_at.day) == (1, 7)
    letter = Letter.objects.get(kind="moved")
    assert (letter.recipient, "BEGIN:VCALENDAR" in letter.calendar) == (seat.customer.email, True)


@pytest.mark.parametrize(
    ("repeat", "after"),
    [
        (Repeat(count=3, every=2, weekdays=frozenset({MON})), [local(5), local(19), local(2, month=4)]),
        (Repeat(count=3, weekdays=frozenset({MON, THU})), [local(5), local(7), local(12)]),
    ],
)
def test_weeks_go_on_being_counted_from_the_first(repeat: Repeat, after: list[datetime]) -> None:
    made = create_entries(SchedulePageFactory.create(), TERM, repeat=repeat)
    days = {TUE, *repeat.weekdays} - {MON}

    retime(made[0], timing(*days))
    more = extend_series(made[0].series, repeat=Repeat(count=1))

    assert starts_of(made[0].series)[:3] == after
    step = timedelta(days=14) if repeat.every == 2 else timedelta(days=2)
    assert entry_details(load_entry(more[0])).starts == after[-1] + step


def test_other_weekdays_are_paired_within_the_weeks_of_a_series_that_was_moved_across_monday() -> None:
    made = create_entries(
        SchedulePageFactory.create(), TERM, repeat=Repeat(count=4, every=2, weekdays=frozenset({MON, THU}))
    )
    change(made[0], Scope.ALL, starts=local(8))  # Friday; then Monday the 11th, and two weeks later

    retime(made[0], timing(FRI, TUE))
    more = extend_series(made[0].series, repeat=Repeat(count=2))

    assert starts_of(made[0].series)[:4] == [local(8), local(12), local(22), local(26)]
    assert [entry_details(load_entry(each)).starts for each in more] == [local(5, month=4), local(9, month=4)]


def test_a_monthly_series_has_other_hours_and_keeps_its_days() -> None:
    made = create_entries(SchedulePageFactory.create(), TERM, repeat=Repeat(kind="monthly_day", count=2))  # type: ignore[arg-type]
    assert present_timing(load_entry(made[0]), now=NOW) == timing()

    retime(made[0], timing(start=time(9)))

    assert starts_of(made[0].series) == [local(4, 9), local(4, 9, month=4)]


def test_what_has_no_rule_or_is_over_is_refused() -> None:
    [single] = create_entries(SchedulePageFactory.create(), replace(TERM))
    entries = create_term()

    with pytest.raises(NotRepeatingError):
        look_ahead(load_entry(single), timing(TUE), scope=Scope.ALL, now=NOW)
    with pytest.raises(EntryPastError):
        retime(entries[0], timing(TUE), days=set(), now=load_entry(entries[0]).ends_at)


def test_what_was_cancelled_stays_as_it_was() -> None:
    entries = create_term()
    cancel_entry(load_entry(entries[1]), now=NOW)

    retime(entries[0], timing(TUE, THU, SAT))

    assert entry_details(load_entry(entries[1])).starts == local(6)
