"""What became of the uses that offers give: used, given back, lapsed, and left now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from accounts.models import Account
from offers.periods import local_day
from tickets.models import Channel, Presence
from tickets.reporting.fullness import share
from tickets.reporting.spans import Span

MOST_ROWS: Final = 200
GIVEN_BACK: Final = (Channel.CUSTOMER, Channel.STUDIO, Channel.RELEASED, Presence.ABSENT)
"""Why a use was given back that somebody had: not one of a basket, nor one that moved to another line."""
_USES: Final = """
    WITH counted AS (
        SELECT period.offer_id, count(*) FILTER (WHERE used.ended_at IS NULL) AS used,
            count(*) FILTER (WHERE used.why = ANY(%(back)s)) AS back
        FROM offers_offeruse AS used JOIN offers_usageperiod AS period ON period.id = used.period_id
        WHERE used.account_id = %(account)s AND period.account_id = %(account)s
            AND used.event_on BETWEEN %(first)s AND %(last)s
        GROUP BY 1
    ), lapsed AS (
        SELECT period.offer_id, sum(period.left_unused) AS lapsed, sum(period.used) AS used_of_it
        FROM offers_usageperiod AS period
        WHERE period.account_id = %(account)s AND period.closed_at IS NOT NULL
            AND period.ends_on > %(first)s AND period.ends_on <= %(last)s + 1
        GROUP BY 1
    ), running AS (
        SELECT period.offer_id, count(*) AS members,
            sum(greatest(offer."limit" + period.extra - period.used, 0)) AS remaining
        FROM offers_usageperiod AS period JOIN offers_offer AS offer ON offer.id = period.offer_id
            JOIN groups_member AS member ON member.id = period.member_id
        WHERE period.account_id = %(account)s AND offer.account_id = %(account)s AND offer."limit" IS NOT NULL
            AND period.starts_on <= %(today)s AND (period.ends_on IS NULL OR period.ends_on > %(today)s)
            AND member.stands_until > %(now)s
        GROUP BY 1
    )
    SELECT offer.id, offer.name, CASE WHEN offer.deleted_at IS NULL THEN offer.number END,
        offer_group.id, offer_group.name, offer."limit",
        coalesce(counted.used, 0), coalesce(counted.back, 0),
        coalesce(lapsed.used_of_it, 0), coalesce(lapsed.lapsed, 0),
        CASE WHEN offer."limit" IS NULL OR NOT offer.enabled OR offer.deleted_at IS NOT NULL THEN NULL
        ELSE coalesce(running.remaining, 0) + offer."limit" * greatest(
            (SELECT count(*) FROM groups_member AS member WHERE member.account_id = %(account)s
                AND member.group_id = offer.group_id AND member.stands_until > %(now)s)
            - coalesce(running.members, 0), 0)
        END
    FROM (
        SELECT *, row_number() OVER (PARTITION BY group_id, deleted_at IS NULL ORDER BY id) AS number
        FROM offers_offer WHERE account_id = %(account)s
    ) AS offer JOIN groups_group AS offer_group ON offer_group.id = offer.group_id
        LEFT JOIN counted ON counted.offer_id = offer.id LEFT JOIN lapsed ON lapsed.offer_id = offer.id
        LEFT JOIN running ON running.offer_id = offer.id
    WHERE offer.deleted_at IS NULL AND offer_group.archived_at IS NULL OR counted.used > 0 OR counted.back > 0
        OR lapsed.lapsed > 0
    ORDER BY lower(offer_group.name), offer_group.id, offer.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class OfferUses:
    """An offer’s uses over some days; `number` is its own in the group, None where it was deleted.

    `used` and `back` are by the day of the event; `ended_used` and `lapsed` of usage periods that ended in those days,
    as far as their members used anything in them. `left` is what its members have left today; None without a limit, and
    where it is not in force.
    """

    pk: int
    name: str
    number: int | None
    group: int
    group_name: str
    limit: int | None
    used: int
    back: int
    ended_used: int
    lapsed: int
    left: int | None

    @property
    def used_percent(self) -> int | None:
        """How much of what periods gave that have ended was used, in percent; None where none ended, or had a limit."""
        return share(self.ended_used, self.ended_used + self.lapsed) if self.limit is not None else None


def read_uses(account: Account, span: Span, *, now: datetime) -> Sequence[OfferUses]:
    """What became of the uses of each of an account’s offers in a span, by group. One statement."""
    facts: dict[str, Any] = {
        "account": account.pk,
        "first": span.first,
        "last": span.last,
        "today": local_day(now, account.zone),
        "now": now,
        "back": [str(each) for each in GIVEN_BACK],
        "most": MOST_ROWS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_USES, facts)
        return [OfferUses(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class UsesInAll:
    """What some offers come to."""

    used: int
    back: int
    lapsed: int
    left: int


def add_up(found: Sequence[OfferUses]) -> UsesInAll:
    """All offers together."""
    return UsesInAll(
        sum(each.used for each in found),
        sum(each.back for each in found),
        sum(each.lapsed for each in found),
        sum(each.left or 0 for each in found),
    )
