"""Rows of long lists are light: what their icons look like stands once in the page."""

import re

import pytest

from tests.factories.schedule import EntryFactory
from tests.tickets.dashboard.booking import book_seat_manually
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db
FULL = 20
LIGHT = 80_000
"""Bytes of a register of so many, its menus included."""


@pytest.mark.parametrize(
    ("page", "query"), [("entry", {}), ("schedule", {}), ("schedule", {"view": "week"}), ("schedule", {"when": "past"})]
)
def test_each_icon_of_a_row_is_in_the_page_once(
    dashboard: Dashboard, entry: Entry, ticket: Ticket, page: str, query: dict[str, str]
) -> None:
    book_seat_manually(entry, ticket, "Ada")
    EntryFactory.create(page=entry.page, starts_at=entry.starts_at)

    shown = dashboard.get(page, query, **({"pk": entry.pk} if page == "entry" else {})).content.decode()

    used, drawn = (re.findall(pattern, shown) for pattern in (r'<use href="#(.+?)"', r'<symbol id="(.+?)"'))
    assert len(drawn) == len(set(drawn)) > 5
    assert set(used) <= set(drawn)
    assert bool(used) is (query.get("when") != "past")


def test_a_full_register_is_light(dashboard: Dashboard, entry: Entry, ticket: Ticket) -> None:
    entry.places.capacity = FULL
    entry.places.save()
    for number in range(FULL):
        book_seat_manually(entry, ticket, f"Attendee {number}")

    shown = dashboard.get("entry", pk=entry.pk).content

    assert shown.count(b"register-line") == FULL
    assert len(shown) < LIGHT
