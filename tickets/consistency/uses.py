"""Uses of offers, for places that an offer opened and for those that one made cheaper; and who came by them."""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_PERIOD: Final = """
    SELECT period.account_id, period.id,
        coalesce(to_char(period.starts_on, 'FMDD Mon YYYY – ') || to_char(period.ends_on - 1, 'FMDD Mon YYYY'), ''),
        NULL::bigint, member.customer_id, member.group_id,
        period.used::text, coalesce(live.uses, 0)::text
    FROM offers_usageperiod AS period
    JOIN groups_member AS member ON member.id = period.member_id
    LEFT JOIN (
        SELECT line.period_id, count(*) AS uses FROM offers_offeruse AS line
        WHERE line.ended_at IS NULL AND IN_ACCOUNTS(line) GROUP BY line.period_id
    ) AS live ON live.period_id = period.id
    WHERE period.used <> coalesce(live.uses, 0)
        AND IN_ACCOUNTS(period)
"""
# Uses left are counted against the limit and these; the ceiling is never lower.
_EXTRA: Final = """
    SELECT period.account_id, period.id,
        coalesce(to_char(period.starts_on, 'FMDD Mon YYYY – ') || to_char(period.ends_on - 1, 'FMDD Mon YYYY'), ''),
        NULL::bigint, member.customer_id, member.group_id, period.extra::text, coalesce(given.uses, 0)::text
    FROM offers_usageperiod AS period
    JOIN offers_offer AS offer ON offer.id = period.offer_id
    JOIN groups_member AS member ON member.id = period.member_id
    LEFT JOIN (
        SELECT extra.period_id, sum(extra.count) AS uses,
            bool_and(extra."on" <@ daterange(counts.starts_on, counts.ends_on)) AS fits
        FROM offers_extrauses AS extra JOIN offers_usageperiod AS counts ON counts.id = extra.period_id
        WHERE extra.ended_at IS NULL AND IN_ACCOUNTS(extra) GROUP BY extra.period_id
    ) AS given ON given.period_id = period.id
    WHERE (period.extra <> coalesce(given.uses, 0) OR NOT given.fits OR period.ceiling < offer."limit" + period.extra)
        AND IN_ACCOUNTS(period)
"""
_SEAT: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, member.group_id, '0', '1'
    FROM tickets_seat AS seat
    JOIN offers_offeruse AS line ON line.id = seat.use_id
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    WHERE seat.cancelled_at IS NULL
        AND (
            (line.ended_at IS NOT NULL AND line.why <> %(absent)s)
            OR line.seat <> seat.uuid OR line.kind <> 'exclusive'
        )
        AND IN_ACCOUNTS(seat)
"""
_MARKED: Final = """
    SELECT mark.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, NULL::bigint,
        mark.presence, ''
    FROM tickets_attendance AS mark
    JOIN tickets_seat AS seat ON seat.id = mark.seat_id
    WHERE seat.cancelled_at IS NOT NULL AND IN_ACCOUNTS(mark)
"""
# What was returned since somebody was absent: by the use, and by the mark that it goes with.
_ABSENT: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, member.group_id,
        (line.ended_at IS NOT NULL)::int::text, coalesce(mark.returned_use, false)::int::text
    FROM tickets_seat AS seat
    JOIN offers_offeruse AS line ON line.id = seat.use_id
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    LEFT JOIN tickets_attendance AS mark ON mark.seat_id = seat.id
    WHERE seat.cancelled_at IS NULL
        AND (line.ended_at IS NOT NULL AND line.why = %(absent)s) <> coalesce(mark.returned_use, false)
        AND IN_ACCOUNTS(seat)
"""
# *Replace* carries the uses of one offer over to another of its group: the place was made cheaper by the one before.
_DISCOUNT: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, offer.group_id, '0', '1'
    FROM tickets_seat AS seat
    JOIN offers_offer AS offer ON offer.id = seat.discount_id
    JOIN offers_offeruse AS line ON line.id = seat.discount_use_id
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    WHERE seat.cancelled_at IS NULL
        AND (
            line.ended_at IS NOT NULL OR line.seat <> seat.uuid OR line.kind <> 'discount'
            OR member.group_id <> offer.group_id OR member.customer_id <> seat.customer_id
        )
        AND IN_ACCOUNTS(seat)
