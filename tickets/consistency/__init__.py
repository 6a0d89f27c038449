"""The books: proof that every counter equals its lines, that all money has its places or its refund.

And that standing in groups is what subscriptions are worth.

A check that cannot be run for an account is itself something found there (`FindingKind.UNCHECKED`), and stops no other.
Each check is one statement over all rows, and so sees one moment: a booking writes its seats, its uses and every
counter in one transaction, of which a statement sees all or nothing. What is under way is never reported. Two things
are not that simple. An instant that another process read may lie a little after `now`, so standing that ends within a
minute counts as ended. And a changed policy for unpaid members is applied to one after the other: until the last, the
check can find members who are not as the new policy says.

What the database refuses is not looked for: a place that is cheaper without naming what makes it so
(`seat_discount_whole`), two open checkouts of a basket (`payment_open_once`), more refunded than was paid
(`payment_refunds_fit`), more taken than there is (`entry_places_fit`, `ticket_places_fit`,
`party_within_allowed`, `period_within_ceiling`), two live uses for a seat (`use_once_a_seat`) or two seats for a use (a
one-to-one key), usage periods that overlap (`period_no_overlap`), two standings at a time of a member on one ground
(`standing_one_open`). A use that stays charged after its customer cancelled too late is right: only the studio's
cancellations and releases always return it. What a cancellation gives back is the account's policy, or the studio's
word, and so not looked for; only who never had a place has all of it back.

Nothing is repaired: a wrong counter is the trace of a mistake that somebody must understand first.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, PastDuePolicy
from bookwhen.jobs.run import MOST_FAILURES, divide
from bookwhen.money import money
from memberships.models import NOT_BEGUN, SubscriptionStatus
from memberships.standing import StandingState, standing_state
from tickets.booking.attendance import ABSENT
from tickets.consistency.check import Check, in_accounts
from tickets.consistency.checks import CHECKS, COUNTS
from tickets.consistency.local_days import days_of_uses
from tickets.models import Channel, Finding, FindingKind

APART: Final = timedelta(minutes=1)
"""How far the clocks of two processes may be apart."""
PATIENCE: Final = timedelta(hours=1)
"""How long releases may wait: they are swept every minute."""
TOLD: Final = 20
"""How many findings the log names."""

Row = tuple[Any, ...]
Facts = dict[str, int | str | datetime | list[Any] | None]
"""What the statements are given."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckedCounts:
    """How much was checked."""

    entries: int
    seats: int
    uses: int
    subscriptions: int
    payments: int
    refunds: int


def check_books(*, account: Account | None = None, now: datetime) -> list[Finding]:
    """Everything that is wrong at an aware instant in one account or in all, unsaved, by check and row.

    One statement a check and one before them, however many rows there are; one more for a check that finds amounts or
    days. Where the statement fails, it is asked for fewer and fewer accounts, until those are found for which it does.
    """
    only = [account.pk] if account else None
    facts = _query_parameters(now) | days_of_uses(only)
    lost = _in_unknown_zones(facts, only)
    return [
        finding
        for check in CHECKS
        for finding in [
            *_run_for_most(check, facts, only, now),
            *(_unchecked(check, each, now) for each in lost if check.local_day),
        ]
    ]


def count_checked(account: Account | None = None) -> CheckedCounts:
    """How much there is to check in one account or in all."""
    with connection.cursor() as cursor:
        cursor.execute(in_accounts(COUNTS), {"accounts": [account.pk] if account else None})
        return CheckedCounts(*cursor.fetchone())


def store_findings(*, now: datetime) -> list[Finding]:
    """Check the books of all accounts, and keep what is wrong in place of what was kept; it is logged as an error."""
    findings = check_books(now=now)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two workers that were given the task keep it one after the other, and so once.
            cursor.execute("LOCK TABLE tickets_finding IN SHARE ROW EXCLUSIVE MODE")
        Finding.objects.all().delete()
        Finding.objects.bulk_create(findings, batch_size=1000)
    if findings:
        first = "; ".join(f"account {each.account_id}: {each}" for each in findings[:TOLD])
        log.error("Consistency checks found problems (%d). First: %s", len(findings), first)
    return findings


