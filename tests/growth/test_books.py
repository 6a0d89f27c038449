"""Checking one studio's books reads what is its own."""

import pytest
from django.db import connection
from django.utils import timezone

from bench.scale import dataset
from bench.scale.meter import measure
from tickets import consistency
from tickets.consistency import check_books
from tickets.consistency.checks import CHECKS
from tickets.models import FindingKind

pytestmark = pytest.mark.django_db


def blocks_of_check(slug: str) -> int:
    account = dataset.studio(slug)
    cost = measure(lambda: check_books(account=account, now=timezone.now()), times=1)
    assert cost
    return cost.blocks


def test_the_data_set_adds_up(grown: None) -> None:
    with connection.cursor() as cursor:
        # All is read here, and by indexes alone that would take minutes.
        cursor.execute("SET LOCAL enable_seqscan = on")
    assert check_books(now=timezone.now()) == []


@pytest.mark.parametrize(
    "kind", [FindingKind.TICKET, FindingKind.PARTY, FindingKind.ADDS_UP, FindingKind.USE, FindingKind.FILED]
)
def test_what_is_counted_of_a_little_studio_is_its_own(
    grown: None, kind: FindingKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a sixtieth of the big one's rows. Were all studios' rows counted, both would cost the same."""
    monkeypatch.setattr(consistency, "CHECKS", [check for check in CHECKS if check.kind == kind])

    assert blocks_of_check("scale-little-0") <= blocks_of_check(dataset.BIG) / 3
