"""What is asked of Stripe about money that went back: disputes, refunds made there, and which bill they are of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bookwhen.payments import stripe_objects
from bookwhen.payments.gateway import Gateway, StripeError
from bookwhen.payments.stripe_objects import InvoiceReading, Raw, RefundReading, read_refund

LARGEST: Final = 2**31 - 1
"""As much as our columns for money hold."""
CHARGE_DISPUTED: Final = "charge_disputed"
"""What Stripe says (the code of its refusal) to a refund of what the customer’s bank has taken back."""
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
    """Read a dispute."""
    status, currency = str(raw.get("status") or "")[:40], str(raw.get("currency") or "").upper()[:3]
    amount = min(max(int(raw.get("amount") or 0), 0), LARGEST)
    due = (raw.get("evidence_details") or {}).get("due_by")
    return DisputeReading(
        id=raw["id"],
        intent=_id(raw.get("payment_intent")),
        charge=_id(raw.get("charge")),
        status=status,
        reason=str(raw.get("reason") or "")[:60],
        amount=amount,
        withdrawn=_withdrawn(raw, status, amount, currency),
        currency=currency,
        # Stripe writes 0 where the bank takes no answer.
        answer_by=datetime.fromtimestamp(due, UTC) if due else None,
        opened_at=datetime.fromtimestamp(raw["created"], UTC),
    )


def _withdrawn(raw: Raw, status: str, amount: int, currency: str) -> int:
    """What the studio’s balance has lost to a dispute: by the movements where they are told in its currency.

    Else by the status: an inquiry takes nothing, and what was won comes back, though perhaps a little later.
    """
    moved = [each for each in raw.get("balance_transactions") or [] if isinstance(each, dict)]
    told = bool(moved) and all(str(each.get("currency")).upper() == currency for each in moved)
    if not told or (status == "won" and len(moved) == 1):
        return amount if status in TAKEN else 0
    return min(max(-sum(int(each.get("amount") or 0) for each in moved), 0), LARGEST)


def retrieve_dispute(gateway: Gateway, dispute: str) -> DisputeReading:
    """A dispute as it is now."""
    return read_dispute(gateway.ask("disputes.retrieve", dispute))


def list_disputes(gateway: Gateway, since: datetime) -> Iterator[Listed]:
    """All disputes opened since an instant, the newest first."""
    yield from _listed(gateway, "disputes.list", since)


def list_refunds(gateway: Gateway, since: datetime) -> Iterator[Listed]:
    """All refunds made since an instant, whoever made them, the newest first."""
    yield from _listed(gateway, "refunds.list", since)


def list_refunds_of_charge(gateway: Gateway, charge: str) -> list[RefundReading]:
    """All refunds of a charge, the oldest first."""
    return list(_refunds(gateway, {"charge": charge}))[::-1]


def list_refunds_of_payment(gateway: Gateway, intent: str) -> list[RefundReading]:
    """All refunds of a payment, the oldest first."""
    return list(_refunds(gateway, {"payment_intent": intent}))[::-1]


def payment_of_charge(gateway: Gateway, charge: str) -> str:
    """The payment (its id) that a charge was made for; empty where there was none."""
    return _id(gateway.ask("charges.retrieve", charge).get("payment_intent"))


def invoice_of_payment(gateway: Gateway, intent: str) -> InvoiceReading | None:
    """The invoice that a payment paid, if it paid one."""
    asked = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    for raw in gateway.ask_all("invoice_payments.list", asked):
        return stripe_objects.read_invoice(gateway.ask("invoices.retrieve", _id(raw["invoice"])))
    return None


def refusal_code(error: StripeError) -> str:
    """Stripe’s own code for why it did not do what we asked; empty where it gave none."""
    return str(getattr(error.__cause__, "code", None) or "")


def _listed(gateway: Gateway, operation: str, since: datetime) -> Iterator[Listed]:
    asked = {"created": {"gte": int(since.timestamp())}, "expand": ["data.payment_intent"]}
    for raw in gateway.ask_all(operation, asked):
        paid = raw.get("payment_intent")
        yield Listed(str(raw["id"]), _id(paid), _id(paid.get("customer")) if isinstance(paid, dict) else "", raw)


def _refunds(gateway: Gateway, asked: dict[str, object]) -> Iterator[RefundReading]:
    for raw in gateway.ask_all("refunds.list", asked):
        yield read_refund(raw)


def _id(raw: str | Raw | None) -> str:
    """An id, whether the object was expanded or not."""
    if raw is None:
        return ""
    return raw if isinstance(raw, str) else str(raw["id"])
