"""One check: a statement, and what is wrong with the rows that it returns."""

import re
from dataclasses import dataclass
from typing import Final

from tickets.models import FindingKind

_IN_ACCOUNTS: Final = re.compile(r"IN_ACCOUNTS\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Check:
    """What is wrong with the rows that a statement returns.

    Its columns: account, row, name, entry, customer, group, counted, should be. It is given `accounts` (ids, or null:
    all), `now`, `soon` and `hour_ago`, the `standing` subscriptions' statuses with their accounts' policies,
    `by_customer`, `absent` (why a use came back) and `not_begun`, statuses of memberships that never began, and what
    `days_of_uses` says. With `money`, both what is counted and what should be are minor units of the account's
    currency; with `local_day`, what should be is the day of an instant in the account's time zone.

    `IN_ACCOUNTS(seat)` is the condition that a row is in one of `accounts`. It stands in every part that counts, so
    that nothing of other accounts is read. What is found by the key of such a row needs none: PostgreSQL takes two
    conditions that say the same for two, expects far too few rows, and goes through one part for each of another.
    """

    kind: FindingKind
    statement: str
    money: bool = False
    local_day: bool = False

    @property
    def sql(self) -> str:
        """The statement as PostgreSQL is given it."""
        return in_accounts(self.statement)


def in_accounts(statement: str) -> str:
    """A statement with each `IN_ACCOUNTS(table)` written out: its account is in `accounts`, unless these are all."""
    return _IN_ACCOUNTS.sub(r"(%(accounts)s::bigint[] IS NULL OR \1.account_id = ANY(%(accounts)s))", statement)
