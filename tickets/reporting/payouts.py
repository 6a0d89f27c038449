"""What payouts hold, by kind, and what Stripe kept in each month. Amounts are minor units of one currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Sum

from accounts.models import Account
from tickets.models import Payout, PayoutLine, PayoutLineKind
from tickets.reporting.spans import Month, Span

_FEES: Final = """
    SELECT date_trunc('month', happened_at AT TIME ZONE %s)::date, sum(fee) FROM tickets_payoutline
    WHERE account_id = %s AND happened_at >= %s AND happened_at < %s AND ledger_line_id IS NOT NULL AND currency = %s
    GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class PayoutPart:
    """What a payout holds of one kind: `amount` before fees."""

    kind: PayoutLineKind
    amount: int


@dataclass(frozen=True, slots=True)
class PayoutSums:
    """What a payout holds: its parts, and what Stripe kept of them, above 0."""

    parts: Sequence[PayoutPart]
    fees: int

    @property
    def net(self) -> int:
        """What the parts come to, less the fees: the payout, where all of it is known."""
        return sum(each.amount for each in self.parts) - self.fees


def read_payout_sums(payout: Payout) -> PayoutSums:
    """What a payout holds, by kind, in the kinds’ order. One statement."""
    rows = PayoutLine.objects.filter(payout=payout).values("kind").annotate(amount=Sum("amount"), fees=Sum("fee"))
    found = {row["kind"]: row for row in rows.order_by("kind")}
    parts = [PayoutPart(kind, int(found[kind]["amount"])) for kind in PayoutLineKind if kind in found]
    return PayoutSums(parts, sum(int(row["fees"]) for row in found.values()))


def read_fees(account: Account, span: Span, currency: str) -> Mapping[Month, int]:
    """What Stripe kept in each month of a span of what is in payouts by now: of the day on which money moved."""
    facts = (account.zone.key, account.pk, span.begins, span.ends, currency)
    with connection.cursor() as cursor:
        cursor.execute(_FEES, facts)
        return {Month.of(first): int(fees) for first, fees in cursor.fetchall()}
