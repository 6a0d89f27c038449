"""What we ask of Stripe, and which permission of a restricted key each call needs: the one list there is.

docs/stripe.md, the page that asks for a restricted key, and *Test the connection* are made from it. A new call is one
line of `CALLS`; a test names the line that is missing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import urlencode

CREATE_KEY_URL: Final = "https://dashboard.stripe.com/apikeys/create"
"""Where Stripe's dashboard makes a restricted key. It ticks what `permissions[]` names, and ignores what it doesn't."""
NAMED: Final = re.compile(r"rak_([a-z_]+?)_(read|write)\b")
"""How Stripe calls a permission when it refuses a call for want of it."""


class Resource(Enum):
    """What a permission is for, as Stripe's dashboard calls it, and as its API does."""

    CHARGES = "Charges and Refunds", "charge"
    CHECKOUT = "Checkout Sessions", "checkout_session"
    CUSTOMERS = "Customers", "customer"
    DISPUTES = "Disputes", "dispute"
    EVENTS = "Events", "event"
    INTENTS = "PaymentIntents", "payment_intent"
    INVOICES = "Invoices", "invoice"
    MOVEMENTS = "Balance transaction sources", "balance_transaction_source"
    """What moved the balance, with what it moved for: Stripe lets who may read this read the balance too."""
    PAYOUTS = "Payouts", "payout"
    PORTAL = "Customer portal", "customer_portal"
    PRICES = "Prices", "plan"
    PRODUCTS = "Products", "product"
    SUBSCRIPTIONS = "Subscriptions", "subscription"
    WEBHOOKS = "Webhook Endpoints", "webhook"

    def __init__(self, label: str, slug: str) -> None:
        self.label, self.slug = label, slug


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that a call needs. At Stripe, *Write* includes *Read*."""

    resource: Resource
    write: bool = False

    @property
    def level(self) -> str:
        """What to choose for it in Stripe's dashboard."""
        return "Write" if self.write else "Read"

    @property
    def slug(self) -> str:
        """What Stripe's API calls it."""
        return f"rak_{self.resource.slug}_{self.level.lower()}"

    def __str__(self) -> str:
        return f"{self.resource.label}: {self.level}"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that we make, as Stripe's library names it, with what it needs, and what we make it for."""

    operation: str
    need: Need | None
    why: str


def _read(resource: Resource) -> Need:
    return Need(resource)


def _write(resource: Resource) -> Need:
    return Need(resource, write=True)


