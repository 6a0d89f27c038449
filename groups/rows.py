"""Rows of members and their standings, written for any number of customers by one statement each."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from groups.models import BY_HAND, Group, StandingSource

_MEMBERS: Final = """
    INSERT INTO groups_member (account_id, group_id, customer_id, created_at)
    SELECT %(account)s::bigint, %(group)s::bigint, customer, %(now)s::timestamptz
    FROM unnest(%(customers)s::bigint[]) WITH ORDINALITY AS wanted(customer, place) ORDER BY place
    ON CONFLICT DO NOTHING
"""
_STANDINGS: Final = """
    INSERT INTO groups_standing (account_id, member_id, source, ground, since, until, anchor)
    SELECT %(account)s::bigint, member, %(source)s, %(ground)s::uuid, %(since)s::timestamptz, until, anchor
    FROM unnest(%(members)s::bigint[], %(anchors)s::date[], %(untils)s::timestamptz[])
        WITH ORDINALITY AS opened(member, anchor, until, place)
    ORDER BY place
    RETURNING member_id, id
"""


def insert_members(group: Group, customers: Sequence[int], *, now: datetime) -> None:
    """Make customers (ids) members of a group, who stand in it by nothing yet; those who are one already stay so."""
    asked: dict[str, Any] = {"account": group.account_id, "group": group.pk, "customers": list(customers), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, asked)


def insert_standings_by_hand(
    group: Group, opened: Mapping[int, tuple[date, datetime | None]], *, since: datetime
) -> dict[int, int]:
    """Open standings by hand for members (ids), each with its anchor and perhaps an end: the standings (ids)."""
    if not opened:
        return {}
    anchors, untils = zip(*opened.values(), strict=True)
    asked: dict[str, Any] = {"account": group.account_id, "source": str(StandingSource.MANUAL), "ground": BY_HAND}
    asked |= {"since": since, "members": list(opened), "anchors": list(anchors), "untils": list(untils)}
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, asked)
        return dict(cursor.fetchall())
