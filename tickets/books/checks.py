"""The checks, each one statement. Its columns: account, row, name, entry, customer, group, counted, should be."""

from dataclasses import dataclass
from typing import Final

from tickets.models import Wrong


@dataclass(frozen=True, slots=True)
class Check:
    """What is wrong with the rows that a statement returns.

    It is given `account` (an id, or null: all), `now`, `soon` and `hour_ago`, the `standing` subscriptions' statuses
    with their accounts' policies, and `by_customer`.
    """

    wrong: Wrong
    statement: str


_ENTRY: Final = """
    SELECT entry.account_id, entry.id, '', entry.id, NULL::bigint, NULL::bigint,
        coalesce(places.taken, 0)::text, coalesce(live.seats, 0)::text
    FROM tickets_entry AS entry
    LEFT JOIN tickets_entryplaces AS places ON places.entry_id = entry.id
    LEFT JOIN (
        SELECT entry_id, count(*) AS seats FROM tickets_seat WHERE cancelled_at IS NULL GROUP BY entry_id
    ) AS live ON live.entry_id = entry.id
    WHERE coalesce(places.taken, 0) <> coalesce(live.seats, 0)
        AND (%(account)s::bigint IS NULL OR entry.account_id = %(account)s)
"""
_TICKET: Final = """
    SELECT entry.account_id, ticket.id, ticket.name, entry.id, NULL::bigint, NULL::bigint,
        coalesce(places.taken, 0)::text, coalesce(live.seats, 0)::text
    FROM tickets_ticketplaces AS places
    FULL JOIN (
        SELECT entry_id, ticket_id, count(*) AS seats FROM tickets_seat
        WHERE cancelled_at IS NULL GROUP BY entry_id, ticket_id
    ) AS live USING (entry_id, ticket_id)
    JOIN tickets_entry AS entry ON entry.id = entry_id
    JOIN tickets_ticket AS ticket ON ticket.id = ticket_id
    WHERE coalesce(places.taken, 0) <> coalesce(live.seats, 0)
        AND (%(account)s::bigint IS NULL OR entry.account_id = %(account)s)
"""
_PARTY: Final = """
    SELECT entry.account_id, customer_id, '', entry.id, customer_id, NULL::bigint,
        coalesce(party.seats, 0)::text, coalesce(live.seats, 0)::text
    FROM tickets_party AS party
    FULL JOIN (
        SELECT entry_id, customer_id, count(*) AS seats FROM tickets_seat
        WHERE cancelled_at IS NULL AND use_id IS NOT NULL GROUP BY entry_id, customer_id
    ) AS live USING (entry_id, customer_id)
    JOIN tickets_entry AS entry ON entry.id = entry_id
    WHERE coalesce(party.seats, 0) <> coalesce(live.seats, 0)
        AND (%(account)s::bigint IS NULL OR entry.account_id = %(account)s)
"""
_CANCELLED: Final = """
    SELECT entry.account_id, entry.id, '', entry.id, NULL::bigint, NULL::bigint, count(*)::text, '0'
    FROM tickets_entry AS entry
    JOIN tickets_seat AS seat ON seat.entry_id = entry.id AND seat.cancelled_at IS NULL
    WHERE entry.cancelled_at IS NOT NULL AND (%(account)s::bigint IS NULL OR entry.account_id = %(account)s)
    GROUP BY entry.id
"""
_PERIOD: Final = """
    SELECT period.account_id, period.id,
        coalesce(to_char(period.starts_on, 'FMDD Mon YYYY – ') || to_char(period.ends_on - 1, 'FMDD Mon YYYY'), ''),
        NULL::bigint, member.customer_id, member.group_id,
        period.used::text, coalesce(live.uses, 0)::text
    FROM offers_usageperiod AS period
    JOIN groups_member AS member ON member.id = period.member_id
    LEFT JOIN (
        SELECT period_id, count(*) AS uses FROM offers_offeruse WHERE ended_at IS NULL GROUP BY period_id
    ) AS live ON live.period_id = period.id
    WHERE period.used <> coalesce(live.uses, 0)
        AND (%(account)s::bigint IS NULL OR period.account_id = %(account)s)
"""
_SEAT: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, member.group_id, '0', '1'
    FROM tickets_seat AS seat
    JOIN offers_offeruse AS line ON line.id = seat.use_id
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    WHERE seat.cancelled_at IS NULL AND (line.ended_at IS NOT NULL OR line.seat <> seat.uuid)
        AND (%(account)s::bigint IS NULL OR seat.account_id = %(account)s)
"""
_USE: Final = """
    SELECT line.account_id, line.id, coalesce(seat.attendee_name, ''), seat.entry_id, member.customer_id,
        member.group_id, '1', '0'
    FROM offers_offeruse AS line
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    LEFT JOIN tickets_seat AS seat ON seat.use_id = line.id
    WHERE line.ended_at IS NULL
        AND (seat.id IS NULL OR (seat.cancelled_at IS NOT NULL AND seat.cancelled_by <> %(by_customer)s))
        AND (%(account)s::bigint IS NULL OR line.account_id = %(account)s)
