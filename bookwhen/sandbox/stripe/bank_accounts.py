"""Test bank accounts, and the payment methods made of them: a debit takes days to be paid, or to be refused."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.platform import DAY
from bookwhen.sandbox.stripe.world import World

TAKES = 4 * DAY
"""How long a debit is on its way, unless the panel is quicker."""
METHODS = {"eur": "sepa_debit", "gbp": "bacs_debit", "usd": "us_bank_account"}
"""By which debit an amount of a currency can be paid."""


@dataclass(frozen=True)
class BankAccount:
    """One test account: whether it pays in the end, and what a subscription is that waits for its first debit.

    Stripe's documents say both: `active` as soon as the payment is confirmed, `incomplete` while it is processing.
    """

    number: str
    label: str
    pays: bool = True
    begins: Literal["active", "incomplete"] = "active"


ACCOUNTS = (
    BankAccount("00012345", "Pays in a few days"),
    BankAccount("33333335", "Is refused in a few days", pays=False),
    BankAccount("00023456", "Pays in a few days; a subscription is incomplete until then", begins="incomplete"),
    BankAccount(
        "44444445", "Is refused in a few days; a subscription is incomplete until then", pays=False, begins="incomplete"
    ),
)
BY_NUMBER = {account.number: account for account in ACCOUNTS}


def account_of(world: World, payment_method: str) -> BankAccount | None:
    """Return the test account behind a payment method; None for a card."""
    account: BankAccount | None = world.note(payment_method).get("bank")
    return account


def save(world: World, account: BankAccount, currency: str, customer: str | None, **billing: object) -> Json:
    """Make a payment method of a bank account, attached to the customer if there is one."""
    kind = METHODS[currency]
    made = world.new(
        "payment_method",
        world.now(customer),
        allow_redisplay="unspecified",
        billing_details={"address": None, "email": None, "name": None, "phone": None, "tax_id": None} | billing,
        customer=customer,
        metadata={},
        type=kind,
        **{kind: _described(account, kind)},
    )
    world.note(made["id"])["bank"] = account
    if customer:
        world.emit("payment_method.attached", made)
    return made


def of_the_charge(account: BankAccount, kind: str) -> Json:
    """Return what a charge says of the account that it debits."""
    known = _described(account, kind)
    unknown = {"generated_from", "financial_connections_account", "networks", "status_details"}
    more: Json = {} if kind == "us_bank_account" else {"mandate": None}
    shown = {name: value for name, value in known.items() if name not in unknown} | more
    return {"type": kind, kind: shown}


def _described(account: BankAccount, kind: str) -> Json:
    print_of_it = hashlib.sha256(account.number.encode()).hexdigest()[:16]
    plain: Json = {"fingerprint": print_of_it, "last4": account.number[-4:]}
    match kind:
        case "sepa_debit":
            return plain | {"bank_code": "19043", "branch_code": "", "country": "AT", "generated_from": None}
        case "bacs_debit":
            return plain | {"sort_code": "108800"}
        case _:
            of_us = {"account_holder_type": "individual", "account_type": "checking", "bank_name": "TEST BANK"}
            nothing = dict.fromkeys(("financial_connections_account", "networks", "status_details"))
            return plain | of_us | {"routing_number": "110000000"} | nothing
