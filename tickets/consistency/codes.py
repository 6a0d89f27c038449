"""Discount codes: their counters are what their live uses come to, and what is cheaper by one has a use of it."""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_CODE: Final = """
    SELECT code.account_id, code.id, code.code, NULL::bigint, NULL::bigint, NULL::bigint,
        coalesce(uses.used, -1)::text, count(line.id)::text
    FROM tickets_discountcode AS code
    LEFT JOIN tickets_codeuses AS uses ON uses.code_id = code.id
    LEFT JOIN tickets_coderedemption AS line ON line.code_id = code.id AND line.ended_at IS NULL
    WHERE IN_ACCOUNTS(code)
    GROUP BY code.id, uses.used HAVING uses.used IS DISTINCT FROM count(line.id)
"""
_CUSTOMER: Final = """
    SELECT code.account_id, code.id, code.code, NULL::bigint, counted.customer_id, NULL::bigint,
        sum(counted.used)::text, sum(counted.live)::text
    FROM (
        SELECT code_id, customer_id, used, 0 AS live FROM tickets_codecustomer AS theirs WHERE IN_ACCOUNTS(theirs)
        UNION ALL
        SELECT code_id, customer_id, 0, 1 FROM tickets_coderedemption AS line
        WHERE ended_at IS NULL AND IN_ACCOUNTS(line)
    ) AS counted
    JOIN tickets_discountcode AS code ON code.id = counted.code_id
    GROUP BY code.id, counted.customer_id HAVING sum(counted.used) <> sum(counted.live)
"""
_SEAT: Final = """
    SELECT booking.account_id, booking.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, count(*)::text, '0'
    FROM tickets_seat AS seat
    JOIN tickets_booking AS booking ON booking.id = seat.booking_id
    WHERE seat.discount_code_id IS NOT NULL AND seat.cancelled_at IS NULL AND IN_ACCOUNTS(seat)
        AND NOT EXISTS (
            SELECT FROM tickets_coderedemption AS line
            WHERE line.booking_id = seat.booking_id AND line.code_id = seat.discount_code_id
                AND line.ended_at IS NULL AND line.customer_id = booking.customer_id
        )
    GROUP BY booking.id
"""

CHECKS: Final = (
    Check(FindingKind.CODE, _CODE),
    Check(FindingKind.CODE_CUSTOMER, _CUSTOMER),
    Check(FindingKind.CODE_SEAT, _SEAT),
)
