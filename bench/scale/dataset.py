"""The data set: constraints on, right by `check_books`, and the same at every scale but for its size."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection

from accounts.models import Account
from bench.scale import studios
from bench.scale.sizes import LITTLE, USUAL, Sizes, little_studios

SQL: Final = Path(__file__).with_name("sql")
PARTS: Final = ("people", "schedule", "bookings", "receipts", "attending", "memberships", "background")
BIG: Final = "scale-big"
QUARTER: Final = "scale-quarter"
SMALL: Final = "scale-small"


def build(
    scale: float,
    *,
    now: datetime,
    grown: Mapping[str, float] | None = None,
    say: Callable[[str], None] = lambda _said: None,
) -> None:
    """Fill an empty database: studios that have grown among small ones. `say` hears what is done.

    `grown` has the scale of each by its slug; without it there is one, of the scale that says how many small ones.
    """
    grown = {BIG: scale} if grown is None else grown
    little = [f"scale-little-{number}" for number in range(little_studios(scale))]
    half = len(little) // 2
    wanted: list[tuple[str, Sizes]] = [
        *((slug, LITTLE) for slug in little[:half]),
        (SMALL, USUAL),
        *((slug, Sizes.big(its_scale)) for slug, its_scale in grown.items()),
        *((slug, LITTLE) for slug in little[half:]),
    ]
    begun = studios.begin([slug for slug, _sizes in wanted], now=now)
    studios.describe([(each, sizes) for each, (_slug, sizes) in zip(begun, wanted, strict=True)], now=now)
    for part in PARTS:
        say(part)
        with connection.cursor() as cursor:
            for statement in _statements(part):
                cursor.execute(statement)
    _go_on_after()
    say("statistics")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE studio, joining, scheduled, booked, used, subscribed, billed, full_class")
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")


def studio(slug: str) -> Account:
    """The account of a studio of the data set."""
    return Account.objects.with_connection().get(slug=slug)


def _statements(part: str) -> list[str]:
    return [each for each in (SQL / f"{part}.sql").read_text().split(";\n") if each.strip()]


def _go_on_after() -> None:
    """Let ids go on after those that were given here."""
    with connection.cursor() as cursor:
        for table in studios.TABLES.values():
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
            )
