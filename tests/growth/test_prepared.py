"""A plan that is made once, for any values, reads no more than one that is made for just these."""

from collections.abc import Callable, Generator, Iterator
from typing import Final

import pytest
from django.db import connection

from bench.scale import dataset
from bench.scale.addresses import Studio
from bench.scale.judging import SLACK, TARGET
from bench.scale.meter import Cost
from bench.scale.pages import Visitor
from tests.growth.test_booking import at_measured_class, book_by_offer, judge

pytestmark = pytest.mark.django_db

AREAS: Final = ("public: ", "my")
"""Beginnings of what the pages are called that most statements of this kind are for."""


@pytest.fixture
def plans(grown: None) -> Generator[Callable[[str], None]]:
    """Says how PostgreSQL plans what is prepared, which all is at once. It may read small tables whole, as in life."""
    connection.ensure_connection()
    before, connection.connection.prepare_threshold = connection.connection.prepare_threshold, 0
    say("SET enable_seqscan = on")
    yield lambda how: say(f"SET plan_cache_mode = force_{how}_plan")
    say("RESET plan_cache_mode")
    say("RESET enable_seqscan")
    connection.connection.prepare_threshold = before


def say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def costs() -> Iterator[tuple[str, Cost]]:
    """What each page reads, and a booking."""
    studio = Studio(dataset.studio(dataset.BIG))
    visits = [each for each in studio.visits() if each.label.startswith(AREAS)]
    for page in Visitor(studio, times=1).measure_all(visits):
        assert page.cost, page.label
        yield page.label, page.cost
    for act in (judge, book_by_offer):
        yield act.__name__, at_measured_class(dataset.BIG, act)


def test_a_plan_for_all_values_reads_no_more(plans: Callable[[str], None]) -> None:
    plans("custom")
    made_for_these = dict(costs())
    plans("generic")
    made_for_all = dict(costs())

    assert len(made_for_these) > 30
    assert {
        label: (found.relations, made_for_these[label].relations)
        for label, found in made_for_all.items()
        if found.blocks > TARGET * made_for_these[label].blocks + SLACK
    } == {}
