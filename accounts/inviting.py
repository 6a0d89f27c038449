"""Telling customers how to get in: when that was, and that nobody is told twice within a day."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Account, Customer

AGAIN_AFTER: Final = timedelta(days=1)
"""How long after one letter the next may be written."""
_CLAIM: Final = """
    WITH free AS MATERIALIZED (
        SELECT id FROM accounts_customer
        WHERE account_id = %(account)s AND id = ANY(%(customers)s) AND seen_at IS NULL
            AND (invited_at IS NULL OR invited_at <= %(before)s)
        ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE accounts_customer AS customer SET invited_at = %(now)s FROM free WHERE customer.id = free.id
    RETURNING customer.id
"""


def note_invited(customers: QuerySet[Customer], *, now: datetime) -> None:
    """Note that these customers are written to now how to get in, whatever was written before."""
    customers.update(invited_at=now)


def claim_invitations(account: Account, customers: Collection[int], *, now: datetime) -> set[int]:
    """Those of these customers (ids) who are to be written to now, noted as such: each for one of those who ask.

    Not who has logged in, nor who was written to within the last day. Call it in the transaction that writes to them.
    """
    asked: dict[str, Any] = {
        "account": account.pk,
        "customers": sorted(customers),
        "now": now,
        "before": now - AGAIN_AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, asked)
        return {pk for (pk,) in cursor.fetchall()}
