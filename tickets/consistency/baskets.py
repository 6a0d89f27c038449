"""Baskets: what they hold they hold for a time, and only while they may still be bought."""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_HELD: Final = """
    SELECT booking.account_id, booking.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, count(seat.id)::text, '0'
    FROM tickets_booking AS booking
    LEFT JOIN tickets_seat AS seat ON seat.booking_id = booking.id AND seat.cancelled_at IS NULL
    WHERE booking.held_until < %(hour_ago)s
        AND IN_ACCOUNTS(booking)
    GROUP BY booking.id
"""
_RELEASED_BASKET: Final = """
    SELECT booking.account_id, booking.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, count(*)::text, '0'
    FROM tickets_booking AS booking
    JOIN tickets_seat AS seat ON seat.booking_id = booking.id AND seat.cancelled_at IS NULL
    WHERE booking.state = 'released' AND IN_ACCOUNTS(booking)
    GROUP BY booking.id
"""
_PAYING: Final = """
    SELECT booking.account_id, booking.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, '0', '1'
    FROM tickets_booking AS booking
    LEFT JOIN tickets_payment AS payment ON payment.booking_id = booking.id AND payment.state = 'open'
    WHERE booking.state = 'paying' AND payment.id IS NULL
        AND IN_ACCOUNTS(booking)
"""
_CHECKOUT: Final = """
    SELECT payment.account_id, payment.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, '1', '0'
    FROM tickets_payment AS payment
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE payment.state = 'open' AND booking.state <> 'paying' AND payment.on_way_since IS NULL
        AND IN_ACCOUNTS(payment)
"""
_PURCHASE: Final = """
    SELECT booking.account_id, booking.id, membership.title, NULL::bigint, booking.customer_id, membership.group_id,
        '0', '1'
    FROM tickets_booking AS booking
    JOIN memberships_price AS price ON price.id = booking.membership_price_id
    JOIN memberships_membership AS membership ON membership.id = price.membership_id
    LEFT JOIN memberships_subscription AS bought ON bought.id = booking.purchase_id
    WHERE booking.state IN ('booked', 'joined') AND (bought.id IS NULL OR bought.status = ANY(%(not_begun)s))
        AND NOT EXISTS (
            SELECT FROM tickets_payment AS payment WHERE payment.booking_id = booking.id
                AND (payment.failed_at IS NOT NULL OR payment.state = 'open' AND payment.on_way_since IS NOT NULL)
        )
        AND IN_ACCOUNTS(booking)
"""

CHECKS: Final = (
    Check(FindingKind.EXPIRED_BASKET, _HELD),
    Check(FindingKind.RELEASED_BASKET, _RELEASED_BASKET),
    Check(FindingKind.PAYING, _PAYING),
    Check(FindingKind.CHECKOUT, _CHECKOUT),
    Check(FindingKind.PURCHASE, _PURCHASE),
)
