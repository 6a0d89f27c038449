"""The ledger and what was collected at the studio: each movement of money is told once, and for what it was.

PostgreSQL writes both (docs/decisions/0086); here they are counted again from what money moved by.
"""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_COLLECTED: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, NULL::bigint,
        seat.collected::text, coalesce(taken.amount, 0)::text
    FROM tickets_seat AS seat
    LEFT JOIN (
        SELECT line.seat_id, sum(line.amount) AS amount FROM tickets_studiopaymentline AS line
        WHERE IN_ACCOUNTS(line) GROUP BY line.seat_id
    ) AS taken ON taken.seat_id = seat.id
    WHERE seat.collected <> coalesce(taken.amount, 0) AND IN_ACCOUNTS(seat)
"""


def _told(source: str) -> str:
    """What the lines of each source of a kind add up to."""
    return f"""(
        SELECT line.{source}_id AS source, sum(line.amount) AS amount FROM tickets_ledgerline AS line
        WHERE line.{source}_id IS NOT NULL AND IN_ACCOUNTS(line) GROUP BY line.{source}_id
    )"""  # noqa: S608 - the names are ours


# A line without its source there cannot be. Of a bill, the tickets that were bought with the membership are not its.
_LEDGER: Final = f"""
    SELECT worth.account_id, worth.source, worth.name, NULL::bigint, worth.customer_id, NULL::bigint,
        worth.told::text, worth.amount::text
    FROM (
        SELECT payment.account_id, payment.id AS source, upper(left(booking.uuid::text, 8)) AS name,
            booking.customer_id, CASE WHEN payment.state = 'paid' THEN payment.amount ELSE 0 END AS amount,
            coalesce(told.amount, 0) AS told
        FROM tickets_payment AS payment
        JOIN tickets_booking AS booking ON booking.id = payment.booking_id
        LEFT JOIN {_told("payment")} AS told ON told.source = payment.id
        WHERE IN_ACCOUNTS(payment)
        UNION ALL
        SELECT refund.account_id, refund.id, upper(left(booking.uuid::text, 8)), booking.customer_id,
            CASE WHEN refund.state IN ('pending', 'done') THEN -refund.amount ELSE 0 END, coalesce(told.amount, 0)
        FROM tickets_refund AS refund
        JOIN tickets_payment AS payment ON payment.id = refund.payment_id
        JOIN tickets_booking AS booking ON booking.id = payment.booking_id
        LEFT JOIN {_told("refund")} AS told ON told.source = refund.id
        WHERE IN_ACCOUNTS(refund)
        UNION ALL
        SELECT invoice.account_id, invoice.id, left(coalesce(nullif(invoice.number, ''), invoice.stripe_id), 200),
            subscription.customer_id,
            CASE WHEN invoice.status = 'paid' AND invoice.settlement IN ('', 'money')
                THEN greatest(invoice.amount_paid - coalesce(tickets.amount, 0), 0) ELSE 0 END,
            coalesce(told.amount, 0)
        FROM memberships_invoice AS invoice
        JOIN memberships_subscription AS subscription ON subscription.id = invoice.subscription_id
        LEFT JOIN (
            SELECT first.id, sum(payment.amount) AS amount FROM tickets_payment AS payment
            JOIN LATERAL (
                SELECT bill.id FROM memberships_invoice AS bill WHERE bill.subscription_id = payment.purchase_id
                ORDER BY bill.created_at, bill.id LIMIT 1
            ) AS first ON true
            WHERE payment.purchase_id IS NOT NULL AND payment.state <> 'abandoned' AND IN_ACCOUNTS(payment)
            GROUP BY first.id
        ) AS tickets ON tickets.id = invoice.id
        LEFT JOIN {_told("invoice")} AS told ON told.source = invoice.id
        WHERE IN_ACCOUNTS(invoice)
        UNION ALL
        SELECT refund.account_id, refund.id, left(coalesce(nullif(invoice.number, ''), invoice.stripe_id), 200),
            subscription.customer_id,
            CASE WHEN refund.state IN ('pending', 'done') THEN -refund.amount ELSE 0 END, coalesce(told.amount, 0)
        FROM tickets_invoicerefund AS refund
        JOIN memberships_invoice AS invoice ON invoice.id = refund.invoice_id
        JOIN memberships_subscription AS subscription ON subscription.id = invoice.subscription_id
        LEFT JOIN {_told("invoice_refund")} AS told ON told.source = refund.id
        WHERE IN_ACCOUNTS(refund)
        UNION ALL
        SELECT dispute.account_id, dispute.id, left(dispute.stripe_id, 200), NULL::bigint,
            -(dispute.withdrawn::bigint + dispute.withdrawn_of_invoice), coalesce(told.amount, 0)
        FROM tickets_dispute AS dispute
        LEFT JOIN {_told("dispute")} AS told ON told.source = dispute.id
        WHERE IN_ACCOUNTS(dispute)
        UNION ALL
        SELECT taken.account_id, taken.id, '', taken.customer_id, taken.amount, coalesce(told.amount, 0)
        FROM tickets_studiopayment AS taken
        LEFT JOIN {_told("studio_payment")} AS told ON told.source = taken.id
        WHERE IN_ACCOUNTS(taken)
    ) AS worth
    WHERE worth.told <> worth.amount
"""  # noqa: S608 - the names are ours

CHECKS: Final = (
    Check(FindingKind.COLLECTED, _COLLECTED, money=True),
    Check(FindingKind.LEDGER, _LEDGER, money=True),
)
