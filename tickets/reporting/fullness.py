"""How full entries were: their places and who took them, who came, who cancelled late, and who waited.

Of entries that have begun and were not cancelled. One statement, whatever it is told by.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from tickets.reporting.spans import Span

MOST_ROWS: Final = 200
"""Lines of a report; those with the most entries."""
_ENTRIES: Final = """
    WITH begun AS MATERIALIZED (
        SELECT entry.id, entry.title, entry.page_id, entry.starts_at, entry.starts_at AT TIME ZONE %(zone)s AS clock,
            places.capacity, places.taken
        FROM tickets_entry AS entry JOIN tickets_entryplaces AS places ON places.entry_id = entry.id
        WHERE entry.account_id = %(account)s AND entry.starts_at >= %(begins)s AND entry.starts_at < %(ends)s
            AND entry.starts_at <= %(now)s AND entry.cancelled_at IS NULL
    ), seated AS (
        SELECT seat.entry_id,
            count(*) FILTER (
                WHERE seat.cancelled_by = 'customer' AND seat.cancelled_at > begun.starts_at - %(cutoff)s
            ) AS late,
            count(*) FILTER (WHERE attendance.presence = 'present') AS present,
            count(*) FILTER (WHERE attendance.presence = 'absent') AS absent
        FROM begun JOIN tickets_seat AS seat ON seat.entry_id = begun.id
            LEFT JOIN tickets_attendance AS attendance ON attendance.seat_id = seat.id
        WHERE seat.account_id = %(account)s
        GROUP BY seat.entry_id
    ), waited AS (
        SELECT request.entry_id, sum(cardinality(request.names)) AS people
        FROM begun JOIN tickets_waitlistrequest AS request ON request.entry_id = begun.id
        WHERE request.account_id = %(account)s AND request.state <> 'taken'
        GROUP BY request.entry_id
    ), counted AS MATERIALIZED (
        SELECT begun.*, seated.late, seated.present, seated.absent, waited.people
        FROM begun LEFT JOIN seated ON seated.entry_id = begun.id LEFT JOIN waited ON waited.entry_id = begun.id
    )
    SELECT NULL, NULL, {sums} FROM counted
    UNION ALL (
        SELECT {key}, {sums} FROM counted {joined}
        GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %(most)s
    )
"""
_SUMS: Final = """
    count(*), coalesce(sum(capacity), 0), coalesce(sum(taken), 0), coalesce(sum(late), 0), coalesce(sum(present), 0),
    coalesce(sum(absent), 0), coalesce(sum(people), 0)
"""
_LED: Final = """
    LEFT JOIN tickets_entryleader AS led ON led.entry_id = counted.id AND led.leads
    LEFT JOIN tickets_leader AS leader ON leader.id = led.leader_id
"""


class FullnessBy(TextChoices):
    """What fullness is told by."""

    TITLE = "title", _("Entry")
    TIME = "time", _("Day and time")
    LEADER = "leader", _("Leader")
    PAGE = "page", _("Schedule page")


_KEYS: Final = {
    FullnessBy.TITLE: ("title, ''", ""),
    FullnessBy.TIME: ("extract(isodow FROM clock)::text, extract(hour FROM clock)::text", ""),
    FullnessBy.LEADER: ("coalesce(leader.name, ''), coalesce(leader.id::text, '')", _LED),
    FullnessBy.PAGE: (
        "page.title, page.slug",
        "JOIN accounts_schedulepage AS page ON page.id = counted.page_id",
    ),
}


@dataclass(frozen=True, slots=True)
class Fullness:
    """Some entries in numbers; all of people and places, none of them below 0."""

    entries: int = 0
    places: int = 0
    booked: int = 0
    late: int = 0
    """Places given up by their customers after the cut-off."""
    present: int = 0
    absent: int = 0
    waited: int = 0
    """People on the waiting list who got no place."""

    def __add__(self, other: "Fullness") -> "Fullness":
        names = [each.name for each in fields(self)]
        return Fullness(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def percent(self) -> int | None:
        """How much of their places was taken, in whole percent; None without places."""
        return share(self.booked, self.places)

    @property
    def absent_percent(self) -> int | None:
        """How many of those who were marked did not come, in whole percent; None where nobody was marked."""
        return share(self.absent, self.present + self.absent)


@dataclass(frozen=True, slots=True)
class FullnessRow:
    """A line of the report.

    `key` and `more` are a title; a weekday (1: Monday) and hour; a leader’s name and id; or a page’s title and slug. A
    leader without a name is nobody: the entries that no one led.
    """

    key: str
    more: str
    sums: Fullness


@dataclass(frozen=True, slots=True)
class FullnessReport:
    """All entries together, and by what was asked, those with most entries first; `is_cut`: there are more lines.

    An entry with two leaders counts for both.
    """

    total: Fullness
    rows: Sequence[FullnessRow]
    is_cut: bool

    def __iter__(self) -> Iterator[FullnessRow]:
        return iter(self.rows)


def share(part: int, whole: int) -> int | None:
    """A part of a whole in percent, rounded; full only where it is, and empty only where it is. None of nothing."""
    if whole <= 0:
        return None
    percent = round(100 * part / whole)
    if percent == 100 and part < whole:  # noqa: PLR2004 - all of it
        return 99
    return 1 if percent == 0 and part else percent


def read_fullness(
    account: Account, span: Span, by: FullnessBy, *, now: datetime, most: int = MOST_ROWS
) -> FullnessReport:
    """How full an account’s entries were that began on days of its own, and not after an aware instant."""
    key, joined = _KEYS[by]
    facts: dict[str, Any] = {
        "account": account.pk,
        "zone": account.zone.key,
        "begins": span.begins,
        "ends": span.ends,
        "now": now,
        "cutoff": timedelta(minutes=account.cancellation_cutoff_minutes),
        "most": most + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES.format(key=key, joined=joined, sums=_SUMS), facts)
        (total, *rows) = cursor.fetchall()
    found = [FullnessRow(each[0], each[1], Fullness(*map(int, each[2:]))) for each in rows[:most]]
    return FullnessReport(Fullness(*map(int, total[2:])), found, len(rows) > most)
