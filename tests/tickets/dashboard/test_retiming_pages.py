"""The pages on which a series gets other days or times, and what its pages say of its rule and its parts."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Letter, SchedulePage
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.dashboard.test_entries import confirmed, create_weekly
from tests.tickets.schedule.test_series import local
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Series, SeriesDate, Ticket

pytestmark = pytest.mark.django_db


def starts(series: int) -> list[str]:
    return [f"{each.starts_at:%a %-d %b %H:%M}" for each in Entry.objects.filter(series=series).order_by("starts_at")]


def ask(dashboard: Dashboard, entry: Entry, **changes: Any) -> Any:
    form = {"weekdays": ["1"], "start": "18:30", "duration": "75", "scope": "later"}
    return dashboard.post("entry_retime", {**form, **changes}, pk=entry.pk)


def test_the_edit_page_says_how_the_series_repeats_and_leads_on(dashboard: Dashboard, yoga: SchedulePage) -> None:
    [first, *_] = create_weekly(yoga)
    Series.objects.update(rule="FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=MO,WE")
    SeriesDate.objects.create(
        account_id=first.account_id,
        series=first.series,
        starts=local(10, month=4),
        left_out=True,
    )
    page = page_text(dashboard.get("entry_edit", pk=first.pk))

    assert "Every 2 weeks on Monday and Wednesday" in page
    assert "(75 minutes)" in page
    assert "Dates left out Wed 10 Apr 2030" in page
    assert "Change days or times" in page


def test_what_changes_is_seen_before_it_changes(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    book_seat_manually(entries[2], Ticket.objects.get())

    seen = ask(dashboard, entries[1], weekdays=["2", "4"], start="19:00", duration="60")

    text = page_text(seen)
    assert "Tue 2 Apr 2030, 18:30 becomes Wed 3 Apr 2030, 19:00–20:00 1 space booked" in text
    assert "1 space is booked at the dates that move." in text
    assert "Fri 29 Mar 2030, 19:00–20:00" in text
    assert starts(entries[0].series_id)[1] == "Tue 26 Mar 18:30"

    response = dashboard.post(
        "entry_retime",
        {**_hidden(seen), "confirmed": "1", "dates": ["2030-03-29"]},
        pk=entries[1].pk,
    )

    assert shown_messages(response) == ["3 entries moved, 1 added, 1 person emailed"]
    assert starts(entries[0].series_id) == [
        "Tue 19 Mar 18:30", "Wed 27 Mar 19:00", "Fri 29 Mar 19:00", "Wed 3 Apr 18:00", "Wed 10 Apr 18:00",
    ]  # fmt: skip
    assert Letter.objects.filter(kind="moved").count() == 1
    line = AuditEntry.objects.get()
    assert (line.action, [each[0] for each in line.changes]) == (
        "entry.series_retimed",
        ["Weekdays", "Start", "Length", "Dates moved", "Dates added"],
    )


def _hidden(response: Any) -> dict[str, Any]:
    form = response.context["form"]
    return {name: form[name].value() for name in form.fields}


def test_from_what_changes_one_can_go_back(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    seen = ask(dashboard, entries[0], weekdays=["3"])

    back = dashboard.post("entry_retime", {**_hidden(seen), "confirmed": "1", "change": "1"}, pk=entries[0].pk)

    assert (back.status_code, back.context["form"]["weekdays"].value()) == (200, ["3"])
    assert starts(entries[0].series_id)[0] == "Tue 19 Mar 18:30"


def test_where_nothing_changes_there_is_nothing_to_press(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    text = page_text(ask(dashboard, entries[0], scope="all"))

    assert "Nothing changes: the series already takes place at these times." in text
    assert "Change the series" not in text


def test_no_weekday_or_too_many_dates_say_what_to_do(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    Series.objects.update(rule="FREQ=WEEKLY;UNTIL=20341231T235959;BYDAY=TU")

    none = ask(dashboard, entries[0], weekdays=[])
    many = ask(dashboard, entries[0], weekdays=["1", "2", "3"])

    assert dict(none.context["form"].errors) == {"weekdays": ["Tick at least one weekday"]}
    assert dict(many.context["form"].errors) == {
        "weekdays": ["Tick fewer weekdays. You can create up to 260 entries at a time."]
    }


def test_a_single_entry_is_led_to_repeating(dashboard: Dashboard, entry: Entry) -> None:
    assert dashboard.get("entry_retime", pk=entry.pk)["Location"] == dashboard.url("entry_extend", pk=entry.pk)


def test_as_many_statements_however_many_dates(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    seen = list[int]()
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            ask(dashboard, entries[0], weekdays=["2", "4"])
        seen.append(len(asked))
        dashboard.post(
            "entry_extend",
            confirmed(dashboard.post("entry_extend", {"count": "9"}, pk=entries[0].pk)),
            pk=entries[0].pk,
        )
        dashboard.get("schedule")

    assert seen[0] == seen[1]


# The parts of a series that was split


def split(dashboard: Dashboard, yoga: SchedulePage) -> list[Entry]:
    entries = create_weekly(yoga)
    ticket = Ticket.objects.get()
    form = {"name": "Evening", "cost": "free", "shown": "on", "scope": "later"}
    dashboard.post("ticket_edit", form, pk=entries[2].pk, ticket=ticket.pk)
    dashboard.get("schedule")
    return [load_entry(each) for each in entries]


@pytest.mark.parametrize(
    ("day", "part", "words"),
    [
        ("2030-03-21", 0, "Date added"),
        ("2030-04-05", 2, "Date added, with the tickets that the series has on that day"),
        ("2030-03-18", 0, "Date added"),
    ],
)
def test_a_date_gets_the_tickets_of_its_day_whichever_part_it_is_added_from(
    day: str, part: int, words: str, dashboard: Dashboard, yoga: SchedulePage
) -> None:
    entries = split(dashboard, yoga)

    response = dashboard.post("entry_dates", {"date": day, "start": "18:30"}, pk=entries[0].pk)

    assert shown_messages(response)[-1:] == [words]
    added = Entry.objects.order_by("pk").last()
    assert added is not None
    assert added.series_id == entries[part].series_id
    led = entries[0].pk if part == 0 else added.pk
    assert response["Location"] == dashboard.url("entry_dates", pk=led)


def test_a_date_that_another_part_has_is_not_added_twice(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = split(dashboard, yoga)

    twice = dashboard.post("entry_dates", {"date": "2030-04-09", "start": "18:30"}, pk=entries[0].pk)

    assert dict(twice.context["form"].errors) == {"date": ["The series already has an entry at this time"]}


def test_each_part_leads_to_the_others(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = split(dashboard, yoga)

    first = dashboard.get("entry_dates", pk=entries[0].pk).content.decode()

    assert dashboard.url("entry_dates", pk=entries[2].pk) in first
    assert "From Tue 2 Apr 2030, 19:30" in first or "From Tue 2 Apr 2030, 18:30" in first


def test_only_dates_that_differ_say_so(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    Entry.objects.filter(pk=entries[1].pk).update(title="Guest teacher")
    TicketFactory.create(entry=entries[0])

    text = page_text(dashboard.get("entry_dates", pk=entries[0].pk))

    assert text.count("Differs in") == 1
    assert "Differs in: Title" in text
