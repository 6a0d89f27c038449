"""Checking one studio's books reads what is its own."""

import pytest
from django.utils import timezone

from bench.scale import dataset
from bench.scale.meter import measure
from tickets.consistency import check_books
from tickets.models import Seat

pytestmark = pytest.mark.django_db


def blocks_per_seat(slug: str) -> float:
    account = dataset.studio(slug)
    cost = measure(lambda: check_books(account=account, now=timezone.now()), times=1)
    assert cost
    return cost.blocks / Seat.objects.filter(account=account).count()


def test_the_data_set_adds_up(grown: None) -> None:
    assert check_books(now=timezone.now()) == []


def test_a_small_studio_s_check_costs_by_its_own_rows(grown: None) -> None:
    assert blocks_per_seat(dataset.SMALL) <= 1.3 * blocks_per_seat(dataset.BIG)
