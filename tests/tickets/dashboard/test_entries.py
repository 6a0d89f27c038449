"""Creating, editing, repeating and cancelling entries."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Account, Letter, SchedulePage
from tests import dashboard_sentences as says
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory, TicketFactory, load_entry
from tests.fuzz.forms import read_forms
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Series, Ticket
from tickets.schedule.details import EntryDetails
from tickets.schedule.entries import cancel_entry, create_entries
from tickets.schedule.recurrence import MOST

ODD_YEAR = "Enter a date between the years 1900 and 2200"


def entry_form(**changes: Any) -> dict[str, Any]:
    """The form as somebody fills it in."""
    form = {
        "title": "Yin",
        "description": "Slow.",
        "location": "Hall",
        "date": "2030-03-26",
        "start": "18:30",
        "end": "19:45",
        "end_date": "",
        "capacity": "8",
        "per_booking": "2",
        "until": "",
        "key": str(uuid4()),
    }
    return {**form, **changes}


def confirmed(response: Any, **changes: Any) -> dict[str, Any]:
    """The list of dates as it is sent, every date ticked."""
    [form] = [each for each in read_forms(response.content.decode(), "/") if "confirmed" in each.fields]
    sent = {name: values for name, values in form.fields.items() if name != "change"}
    return {**sent, **changes}


def create_repeated(dashboard: Dashboard, **changes: Any) -> Any:
    """Send the form, and the list of dates that follows."""
    return dashboard.post("entry_create", confirmed(dashboard.post("entry_create", entry_form(**changes))))


def create_weekly(on: SchedulePage) -> list[Entry]:
    """Four Tuesdays; clocks go forward on 31 March."""
    details = EntryDetails(
        title="Yin",
        description="Slow.",
        location="Hall",
        starts=datetime(2030, 3, 19, 18, 30),  # noqa: DTZ001 - a wall-clock time
        duration=timedelta(minutes=75),
        capacity=8,
        per_booking=2,
    )
    entries = create_entries(on, details, until=datetime(2030, 4, 9, tzinfo=UTC).date())
    TicketFactory.create(entry=entries[0])
    return [load_entry(entry) for entry in entries]


# Creating


def test_an_entry_is_created_and_its_tickets_come_next(dashboard: Dashboard, yoga: SchedulePage) -> None:
    response = dashboard.post("entry_create", entry_form())

    entry = Entry.objects.get()
    assert response["Location"] == dashboard.url("entry_tickets", pk=entry.pk)
    assert shown_messages(response) == ["Entry created"]
    assert (entry.page, entry.title, entry.description, entry.location) == (yoga, "Yin", "Slow.", "Hall")
    assert (entry.starts_at, entry.ends_at) == (
        datetime(2030, 3, 26, 18, 30, tzinfo=UTC),
        datetime(2030, 3, 26, 19, 45, tzinfo=UTC),
    )
    assert (entry.places.capacity, entry.per_booking, entry.series.rule) == (8, 2, "")


def test_a_weekly_one_keeps_its_hour_across_the_change_of_clocks(dashboard: Dashboard, yoga: SchedulePage) -> None:
    response = create_repeated(dashboard, until="2030-04-02")

    assert shown_messages(response) == ["2 entries created"]
    assert list(Entry.objects.values_list("starts_at", flat=True)) == [
        datetime(2030, 3, 26, 18, 30, tzinfo=UTC),
        datetime(2030, 4, 2, 17, 30, tzinfo=UTC),
    ]


def test_the_form_sent_twice_makes_one(dashboard: Dashboard, yoga: SchedulePage) -> None:
    form = confirmed(dashboard.post("entry_create", entry_form(until="2030-04-02")))

    first, second = dashboard.post("entry_create", form), dashboard.post("entry_create", form)

    assert first["Location"] == second["Location"]
    assert (Entry.objects.count(), Series.objects.count()) == (2, 1)


def test_a_key_that_another_account_used_makes_nothing_and_is_asked_again(
    dashboard: Dashboard, yoga: SchedulePage
) -> None:
    theirs = EntryFactory.create()

    response = dashboard.post("entry_create", entry_form(key=str(theirs.uuid)))

    assert (response.status_code, Entry.objects.count()) == (422, 1)
    assert response.context["form"]["title"].value() == "Yin"
    assert response.context["form"]["key"].value() != str(theirs.uuid)


def test_with_several_pages_one_is_chosen(dashboard: Dashboard, studio: Account, yoga: SchedulePage) -> None:
    kids = SchedulePageFactory.create(account=studio, title="Kids")
    theirs = SchedulePageFactory.create()

    assert dashboard.post("entry_create", entry_form(page=theirs.pk)).status_code == 422
    assert dashboard.post("entry_create", entry_form()).status_code == 422
    assert dashboard.post("entry_create", entry_form(page=kids.pk)).status_code == 302

    assert Entry.objects.get().page == kids


def test_an_entry_may_end_on_another_day(dashboard: Dashboard, yoga: SchedulePage) -> None:
    dashboard.post("entry_create", entry_form(start="22:00", end="10:00", end_date="2030-03-28"))

    assert Entry.objects.get().ends_at == datetime(2030, 3, 28, 10, tzinfo=UTC)


def test_times_are_read_on_the_clocks_of_the_account(dashboard: Dashboard, yoga: SchedulePage) -> None:
    yoga.account.time_zone = "America/New_York"
    yoga.account.save(update_fields=["time_zone"])

    dashboard.post("entry_create", entry_form(date="2030-01-15", start="08:00", end="09:00"))

    assert Entry.objects.get().starts_at == datetime(2030, 1, 15, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "field", "words_of_it"),
    [
        ({"title": ""}, "title", "Enter the title"),
        ({"title": "x" * 201}, "title", "Use at most 200 characters for “Title”: you’ve used 201"),
        ({"date": "2030-01-14"}, "date", says.CHOOSE_TODAY_OR_LATER),
        ({"date": "1900-01-01"}, "date", says.CHOOSE_TODAY_OR_LATER),
        ({"date": "0001-01-01"}, "date", ODD_YEAR),
        ({"date": "2200-12-31"}, "date", says.CHOOSE_WITHIN_TEN_YEARS),
        ({"date": "9999-12-31"}, "date", ODD_YEAR),
        ({"date": "tomorrow"}, "date", "Enter a date like 2026-12-31 for “Date”"),
        (
            {"date": "2030-01-15", "start": "11:59", "end": "13:00"},
            "start",
            "Choose a later time. This one has passed.",
        ),
        ({"start": "25:00"}, "start", "Enter a time like 18:30 for “Start”"),
        ({"end": ""}, "end", "Fill in “End”"),
        ({"end": "18:30"}, "end", says.CHOOSE_END_AFTER_START),
        (
            {"end_date": "2030-03-25"},
            "end",
            says.CHOOSE_END_AFTER_START,
        ),
        ({"end_date": "2200-12-31"}, "end_date", says.CHOOSE_WITHIN_TEN_YEARS),
        ({"end_date": "9999-12-31"}, "end_date", ODD_YEAR),
        ({"until": "9999-12-31"}, "until", ODD_YEAR),
        ({"until": "2030-03-25"}, "until", "Choose a date on or after the first one"),
        (
            {"until": "2200-12-31"},
            "until",
            "Choose 13 March 2035 or an earlier date. You can create up to 260 entries at a time.",
        ),
        ({"capacity": "0"}, "capacity", "Enter 1 or more for “Maximum event size”"),
        ({"capacity": "99999999999999999999"}, "capacity", "Enter 100000 or less for “Maximum event size”"),
        ({"capacity": "many"}, "capacity", "Enter a whole number for “Maximum event size”"),
        ({"per_booking": ""}, "per_booking", "Enter the maximum tickets per booking"),
    ],
)
def test_bad_input_says_what_to_do_and_keeps_what_was_typed(
    change: dict[str, str], field: str, words_of_it: str, dashboard: Dashboard, yoga: SchedulePage
) -> None:
    form = entry_form(**change)

    response = dashboard.post("entry_create", form)

    assert response.status_code == 422
    assert dict(response.context["form"].errors) == {field: [words_of_it]}
    shown = response.context["form"]
    assert {name: str(shown[name].value() or "") for name in form} == {name: str(value) for name, value in form.items()}
    assert response.content.decode().count("<title>Error: Create entry – River Studio</title>") == 1
    assert Entry.objects.count() == 0


def test_as_many_as_can_be_made_at_once(dashboard: Dashboard, yoga: SchedulePage) -> None:
    assert shown_messages(create_repeated(dashboard, until="2035-03-13")) == ["260 entries created"]
    assert Entry.objects.count() == MOST


# Editing


def edit_form(**changes: str) -> dict[str, str]:
    form = {
        "title": "Yin",
        "description": "Slow.",
        "location": "Hall",
        "date": "2030-03-26",
        "start": "18:30",
        "end": "19:45",
        "duration": "",
        "end_date": "",
        "scope": "this",
    }
    return {**form, **changes}


CHECKED = {"confirmed": "1"}
"""What the page of consequences sends along."""


def test_the_form_shows_the_entry_as_it_is(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    form = dashboard.get("entry_edit", pk=entries[2].pk).context["form"]

    assert {name: str(form[name].value() or "") for name in form.fields if name != "seen"} == {
        **edit_form(date="2030-04-02", start="18:30:00", end="19:45:00", duration="75"),
        "leaders": "",
        "tags": "",
    }


def test_the_length_stays_where_only_the_start_changes(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    def saved(**changes: str) -> tuple[int, timedelta]:
        dashboard.post("entry_edit", edit_form(duration="75", **changes), pk=entries[1].pk)
        entry = load_entry(entries[1])
        return entry.starts_at.hour, entry.ends_at - entry.starts_at

    assert saved(start="20:00") == (20, timedelta(minutes=75))
    assert saved(start="20:00", end="21:00") == (20, timedelta(minutes=60))


def test_only_this_entry(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    response = dashboard.post("entry_edit", edit_form(title="Yang"), pk=entries[1].pk)

    assert (response["Location"], shown_messages(response)) == (
        dashboard.url("entry", pk=entries[1].pk),
        ["Entry saved"],
    )
    assert [load_entry(entry).title for entry in entries] == ["Yin", "Yang", "Yin", "Yin"]


def test_this_and_all_later_ones(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    response = dashboard.post("entry_edit", edit_form(start="19:00", scope="later", **CHECKED), pk=entries[1].pk)

    assert shown_messages(response) == ["3 entries saved"]
    assert [load_entry(entry).starts_at for entry in entries] == [
        datetime(2030, 3, 19, 18, 30, tzinfo=UTC),
        datetime(2030, 3, 26, 19, 0, tzinfo=UTC),
        datetime(2030, 4, 2, 18, 0, tzinfo=UTC),
        datetime(2030, 4, 9, 18, 0, tzinfo=UTC),
    ]


def test_a_single_entry_is_not_asked_about_others(dashboard: Dashboard, yoga: SchedulePage, entry: Entry) -> None:
    entries = create_weekly(yoga)

    assert "scope" in dashboard.get("entry_edit", pk=entries[3].pk).context["form"].fields
    assert "scope" not in dashboard.get("entry_edit", pk=entry.pk).context["form"].fields


def test_after_a_move_it_says_how_many_people_were_told(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    ticket = Ticket.objects.get()
    for entry in entries[1:3]:
        book_seat_manually(entry, ticket)

    alone = dashboard.post("entry_edit", edit_form(location="Park"), pk=entries[1].pk)
    assert shown_messages(alone) == ["Entry moved and 1 person emailed."]
    dashboard.get("schedule")
    change = edit_form(location="Park", start="19:00", scope="later", **CHECKED)
    together = dashboard.post("entry_edit", change, pk=entries[1].pk)

    assert shown_messages(together) == ["3 entries moved and 2 people emailed."]
    assert Letter.objects.filter(kind="moved").count() == 3


@pytest.mark.parametrize(
    ("change", "field", "words_of_it"),
    [
        ({"title": ""}, "title", "Enter the title"),
        ({"date": "2030-01-14"}, "date", says.CHOOSE_TODAY_OR_LATER),
        ({"end": "18:00"}, "end", says.CHOOSE_END_AFTER_START),
        ({"scope": "every"}, "scope", "Choose one from the list for “Change”"),
    ],
)
def test_a_bad_change_says_what_to_do_and_changes_nothing(
    change: dict[str, str], field: str, words_of_it: str, dashboard: Dashboard, yoga: SchedulePage
) -> None:
    entries = create_weekly(yoga)

    response = dashboard.post("entry_edit", edit_form(location="Typed", **change), pk=entries[1].pk)

    assert (response.status_code, dict(response.context["form"].errors)) == (422, {field: [words_of_it]})
    assert response.context["form"]["location"].value() == "Typed"
    assert response.content.decode().count("Vinyasa") == 0
    assert [load_entry(entry).location for entry in entries] == ["Hall"] * 4


@pytest.mark.parametrize("name", ["entry_edit", "entry_cancel"])
def test_an_entry_that_became_cancelled_says_so_and_stays(name: str, dashboard: Dashboard, entry: Entry) -> None:
    cancel_entry(entry, now=NOW)

    response = dashboard.post(name, edit_form(), pk=entry.pk)

    assert response.status_code == 409
    assert says.CANCELLED_ENTRY_STAYS in page_text(response)
    assert load_entry(entry).title == "Vinyasa"


@pytest.mark.parametrize("name", ["entry_edit", "entry_cancel"])
@pytest.mark.parametrize(("ago", "headline"), [(30, "This entry has started"), (60, "This entry has finished")])
def test_an_entry_that_has_begun_says_so_and_stays(
    name: str, ago: int, headline: str, dashboard: Dashboard, yoga: SchedulePage
) -> None:
    entry = EntryFactory.create(page=yoga, starts_at=NOW - timedelta(minutes=ago))

    assert headline in page_text(dashboard.get(name, pk=entry.pk))
    assert dashboard.post(name, edit_form(), pk=entry.pk).status_code == 409
    assert (load_entry(entry).title, load_entry(entry).cancelled_at) == (entry.title, None)


# Repeating


def extend(dashboard: Dashboard, entry: Entry, **sent: Any) -> Any:
    """Send the form, and the list of dates that follows."""
    return dashboard.post("entry_extend", confirmed(dashboard.post("entry_extend", sent, pk=entry.pk)), pk=entry.pk)


def test_a_series_goes_on(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    response = extend(dashboard, entries[0], until="2030-04-23")

    assert (response["Location"], shown_messages(response)) == (
        dashboard.url("entry_dates", pk=entries[0].pk),
        ["2 entries added"],
    )
    assert Entry.objects.count() == 6


def test_a_single_entry_becomes_weekly(dashboard: Dashboard, entry: Entry) -> None:
    assert "It’s on once so far:" in page_text(dashboard.get("entry_extend", pk=entry.pk))

    extend(dashboard, entry, repeats="weekly", until="2030-01-31")

    assert list(Entry.objects.values_list("starts_at", flat=True)) == [
        entry.starts_at + timedelta(weeks=week) for week in range(3)
    ]


def test_a_series_that_ended_goes_on_from_now(dashboard: Dashboard, yoga: SchedulePage) -> None:
    over = EntryFactory.create(page=yoga, starts_at=NOW - timedelta(days=21, hours=1))
    Series.objects.update(rule="FREQ=WEEKLY;UNTIL=20300101T235959")

    assert "The first new entry is on Tuesday 22 January 2030." in page_text(dashboard.get("entry_extend", pk=over.pk))
    early = dashboard.post("entry_extend", {"until": "2030-01-21"}, pk=over.pk)
    assert dict(early.context["form"].errors) == {"until": ["Choose 22 January 2030 or a later date"]}

    assert shown_messages(extend(dashboard, over, until="2030-01-22")) == ["1 entry added"]
    assert Entry.objects.latest("starts_at").starts_at == NOW + timedelta(days=7, hours=-1)


@pytest.mark.parametrize(
    ("until", "words_of_it"),
    [
        ("", "Choose the last date, or enter how many times"),
        ("2030-04-15", "Choose 16 April 2030 or a later date"),
        ("2099-01-01", "Choose 3 April 2035 or an earlier date. You can create up to 260 entries at a time."),
    ],
)
def test_a_bad_last_day_says_what_to_do(until: str, words_of_it: str, dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    response = dashboard.post("entry_extend", {"until": until}, pk=entries[0].pk)

    assert (response.status_code, dict(response.context["form"].errors)) == (422, {"until": [words_of_it]})
    assert Entry.objects.count() == 4
