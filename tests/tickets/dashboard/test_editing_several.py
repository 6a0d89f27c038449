"""*Edit entry* for several dates of a series: what it does is seen before it is saved."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Letter, SchedulePage
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import load_entry
from tests.tickets.dashboard.booking import book_seat_manually
from tests.tickets.dashboard.test_entries import create_weekly, edit_form
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Location, Ticket

pytestmark = pytest.mark.django_db

SAME = {"date": "2030-03-26", "start": "18:30", "end": "19:45"}


def ask(dashboard: Dashboard, entry: Entry, **changes: str) -> Any:
    return dashboard.post("entry_edit", edit_form(**{**SAME, "scope": "later", **changes}), pk=entry.pk)


def sent_on(page: Any) -> dict[str, str]:
    """What the page of consequences sends, as its hidden fields say it."""
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields} | {"confirmed": "1"}


def test_a_move_of_several_says_which_move_and_whom_it_concerns(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    book_seat_manually(entries[2], Ticket.objects.get())

    seen = ask(dashboard, entries[1], start="19:00", end="20:00")

    text = page_text(seen)
    assert "3 entries change" in text
    assert "You changed: Start, End Tue 26 Mar" in text
    assert "Tue 2 Apr 2030: 18:30–19:45 becomes 19:00–20:00 1 space booked" in text
    assert "1 space is booked at the dates that move. The booking is kept, and we email the customer." in text
    assert load_entry(entries[2]).starts_at == entries[2].starts_at
    assert Letter.objects.filter(kind="moved").count() == 0

    done = dashboard.post("entry_edit", sent_on(seen), pk=entries[1].pk)

    assert shown_messages(done) == ["3 entries moved and 1 person emailed."]
    assert f"{load_entry(entries[2]).starts_at:%H:%M}" == "18:00"


def test_what_has_a_value_for_its_date_alone_is_told_to_stay(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    alone = edit_form(**{**SAME, "date": "2030-04-02", "title": "Yang"})
    dashboard.post("entry_edit", alone, pk=entries[2].pk)

    text = page_text(ask(dashboard, entries[1], title="Flow"))

    assert "2 entries change You changed: Title Tue 26 Mar" in text
    assert "These keep what differs You changed it for these dates alone. Go back to change it too." in text
    assert "Tue 2 Apr 2030: Title" in text
    assert "booked at the dates that move" not in text
    text = page_text(ask(dashboard, entries[1], title="Flow", overwrite="on"))
    assert ("3 entries change" in text, "These keep" in text) == (True, False)


def test_leaders_and_tags_change_where_others_are_typed(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    named = {"leaders": "Ada, Ben", "tags": "Calm"}

    seen = ask(dashboard, entries[0], date="2030-03-19", scope="all", **named)
    assert "4 entries change You changed: Leaders, Tags Tue 19 Mar" in page_text(seen)
    dashboard.post("entry_edit", sent_on(seen), pk=entries[0].pk)

    text = page_text(ask(dashboard, entries[1], start="19:00", end="20:00", leaders="Ada,Ben", tags="Calm"))
    assert "3 entries change You changed: Start, End Tue 26 Mar" in text


def test_a_duration_is_told_as_another_end(dashboard: Dashboard, yoga: SchedulePage) -> None:
    text = page_text(ask(dashboard, create_weekly(yoga)[1], duration="60"))

    assert "3 entries change You changed: End Tue 26 Mar" in text
    assert "Tue 26 Mar 2030: 18:30–19:45 becomes 18:30–19:30" in text


def test_a_page_that_is_only_looked_at_makes_no_location(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    names = list(Location.objects.values_list("name", flat=True))

    assert "You changed: Location" in page_text(ask(dashboard, entries[1], location="New loft"))

    assert list(Location.objects.values_list("name", flat=True)) == names


def test_back_keeps_what_was_typed(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    seen = ask(dashboard, entries[1], title="Flow", description="One.\r\nTwo.")

    back = dashboard.post("entry_edit", sent_on(seen) | {"change": "1"}, pk=entries[1].pk)

    form = back.context["form"]
    assert (back.status_code, form["title"].value(), form["scope"].value()) == (200, "Flow", "later")
    assert form["description"].value() == "One.\r\nTwo."
    assert [load_entry(each).title for each in entries] == ["Yin"] * 4


def test_a_date_that_would_have_begun_is_told_on_the_form(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)

    response = dashboard.post(
        "entry_edit", edit_form(**{**SAME, "date": "2030-01-16", "scope": "all"}), pk=entries[3].pk
    )

    words = "Choose a later date or time: an entry that moves along would have started already."
    assert (response.status_code, response.context["form"].errors) == (422, {"date": [words]})


def test_its_statements_do_not_grow_with_the_dates(dashboard: Dashboard, yoga: SchedulePage) -> None:
    entries = create_weekly(yoga)
    counts = []
    for each in (entries[2], entries[0]):
        with CaptureQueriesContext(connection) as asked:
            ask(dashboard, each, location="Loft", date=f"{each.starts_at:%Y-%m-%d}")
        counts.append(len(asked))
    assert counts[0] == counts[1]
