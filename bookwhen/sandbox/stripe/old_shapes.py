"""Events as Stripe lists them: in the shape of the version that the account had when they were made.

A webhook is sent in its endpoint's own version; `GET /v1/events` is not, and an account keeps the version of the day on
which its first call was made until somebody upgrades it. What was called otherwise then is written so here, by Stripe's
changelog: invoices named their subscription themselves (until 2025-03-31.basil), as they did their charge and payment
intent, and the billing period was the subscription's.
"""

import copy
from typing import Final

from bookwhen.sandbox.stripe.errors import Json

ACCOUNT_VERSION: Final = "2020-08-27"


def as_listed(event: Json) -> Json:
    """Return an event as an account with an old version lists it."""
    told = copy.deepcopy(event)
    told["api_version"] = ACCOUNT_VERSION
    for part in (told["data"]["object"], told["data"].get("previous_attributes")):
        if part is not None:
            _CHANGES.get(told["data"]["object"]["object"], _nothing)(part)
    return told


def _nothing(_part: Json) -> None:
    """Leave what looks the same in every version."""


def _invoice(part: Json) -> None:
    if "parent" in part:
        parent = part.pop("parent") or {}
        part["subscription"] = (parent.get("subscription_details") or {}).get("subscription")
    if "status" in part:
        part["paid"] = part["status"] == "paid"
    if "object" in part:
        part |= {"charge": None, "payment_intent": None, "tax": None, "discount": None}
    for each in part.get("lines", {}).get("data", []):
        _line(each)
    for name in ("confirmation_secret", "total_taxes", "amount_overpaid", "amount_paid_off_stripe"):
        part.pop(name, None)


def _line(line: Json) -> None:
    details = (line.pop("parent", None) or {}).get("subscription_item_details") or {}
    line |= {"subscription": details.get("subscription"), "subscription_item": details.get("subscription_item")}
    line["price"] = ((line.pop("pricing", None) or {}).get("price_details") or {}).get("price")
    line["type"] = "subscription" if details else "invoiceitem"
    line["proration"] = bool(details.get("proration"))


def _subscription(part: Json) -> None:
    items = part.get("items", {}).get("data", [])
    for each in items:
        for name in ("current_period_start", "current_period_end"):
            if name in each:
                part[name] = each.pop(name)
        each["plan"] = _plan(each["price"])
    if items:
        part |= {"plan": items[0]["plan"], "quantity": items[0].get("quantity"), "discount": None}
    for name in ("discounts", "billing_mode", "billing_schedules"):
        part.pop(name, None)


def _plan(price: Json) -> Json:
    recurring = price.get("recurring") or {}
    told = {name: price.get(name) for name in ("id", "active", "currency", "product", "livemode", "metadata")}
    return told | {
        "object": "plan",
        "amount": price.get("unit_amount"),
        "interval": recurring.get("interval"),
        "interval_count": recurring.get("interval_count"),
    }


_CHANGES: Final = {"invoice": _invoice, "subscription": _subscription}
