"""One check: a statement, and what is wrong with the rows that it returns."""

from dataclasses import dataclass

from tickets.models import FindingKind


@dataclass(frozen=True, slots=True)
class Check:
    """What is wrong with the rows that a statement returns.

    Its columns: account, row, name, entry, customer, group, counted, should be. It is given `accounts` (ids, or null:
    all), `now`, `soon` and `hour_ago`, the `standing` subscriptions' statuses with their accounts' policies,
    `by_customer` and `not_begun`, statuses of memberships that never began, and what `days_of_uses` says. With `money`,
    both what is counted and what should be are minor units of the account's currency; with `local_day`, what should be
    is the day of an instant in the account's time zone.
    """

    kind: FindingKind
    statement: str
    money: bool = False
    local_day: bool = False
