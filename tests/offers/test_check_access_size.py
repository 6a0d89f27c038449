"""*Check access* in a studio with very many entries."""

import pytest

from tests.browsing import page_text
from tests.factories.schedule import EntryFactory
from tests.offers.test_dashboard_check import CheckedStudio
from tests.plans import reading, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def studio() -> CheckedStudio:
    return CheckedStudio()


def add_entries(studio: CheckedStudio, series: int, number: int) -> None:
    """So many entries of a series, before the studio's own."""
    run(
        "INSERT INTO tickets_entry (account_id, page_id, series_id, uuid, title, description, location, starts_at,"
        " ends_at, per_booking, created_at) SELECT account_id, page_id, %(series)s, gen_random_uuid(), 'Many', '', '',"
        " starts_at - interval '1 minute', ends_at, 6, now() FROM tickets_entry, generate_series(1, %(number)s)"
        " WHERE id = %(entry)s",
        "ANALYZE tickets_entry",
        entry=studio.entry.pk,
        series=series,
        number=number,
    )


@pytest.mark.usefixtures("new_files")
def test_no_more_entries_are_looked_at_than_it_takes(studio: CheckedStudio) -> None:
    asked = []
    for number in (150, 900):
        add_entries(studio, studio.entry.series_id, number)
        with reading() as read:
            page = page_text(studio.check(at=""))
        assert "Many · Member place" in page
        asked.append((len(read.blocks), sum(read.blocks)))
    (statements, blocks), (as_many, most) = asked
    assert (as_many, most < 1.3 * blocks + 20) == (statements, True), asked


def test_entries_without_tickets_do_not_hide_those_after_them(studio: CheckedStudio) -> None:
    add_entries(studio, EntryFactory.create(page=studio.entry.page).series_id, 150)

    assert "Yoga · Member place" in page_text(studio.check(at=""))
