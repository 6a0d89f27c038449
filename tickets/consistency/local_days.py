"""Which instants the days have that uses are charged for, in their accounts' time zones, as Python knows them."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.zones import known_zones
from tickets.consistency.check import in_accounts
from tickets.wall_times import to_instant

_CHARGED: Final = """
    SELECT DISTINCT account.time_zone, line.event_on
    FROM offers_offeruse AS line JOIN accounts_account AS account ON account.id = line.account_id
    WHERE line.ended_at IS NULL AND IN_ACCOUNTS(line)
"""


def days_of_uses(accounts: list[int] | None) -> dict[str, list[Any]]:
    """Parameters of the check of days in some accounts (ids) or in all.

    Each zone with each day that is charged there, and the day's begin and end.

    A zone that nobody knows has none: it is among `unknown_zones`, and its uses are not checked.
    """
    with connection.cursor() as cursor:
        cursor.execute(in_accounts(_CHARGED), {"accounts": accounts})
        charged = cursor.fetchall()
    zones = known_zones({name for name, _day in charged})
    found = [(name, day, *_begin_and_end(day, zones[name])) for name, day in charged if name in zones]
    names = ("day_zones", "days", "day_begins", "day_ends")
    columns = {name: [row[at] for row in found] for at, name in enumerate(names)}
    return {**columns, "unknown_zones": sorted({name for name, _day in charged if name not in zones})}


def _begin_and_end(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time.min)
    return to_instant(midnight, zone), to_instant(midnight + timedelta(days=1), zone)