"""
_USE: Final = """
    SELECT line.account_id, line.id, coalesce(seat.attendee_name, ''), seat.entry_id, member.customer_id,
        member.group_id, '1', '0'
    FROM offers_offeruse AS line
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    LEFT JOIN (
        SELECT use_id AS line, 'exclusive' AS kind, * FROM tickets_seat AS place
        WHERE use_id IS NOT NULL AND IN_ACCOUNTS(place)
        UNION ALL
        SELECT discount_use_id, 'discount', * FROM tickets_seat AS place
        WHERE discount_use_id IS NOT NULL AND IN_ACCOUNTS(place)
    ) AS seat ON seat.line = line.id AND seat.kind = line.kind
    WHERE line.ended_at IS NULL
        AND (seat.id IS NULL OR (seat.cancelled_at IS NOT NULL AND seat.cancelled_by <> %(by_customer)s))
        AND IN_ACCOUNTS(line)
"""
# Which instants a day has, is asked of Python, which showed and filed them by (docs/decisions/0024).
_DAY: Final = """
    SELECT line.account_id, line.id, seat.attendee_name, entry.id, seat.customer_id, member.group_id,
        to_char(line.event_on, 'FMDD Mon YYYY'), entry.starts_at
    FROM offers_offeruse AS line
    JOIN (
        SELECT use_id AS line, 'exclusive' AS kind, * FROM tickets_seat AS place
        WHERE use_id IS NOT NULL AND IN_ACCOUNTS(place)
        UNION ALL
        SELECT discount_use_id, 'discount', * FROM tickets_seat AS place
        WHERE discount_use_id IS NOT NULL AND IN_ACCOUNTS(place)
    ) AS seat ON seat.line = line.id AND seat.kind = line.kind AND seat.cancelled_at IS NULL
    JOIN tickets_entry AS entry ON entry.id = seat.entry_id
    JOIN accounts_account AS account ON account.id = line.account_id
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    JOIN unnest(%(day_zones)s::text[], %(days)s::date[], %(day_begins)s::timestamptz[], %(day_ends)s::timestamptz[])
        AS day (zone, on_date, begins, ends) ON day.zone = account.time_zone AND day.on_date = line.event_on
    WHERE line.ended_at IS NULL AND (entry.starts_at < day.begins OR entry.starts_at >= day.ends)
        AND IN_ACCOUNTS(line)
"""
_FILED: Final = """
    SELECT line.account_id, line.id, coalesce(seat.attendee_name, ''), seat.entry_id, member.customer_id,
        member.group_id, to_char(line.event_on, 'FMDD Mon YYYY'),
        to_char(period.starts_on, 'FMDD Mon YYYY – ') || coalesce(to_char(period.ends_on - 1, 'FMDD Mon YYYY'), '…')
    FROM offers_offeruse AS line
    JOIN offers_usageperiod AS period ON period.id = line.period_id
    JOIN groups_member AS member ON member.id = period.member_id
    LEFT JOIN (
        SELECT use_id AS line, 'exclusive' AS kind, * FROM tickets_seat AS place
        WHERE use_id IS NOT NULL AND IN_ACCOUNTS(place)
        UNION ALL
        SELECT discount_use_id, 'discount', * FROM tickets_seat AS place
        WHERE discount_use_id IS NOT NULL AND IN_ACCOUNTS(place)
    ) AS seat ON seat.line = line.id AND seat.kind = line.kind
    WHERE line.ended_at IS NULL AND NOT daterange(period.starts_on, period.ends_on) @> line.event_on
        AND IN_ACCOUNTS(line)
"""
# While they are carried over, a member's uses are under one of both; afterwards none is left under the old one.
_CARRIED: Final = """
    SELECT period.account_id, period.id, '', NULL::bigint, member.customer_id, member.group_id, period.used::text, '0'
    FROM offers_offer AS offer
    JOIN offers_usageperiod AS period ON period.offer_id = offer.replaces_id AND (period.used > 0 OR period.extra > 0)
    JOIN groups_member AS member ON member.id = period.member_id
    WHERE (
            NOT offer.carrying OR EXISTS(
                SELECT FROM offers_usageperiod AS after
                WHERE after.offer_id = offer.id AND after.member_id = period.member_id
            )
        )
        AND IN_ACCOUNTS(offer)
"""

CHECKS: Final = (
    Check(FindingKind.PERIOD, _PERIOD),
    Check(FindingKind.EXTRA, _EXTRA),
    Check(FindingKind.SEAT, _SEAT),
    Check(FindingKind.DISCOUNT, _DISCOUNT),
    Check(FindingKind.MARKED, _MARKED),
    Check(FindingKind.ABSENT, _ABSENT),
    Check(FindingKind.USE, _USE),
    Check(FindingKind.DAY, _DAY, local_day=True),
    Check(FindingKind.FILED, _FILED),
    Check(FindingKind.CARRIED, _CARRIED),
)
