"""A timetable of 100,000 entries costs PostgreSQL what a short one does, whatever it is asked for, here and there."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from django.db import connection
from django.test import Client

from tests.browsing import open_browser
from tests.factories.accounts import StaffFactory
from tests.jobs.blocks import blocks_of
from tests.tickets.public.timetables import LONG, add_rare, asking, make_longer
from tests.worlds.river import RiverStudio
from tickets.models import Leader, Location

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_files")]

FEW: Final = 1_500
"""More than are looked through at a time."""
MANY: Final = 100_000
SHOWN: Final = 2_000
"""Blocks that a page may read whatever there is: a month of an event an hour, each found by an index."""
FOR_STAFF: Final[list[dict[str, str]]] = [
    {},
    {"when": "past"},
    {"day": "2030-02-14"},
    {"view": "week"},
    {"view": "month"},
    {"view": "week", "day": "2030-02-14", "teacher": "Everyone"},
    {"view": "month", "day": "2030-02-14", "place": "Everyone"},
    {"view": "month", "teacher": "Rare"},
    *({name: who} for name in ("teacher", "place") for who in ("Everyone", "Rare")),
    {"place": "Never"},
    {"free": "1"},
    {"teacher": "Everyone", "place": "Never", "free": "1"},
    {"q": "Rare"},
    {"q": "Nowhere"},
]


def dashboard_query(asked: Mapping[str, str]) -> dict[str, str]:
    """The query of a dashboard’s address: leaders and locations by their keys."""
    keys: dict[str, Any] = {"teacher": Leader, "place": Location}
    return {name: str(keys[name].objects.get(name=who).pk) if name in keys else who for name, who in asked.items()}


def test_whatever_is_asked_for_costs_the_same_in_a_long_timetable(client: Client, studio: RiverStudio) -> None:
    owner = open_browser(StaffFactory.create(account=studio.account).user)

    def measured() -> Iterator[tuple[str, int]]:
        for asked in LONG:
            address = asking(**asked)
            client.get(address)
            yield f"public {json.dumps(asked)}", blocks_of(lambda address=address: client.get(address))  # type: ignore[misc]
        for asked in FOR_STAFF:
            query = dashboard_query(asked)
            owner.get("/dashboard/river/schedule/", query)
            yield (
                f"staff {json.dumps(asked)}",
                blocks_of(lambda query=query: owner.get("/dashboard/river/schedule/", query)),  # type: ignore[misc]
            )

    add_rare(studio)
    make_longer(studio, 1, FEW)
    few = dict(measured())
    with connection.cursor() as cursor:
        # They copy an entry’s start to its leaders and tags, which are made with it here.
        cursor.execute("SET LOCAL session_replication_role = replica")
    make_longer(studio, FEW + 1, MANY)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
    many = dict(measured())

    assert {
        asked: (few[asked], blocks) for asked, blocks in many.items() if blocks > max(1.3 * few[asked] + 100, SHOWN)
    } == {}
