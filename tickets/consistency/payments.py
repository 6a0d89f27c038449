"""Money: every payment has its booking or its refund, and nothing is booked, refunded or counted that was not paid.

A payment that came when its booking was not to be had any more (paid twice, let go of) is refunded whole, and asks
nothing more of the seats. A refund that failed is one finding, told as that alone, until somebody has settled it. What
a dispute has taken has gone back too: by the bank.
"""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_ADDS_UP: Final = """
    SELECT payment.account_id, payment.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, payment.amount::text, paid_for.amount::text
    FROM tickets_payment AS payment
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    JOIN (
        SELECT seat.payment_id, sum(seat.amount) AS amount FROM tickets_seat AS seat
        WHERE seat.payment_id IS NOT NULL AND IN_ACCOUNTS(seat) GROUP BY seat.payment_id
    ) AS paid_for ON paid_for.payment_id = payment.id
    WHERE payment.state = 'paid' AND payment.amount <> paid_for.amount
        AND NOT EXISTS (
            SELECT FROM tickets_refund AS refund WHERE refund.payment_id = payment.id
                AND refund.reason IN ('too_late', 'paid_twice') AND refund.amount = payment.amount
        )
        AND IN_ACCOUNTS(payment)
"""
_UNBOOKED: Final = """
    SELECT payment.account_id, payment.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, (coalesce(sent.amount, 0) + payment.withdrawn)::text, payment.amount::text
    FROM tickets_payment AS payment
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    LEFT JOIN (
        SELECT refund.payment_id, sum(refund.amount) AS amount FROM tickets_refund AS refund
        WHERE IN_ACCOUNTS(refund) GROUP BY refund.payment_id
    ) AS sent ON sent.payment_id = payment.id
    WHERE payment.state = 'paid' AND coalesce(sent.amount, 0) + payment.withdrawn < payment.amount
        AND NOT (
            booking.state = 'booked' AND EXISTS (
                SELECT FROM tickets_seat AS seat WHERE seat.payment_id = payment.id AND seat.booking_id = booking.id
            )
        )
        AND IN_ACCOUNTS(payment)
"""
# What a person cancels is booked: their policy says what goes back; while the payment is on its way, that is noted.
# A minute: the clocks of two processes.
_GONE: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, NULL::bigint,
        coalesce(given.amount, 0)::text, coalesce(seat.refund_due, seat.amount)::text
    FROM tickets_seat AS seat
    JOIN tickets_payment AS payment ON payment.id = seat.payment_id AND payment.state = 'paid'
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id AND booking.state = 'booked'
    LEFT JOIN (
        SELECT line.seat_id, sum(line.amount) AS amount FROM tickets_refundedseat AS line
        WHERE IN_ACCOUNTS(line) GROUP BY line.seat_id
    ) AS given ON given.seat_id = seat.id
    WHERE (seat.cancelled_by = 'basket_abandoned' OR seat.cancelled_at + interval '1 minute' < payment.paid_at)
        AND coalesce(given.amount, 0) + payment.withdrawn < coalesce(seat.refund_due, seat.amount)
        AND NOT EXISTS (
            SELECT FROM tickets_refund AS refund WHERE refund.payment_id = payment.id
                AND refund.reason IN ('too_late', 'paid_twice') AND refund.amount = payment.amount
        )
        AND IN_ACCOUNTS(seat)
