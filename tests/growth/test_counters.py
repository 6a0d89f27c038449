"""Counters of spaces stay cheap however many bookings there are: PostgreSQL writes a new count beside the old one."""

import pytest
from django.db import connection

from offers.models import UsagePeriod
from tickets.models import EntryPlaces, Party, TicketPlaces

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "moved"),
    [
        (EntryPlaces._meta.db_table, {"capacity", "taken", "revision"}),
        (TicketPlaces._meta.db_table, {"capacity", "taken"}),
        (Party._meta.db_table, {"seats", "allowed"}),
        (UsagePeriod._meta.db_table, {"ceiling", "used"}),
    ],
)
def test_no_index_has_what_a_booking_moves(table: str, moved: set[str]) -> None:
    """Else every booking writes to that index too (its update is not “heap-only”), and a full class makes it grow."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT attname FROM pg_attribute JOIN pg_index ON attrelid = indexrelid
            WHERE indrelid = %s::regclass
            """,
            [table],
        )
        indexed = {name for (name,) in cursor.fetchall()}

    assert indexed & moved == set()
