"""All checks, in the order in which what they find is told, and how much there is to check."""

from typing import Final

from tickets.consistency import baskets, codes, ledger, payments, payouts, places, receipts, standing, uses
from tickets.consistency.check import Check

CHECKS: Final[tuple[Check, ...]] = (
    *places.CHECKS,
    *uses.CHECKS,
    *standing.CHECKS,
    *codes.CHECKS,
    *baskets.CHECKS,
    *payments.CHECKS,
    *receipts.CHECKS,
    *ledger.CHECKS,
    *payouts.CHECKS,
)
COUNTS: Final = """
    SELECT
        (SELECT count(*) FROM tickets_entry WHERE IN_ACCOUNTS(tickets_entry)),
        (SELECT count(*) FROM tickets_seat
            WHERE cancelled_at IS NULL AND IN_ACCOUNTS(tickets_seat)),
        (SELECT count(*) FROM offers_offeruse
            WHERE ended_at IS NULL AND IN_ACCOUNTS(offers_offeruse)),
        (SELECT count(*) FROM memberships_subscription
            WHERE stripe_id <> '' AND IN_ACCOUNTS(memberships_subscription)),
        (SELECT count(*) FROM tickets_payment
            WHERE state = 'paid' AND IN_ACCOUNTS(tickets_payment)),
        (SELECT count(*) FROM tickets_refund
            WHERE state <> 'failed' AND IN_ACCOUNTS(tickets_refund))
"""
"""How much there is to check: entries, taken seats, charged uses, subscriptions that Stripe knows, payments that were
paid, and refunds that did not fail."""
