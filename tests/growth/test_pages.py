"""No page costs a big studio more than a small one: every page there is, its searches, filters and further pages.

Pages are found by their routes (`bench.scale.addresses`) and by the links and forms on them. A new page is judged like
all others, and a new kind of address fails until the data set has a value for it.
"""

from collections.abc import Iterator
from typing import Final

import pytest

from bench.scale import dataset
from bench.scale.addresses import Studio, routes
from bench.scale.judging import Figures, held_against
from bench.scale.pages import Measured, Visitor

pytestmark = pytest.mark.django_db

AREAS = sorted({f"{Studio.label_of(route).partition('/')[0]}" for route in routes()})
"""The first words of what pages are called."""
COUNTED: Final = 150
"""Blocks more that counting up to a thousand may take, of which a small studio has a few hundred."""
WALKS: Final = {
    # What more than a thousand customers have is looked for in the list itself: in a thousand of its rows at most, if
    # little of it is there (docs/decisions/0047).
    "payments/, a common word",
    "groups/<pk>/customers/, Everybody, a common word",
    # The names of leaders, locations and tags are gone through, five hundred at most; a small studio has sixty of each.
    "public: schedule, by class",
    "public: schedule, by class, class=Weekly class 1",
    "public: schedule, by class, from=…, class=Weekly class 1",
    # Spaces booked ahead are counted up to a thousand, each with its booking; a small studio has a few hundred.
    "customers/moving-in/",
    # Series and spaces of fifty entries are looked up one by one, where those of a small studio are read in one go.
    "schedule/, when=past",
}
"""Pages that read more of a big studio."""
ADDED_UP: Final = ("reports/", "reports/fullness/", "reports/income/", "reports/members/", "reports/uses/")
"""Reports: each adds up a bounded time, however much happened in it (docs/decisions/0089). The ledger is a list."""


def test_every_area_has_pages() -> None:
    assert {"overview", "bookings", "customers", "groups", "payments", "public: schedule", "my"} <= set(AREAS)


@pytest.mark.parametrize("area", AREAS)
def test_a_page_costs_a_big_studio_what_it_costs_a_small_one(grown: None, area: str) -> None:
    small = {each.label: figures(each) for each in pages_of(dataset.SMALL, area)}
    big = {each.label: figures(each) for each in pages_of(dataset.BIG, area)}

    rows = held_against(small, big)
    troubles = {row.label: row.trouble_beyond(COUNTED) for row in rows if not is_more(row.label)}
    assert {label: trouble for label, trouble in troubles.items() if trouble} == {}


def is_more(label: str) -> bool:
    """Whether a page may read more of a big studio."""
    return label in WALKS or label.partition(",")[0] == ADDED_UP[0] or label.startswith(ADDED_UP[1:])


def pages_of(slug: str, area: str) -> Iterator[Measured]:
    studio = Studio(dataset.studio(slug))
    visits = [each for each in studio.visits() if each.label.partition("/")[0].partition(",")[0] == area]
    return Visitor(studio, times=1).measure_all(visits)


def figures(page: Measured) -> Figures:
    return Figures.read(page.told())
