"""What happens in payments that accounts must hear of."""

from typing import Final

from django.dispatch import Signal

events_died: Final = Signal()
"""Stripe events were given up. Sent within the transaction that says so, with `connection` and `now`."""

connection_mended: Final = Signal()
"""A connection that had something wrong with it has no more. Sent outside any transaction, with `connection`, `now`."""
