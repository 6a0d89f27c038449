"""Income: what the ledger (`tickets.LedgerLine`) adds up to, by month and kind, and for tickets by page and entry.

Amounts are minor units of one currency, as the studio sees them: what came is above 0, what went is below. A movement
is of the day on which it happened, on the account’s clocks: a refund is of its own month, not of the payment’s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Sum

from accounts.models import Account
from tickets.models import LedgerKind, LedgerLine, LedgerMethod
from tickets.reporting.spans import Month, Span

MOST_ROWS: Final = 200
TICKETS: Final = (LedgerKind.TICKETS_PAID,)
MEMBERSHIPS: Final = (LedgerKind.MEMBERSHIP_PAID,)
AT_STUDIO: Final = (LedgerKind.STUDIO_TAKEN, LedgerKind.STUDIO_GIVEN_BACK)
REFUNDS: Final = (LedgerKind.TICKETS_REFUNDED, LedgerKind.MEMBERSHIP_REFUNDED)
DISPUTES: Final = (LedgerKind.DISPUTED,)
OF_TICKETS: Final = (*TICKETS, LedgerKind.TICKETS_REFUNDED, *AT_STUDIO)
"""What is for tickets; disputes stand apart, since one may be of both."""
_BY_MONTH: Final = """
    SELECT date_trunc('month', happened_at AT TIME ZONE %(zone)s)::date, kind, method, currency, sum(amount)
    FROM tickets_ledgerline
    WHERE account_id = %(account)s AND happened_at >= %(begins)s AND happened_at < %(ends)s
    GROUP BY 1, 2, 3, 4
"""
_BY_ENTRY: Final = """
    WITH line AS MATERIALIZED (
        SELECT amount::bigint, payment_id, refund_id, studio_payment_id FROM tickets_ledgerline
        WHERE account_id = %(account)s AND happened_at >= %(begins)s AND happened_at < %(ends)s
            AND currency = %(currency)s AND kind = ANY(%(kinds)s)
    ), part AS (
        SELECT seat.entry_id, line.amount * seat.amount / paid.amount AS amount
        FROM line JOIN tickets_payment AS paid ON paid.id = line.payment_id
            JOIN tickets_seat AS seat ON seat.payment_id = paid.id
        WHERE paid.amount > 0 AND paid.account_id = %(account)s
        UNION ALL
        SELECT seat.entry_id, line.amount * back.amount / refund.amount
        FROM line JOIN tickets_refund AS refund ON refund.id = line.refund_id
            JOIN tickets_refundedseat AS back ON back.refund_id = refund.id
            JOIN tickets_seat AS seat ON seat.id = back.seat_id
        WHERE refund.account_id = %(account)s
        UNION ALL
        SELECT seat.entry_id, line.amount * taken.amount / given.amount
        FROM line JOIN tickets_studiopayment AS given ON given.id = line.studio_payment_id
            JOIN tickets_studiopaymentline AS taken ON taken.payment_id = given.id
            JOIN tickets_seat AS seat ON seat.id = taken.seat_id
        WHERE given.account_id = %(account)s
    ), named AS MATERIALIZED (
        SELECT page.title AS page, entry.title, sum(part.amount) AS amount, count(DISTINCT entry.id) AS entries
        FROM part JOIN tickets_entry AS entry ON entry.id = part.entry_id
            JOIN accounts_schedulepage AS page ON page.id = entry.page_id
        GROUP BY 1, 2
    )
    SELECT 'all', '', (SELECT coalesce(sum(amount), 0) FROM line)
    UNION ALL SELECT 'page', page, sum(amount) FROM named GROUP BY 2
    UNION ALL (SELECT 'entry', title, sum(amount) FROM named GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT %(most)s)