"""
# A payment on its way is as good as paid until it has failed; what is owed since, the list of payments tells.
_UNPAID: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, NULL::bigint, '0',
        seat.amount::text
    FROM tickets_seat AS seat
    JOIN tickets_booking AS booking
        ON booking.id = seat.booking_id AND booking.state = 'booked' AND booking.channel = %(by_customer)s
    LEFT JOIN tickets_payment AS payment
        ON payment.id = seat.payment_id AND payment.booking_id = booking.id
        AND (payment.state = 'paid' OR payment.on_way_since IS NOT NULL OR payment.failed_at IS NOT NULL)
    WHERE seat.cancelled_at IS NULL AND seat.amount > 0 AND payment.id IS NULL
        AND IN_ACCOUNTS(seat)
"""
_REFUNDED: Final = """
    SELECT payment.account_id, payment.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, payment.refunded::text, coalesce(sent.amount, 0)::text
    FROM tickets_payment AS payment
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    LEFT JOIN (
        SELECT refund.payment_id, sum(refund.amount) AS amount FROM tickets_refund AS refund
        WHERE refund.state <> 'failed' AND IN_ACCOUNTS(refund) GROUP BY refund.payment_id
    ) AS sent ON sent.payment_id = payment.id
    WHERE payment.refunded <> coalesce(sent.amount, 0)
        AND IN_ACCOUNTS(payment)
"""
_DISPUTED: Final = """
    SELECT payment.account_id, payment.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, payment.withdrawn::text, coalesce(taken.amount, 0)::text
    FROM tickets_payment AS payment
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    LEFT JOIN (
        SELECT dispute.payment_id, sum(dispute.withdrawn) AS amount FROM tickets_dispute AS dispute
        WHERE IN_ACCOUNTS(dispute) GROUP BY dispute.payment_id
    ) AS taken ON taken.payment_id = payment.id
    WHERE payment.withdrawn <> coalesce(taken.amount, 0)
        AND IN_ACCOUNTS(payment)
"""
_GONE_TWICE: Final = """
    SELECT payment.account_id, payment.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, (payment.refunded + payment.withdrawn)::text, payment.amount::text
    FROM tickets_payment AS payment
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE payment.refunded + payment.withdrawn > payment.amount
        AND IN_ACCOUNTS(payment)
"""
_TOO_MUCH: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, NULL::bigint,
        given.amount::text, seat.amount::text
    FROM (
        SELECT line.seat_id, sum(line.amount) AS amount FROM tickets_refundedseat AS line
        JOIN tickets_refund AS refund ON refund.id = line.refund_id AND refund.state <> 'failed'
        WHERE IN_ACCOUNTS(line) GROUP BY line.seat_id
    ) AS given
    JOIN tickets_seat AS seat ON seat.id = given.seat_id
    WHERE given.amount > seat.amount AND IN_ACCOUNTS(seat)
"""
_LINES: Final = """
    SELECT refund.account_id, refund.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, refund.amount::text, sum(line.amount)::text
    FROM tickets_refund AS refund
    JOIN tickets_refundedseat AS line ON line.refund_id = refund.id
    JOIN tickets_payment AS payment ON payment.id = refund.payment_id
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE IN_ACCOUNTS(refund)
    GROUP BY refund.id, booking.id HAVING sum(line.amount) > refund.amount
"""
_WAITS: Final = """
    SELECT refund.account_id, refund.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, '0', refund.amount::text
    FROM tickets_refund AS refund
    JOIN tickets_payment AS payment ON payment.id = refund.payment_id
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE refund.state = 'queued' AND refund.created_at < %(hour_ago)s
        AND IN_ACCOUNTS(refund)
"""
_FAILED: Final = """
    SELECT refund.account_id, refund.id, upper(left(booking.uuid::text, 8)), NULL::bigint, booking.customer_id,
        NULL::bigint, '0', refund.amount::text
    FROM tickets_refund AS refund
    JOIN tickets_payment AS payment ON payment.id = refund.payment_id
    JOIN tickets_booking AS booking ON booking.id = payment.booking_id
    WHERE refund.state = 'failed' AND refund.done_at IS NULL
        AND IN_ACCOUNTS(refund)
"""

CHECKS: Final = (
    Check(FindingKind.ADDS_UP, _ADDS_UP, money=True),
    Check(FindingKind.UNBOOKED, _UNBOOKED, money=True),
    Check(FindingKind.TOO_LATE, _GONE, money=True),
    Check(FindingKind.UNPAID, _UNPAID, money=True),
    Check(FindingKind.REFUNDED, _REFUNDED, money=True),
    Check(FindingKind.DISPUTED, _DISPUTED, money=True),
    Check(FindingKind.GONE_TWICE, _GONE_TWICE, money=True),
    Check(FindingKind.TOO_MUCH, _TOO_MUCH, money=True),
    Check(FindingKind.LINES, _LINES, money=True),
    Check(FindingKind.WAITS, _WAITS, money=True),
    Check(FindingKind.FAILED, _FAILED, money=True),
)
