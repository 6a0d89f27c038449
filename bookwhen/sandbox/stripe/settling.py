"""What somebody does about an invoice by hand: finalise it, pay it, void it, write it off.

Looked up: an invoice that was paid elsewhere is paid, and `amount_paid_off_stripe` says how much; a void one gives back
what it took of the customer's credit; both a void and an uncollectible one make a subscription that was past due active
again; an incomplete one whose first invoice is voided can never begin.
Uncertain: what `amount_paid` says of one that was paid elsewhere (here: all of it).
"""

from bookwhen.sandbox.stripe import cards, collecting, invoices, issuing, pending_updates, subscriptions
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World


@route("POST /v1/invoices/{invoice}/pay", "payment_method", "off_session", "paid_out_of_band", "forgive")
def pay(world: World, given: Json, key: str) -> Json:
    """Pay an invoice now; 402 with the invoice left open if the card does not.

    `forgive` is for sources that hold money of their own: a card, which is all there is here, pays all or nothing.
    """
    invoice = world.get("invoice", key)
    if invoice["status"] == "draft":
        invoices.finalise(world, invoice)
    if invoice["status"] not in {"open", "uncollectible"}:
        message = f"Invoice is already {invoice['status']}"
        raise invalid(message, code="invoice_not_open")
    if given.get("paid_out_of_band"):
        paid_elsewhere(world, invoice)
        return invoice
    method = given.get("payment_method")
    if method:
        cards.of_customer(world, method, invoice["customer"], "payment_method")
    if collecting.attempt(world, invoice, "away" if given.get("off_session", True) else "present", method):
        return invoice
    intent = invoices.intent_of(world, invoice) or {}
    error = intent["last_payment_error"] or {"type": "card_error", "message": "This payment requires authentication."}
    more = {name: value for name, value in error.items() if name not in {"type", "message", "payment_method"}}
    if intent["status"] == "requires_action":
        more["code"] = "invoice_payment_intent_requires_action"
    raise Refused(402, error["message"], error["type"], **more)


def paid_elsewhere(world: World, invoice: Json) -> None:
    """Record that an invoice was paid outside of Stripe: nothing is charged."""
    invoices.stop_asking(world, invoice)
    invoice["amount_paid_off_stripe"] = invoice["amount_due"]
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    invoices.mark_paid(world, invoice)
    pending_updates.paid(world, subscription, invoice)
    collecting.settled(world, invoice, subscription)


@route("POST /v1/invoices/{invoice}/finalize", "auto_advance")
def finalise(world: World, given: Json, key: str) -> Json:
    """Finalise a draft; its payment is tried at once if Stripe advances it."""
    invoice = _in_status(world, key, "draft")
    issuing.finalise(world, invoice, tries=bool(given.get("auto_advance", invoice["auto_advance"])))
    return invoice


@route("POST /v1/invoices/{invoice}/void")
def void(world: World, _given: Json, key: str) -> Json:
    """Void an open invoice."""
    invoice = _in_status(world, key, "open", "uncollectible")
    give_up(world, invoice, "void")
    return invoice


@route("POST /v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(world: World, _given: Json, key: str) -> Json:
    """Give an open invoice up."""
    invoice = _in_status(world, key, "open")
    give_up(world, invoice, "uncollectible")
    return invoice


def give_up(world: World, invoice: Json, status: str) -> None:
    """Void an invoice or write it off, and let its subscription follow."""
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    invoices.give_up(world, invoice, status)
    if pending_updates.is_waiting(world, subscription, invoice):
        pending_updates.discard(world, subscription)
    if subscription["status"] != "incomplete":
        collecting.settled(world, invoice, subscription)
    elif status == "void":
        subscriptions.end(world, subscription, None, status="incomplete_expired")


def _in_status(world: World, key: str, *statuses: str) -> Json:
    invoice = world.get("invoice", key)
    if invoice["status"] not in statuses:
        message = f"This invoice is {invoice['status']}: it must be {' or '.join(statuses)}."
        raise invalid(message, code="invoice_not_editable")
    return invoice
