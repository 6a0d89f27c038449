"""What is asked of Stripe about payouts: which there are, how they stand, and which movements of money one holds."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bookwhen.payments.gateway import Gateway
from bookwhen.payments.stripe_values import (
    Raw,
    UnreadableError,
    read_currency,
    read_id,
    read_line,
    read_object,
    require_id,
    require_instant,
    require_integer,
)

STATUS_LENGTH, FAILURE_LENGTH, KIND_LENGTH = 40, 60, 60
"""As long as our columns for a payout’s."""
LISTED: Final = "completed"
"""What Stripe says of a payout once it can tell which movements it holds: hours after it was made."""
UNLISTED: Final = "not_applicable"
"""What it says of one that somebody made by hand: it never can."""
ITSELF: Final = "payout"
"""The movement in its own list by which a payout leaves the balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutReading:
    """A payout. `amount` is in minor units of `currency`; `arrives_on` is the bank’s day; `failure` Stripe’s code.

    `is_listed`: Stripe can say what it holds; `is_by_hand`: it never can.
    """

    id: str
    amount: int
    currency: str
    status: str
    failure: str
    arrives_on: date
    created_at: datetime
    is_listed: bool
    is_by_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementReading:
    """A movement of money in Stripe’s balance, in minor units of `currency`: above 0 it came; `fee` was kept of it.

    `source` is what moved it: a charge, a refund, a dispute, of the payment `intent`; `customer` is who paid a charge.
    """

    id: str
    kind: str
    amount: int
    fee: int
    currency: str
    source: str
    intent: str
    customer: str
    happened_at: datetime


def read_payout(raw: Raw) -> PayoutReading:
    """Read a payout. Raises UnreadableError."""
    told = raw.get("reconciliation_status")
    return PayoutReading(
        id=require_id(raw),
        amount=require_integer(raw, "amount"),
        currency=read_currency(raw.get("currency")),
        status=read_line(raw.get("status"), STATUS_LENGTH),
        failure=read_line(raw.get("failure_code"), FAILURE_LENGTH),
        # Stripe writes a day as its midnight in UTC.
        arrives_on=require_instant(raw, "arrival_date").date(),
        created_at=require_instant(raw, "created"),
        is_listed=told == LISTED,
        is_by_hand=told == UNLISTED,
    )


def read_movement(raw: Raw) -> MovementReading:
    """Read a movement, with its source. Raises UnreadableError."""
    source = read_object(raw.get("source"))
    return MovementReading(
        id=require_id(raw),
        kind=read_line(raw.get("type"), KIND_LENGTH),
        amount=require_integer(raw, "amount"),
        fee=require_integer(raw, "fee"),
        currency=read_currency(raw.get("currency")),
        source=read_id(raw.get("source")),
        intent=read_id(source.get("payment_intent")),
        customer=read_id(source.get("customer")),
        happened_at=require_instant(raw, "created"),
    )


def retrieve_payout(gateway: Gateway, payout: str) -> PayoutReading:
    """A payout as it is now."""
    return read_payout(gateway.ask("payouts.retrieve", payout))


def payouts_page(gateway: Gateway, since: datetime, *, after: str = "") -> tuple[list[Raw], str]:
    """A page of all payouts made since an instant, the newest first, unread, and the id to go on after."""
    found, more = gateway.ask_page("payouts.list", {"created": {"gte": int(since.timestamp())}}, after=after)
    return list(found), more


def movements_of(gateway: Gateway, payout: str) -> list[MovementReading]:
    """What a payout holds, oldest first, its own movement left out, as is one that we can’t read."""
    return list(_movements(gateway, payout))[::-1]


def _movements(gateway: Gateway, payout: str) -> Iterator[MovementReading]:
    for raw in gateway.ask_all("balance_transactions.list", {"payout": payout, "expand": ["data.source"]}):
        with suppress(UnreadableError):
            found = read_movement(raw)
            if found.kind != ITSELF:
                yield found