def findings_of(account: Account) -> QuerySet[Finding]:
    """What was kept of an account, in the order of the checks."""
    return Finding.objects.filter(account=account).order_by("pk")


def _query_parameters(now: datetime) -> Facts:
    standing = [
        f"{status} {policy}"
        for status in SubscriptionStatus
        for policy in PastDuePolicy
        if standing_state(status, policy=policy, ends_at=None, now=now) is StandingState.STANDS
    ]
    return {
        "now": now,
        "soon": now + APART,
        "hour_ago": now - PATIENCE,
        "not_begun": sorted(NOT_BEGUN),
        "standing": standing,
        "by_customer": Channel.CUSTOMER.value,
        "absent": ABSENT,
    }


def _in_unknown_zones(facts: Facts, only: list[int] | None) -> list[int]:
    """The accounts (ids) whose days nobody can tell."""
    unknown = facts["unknown_zones"]
    if not isinstance(unknown, list) or not unknown:
        return []
    lost = Account.objects.filter(time_zone__in=unknown).order_by("pk").values_list("pk", flat=True)
    return [each for each in lost if only is None or each in only]


def _run_for_most(check: Check, facts: Facts, only: list[int] | None, now: datetime) -> list[Finding]:
    """What a check finds in some accounts (ids) or in all, and in which of them it cannot be run."""
    try:
        with transaction.atomic():
            return _run_check(check, facts, only, now)
    except DatabaseError as error:
        log.error("The check %s cannot be run for all: %s", check.kind, error)  # noqa: TRY400 - for whom, is said below
    accounts = only or list(Account.objects.order_by("pk").values_list("pk", flat=True))
    found, checked, errors = list[Finding](), set[int](), dict[int, Exception]()

    def run(some: Sequence[int]) -> None:
        found.extend(_run_check(check, facts, list(some), now))
        checked.update(some)

    divide(accounts, run, errors.__setitem__, is_over=lambda: len(errors) >= MOST_FAILURES)
    unchecked = [each for each in accounts if each not in checked]
    if errors:
        first = next(iter(errors.values()))
        log.error("The check %s could not be run for accounts %s", check.kind, unchecked[:TOLD], exc_info=first)
    return found + [_unchecked(check, each, now) for each in unchecked]


def _unchecked(check: Check, account: int, now: datetime) -> Finding:
    return Finding(
        account_id=account,
        kind=FindingKind.UNCHECKED,
        row=account,
        name=str(check.kind.label),
        counted=_("Not checked"),
        should_be="",
        found_at=now,
    )


def _run_check(check: Check, facts: Facts, accounts: list[int] | None, now: datetime) -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(check.sql, {**facts, "accounts": accounts})
        rows = cursor.fetchall()
    words: Mapping[tuple[int, Any], str] = {}
    if check.money:
        words = _formatted_amounts(rows)
    elif check.local_day:
        words = _local_days(rows)
    findings = [
        Finding(
            account_id=account,
            kind=check.kind,
            row=row,
            name=name,
            entry_id=entry,
            customer_id=customer,
            group_id=group,
            counted=words.get((account, counted), counted),
            should_be=words.get((account, should_be), should_be),
            found_at=now,
        )
        for account, row, name, entry, customer, group, counted, should_be in rows
    ]
    return sorted(findings, key=lambda each: (each.account_id, each.row, each.entry_id or 0))


def _local_days(rows: Sequence[Row]) -> dict[tuple[int, datetime], str]:
    """The day of each instant that should be, by account (id), in its time zone."""
    accounts = _accounts_of(rows)
    return {(row[0], row[-1]): f"{row[-1].astimezone(accounts[row[0]].zone):%-d %b %Y}" for row in rows}


def _accounts_of(rows: Sequence[Row]) -> dict[int, Account]:
    return Account.objects.in_bulk({row[0] for row in rows}) if rows else {}


def _formatted_amounts(rows: Sequence[Row]) -> dict[tuple[int, str], str]:
    """Minor units as people write them, by account (id)."""
    accounts = _accounts_of(rows)
    said = {(row[0], amount) for row in rows for amount in row[-2:]}
    return {
        (account, amount): money(int(amount), accounts[account].currency, accounts[account].locale)
        for account, amount in said
    }
