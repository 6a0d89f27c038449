"""Letting a change wait until what it costs is paid: which can, whether it must, and the open bill.

Looked up: only some parameters can wait. Uncertain: whether a bank's question counts as a try (here: yes).
"""

from typing import Final

from bookwhen.sandbox.stripe import (
    collecting,
    invoice_items,
    invoices,
    issuing,
    payments,
    pending_updates,
    subscriptions,
)
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.scratch import Scratch
from bookwhen.sandbox.stripe.world import World

LIVES: Final = 23 * 3600
PENDING: Final = "pending_if_incomplete"
CAN_WAIT: Final = frozenset(
    {"payment_behavior", "proration_behavior", "proration_date", "billing_cycle_anchor", "items", "trial_end"}
    | {"off_session", "expand"}
)


def check_can_wait(given: Json) -> None:
    """Refuse what cannot wait."""
    for name in given:
        if name not in CAN_WAIT:
            message = f"When `payment_behavior` is set to `{PENDING}`, you cannot pass `{name}`."
            raise invalid(message, name)


def must_wait(tried: Scratch, there: Json, would_bill: Json) -> bool:
    """Say whether what a change would bill, as tried on a copy, would not be paid at once."""
    balance = tried.get("customer", there["customer"])["balance"]
    charges = there["collection_method"] == "charge_automatically"
    if not charges or not invoices.due_after_balance(would_bill, balance)[0]:
        return False
    try:
        collecting.check_pays(tried, there)
    except Refused:
        return True
    return False


def wait(world: World, found: Json, given: Json, tried: Scratch, would_bill: Json) -> None:
    """Make the bill of a change that was tried on a copy, fail to get it paid, and note the change."""
    pending_updates.discard(world, found)
    now, there = world.now(found["customer"]), tried.objects["subscription"][found["id"]]
    invoice = _bill(world, found, would_bill)
    _fail(world, found, invoice, away=bool(given.get("off_session")))
    changed = there["items"]["data"]
    debits = {item["id"]: tried.note(item["id"]).get("debits") for item in changed}
    world.note(found["id"])["waiting"] = {"invoice": invoice["id"], "debits": debits, "asked": given["items"]}
    restarts = there["billing_cycle_anchor"] != found["billing_cycle_anchor"]
    pending: Json = dict.fromkeys(("discount", "discounts", "metadata", "trial_end", "trial_from_plan"))
    pending |= {"billing_cycle_anchor": now if restarts else None, "subscription_items": changed}
    pending["expires_at"] = min(now + LIVES, subscriptions.period_end(found))
    world.update(subscriptions.UPDATED, found, pending_update=pending)


def _bill(world: World, found: Json, would_bill: Json) -> Json:
    """Draft and open the bill; what items were charged before is not touched by it yet."""
    known = {each["id"] for each in invoice_items.pending(world, found)}
    lines = [line for line in would_bill["lines"]["data"] if _item_of(line) not in known]
    kept = {item["id"]: world.note(item["id"]).get("debits") for item in found["items"]["data"]}
    invoice = issuing.draft(world, found, lines, "subscription_update")
    for key, debits in kept.items():
        world.note(key)["debits"] = debits
    invoice["auto_advance"] = False
    invoices.finalise(world, invoice)
    return invoice


def _item_of(line: Json) -> str | None:
    details = line["parent"]["invoice_item_details"] or line["parent"]["subscription_item_details"] or {}
    key: str | None = details.get("invoice_item")
    return key


def _fail(world: World, found: Json, invoice: Json, *, away: bool) -> None:
    intent, method = invoices.intent_of(world, invoice), collecting.card_for(world, found)
    assert intent is not None  # noqa: S101 - something is due
    if method is None:
        error = {"type": "invalid_request_error", "message": "Cannot charge a customer that has no active card"}
        payments.fail(world, intent, error, None)
    else:
        payments.confirm(world, intent, method, "away" if away else "present")
    invoice |= {"attempted": True, "attempt_count": 1}
    if intent["status"] == "requires_action":
        world.emit("invoice.payment_action_required", invoice)
    world.emit("invoice.payment_failed", invoice)