"""
_DAY: Final = """
    SELECT line.account_id, line.id, seat.attendee_name, entry.id, seat.customer_id, member.group_id,
        to_char(line.event_on, 'FMDD Mon YYYY'),
        to_char(entry.starts_at AT TIME ZONE account.time_zone, 'FMDD Mon YYYY')
    FROM offers_offeruse AS line
    JOIN tickets_seat AS seat ON seat.use_id = line.id AND seat.cancelled_at IS NULL
    JOIN tickets_entry AS entry ON entry.id = seat.entry_id
    JOIN accounts_account AS account ON account.id = entry.account_id
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    WHERE line.ended_at IS NULL AND line.event_on <> (entry.starts_at AT TIME ZONE account.time_zone)::date
        AND (%(account)s::bigint IS NULL OR line.account_id = %(account)s)
"""
_FILED: Final = """
    SELECT line.account_id, line.id, coalesce(seat.attendee_name, ''), seat.entry_id, member.customer_id,
        member.group_id, to_char(line.event_on, 'FMDD Mon YYYY'),
        to_char(period.starts_on, 'FMDD Mon YYYY – ') || coalesce(to_char(period.ends_on - 1, 'FMDD Mon YYYY'), '…')
    FROM offers_offeruse AS line
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    LEFT JOIN tickets_seat AS seat ON seat.use_id = line.id
    WHERE line.ended_at IS NULL AND NOT daterange(period.starts_on, period.ends_on) @> line.event_on
        AND (%(account)s::bigint IS NULL OR line.account_id = %(account)s)
"""
_OUTSIDE: Final = """
    SELECT bought.account_id, bought.id, membership.title, NULL::bigint, bought.customer_id, membership.group_id,
        '0', '1'
    FROM memberships_subscription AS bought
    JOIN memberships_membership AS membership ON membership.id = bought.membership_id
    JOIN accounts_account AS account ON account.id = bought.account_id
    LEFT JOIN groups_member AS member
        ON member.group_id = membership.group_id AND member.customer_id = bought.customer_id
    LEFT JOIN groups_standing AS standing
        ON standing.member_id = member.id AND standing.ground = bought.uuid
        AND (standing.until IS NULL OR standing.until > %(now)s)
    WHERE bought.status || ' ' || account.unpaid_members = ANY(%(standing)s)
        AND (bought.ends_at IS NULL OR bought.ends_at > %(now)s) AND standing.id IS NULL
        AND (%(account)s::bigint IS NULL OR bought.account_id = %(account)s)
"""
_INSIDE: Final = """
    SELECT bought.account_id, bought.id, membership.title, NULL::bigint, member.customer_id, member.group_id, '1', '0'
    FROM groups_standing AS standing
    JOIN groups_member AS member ON member.id = standing.member_id
    JOIN memberships_subscription AS bought ON bought.uuid = standing.ground
    JOIN memberships_membership AS membership ON membership.id = bought.membership_id
    JOIN accounts_account AS account ON account.id = bought.account_id
    WHERE (standing.until IS NULL OR standing.until > %(soon)s)
        AND NOT (
            bought.status || ' ' || account.unpaid_members = ANY(%(standing)s)
            AND (bought.ends_at IS NULL OR bought.ends_at > %(now)s)
            AND member.group_id = membership.group_id AND member.customer_id = bought.customer_id
        )
        AND (%(account)s::bigint IS NULL OR bought.account_id = %(account)s)
"""
_RELEASE: Final = """
    SELECT release.account_id, release.id, '', NULL::bigint, member.customer_id, member.group_id, '1', '0'
    FROM tickets_release AS release
    JOIN groups_member AS member ON member.id = release.member_id
    WHERE release.done_at IS NULL AND release.created_at < %(hour_ago)s
        AND (%(account)s::bigint IS NULL OR release.account_id = %(account)s)
"""

CHECKS: Final = (
    Check(Wrong.ENTRY, _ENTRY),
    Check(Wrong.TICKET, _TICKET),
    Check(Wrong.PARTY, _PARTY),
    Check(Wrong.CANCELLED, _CANCELLED),
    Check(Wrong.PERIOD, _PERIOD),
    Check(Wrong.SEAT, _SEAT),
    Check(Wrong.USE, _USE),
    Check(Wrong.DAY, _DAY),
    Check(Wrong.FILED, _FILED),
    Check(Wrong.OUTSIDE, _OUTSIDE),
    Check(Wrong.INSIDE, _INSIDE),
    Check(Wrong.RELEASE, _RELEASE),
)
COUNTS: Final = """
    SELECT
        (SELECT count(*) FROM tickets_entry
            WHERE %(account)s::bigint IS NULL OR account_id = %(account)s),
        (SELECT count(*) FROM tickets_seat
            WHERE cancelled_at IS NULL AND (%(account)s::bigint IS NULL OR account_id = %(account)s)),
        (SELECT count(*) FROM offers_offeruse
            WHERE ended_at IS NULL AND (%(account)s::bigint IS NULL OR account_id = %(account)s)),
        (SELECT count(*) FROM memberships_subscription
            WHERE stripe_id <> '' AND (%(account)s::bigint IS NULL OR account_id = %(account)s))
"""
"""How much there is to check: entries, booked seats, charged uses, subscriptions that Stripe knows."""
