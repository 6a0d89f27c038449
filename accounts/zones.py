"""Time zones: which a studio can choose, and what a zone of an older name is called today.

What Python knows of time zones is what counts: instants are reckoned and shown with it, and no statement asks
PostgreSQL for a zone's clocks (docs/decisions/0024). The names come from the package `tzdata`, which every process of a
release has alike: `zone.tab` lists those in use, one for each region with clocks of its own in a country, and
`tzdata.zi` tells what others were renamed to.
"""

import logging
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.db import connection

UTC_NAME: Final = "UTC"
UTC_ZONE: Final = ZoneInfo(UTC_NAME)

log = logging.getLogger(__name__)


def find_zone(name: str) -> ZoneInfo | None:
    """The time zone of this name, or of what it is called today; none where nobody knows it."""
    return _read_zone(name) or _read_zone(current_name(name))


def zone_or_utc(name: str) -> ZoneInfo:
    """The time zone of this name, to show something; UTC where nobody knows it, as its account's settings say."""
    return find_zone(name) or UTC_ZONE


def require_zone(name: str) -> ZoneInfo:
    """The time zone of this name, where it decides something. Raises ZoneInfoNotFoundError where nobody knows it."""
    zone = find_zone(name)
    if zone is None:
        message = f"Nobody knows the time zone {name!r}."
        raise ZoneInfoNotFoundError(message)
    return zone


def current_name(name: str) -> str:
    """What a time zone is called today (*Asia/Kolkata* for *Asia/Calcutta*); the same where it has no other name."""
    seen = set[str]()
    while name not in _names_in_use() and name in _links() and name not in seen:
        seen.add(name)
        name = _links()[name]
    return name


def offered_zones() -> list[str]:
    """The time zones that a studio can choose: in use, and known to Python and to the database; UTC too."""
    return sorted(_names_in_use() & available_timezones() & _known_to_database())


def known_zones(names: Iterable[str]) -> dict[str, ZoneInfo]:
    """Time zones by their names in the database; one that nobody knows is left out, and logged."""
    found = {name: find_zone(name) for name in names}
    if unknown := sorted(name for name, zone in found.items() if zone is None):
        log.warning("Nobody knows these time zones, so their accounts are left out: %s", ", ".join(unknown))
    return {name: zone for name, zone in found.items() if zone}


def _read_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such name; none that could be one; a folder
        return None


@cache
def _names_in_use() -> frozenset[str]:
    rows = (line.split("\t") for line in _read("zone.tab").splitlines() if not line.startswith("#"))
    return frozenset(row[2] for row in rows) | {UTC_NAME}


@cache
def _links() -> dict[str, str]:
    """By older name, the one that it is another name of."""
    rows = (line.split() for line in _read("tzdata.zi").splitlines() if line.startswith("L "))
    return {name: target for _link, target, name in rows}


@cache
def _known_to_database() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        return frozenset(name for (name,) in cursor.fetchall())


def _read(name: str) -> str:
    return (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
