"""Members who joined and left, month by month: in any group or in one, and by membership.

Somebody is a member while any ground holds. Who goes on another ground the moment one ends has not left; who comes back
later has left, and joined again. What ends at midnight ends with the day before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection

from accounts.models import Account
from memberships.models.subscriptions import NOT_BEGUN
from tickets.reporting.spans import Month, Span

MOST_ROWS: Final = 200
_HELD: Final = """
    WITH held AS (
        SELECT member.customer_id AS who, {of} AS of,
            unnest(range_agg(tstzrange(standing.since, standing.until))) AS during
        FROM groups_standing AS standing JOIN groups_member AS member ON member.id = standing.member_id
        WHERE standing.account_id = %(account)s AND member.account_id = %(account)s
            AND (standing.until IS NULL OR standing.until >= %(begins)s AND standing.until > standing.since)
            AND standing.since < %(ends)s AND standing.since <= %(now)s {within}
        GROUP BY 1, 2
    )
"""
_WHICH: Final = {
    "there": "lower(during) < %(begins)s AND (upper_inf(during) OR upper(during) > %(begins)s)",
    "joined": "lower(during) >= %(begins)s",
    "left": "upper(during) > %(begins)s AND upper(during) <= least(%(ends)s, %(now)s)",
}
_BY_MONTH: Final = """
    {held}
    SELECT 'there', NULL, count(*) FROM held WHERE {there}
    UNION ALL
    SELECT 'joined', date_trunc('month', lower(during) AT TIME ZONE %(zone)s)::date, count(*)
    FROM held WHERE {joined} GROUP BY 2
    UNION ALL
    SELECT 'left', date_trunc('month', (upper(during) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date, count(*)
    FROM held WHERE {left} GROUP BY 2
"""
_BY_GROUP: Final = """
    {held}
    SELECT counted.id, counted.name, there, joined, gone FROM (
        SELECT customer_group.id, customer_group.name, count(*) FILTER (WHERE {there}) AS there,
            count(*) FILTER (WHERE {joined}) AS joined, count(*) FILTER (WHERE {left}) AS gone
        FROM held JOIN groups_group AS customer_group ON customer_group.id = held.of
        GROUP BY 1, 2
    ) AS counted
    WHERE there + joined + gone > 0
    ORDER BY there + joined - gone DESC, lower(counted.name), counted.id LIMIT %(most)s
"""
_SUBSCRIBED: Final = """
    SELECT membership.id, membership.title,
        count(*) FILTER (WHERE begun < %(begins)s AND (ended IS NULL OR ended > %(begins)s)) AS there,
        count(*) FILTER (WHERE begun >= %(begins)s AND begun < %(ends)s) AS joined,
        count(*) FILTER (WHERE begun >= %(begins)s AND begun < %(ends)s AND on_trial) AS trials,
        count(*) FILTER (WHERE ended > %(begins)s AND ended <= %(ends)s) AS gone,
        count(*) FILTER (WHERE ended > %(begins)s AND ended <= %(ends)s AND cancel_reason = 'payment_failed') AS unpaid,
        count(*) FILTER (WHERE ended > %(begins)s AND ended <= %(ends)s AND cancel_reason = 'payment_disputed'),
        count(*) FILTER (WHERE ended > %(begins)s AND ended <= %(ends)s AND ended <= trial_end) AS in_trial
    FROM (
        SELECT membership_id, coalesce(started_at, created_at) AS begun, ended_at AS ended, cancel_reason, trial_end,
            trial_end > coalesce(started_at, created_at) AS on_trial
        FROM memberships_subscription
        WHERE account_id = %(account)s AND status <> ALL(%(not_begun)s)
            AND (ended_at IS NULL OR ended_at > %(begins)s) AND coalesce(started_at, created_at) < %(ends)s
    ) AS subscription JOIN memberships_membership AS membership ON membership.id = subscription.membership_id
    GROUP BY 1, 2 ORDER BY count(*) DESC, lower(membership.title), 1 LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Change:
    """How many there were when something began, how many joined, and how many left in it."""

    there: int
    joined: int
    left: int

    @property
    def net(self) -> int:
        """How many more, or fewer, there are afterwards."""
        return self.joined - self.left

    @property
    def at_end(self) -> int:
        """How many there are at its end, or now."""
        return self.there + self.net


@dataclass(frozen=True, slots=True)
class MonthChange:
    """What changed in a month."""

    month: Month
    change: Change


@dataclass(frozen=True, slots=True)
class NamedChange:
    """What changed in a group, or among those who have a membership: its id, its name, and in how far."""

    pk: int
    name: str
    change: Change


@dataclass(frozen=True, slots=True)
class SubscribedChange(NamedChange):
    """The same of a membership: how many of those who joined began with a trial, and why others left.

    Of those who left, `unpaid`: a payment failed; `disputed`: their bank took it back; `in_trial`: no later than
    their trial ended. The others asked to leave, or the studio ended it.
    """

    trials: int = 0
    unpaid: int = 0
    disputed: int = 0
    in_trial: int = 0


@dataclass(frozen=True, slots=True)
class _Read:
    there: int = 0
    joined: Mapping[Month, int] = field(default_factory=dict)
    left: Mapping[Month, int] = field(default_factory=dict)


def read_members_by_month(account: Account, span: Span, *, now: datetime, group: int = 0) -> list[MonthChange]:
    """Each month of a span (of whole months) up to an aware instant; in one group (id), else in any. One statement."""
    within = "AND member.group_id = %(group)s" if group else ""
    sql = _BY_MONTH.format(held=_HELD.format(of="0", within=within), **_WHICH)
    read = _read(sql, _facts(account, span, now) | {"group": group})
    there, found = read.there, []
    for month in span.months:
        change = Change(there, read.joined.get(month, 0), read.left.get(month, 0))
        found.append(MonthChange(month, change))
        there = change.at_end
    return found


def read_members_by_group(account: Account, span: Span, *, now: datetime) -> list[NamedChange]:
    """Each group in which anybody was in a span, the largest first. One statement."""
    sql = _BY_GROUP.format(held=_HELD.format(of="member.group_id", within=""), **_WHICH)
    return [NamedChange(pk, name, Change(*counts)) for pk, name, *counts in _rows(sql, _facts(account, span, now))]


def read_members_by_membership(account: Account, span: Span, *, now: datetime) -> list[SubscribedChange]:
    """Each membership that anybody had in a span: who has changed theirs counts for the one that they have now."""
    facts = _facts(account, span, now) | {"not_begun": sorted(NOT_BEGUN)}
    return [
        SubscribedChange(pk, title, Change(there, joined, gone), trials, unpaid, disputed, in_trial)
        for pk, title, there, joined, trials, gone, unpaid, disputed, in_trial in _rows(_SUBSCRIBED, facts)
    ]


def _facts(account: Account, span: Span, now: datetime) -> dict[str, Any]:
    return {
        "account": account.pk,
        "zone": account.zone.key,
        "begins": span.begins,
        "ends": span.ends,
        "now": now,
        "most": MOST_ROWS,
    }


def _rows(sql: str, facts: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return list(cursor.fetchall())


def _read(sql: str, facts: Mapping[str, Any]) -> _Read:
    there, joined, left = 0, dict[Month, int](), dict[Month, int]()
    for what, first, count in _rows(sql, facts):
        match what:
            case "there":
                there = count
            case "joined":
                joined[Month.of(first)] = count
            case "left":
                left[Month.of(first)] = count
    return _Read(there, joined, left)
