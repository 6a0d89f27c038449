"""What becomes of a new invoice: paid at once, sent to the customer, or held back while collection is paused.

Looked up: while collection is paused, invoices are made all the same, and at once voided, written off or left as
drafts that nobody finalises; none of the customer's credit is used for one that is voided; the status of the
subscription stays as it is. An invoice that is sent is a draft for an hour too, its subscription active meanwhile.
Uncertain: which events Stripe sends of an invoice that a pause voids (here: created, finalized, voided).
"""

from bookwhen.sandbox.stripe import collecting, invoice_items, invoices, pausing, prorating, subscriptions
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.payments import Presence
from bookwhen.sandbox.stripe.platform import DAY
from bookwhen.sandbox.stripe.world import World


def draft(world: World, subscription: Json, lines: list[Json], reason: str, *, waits: bool = False) -> Json:
    """Draft an invoice of these lines and of all that waited for one."""
    every = invoice_items.sweep(world, subscription) + lines
    made = invoices.draft(world, subscription, every, reason, waits=waits)
    invoice_items.swept(world, made)
    prorating.remember(world, made)
    return made


def issue(world: World, invoice: Json, *, tries: bool = True, presence: Presence = "away") -> None:
    """Let an invoice be what its subscription says: `tries` to get it paid, with the customer there or not."""
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    if world.previews:
        return
    if subscription["pause_collection"]:
        pausing.withhold(world, subscription, invoice)
        return
    if invoice["collection_method"] == "send_invoice":
        invoice["automatically_finalizes_at"] = world.now(invoice["customer"]) + invoices.HOUR
        follow_sent(world, subscription)
        return
    finalise(world, invoice, tries=tries, presence=presence)


def finalise(world: World, invoice: Json, *, tries: bool = True, presence: Presence = "away") -> None:
    """Finalise an invoice, then get it paid or send it."""
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    invoices.finalise(world, invoice)
    if invoice["amount_due"] and invoice["collection_method"] == "send_invoice":
        now = world.now(invoice["customer"])
        invoice["due_date"] = now + (subscription["days_until_due"] or 0) * DAY
        world.emit("invoice.sent", invoice)
    elif tries or not invoice["amount_due"]:
        collecting.attempt(world, invoice, presence)


def follow_sent(world: World, subscription: Json) -> None:
    """Let a subscription that pays by sent invoices begin without having paid."""
    if subscription["status"] == "incomplete":
        world.update(subscriptions.UPDATED, subscription, status="active")
