"""Checking one studio's books reads what is its own."""

import pytest
from django.utils import timezone

from bench.scale import dataset
from bench.scale.meter import measure
from tickets.consistency import check_books

pytestmark = pytest.mark.django_db


def blocks_of_check(slug: str) -> int:
    account = dataset.studio(slug)
    cost = measure(lambda: check_books(account=account, now=timezone.now()), times=1)
    assert cost
    return cost.blocks


def test_the_data_set_adds_up(grown: None) -> None:
    assert check_books(now=timezone.now()) == []


def test_a_small_studio_s_check_costs_by_its_own_rows(grown: None) -> None:
    """It has a tenth of the big one's rows; were every part to read all studios' rows, both would cost the same."""
    assert blocks_of_check(dataset.SMALL) <= blocks_of_check(dataset.BIG) / 3