R = Resource
CALLS: Final = (
    # A restricted key may not be allowed this one; we do without it then.
    Call("accounts.retrieve_current", None, "the account’s name and currency, if the key may"),
    Call("balance_transactions.list", _read(R.MOVEMENTS), "what a payout holds, and Stripe’s fees"),
    Call("billing_portal.configurations.create", _write(R.PORTAL), "what members may do in the portal"),
    Call("billing_portal.configurations.list", _read(R.PORTAL), "to find what an earlier try made"),
    Call("billing_portal.configurations.retrieve", _read(R.PORTAL), "whether it is still there"),
    Call("billing_portal.sessions.create", _write(R.PORTAL), "Update card details"),
    Call("charges.retrieve", _read(R.CHARGES), "which payment a disputed charge is of"),
    Call("checkout.sessions.create", _write(R.CHECKOUT), "the checkout of a basket"),
    Call("checkout.sessions.expire", _write(R.CHECKOUT), "ending a checkout whose time is up"),
    Call("checkout.sessions.list", _read(R.CHECKOUT), "to find what an earlier try made"),
    Call("checkout.sessions.retrieve", _read(R.CHECKOUT), "what became of a checkout"),
    Call("customers.create", _write(R.CUSTOMERS), "who buys"),
    Call("customers.list", _read(R.CUSTOMERS), "to find what an earlier try made"),
    Call("customers.retrieve", _read(R.CUSTOMERS), "whose a subscription is that began at Stripe"),
    Call("customers.update", _write(R.CUSTOMERS), "whose main email address changed"),
    Call("disputes.list", _read(R.DISPUTES), "disputes that we haven’t heard of"),
    Call("disputes.retrieve", _read(R.DISPUTES), "how a dispute stands"),
    Call("events.list", _read(R.EVENTS), "catching up with what didn’t reach us"),
    Call("invoice_items.list", _read(R.INVOICES), "importing: what waits for a next bill"),
    Call("invoice_payments.list", _read(R.INVOICES), "which payment paid a bill"),
    Call("invoices.create_preview", _write(R.INVOICES), "what a member pays next"),
    Call("invoices.list", _read(R.INVOICES), "the bills of a subscription"),
    Call("invoices.retrieve", _read(R.INVOICES), "what became of a bill"),
    Call("payment_intents.retrieve", _read(R.INTENTS), "whose a payment is, and whether it failed"),
    Call("payouts.list", _read(R.PAYOUTS), "payouts that we haven’t heard of"),
    Call("payouts.retrieve", _read(R.PAYOUTS), "what became of a payout"),
    Call("prices.create", _write(R.PRICES), "what a membership costs"),
    Call("prices.list", _read(R.PRICES), "to find what an earlier try made, and to import"),
    Call("prices.retrieve", _read(R.PRICES), "whether it is still there"),
    Call("prices.update", _write(R.PRICES), "Archive price"),
    Call("products.create", _write(R.PRODUCTS), "a membership"),
    Call("products.list", _read(R.PRODUCTS), "to find what an earlier try made, and to import"),
    Call("products.retrieve", _read(R.PRODUCTS), "whether it is still there"),
    Call("products.update", _write(R.PRODUCTS), "a membership’s new name"),
    Call("refunds.create", _write(R.CHARGES), "refunds"),
    Call("refunds.list", _read(R.CHARGES), "to find what an earlier try made, and refunds made at Stripe"),
    Call("refunds.retrieve", _read(R.CHARGES), "what became of a refund"),
    Call("subscription_schedules.create", _write(R.SUBSCRIPTIONS), "a change at the next billing date"),
    Call("subscription_schedules.release", _write(R.SUBSCRIPTIONS), "taking such a change back"),
    Call("subscription_schedules.retrieve", _read(R.SUBSCRIPTIONS), "which change is to come"),
    Call("subscription_schedules.update", _write(R.SUBSCRIPTIONS), "a change at the next billing date"),
    Call("subscriptions.cancel", _write(R.SUBSCRIPTIONS), "cancelling at once"),
    Call("subscriptions.list", _read(R.SUBSCRIPTIONS), "the nightly comparison, and imports"),
    Call("subscriptions.retrieve", _read(R.SUBSCRIPTIONS), "how a subscription is now"),
    Call("subscriptions.update", _write(R.SUBSCRIPTIONS), "cancelling, pausing and changing"),
    Call("webhook_endpoints.create", _write(R.WEBHOOKS), "so that Stripe calls us"),
    Call("webhook_endpoints.delete", _write(R.WEBHOOKS), "so that it no longer does"),
    Call("webhook_endpoints.list", _read(R.WEBHOOKS), "to find what an earlier try made"),
    Call("webhook_endpoints.retrieve", _read(R.WEBHOOKS), "whether it is as it should be"),
    Call("webhook_endpoints.update", _write(R.WEBHOOKS), "putting that right"),
)
BY_OPERATION: Final = {call.operation: call for call in CALLS}


def needed(calls: Iterable[Call] = CALLS) -> list[Need]:
    """The permissions that a restricted key must have for all these calls, by name: one for each resource."""
    needs = {call.need for call in calls if call.need}
    highest = {need.resource: need for need in sorted(needs, key=lambda need: need.write)}
    return sorted(highest.values(), key=str)


def need_of(operation: str, refusal: str) -> Need | None:
    """What a refused call lacked: as Stripe's refusal names it, else what we know that it needs."""
    known = BY_OPERATION[operation].need if operation in BY_OPERATION else None
    slugs = {resource.slug: resource for resource in Resource}
    named = [Need(slugs[slug], level == "write") for slug, level in NAMED.findall(refusal) if slug in slugs]
    return known if known in named or not named else named[0]


def create_key_url(name: str) -> str:
    """Stripe's page for a new restricted key, with what we need ticked."""
    ticked = [("permissions[]", need.slug) for need in needed()]
    return f"{CREATE_KEY_URL}?{urlencode([('name', name), *ticked])}"
