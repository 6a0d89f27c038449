"""Payouts: what they hold adds up to them, and is what the ledger says of each movement."""

from typing import Final

from tickets.consistency.check import Check
from tickets.models import FindingKind

_PAYOUT: Final = """
    SELECT payout.account_id, payout.id, left(payout.stripe_id, 200), NULL::bigint, NULL::bigint, NULL::bigint,
        coalesce(held.net, 0)::text, payout.amount::text
    FROM tickets_payout AS payout
    LEFT JOIN (
        SELECT line.payout_id, sum(line.amount::bigint - line.fee) AS net FROM tickets_payoutline AS line
        WHERE IN_ACCOUNTS(line) GROUP BY line.payout_id
    ) AS held ON held.payout_id = payout.id
    WHERE payout.is_listed AND coalesce(held.net, 0) <> payout.amount AND IN_ACCOUNTS(payout)
"""
# In another currency than the payout's the two cannot be compared.
_LINE: Final = """
    SELECT line.account_id, line.payout_id, left(line.stripe_id, 200), NULL::bigint, moved.customer_id, NULL::bigint,
        moved.amount::text, line.amount::text
    FROM tickets_payoutline AS line JOIN tickets_ledgerline AS moved ON moved.id = line.ledger_line_id
    WHERE moved.currency = line.currency AND moved.amount <> line.amount AND IN_ACCOUNTS(line)
"""
CHECKS: Final = (
    Check(FindingKind.PAYOUT, _PAYOUT, money=True),
    Check(FindingKind.PAYOUT_LINE, _LINE, money=True),
)
