"""What accounts tell those above them. A receiver that raises stops the change."""

from typing import Final

from django.dispatch import Signal

address_removed: Final = Signal()
"""An address is one of a customer's no more: `customer`, `email`. Sent by Customer, in the transaction that does it."""

letter_over: Final = Signal()
"""A waiting letter was given up because what it says is not so any more: `letter`. Sent by the worker, Letter."""

stripe_leaving: Final = Signal()
"""An account is about to let go of its Stripe account: `account`. Sent by Account.

Who needs it refuses by raising a StripeInUseError (`accounts.stripe_connection`).
"""

stripe_replaced: Final = Signal()
"""Another Stripe account takes the place of the one an account had: `account` (its row is held). Sent by Account.

Sent in the transaction that does it.
"""
