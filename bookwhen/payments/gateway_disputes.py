"""What is asked of Stripe about money that went back: disputes, refunds made there, and which bill they are of."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bookwhen.payments import stripe_objects
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.stripe_objects import InvoiceReading, RefundReading, read_refund
from bookwhen.payments.stripe_values import (
    INTEGERS,
    Raw,
    UnreadableError,
    read_count,
    read_currency,
    read_id,
    read_instant,
    read_integer,
    read_line,
    read_object,
    read_objects,
    require_id,
    require_instant,
)

STATUS_LENGTH, REASON_LENGTH = 40, 60
"""As long as our columns for a dispute's."""
CHARGE_DISPUTED: Final = "charge_disputed"
"""What Stripe says (the code of its refusal) to a refund of what the customer’s bank has taken back."""
DISPUTED: Final = frozenset({CHARGE_DISPUTED, "refund_disputed_payment"})
"""All the codes by which it says so."""
ALREADY_REFUNDED: Final = "charge_already_refunded"
TAKEN: Final = frozenset({"needs_response", "under_review", "lost"})
"""While a dispute is so, what is disputed has been taken from the studio’s balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeReading:
    """A dispute. `status` is Stripe’s word; `withdrawn` what it has taken so far, in minor units of `currency`.

    `intent` is empty where Stripe names only the `charge`. `answer_by` is None where no answer is possible.
    """

    id: str
    intent: str
    charge: str
    status: str
    reason: str
    amount: int
    withdrawn: int
    currency: str
    answer_by: datetime | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A dispute or a refund in a list: its id, its payment's and that payment's customer's, and what reads the rest.

    So one that cannot be read ends no list.
    """

    id: str
    intent: str
    customer: str
    raw: Raw


def read_dispute(raw: Raw) -> DisputeReading:
    """Read a dispute. Raises UnreadableError."""
    status, currency = read_line(raw.get("status"), STATUS_LENGTH), read_currency(raw.get("currency"))
    amount = _read_amount(raw.get("amount"))
    # Stripe writes 0 where the bank takes no answer.
    due = read_count(read_object(raw.get("evidence_details")).get("due_by"))
    return DisputeReading(
        id=require_id(raw),
        intent=read_id(raw.get("payment_intent")),
        charge=read_id(raw.get("charge")),
        status=status,
        reason=read_line(raw.get("reason"), REASON_LENGTH),
        amount=amount,
        withdrawn=_withdrawn(raw, status, amount, currency),
        currency=currency,
        answer_by=read_instant(due) if due else None,
        opened_at=require_instant(raw, "created"),
    )


def _read_amount(value: object) -> int:
    """An amount; where it is more than we can hold, as much as that, so that it counts for all of a payment."""
    return min(max(value, 0), INTEGERS.stop - 1) if type(value) is int else 0


def _withdrawn(raw: Raw, status: str, amount: int, currency: str) -> int:
    """What the studio’s balance has lost to a dispute: by the movements where they are told in its currency.

    Else by the status: an inquiry takes nothing, and what was won comes back, though perhaps a little later.
    """
    moved = read_objects(raw.get("balance_transactions"))
    amounts = [read_integer(each.get("amount")) for each in moved]
    told = (
        bool(moved) and None not in amounts and all(read_currency(each.get("currency")) == currency for each in moved)
    )
    if not told or (status == "won" and len(moved) == 1):
        return amount if status in TAKEN else 0
    return read_count(-sum(each or 0 for each in amounts))


def retrieve_dispute(gateway: Gateway, dispute: str) -> DisputeReading:
    """A dispute as it is now."""
    return read_dispute(gateway.ask("disputes.retrieve", dispute))


def disputes_page(gateway: Gateway, since: datetime, *, after: str = "") -> tuple[list[Listed], str]:
    """A page of all disputes opened since an instant, the newest first, and the id to go on after."""
    return _page(gateway, "disputes.list", since, after)


def refunds_page(gateway: Gateway, since: datetime, *, after: str = "") -> tuple[list[Listed], str]:
    """A page of all refunds made since an instant, here or at Stripe, and the id to go on after."""
    return _page(gateway, "refunds.list", since, after)


def list_refunds_of_charge(gateway: Gateway, charge: str) -> list[RefundReading]:
    """All refunds of a charge, the oldest first."""
    return list(_refunds(gateway, {"charge": charge}))[::-1]


def list_refunds_of_payment(gateway: Gateway, intent: str) -> list[RefundReading]:
    """All refunds of a payment, the oldest first."""
    return list(_refunds(gateway, {"payment_intent": intent}))[::-1]


def payment_of_charge(gateway: Gateway, charge: str) -> str:
    """The payment (its id) that a charge was made for; empty where there was none."""
    return read_id(gateway.ask("charges.retrieve", charge).get("payment_intent"))


def invoice_of_payment(gateway: Gateway, intent: str) -> str:
    """The id of the invoice that a payment paid; empty where it paid none."""
    asked = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    return next((read_id(raw.get("invoice")) for raw in gateway.ask_all("invoice_payments.list", asked)), "")


def invoices_paid(gateway: Gateway, since: datetime, until: datetime) -> dict[str, str]:
    """The invoices (ids) whose payments were made from an instant to another, by what paid them."""
    asked = {"created": {"gte": int(since.timestamp()), "lte": int(until.timestamp())}}
    found = dict[str, str]()
    for raw in gateway.ask_all("invoice_payments.list", asked):
        found[read_id(read_object(raw.get("payment")).get("payment_intent"))] = read_id(raw.get("invoice"))
    return found


def retrieve_invoice(gateway: Gateway, invoice: str) -> InvoiceReading:
    """An invoice as it is now. Raises UnreadableError."""
    return stripe_objects.read_invoice(gateway.ask("invoices.retrieve", invoice))


def _page(gateway: Gateway, operation: str, since: datetime, after: str) -> tuple[list[Listed], str]:
    asked = {"created": {"gte": int(since.timestamp())}, "expand": ["data.payment_intent"]}
    found, more = gateway.ask_page(operation, asked, after=after)
    return [_listed(raw) for raw in found], more


def _listed(raw: Raw) -> Listed:
    paid = raw.get("payment_intent")
    return Listed(read_id(raw), read_id(paid), read_id(read_object(paid).get("customer")), raw)


def _refunds(gateway: Gateway, asked: dict[str, object]) -> Iterator[RefundReading]:
    for raw in gateway.ask_all("refunds.list", asked):
        with suppress(UnreadableError):
            yield read_refund(raw)
