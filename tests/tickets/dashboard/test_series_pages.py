"""The pages on which a studio makes, changes and shortens series, and copies and sorts their tickets."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, SchedulePage
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import EntryFactory, GroupFactory, TicketFactory, load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.dashboard.test_entries import (
    CHECKED,
    confirmed,
    create_weekly,
    edit_form,
    entry_form,
    extend,
)
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, EntryOverride, Series, SeriesDate, Ticket

pytestmark = pytest.mark.django_db

CLOCKS = "The clocks go forward and skip this time, so it starts later."


def days(response: Any) -> list[tuple[str, bool]]:
    return [(f"{each.starts:%a %-d %b}", each.ticked) for each in response.context["planned"]]


def ticket_names(entry: Entry) -> list[str]:
    return [each.name for each in load_entry(entry).series.tickets.on_sale()]


# One form for a term


def test_a_term_is_one_form_and_its_dates_are_seen_before_they_are_made(
    dashboard: Dashboard, yoga: SchedulePage
) -> None:
    form = entry_form(weekdays=["0", "2", "4"], count="8", left_out="2030-04-01 to 2030-04-05\n12 April 2030")

    seen = dashboard.post("entry_create", form)
    assert (Entry.objects.count(), days(seen)) == (
        0,
        [
            ("Wed 27 Mar", True), ("Fri 29 Mar", True), ("Mon 1 Apr", False), ("Wed 3 Apr", False),
            ("Fri 5 Apr", False), ("Mon 8 Apr", True), ("Wed 10 Apr", True), ("Fri 12 Apr", False),
        ],
    )  # fmt: skip
    chosen = ["2030-03-27", "2030-03-29", "2030-04-08", "2030-04-12"]
    sent = confirmed(seen, weekdays=["0", "2", "4"], dates=chosen)
    response = dashboard.post("entry_create", sent)

    assert shown_messages(response) == ["4 entries created"]
    assert [f"{each.starts_at:%-d %b}" for each in Entry.objects.order_by("starts_at")] == [
        "27 Mar", "29 Mar", "8 Apr", "12 Apr",
    ]  # fmt: skip
    assert [f"{each:%-d %b}" for each in SeriesDate.objects.order_by("starts").values_list("starts", flat=True)] == [
        "1 Apr", "3 Apr", "5 Apr", "10 Apr",
    ]  # fmt: skip


def test_dates_to_leave_out_may_stand_on_one_line(dashboard: Dashboard, yoga: SchedulePage) -> None:
    form = entry_form(weekdays=["0"], count="4", left_out="2030-04-01, 8 April 2030;2030-04-15 to 2030-04-16")

    assert days(dashboard.post("entry_create", form)) == [
        ("Mon 1 Apr", False), ("Mon 8 Apr", False), ("Mon 15 Apr", False), ("Mon 22 Apr", True),
    ]  # fmt: skip


def test_with_no_date_ticked_the_dates_are_asked_for_again(dashboard: Dashboard, yoga: SchedulePage) -> None:
    seen = dashboard.post("entry_create", entry_form(until="2030-04-02"))
    form = confirmed(seen)

    response = dashboard.post("entry_create", {name: each for name, each in form.items() if name != "dates"})

    assert (response.status_code, Entry.objects.count()) == (422, 0)
    assert "Tick at least one date" in page_text(response)


def test_from_the_dates_one_can_go_back_to_the_form(dashboard: Dashboard, yoga: SchedulePage) -> None:
    form = confirmed(dashboard.post("entry_create", entry_form(until="2030-04-02")))

    response = dashboard.post("entry_create", {**form, "change": "1"})

    assert (response.status_code, response.context["form"]["until"].value()) == (200, "2030-04-02")
    assert Entry.objects.count() == 0


def test_a_day_on_which_clocks_skip_the_hour_says_so(dashboard: Dashboard, yoga: SchedulePage) -> None:
    seen = dashboard.post(
        "entry_create", entry_form(date="2030-03-24", start="01:30", end="02:30", repeats="weekly", count="2")
    )

    assert page_text(seen).count(CLOCKS) == 1


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"repeats": "weekly"}, "until", "Choose the last date, or enter how many times"),
        ({"every": "2"}, "until", "Choose the last date, or enter how many times"),
        ({"until": "2030-04-02", "count": "3"}, "count", "Fill in “Until” or how many times, not both"),
        ({"weekdays": ["6"], "until": "2030-03-28"}, "until", "There’s no such day until then. Choose a later date."),
        ({"repeats": "daily", "until": "2031-03-26"}, "until", None),
        ({"repeats": "monthly_day", "every": "100", "count": "9"}, "count", None),
        ({"repeats": "monthly_day", "every": "12", "until": "2100-03-26"}, "until", says.CHOOSE_WITHIN_TEN_YEARS),
        ({"repeats": "daily", "count": "261"}, "count", "Enter 260 or less for “Or how many times”"),
        ({"repeats": "hourly", "count": "2"}, "repeats", "Choose one from the list for “Repeats”"),
        ({"weekdays": ["7"], "count": "2"}, "weekdays", "Choose from the list for “Weekdays”"),
        (
            {"count": "2", "left_out": "Christmas"},
            "left_out",
            "Enter dates like 2026-12-25, one on each line: “Christmas” isn’t one",
        ),
        (
            {"count": "2", "left_out": "2030-04-05 to 2030-04-01"},
            "left_out",
            "The second date has to come after the first: “2030-04-05 to 2030-04-01”",
        ),
        ({"end": "", "duration": "0"}, "duration", "Enter 1 or more for “Or duration in minutes”"),
    ],
)
def test_a_rule_that_is_not_whole_says_what_to_do(
    change: dict[str, Any], field: str, words: str | None, dashboard: Dashboard, yoga: SchedulePage
) -> None:
    errors = dashboard.post("entry_create", entry_form(**change)).context["form"].errors

    assert set(errors) == {field}
    assert words in {None, errors[field][0]}
    assert Entry.objects.count() == 0


def test_how_long_it_lasts_says_when_it_ends(dashboard: Dashboard, yoga: SchedulePage) -> None:
    dashboard.post("entry_create", entry_form(end="", duration="90"))

    entry = Entry.objects.get()
    assert entry.ends_at - entry.starts_at == entry.ends_at.replace(hour=20, minute=0) - entry.starts_at


# Like another one


def test_an_entry_is_duplicated_with_its_tickets(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    group = GroupFactory.create(account=yoga.account)
    TicketFactory.create(entry=entries[0], name="Members", group=group, position=1)

    page = dashboard.get("entry_create", {"like": entries[1].pk})
    initial = page.context["form"].initial
    assert (initial["title"], initial["date"]) == ("Yin", date(2030, 4, 2))
    response = dashboard.post("entry_create", entry_form(like=entries[1].pk, date="2030-05-07"))

    made = Entry.objects.latest("starts_at")
    assert shown_messages(response) == ["Entry created"]
    assert ticket_names(made) == ticket_names(entries[0])
    assert made.series_id != entries[0].series_id
    copied = made.series.tickets.get(name="Members")
    assert (copied.exclusive, list(copied.groups.all()), copied.split_from_id) == (True, [group], None)


def test_a_series_is_duplicated_by_its_rule(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    initial = dashboard.get("entry_create", {"like": entries[1].pk, "series": "1"}).context["form"].initial

    assert {name: initial[name] for name in ("date", "repeats", "every", "weekdays", "count")} == {
        "date": date(2030, 4, 16), "repeats": "weekly", "every": None, "weekdays": [], "count": 4,
    }  # fmt: skip


def test_too_many_more_are_refused_by_the_name_of_their_field(dashboard: Dashboard, yoga: SchedulePage) -> None:
    response = dashboard.post("entry_extend", {"count": "261"}, pk=create_weekly(yoga)[0].pk)

    assert (response.status_code, Entry.objects.count()) == (422, 4)
    assert "Enter 260 or less for “Or how many more”" in page_text(response)


@pytest.mark.parametrize(
    ("repeats", "goes_on"),
    [
        ({"repeats": "weekly", "every": "3"}, date(2030, 5, 28)),
        ({"repeats": "weekly", "weekdays": ["0", "2"]}, date(2030, 4, 8)),
        ({"repeats": "monthly_weekday"}, date(2030, 6, 25)),
        ({"repeats": "monthly_last"}, date(2030, 6, 25)),
        ({"repeats": "monthly_day"}, date(2030, 6, 26)),
    ],
)
def test_a_series_is_duplicated_from_its_next_date_on(
    repeats: dict[str, Any], goes_on: date, dashboard: Dashboard, yoga: SchedulePage
) -> None:
    seen = dashboard.post("entry_create", entry_form(count="3", **repeats))
    dashboard.post("entry_create", confirmed(seen, **repeats))  # from a Tuesday on, the fourth and last of March
    last = Entry.objects.latest("starts_at")

    initial = dashboard.get("entry_create", {"like": last.pk, "series": "1"}).context["form"].initial

    assert initial["date"] == goes_on


def test_a_copy_counts_its_weeks_as_the_series_that_was_moved_across_monday(
    dashboard: Dashboard, yoga: SchedulePage
) -> None:
    Series.objects.filter(entries=(like := create_weekly(yoga)[0])).update(
        rule="FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=MO,FR;WKST=FR"
    )
    form = entry_form(like=like.pk, date="2030-05-03", every="2", weekdays=["0", "4"], count="4")

    copied = dashboard.post("entry_create", form)
    others = dashboard.post("entry_create", {**form, "weekdays": ["0", "3", "4"]})

    assert [each for each, _ticked in days(copied)] == ["Fri 3 May", "Mon 6 May", "Fri 17 May", "Mon 20 May"]
    assert [each for each, _ticked in days(others)] == ["Fri 3 May", "Mon 13 May", "Thu 16 May", "Fri 17 May"]


def test_an_entry_of_another_account_is_not_duplicated(dashboard: Dashboard, yoga: SchedulePage) -> None:
    theirs = EntryFactory.create(title="Secret")
    TicketFactory.create(entry=theirs, name="Secret ticket")

    assert "Secret" not in page_text(dashboard.get("entry_create", {"like": theirs.pk}))
    dashboard.post("entry_create", entry_form(like=theirs.pk))

    assert ticket_names(Entry.objects.get(account=yoga.account)) == []
    assert dashboard.get("entry_create", {"like": "x" * 30}).status_code == 200


def test_tickets_are_copied_from_another_entry_once(dashboard: Dashboard, yoga: SchedulePage) -> None:
    source, target = EntryFactory.create(page=yoga), EntryFactory.create(page=yoga)
    for position, name in enumerate(("Drop-in", "Member")):
        TicketFactory.create(entry=source, name=name, position=position)

    first = dashboard.post("tickets_copy", {"source": source.pk}, pk=target.pk)
    assert (shown_messages(first), ticket_names(target)) == (["2 tickets copied"], ["Drop-in", "Member"])
    dashboard.get("schedule")
    second = dashboard.post("tickets_copy", {"source": source.pk}, pk=target.pk)

    assert shown_messages(second) == ["This entry has all of those tickets already."]
    assert Ticket.objects.count() == 4


def test_tickets_of_another_account_are_not_copied(dashboard: Dashboard, entry: Entry) -> None:
    theirs = EntryFactory.create()
    TicketFactory.create(entry=theirs, name="Theirs")

    assert dashboard.post("tickets_copy", {"source": theirs.pk}, pk=entry.pk).status_code == 422
    assert "Theirs" not in ticket_names(entry)


def test_tickets_go_up_and_down(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entry = EntryFactory.create(page=yoga)
    [first, second, third] = [TicketFactory.create(entry=entry, name=name) for name in ("A", "B", "C")]

    for ticket, to in ((third, "up"), (first, "down"), (third, "up"), (second, "down"), (second, "sideways")):
        dashboard.post("ticket_move", {"to": to}, pk=entry.pk, ticket=ticket.pk)

    assert ticket_names(entry) == ["C", "A", "B"]
    assert AuditEntry.objects.filter(action="ticket.moved").count() == 2


# Its dates


def test_a_date_is_added_and_removed(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    added = dashboard.post("entry_dates", {"date": "2030-04-12", "start": "10:00"}, pk=entries[0].pk)
    assert shown_messages(added) == ["Date added"]
    twice = dashboard.post("entry_dates", {"date": "2030-04-12", "start": "10:00"}, pk=entries[0].pk)
    assert dict(twice.context["form"].errors) == {"date": ["The series already has an entry at this time"]}
    removed = dashboard.post("entry_skip", pk=entries[2].pk)

    assert removed["Location"] == dashboard.url("entry_dates", pk=entries[0].pk)
    assert shown_messages(removed)[-1:] == ["Date removed"]
    page = page_text(dashboard.get("entry_dates", pk=entries[0].pk))
    assert ("Tue 2 Apr 2030" in page, "Fri 12 Apr 2030, 10:00" in page) == (True, True)
    assert not Entry.objects.filter(pk=entries[2].pk).exists()
    told = AuditEntry.objects.filter(action__startswith="entry.date").order_by("pk")
    assert list(told.values_list("action", "label")) == [
        ("entry.date_added", "Yin, 12 April 2030, 10:00"),
        ("entry.date_skipped", "Yin, 2 April 2030, 18:30"),
    ]


def test_a_booked_date_is_cancelled_and_not_removed(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    book_seat_manually(entries[1], Ticket.objects.get())

    assert "This date has been booked" in page_text(dashboard.get("entry_skip", pk=entries[1].pk))
    response = dashboard.post("entry_skip", pk=entries[1].pk)

    assert response["Location"] == dashboard.url("entry_cancel", pk=entries[1].pk)
    assert Entry.objects.count() == 4


def test_the_last_date_of_all_leads_to_the_schedule(dashboard: Dashboard, entry: Entry) -> None:
    assert dashboard.post("entry_skip", pk=entry.pk)["Location"] == dashboard.url("schedule")


def test_a_series_goes_on_without_what_is_unticked(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    seen = dashboard.post("entry_extend", {"count": "3"}, pk=entries[0].pk)
    dashboard.post("entry_extend", confirmed(seen, dates=["2030-04-16", "2030-04-30"]), pk=entries[0].pk)

    more = {"count": "2", "left_out": "14 May"}
    assert days(dashboard.post("entry_extend", more, pk=entries[0].pk)) == [("Tue 7 May", True), ("Tue 14 May", False)]
    yearly = {"until": "2031-04-22", "left_out": "15 April, 22 April 2031"}  # the next 15 April is after the last date
    assert [day for day, ticked in days(dashboard.post("entry_extend", yearly, pk=entries[0].pk)) if not ticked] == [
        "Tue 15 Apr", "Tue 22 Apr",
    ]  # fmt: skip
    assert Entry.objects.filter(starts_at__date=date(2030, 4, 23)).count() == 0


def test_a_single_entry_repeats_in_any_way(dashboard: Dashboard, entry: Entry) -> None:
    extend(dashboard, entry, repeats="monthly_weekday", count="2")

    assert [f"{each:%-d %b}" for each in Entry.objects.order_by("starts_at").values_list("starts_at", flat=True)] == [
        "17 Jan", "21 Feb", "21 Mar",
    ]  # fmt: skip
    assert "Every month on the third Thursday" in page_text(dashboard.get("entry_dates", pk=entry.pk))


# Changed for one date, for all


def test_the_form_tells_which_dates_differ_and_leaves_them(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    dashboard.post("entry_edit", edit_form(location="Park", date="2030-04-03"), pk=entries[2].pk)
    dashboard.get("schedule")

    page = page_text(dashboard.get("entry_edit", pk=entries[0].pk))
    assert "Wed 3 Apr 2030: Time, Location" in page
    response = dashboard.post(
        "entry_edit",
        edit_form(date="2030-03-19", start="18:00", location="Loft", scope="all", **CHECKED),
        pk=entries[0].pk,
    )

    assert shown_messages(response) == ["4 entries saved. 1 kept what differs."]
    assert [load_entry(each).location for each in entries] == ["Loft", "Loft", "Park", "Loft"]
    assert list(EntryOverride.objects.values_list("entry", "fields")) == [(entries[2].pk, ["time", "location"])]
    dashboard.post(
        "entry_edit",
        edit_form(date="2030-03-19", start="18:00", location="Hall", scope="all", overwrite="on", **CHECKED),
        pk=entries[0].pk,
    )
    assert [load_entry(each).location for each in entries] == ["Hall"] * 4


def test_a_ticket_changes_at_later_dates_and_the_page_says_so(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    ticket = Ticket.objects.get()
    form = {"name": "Evening", "cost": "free", "shown": "on", "scope": "later"}

    response = dashboard.post("ticket_edit", form, pk=entries[2].pk, ticket=ticket.pk)

    assert shown_messages(response) == ["Ticket saved"]
    assert [ticket_names(each) for each in entries] == [[ticket.name]] * 2 + [["Evening"]] * 2
    assert Series.objects.count() == 2
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["entry.series_split", "ticket.changed"]


def test_a_ticket_is_removed_at_one_date(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    ticket = Ticket.objects.get()

    dashboard.post("ticket_remove", {"scope": "this"}, pk=entries[1].pk, ticket=ticket.pk)

    assert [ticket_names(each) for each in entries] == [[ticket.name], [], [ticket.name], [ticket.name]]


# As many statements however many dates


@pytest.mark.parametrize("name", ["entry_dates", "entry_edit", "entry_extend", "entry_tickets"])
def test_the_number_of_statements_does_not_grow_with_the_dates(
    name: str, dashboard: Dashboard, yoga: SchedulePage
) -> None:
    create_weekly(SchedulePageFactory.create())
    entries = create_weekly(yoga)
    for each in entries[2:]:
        dashboard.post("entry_edit", edit_form(location="Park", date=f"{each.starts_at:%Y-%m-%d}"), pk=each.pk)
    dashboard.get("schedule")
    with CaptureQueriesContext(connection) as few:
        dashboard.get(name, pk=entries[0].pk)
    extend(dashboard, entries[0], count="20")
    dashboard.get("schedule")

    with CaptureQueriesContext(connection) as many:
        dashboard.get(name, pk=entries[0].pk)

    assert len(many) == len(few)
