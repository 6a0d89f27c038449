"""What a discount code gives: whether it can be used at an instant, and which tickets it makes cheaper by how much."""

import enum
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from accounts.models import Account
from offers.periods import local_day
from offers.pricing import Option, discount_amount
from tickets.models import Booking, CodeCoverage, DiscountCode, Entry, Ticket, end_redemptions, fold_code

CODE: Final = 0
"""The `Option.offer` of a discount code: no offer has this id."""
_RANK: Final = 1
"""After a member's discount without limit, which costs nobody anything, and before what a limited one would lose."""


class CodeObstacle(enum.StrEnum):
    """Why a discount code cannot be used now, or here."""

    UNKNOWN = "unknown"
    """There is none, or the studio has switched it off: nobody learns which."""
    NOT_YET = "not_yet"
    OVER = "over"
    USED_UP = "used_up"
    USED_BY_CUSTOMER = "used_by_customer"
    NOT_FOR_THESE = "not_for_these"
    NOT_BETTER = "not_better"
    """Other discounts save as much, or more, on each of the tickets."""


class CodeRefusedError(Exception):
    """A discount code cannot be used: why, and which it is where that may be told."""

    def __init__(self, obstacle: CodeObstacle, code: DiscountCode | None = None) -> None:
        super().__init__(obstacle)
        self.obstacle, self.code = obstacle, code


@dataclass(frozen=True, slots=True)
class CodeTerms:
    """A discount code, and the pages and tickets (ids) that it is for, where it is not for all."""

    code: DiscountCode
    pages: AbstractSet[int] = frozenset()
    tickets: AbstractSet[int] = frozenset()

    def covers(self, entry: Entry, ticket: Ticket) -> bool:
        """Whether it is for a ticket at an entry: an exclusive one only where that was chosen."""
        if ticket.pk in self.tickets:
            return True
        return not ticket.exclusive and (self.code.for_all or entry.page_id in self.pages)

    def option(self, ticket: Ticket, *, step: int) -> Option:
        """What it would save on a ticket that it covers, in multiples of `step` (minor units)."""
        terms = self.code
        saved = discount_amount(ticket.price, percent=terms.percent, amount_off=terms.amount_off, step=step)
        return Option(offer=CODE, saving=saved, rank=_RANK)


def find_code(account: Account, typed: str) -> DiscountCode | None:
    """The code of an account that somebody means by what they typed, whatever its state; one statement."""
    folded = fold_code(typed)
    found = DiscountCode.objects.filter(account=account, folded=folded) if folded else DiscountCode.objects.none()
    return found.select_related("uses").first()


def takes_codes(account: Account) -> bool:
    """Whether an account has a code that is not switched off; one statement."""
    return DiscountCode.objects.filter(account=account, enabled=True).exists()


def code_terms(code: DiscountCode) -> CodeTerms:
    """A code with what it is for; one statement."""
    rows = list(CodeCoverage.objects.filter(code=code).values_list("page", "ticket"))
    return CodeTerms(
        code,
        frozenset(page for page, _ticket in rows if page),
        frozenset(ticket for _page, ticket in rows if ticket),
    )


def time_obstacle(code: DiscountCode, account: Account, *, now: datetime) -> CodeObstacle | None:
    """Why a code cannot be used at an aware instant, by its dates in the account's time zone, and its switch."""
    today = local_day(now, account.zone)
    if not code.enabled:
        return CodeObstacle.UNKNOWN
    if code.starts_on and today < code.starts_on:
        return CodeObstacle.NOT_YET
    return CodeObstacle.OVER if code.ends_on and code.ends_on < today else None


_REDEEM: Final = """
    WITH uses AS (
        UPDATE tickets_codeuses SET used = used + 1
        WHERE code_id = %(code)s AND account_id = %(account)s AND ("limit" IS NULL OR used < "limit")
        RETURNING code_id
    ), theirs AS (
        INSERT INTO tickets_codecustomer AS row (account_id, code_id, customer_id, used, allowed)
        SELECT %(account)s, code_id, %(customer)s, 1, %(allowed)s::int FROM uses
        ON CONFLICT (code_id, customer_id) DO UPDATE SET used = row.used + 1, allowed = excluded.allowed
            WHERE excluded.allowed IS NULL OR row.used < excluded.allowed
        RETURNING code_id
    ), line AS (
        INSERT INTO tickets_coderedemption (account_id, code_id, booking_id, customer_id, created_at)
        SELECT %(account)s, code_id, %(booking)s, %(customer)s, %(now)s FROM theirs
        RETURNING id
    )
    SELECT (SELECT count(*) FROM uses), (SELECT count(*) FROM line)
"""


def redeem_code(booking: Booking, code: DiscountCode, *, now: datetime) -> None:
    """Use a code for a basket that uses none, once; in a transaction that ends with the error where there is one.

    The basket's row and its seats are held. Raises CodeRefusedError where all uses are gone, or all of its customer's.
    """
    row: dict[str, Any] = {
        "account": booking.account_id,
        "code": code.pk,
        "booking": booking.pk,
        "customer": booking.customer_id,
        "allowed": code.customer_limit,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REDEEM, row)
        used, made = cursor.fetchone()
    if not made:
        raise CodeRefusedError(CodeObstacle.USED_BY_CUSTOMER if used else CodeObstacle.USED_UP, code)
    booking.discount_code = code
    booking.save(update_fields=["discount_code"])


def withdraw_code(booking: Booking, *, now: datetime) -> None:
    """Give back a basket's use of its code, and leave it without one; its row is held."""
    # Seats come before the code's counter, as where they are cancelled.
    list(booking.seats.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    end_redemptions([booking.pk], now=now)
    booking.discount_code = None
    booking.save(update_fields=["discount_code"])


def withdraw_dead_code(booking: Booking, *, now: datetime) -> None:
    """Give back an open basket's code that cannot be used any more at an aware instant; its row is held."""
    if booking.discount_code and time_obstacle(booking.discount_code, booking.account, now=now):
        withdraw_code(booking, now=now)