"""


PARTS: Final = ("page", "entry")


@dataclass(frozen=True, slots=True)
class Income:
    """What came and went of each kind by each way, in minor units."""

    amounts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By kind and method."""

    @property
    def net(self) -> int:
        """All of it."""
        return sum(self.amounts.values())

    @property
    def tickets(self) -> int:
        """Paid online for tickets."""
        return self._of(TICKETS)

    @property
    def memberships(self) -> int:
        """Paid for memberships."""
        return self._of(MEMBERSHIPS)

    @property
    def at_studio(self) -> int:
        """Taken at the studio, less what was given back there."""
        return self._of(AT_STUDIO)

    @property
    def refunds(self) -> int:
        """Refunded online: below 0."""
        return self._of(REFUNDS)

    @property
    def disputes(self) -> int:
        """Taken back by banks: below 0, above where more was won back."""
        return self._of(DISPUTES)

    def by(self, method: str) -> int:
        """All that went one way."""
        return sum(amount for (_kind, way), amount in self.amounts.items() if way == method)

    def __add__(self, other: "Income") -> "Income":
        both = {key: self.amounts.get(key, 0) + other.amounts.get(key, 0) for key in {*self.amounts, *other.amounts}}
        return Income(both)

    def _of(self, kinds: Sequence[str]) -> int:
        return sum(amount for (kind, _way), amount in self.amounts.items() if kind in kinds)


@dataclass(frozen=True, slots=True)
class MonthIncome:
    """The income of a month."""

    month: Month
    income: Income


@dataclass(frozen=True, slots=True)
class NamedAmount:
    """What was earned with a page, or with the entries of a title."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class TicketIncome:
    """What tickets brought, refunds taken off: in all, by page and by entry (the most first).

    `other` is for no entry: the parts of a payment that no seat bears, and refunds that are for none.
    """

    total: int
    pages: Sequence[NamedAmount]
    entries: Sequence[NamedAmount]

    @property
    def other(self) -> int:
        """What of it is in no page."""
        return self.total - sum(each.amount for each in self.pages)


def read_income(account: Account, span: Span) -> dict[str, list[MonthIncome]]:
    """The income of each month of a span, by currency; the account’s own is always there. One statement."""
    amounts = dict[str, dict[Month, dict[tuple[str, str], int]]]()
    for first, kind, method, currency, amount in _rows(_BY_MONTH, _facts(account, span)):
        months = amounts.setdefault(currency, {})
        months.setdefault(Month.of(first), {})[(kind, method)] = int(amount)
    currencies = [account.currency, *sorted(amounts.keys() - {account.currency})]
    return {
        currency: [MonthIncome(month, Income(amounts.get(currency, {}).get(month, {}))) for month in span.months]
        for currency in currencies
    }


def read_ticket_income(account: Account, span: Span, currency: str) -> TicketIncome:
    """What tickets brought in a span, by page and entry: where a seat was moved, by the entry where it is now."""
    facts = _facts(account, span) | {"currency": currency, "kinds": [str(each) for each in OF_TICKETS]}
    rows = _rows(_BY_ENTRY, facts)
    named = {what: [NamedAmount(name, int(amount)) for of, name, amount in rows if of == what] for what in PARTS}
    total = next(int(amount) for of, _name, amount in rows if of == "all")
    return TicketIncome(total, sorted(named["page"], key=lambda each: -each.amount), named["entry"])


def read_net(account: Account, span: Span) -> int | None:
    """What the ledger adds up to in a span, in the account’s currency; None where no money moved in it."""
    found = LedgerLine.objects.filter(
        account=account, happened_at__gte=span.begins, happened_at__lt=span.ends, currency=account.currency
    )
    net: int | None = found.aggregate(sum=Sum("amount"))["sum"]
    return net


def methods_used(months: Sequence[MonthIncome]) -> list[LedgerMethod]:
    """The ways that any money went, in their usual order."""
    used = {way for each in months for _kind, way in each.income.amounts}
    return [each for each in LedgerMethod if each in used]


def _facts(account: Account, span: Span) -> dict[str, Any]:
    return {
        "account": account.pk,
        "zone": account.zone.key,
        "begins": span.begins,
        "ends": span.ends,
        "most": MOST_ROWS,
    }


def _rows(sql: str, facts: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        return list(cursor.fetchall())
