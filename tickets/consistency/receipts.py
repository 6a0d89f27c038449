"""Receipts: numbered without gaps, each of exactly what moved, with the VAT that is in it; and none is forgotten.

That a number is given once, and a movement has one receipt, the database holds (`receipt_number_once`, a one-to-one
key), and that none changes (`tickets_keep_money`).
"""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_GAP: Final = """
    SELECT counter.account_id, counter.account_id, '', NULL::bigint, NULL::bigint, NULL::bigint,
        coalesce(issued.count, 0)::text, (counter.last - counter.first + 1)::text
    FROM tickets_receiptcounter AS counter
    LEFT JOIN (
        SELECT receipt.account_id, count(*) AS count, min(receipt.number) AS first, max(receipt.number) AS last
        FROM tickets_receipt AS receipt WHERE IN_ACCOUNTS(receipt) GROUP BY receipt.account_id
    ) AS issued ON issued.account_id = counter.account_id
    WHERE (coalesce(issued.count, 0), coalesce(issued.first, counter.first), coalesce(issued.last, counter.last))
            <> (counter.last - counter.first + 1, counter.first, counter.last)
        AND IN_ACCOUNTS(counter)
"""
_SUM: Final = """
    SELECT receipt.account_id, receipt.id, receipt.prefix || receipt.number, NULL::bigint, receipt.customer_id,
        NULL::bigint, coalesce(said.amount, 0)::text, moved.amount::text
    FROM tickets_receipt AS receipt
    JOIN tickets_ledgerline AS moved ON moved.id = receipt.line_id
    LEFT JOIN (
        SELECT line.receipt_id, sum(line.amount) AS amount, sum(line.vat) AS vat FROM tickets_receiptline AS line
        WHERE IN_ACCOUNTS(line) GROUP BY line.receipt_id
    ) AS said ON said.receipt_id = receipt.id
    WHERE (coalesce(said.amount, 0), receipt.total, receipt.vat) IS DISTINCT FROM (moved.amount, moved.amount, said.vat)
        AND IN_ACCOUNTS(receipt)
"""
# As `tickets.money.vat.vat_of`: half of a unit away from zero.
_VAT: Final = """
    SELECT seat.account_id, seat.id, seat.attendee_name, seat.entry_id, seat.customer_id, NULL::bigint,
        said.vat::text, said.should_be::text
    FROM (
        SELECT line.seat_id, sum(line.vat) AS vat, sign(sum(line.amount))::bigint * (
            (2 * abs(sum(line.amount)) * line.basis_points + 10000 + line.basis_points)
                / (2 * (10000 + line.basis_points))
        ) AS should_be
        FROM tickets_receiptline AS line
        WHERE line.seat_id IS NOT NULL AND line.basis_points IS NOT NULL AND IN_ACCOUNTS(line)
        GROUP BY line.seat_id, line.vat_name, line.basis_points
    ) AS said
    JOIN tickets_seat AS seat ON seat.id = said.seat_id
    WHERE said.vat <> said.should_be AND IN_ACCOUNTS(seat)
"""
_DUE: Final = """
    SELECT due.account_id, moved.id, '', NULL::bigint, moved.customer_id, NULL::bigint, '0', moved.amount::text
    FROM tickets_receiptdue AS due JOIN tickets_ledgerline AS moved ON moved.id = due.line_id
    WHERE moved.created_at < %(hour_ago)s AND IN_ACCOUNTS(due)
"""

CHECKS: Final = (
    Check(FindingKind.RECEIPT_GAP, _GAP),
    Check(FindingKind.RECEIPT_SUM, _SUM, money=True),
    Check(FindingKind.RECEIPT_VAT, _VAT, money=True),
    Check(FindingKind.RECEIPT_DUE, _DUE, money=True),
)
