"""What will be billed next, and what a change would cost: worked out on a copy by the engine that bills.

Looked up: a preview is an invoice that does not exist (`upcoming_in…`, a draft, `billing_reason` upcoming); it is what
a change would bill at once, or else the next one of the subscription, with what waits for it; the customer's balance
counts in `amount_due`; where nothing will be billed the answer is 404, `invoice_upcoming_none`.
Uncertain: that a preview does not look at a pause of collection (here: it shows what would be billed without it).
"""

from typing import Final

from bookwhen.sandbox.stripe import billing, changing, discounting, invoices, issuing, subscribing, subscriptions
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.scratch import Scratch
from bookwhen.sandbox.stripe.world import World, customer_of

DETAILS: Final = (*changing.PARAMS, "cancel_at", "cancel_at_period_end", "cancel_now", "billing_mode.type")
STEPS: Final = 1000
"""Enough for all that falls due before a bill."""


@route(
    "POST /v1/invoices/create_preview", "customer", "subscription", "schedule", "preview_mode",
    *(f"subscription_details.{name}" for name in DETAILS), *subscribing.DISCOUNTS,
)  # fmt: skip
def preview(world: World, given: Json) -> Json:
    """Preview the next invoice, or the one that a change or a new subscription would make."""
    if given.get("preview_mode", "next") != "next":
        message = f"preview_mode={given['preview_mode']}"
        raise invalid(message, "preview_mode", "sandbox_not_modelled")
    details = given.get("subscription_details", {})
    key = _subscription(world, given)
    if key is None and "items" in details:
        return _new(world, given, details)
    found = _running(world, key) if key else _next_of_customer(world, given)
    copy = Scratch(world, found["customer"])
    there = copy.objects["subscription"][found["id"]]
    made = _changed(copy, there, given, details) or _next(copy, there)
    if made is None:
        raise _nothing(found["customer"])
    return _shown(copy, made)


def _subscription(world: World, given: Json) -> str | None:
    if "schedule" in given:
        key: str | None = world.get("subscription_schedule", given["schedule"], "schedule")["subscription"]
        return key
    return given.get("subscription")


def _running(world: World, key: str) -> Json:
    found = world.get("subscription", key, "subscription")
    if found["status"] in subscriptions.ENDED:
        raise _nothing(found["customer"])
    return found


def _next_of_customer(world: World, given: Json) -> Json:
    customer = customer_of(world, given.get("customer"))
    living = [
        each
        for each in world.of("subscription", customer=customer["id"])
        if each["status"] not in subscriptions.ENDED | {"incomplete"}
    ]
    if not living:
        raise _nothing(customer["id"])
    return min(living, key=subscriptions.period_end)


def _nothing(customer: str) -> Refused:
    message = f"No upcoming invoices for customer: {customer}"
    return Refused(404, message, code="invoice_upcoming_none")


def _new(world: World, given: Json, details: Json) -> Json:
    """Preview the first invoice of a subscription that does not exist yet."""
    customer = customer_of(world, given.get("customer"))
    copy = Scratch(world, customer["id"])
    asked = {"customer": customer["id"], "discounts": given.get("discounts")}
    asked |= {name: details[name] for name in ("items", "trial_end", "billing_mode") if name in details}
    there = subscribing.begin(copy, asked, needs_card=False)
    return _shown(copy, subscribing.first_invoice(copy, there))


def _changed(copy: World, there: Json, given: Json, details: Json) -> Json | None:
    """Change the copy as asked; return what that would bill at once."""
    holder = {"subscription": there["id"], "customer": there["customer"]}
    discounts = discounting.redeem(copy, given.get("discounts"), holder, copy.now())
    if discounts is not None:
        there["discounts"] = discounts
    if details.get("cancel_now"):
        subscriptions.end(copy, there)
        return issuing.draft(copy, there, [], changing.REASON)
    subscribing.schedule_end(copy, there, details)
    return changing.change(copy, there, details)


def _next(copy: Scratch, there: Json) -> Json | None:
    """Let time pass on the copy until something is billed; None where nothing ever will be."""
    known = set(copy.objects["invoice"])
    for _ in range(STEPS):
        if there["status"] in subscriptions.ENDED | {"incomplete"}:
            return None
        when, act = min(billing.of_subscription(copy, there), key=lambda due: due[0])
        copy.at = max(copy.at, when)
        act()
        if made := [each for key, each in copy.objects["invoice"].items() if key not in known]:
            return made[0]
    return None


def _shown(copy: World, made: Json) -> Json:
    """Return an invoice of the copy as a preview of it."""
    customer = copy.get("customer", made["customer"])
    due, _ = invoices.due_after_balance(made, customer["balance"])
    key = f"upcoming_{made['id']}"
    lines = [line | {"invoice": key} for line in made["lines"]["data"]]
    charges = made["collection_method"] == "charge_automatically"
    return made | {
        "id": key, "billing_reason": "upcoming", "amount_due": due, "amount_remaining": due,
        "starting_balance": customer["balance"], "auto_advance": True,
        "next_payment_attempt": made["created"] + invoices.HOUR if charges else None,
        "lines": made["lines"] | {"data": lines, "url": f"/v1/invoices/upcoming/lines?subscription={key}"},
    }  # fmt: skip
