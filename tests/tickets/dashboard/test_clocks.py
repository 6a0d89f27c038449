"""Nights in which clocks change, as an operator types them."""

from datetime import UTC, datetime

import pytest

from accounts.models import SchedulePage
from tests.browsing import page_text
from tests.tickets.dashboard.test_entries import confirmed, create_repeated, entry_form
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry

pytestmark = pytest.mark.django_db


def test_t2_a_night_that_is_typed_ends_at_its_hour_in_every_week(dashboard: Dashboard, yoga: SchedulePage) -> None:
    create_repeated(dashboard, date="2030-03-23", start="22:00", end="06:00", end_date="2030-03-24", until="2030-04-06")

    assert list(Entry.objects.values_list("ends_at", flat=True)) == [
        datetime(2030, 3, 24, 6, tzinfo=UTC),
        datetime(2030, 3, 31, 5, tzinfo=UTC),
        datetime(2030, 4, 7, 5, tzinfo=UTC),
    ]
    short = Entry.objects.all()[1]
    form = dashboard.get("entry_edit", pk=short.pk).context["form"]
    assert [str(form[name].value()) for name in ("date", "start", "end", "end_date")] == [
        "2030-03-30",
        "22:00:00",
        "06:00:00",
        "2030-03-31",
    ]


def test_t4_an_end_in_or_after_the_hour_that_comes_twice_is_taken(dashboard: Dashboard, yoga: SchedulePage) -> None:
    for end in ("01:45", "02:15"):
        assert dashboard.post("entry_create", entry_form(date="2030-10-27", start="01:30", end=end)).status_code == 302

    assert list(Entry.objects.order_by("pk").values_list("starts_at", "ends_at")) == [
        (datetime(2030, 10, 27, 0, 30, tzinfo=UTC), datetime(2030, 10, 27, 0, 45, tzinfo=UTC)),
        (datetime(2030, 10, 27, 0, 30, tzinfo=UTC), datetime(2030, 10, 27, 2, 15, tzinfo=UTC)),
    ]


def test_t3_a_series_goes_on_after_the_hour_that_was_left_out(dashboard: Dashboard, yoga: SchedulePage) -> None:
    create_repeated(dashboard, date="2030-03-24", start="01:30", end="02:15", until="2030-03-31")
    last = Entry.objects.latest("starts_at")
    dates = dashboard.post("entry_extend", {"until": "2030-04-07"}, pk=last.pk)
    dashboard.post("entry_extend", confirmed(dates), pk=last.pk)

    assert Entry.objects.latest("starts_at").starts_at == datetime(2030, 4, 7, 0, 30, tzinfo=UTC)
    assert last.starts_at == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)


def test_t3_an_entry_in_the_hour_that_is_left_out_says_why_it_starts_later(
    dashboard: Dashboard, yoga: SchedulePage
) -> None:
    create_repeated(dashboard, date="2030-03-24", start="01:30", end="02:15", until="2030-03-31")
    usual, skipped = (page_text(dashboard.get("entry", pk=each.pk)) for each in Entry.objects.order_by("starts_at"))

    assert "Sun 31 Mar 2030, 02:30 – 03:15" in skipped
    assert "The clocks go forward on this day and skip 01:30, so it starts later than usual." in skipped
    assert "The clocks" not in usual


def test_an_entry_in_the_hour_that_comes_twice_says_that_it_starts_the_first_time(
    dashboard: Dashboard, yoga: SchedulePage
) -> None:
    form = entry_form(date="2030-10-20", start="01:30", end="02:15", until="2030-10-27")
    seen = page_text(dashboard.post("entry_create", form))
    create_repeated(dashboard, date="2030-10-20", start="01:30", end="02:15", until="2030-10-27")
    usual, twice = (page_text(dashboard.get("entry", pk=each.pk)) for each in Entry.objects.order_by("starts_at"))

    assert seen.count("The clocks go back and show this time twice. It starts the first time.") == 1
    assert "The clocks go back on this day and show 01:30 twice. It starts the first time." in twice
    assert "The clocks" not in usual
