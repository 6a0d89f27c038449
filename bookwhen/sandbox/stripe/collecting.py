"""Getting invoices paid, and what a paid or failed invoice does to its subscription."""

from bookwhen.sandbox.stripe import bank_accounts, cards, invoices, payments, subscriptions
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.payments import Presence
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World


def card_for(world: World, subscription: Json) -> str | None:
    """Return the payment method that pays automatically: the subscription's, else the customer's."""
    customer = world.get("customer", subscription["customer"])
    method: str | None = (
        subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    )
    return method


def attempt(world: World, invoice: Json, presence: Presence = "away", method: str | None = None) -> bool:
    """Try to get an open invoice paid, and let its subscription follow; True when it was, or a debit is on its way."""
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    intent = invoices.intent_of(world, invoice)
    if intent is None:
        _paid(world, invoice, subscription)
        return True
    if intent["status"] == "processing":
        message = f"The payment of {invoice['id']} is processing. It cannot be paid in another way meanwhile."
        raise invalid(message, code="payment_intent_unexpected_state")
    method = method or card_for(world, subscription)
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + (presence != "authenticated")}
    if method is None:
        message = "Cannot charge a customer that has no active card"
        payments.fail(world, intent, {"type": "invalid_request_error", "message": message}, None)
    elif payments.confirm(world, intent, method, presence):
        _paid(world, invoice, subscription)
        return True
    elif intent["status"] == "processing":
        _on_the_way(world, invoice, subscription, method)
        return True
    _failed(world, invoice, subscription, asks=_asks(intent))
    return False


def _on_the_way(world: World, invoice: Json, subscription: Json, method: str) -> None:
    """A debit waits for the bank: nothing is tried again meanwhile, and a subscription may begin at once."""
    invoice["next_payment_attempt"] = None
    account = bank_accounts.account_of(world, method)
    if subscription["status"] == "incomplete" and account and account.begins == "active":
        world.update(subscriptions.UPDATED, subscription, status="active")


def follow(world: World, invoice: Json, *, paid: bool) -> None:
    """Let an invoice, and its subscription, follow the debit that ended."""
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    if paid:
        _paid(world, invoice, subscription)
    else:
        _failed(world, invoice, subscription, asks=False)


def _asks(intent: Json) -> bool:
    error = intent["last_payment_error"] or {}
    return intent["status"] == "requires_action" or error.get("code") == "authentication_required"


def _paid(world: World, invoice: Json, subscription: Json) -> None:
    invoices.mark_paid(world, invoice)
    unpaid = [
        each
        for each in world.of("invoice", status="open")
        if invoices.subscription_of(each) == subscription["id"] and each["next_payment_attempt"]
    ]
    # A trial begins with a free invoice, which changes nothing.
    if subscription["status"] in {"incomplete", "past_due", "unpaid"} and not unpaid:
        world.get("customer", subscription["customer"])["delinquent"] = False
        world.update(subscriptions.UPDATED, subscription, status="active")


def _failed(world: World, invoice: Json, subscription: Json, *, asks: bool) -> None:
    first = invoice["billing_reason"] == "subscription_create" and subscription["status"] == "incomplete"
    retries, tried = world.platform.retries, invoice["attempt_count"]
    more = not first and invoice["auto_advance"] and tried <= len(retries)
    now = world.now(invoice["customer"])
    invoice["next_payment_attempt"] = now + retries[tried - 1] if more else None
    if asks:
        world.emit("invoice.payment_action_required", invoice)
    world.emit("invoice.payment_failed", invoice)
    if first:
        return
    world.get("customer", subscription["customer"])["delinquent"] = True
    if subscription["status"] in {"active", "trialing"}:
        world.update(subscriptions.UPDATED, subscription, status="past_due")
    if not more and subscription["status"] == "past_due":
        _out_of_retries(world, invoice, subscription)


def _out_of_retries(world: World, invoice: Json, subscription: Json) -> None:
    """Do what the dashboard's rule says when the last retry failed."""
    match world.platform.after_retries:
        case "cancel":
            subscriptions.end(world, subscription, "payment_failed")
        case "unpaid":
            invoice["auto_advance"] = False
            world.update(subscriptions.UPDATED, subscription, status="unpaid")


def authenticate(world: World, intent: Json, *, passed: bool) -> bool:
    """Answer the bank's question for a payment that waits for it; True when it is paid."""
    method = intent["payment_method"]
    invoice = invoice_of(world, intent)
    if not passed:
        message = "We are unable to authenticate your payment method. Please choose a different payment method."
        error = {"type": "card_error", "code": "payment_intent_authentication_failure", "message": message}
        payments.fail(world, intent, error, method)
        if invoice:
            world.emit("invoice.payment_failed", invoice)
        return False
    if invoice:
        return attempt(world, invoice, "authenticated", method)
    return payments.confirm(world, intent, method, "authenticated")


def invoice_of(world: World, intent: Json) -> Json | None:
    """Return the invoice that a payment intent pays."""
    payment = next(
        (each for each in world.of("invoice_payment") if each["payment"]["payment_intent"] == intent["id"]), None
    )
    return world.get("invoice", payment["invoice"]) if payment else None


@route("POST /v1/invoices/{invoice}/pay", "payment_method", "off_session")
def pay(world: World, given: Json, key: str) -> Json:
    """Pay an invoice now; 402 with the invoice left open if the card does not."""
    invoice = world.get("invoice", key)
    if invoice["status"] == "draft":
        invoices.finalise(world, invoice)
    if invoice["status"] not in {"open", "uncollectible"}:
        message = f"Invoice is already {invoice['status']}"
        raise invalid(message, code="invoice_not_open")
    method = given.get("payment_method")
    if method:
        cards.of_customer(world, method, invoice["customer"], "payment_method")
    if attempt(world, invoice, "away" if given.get("off_session", True) else "present", method):
        return invoice
    intent = invoices.intent_of(world, invoice) or {}
    error = intent["last_payment_error"] or {"type": "card_error", "message": "This payment requires authentication."}
    more = {name: value for name, value in error.items() if name not in {"type", "message", "payment_method"}}
    if intent["status"] == "requires_action":
        more["code"] = "invoice_payment_intent_requires_action"
    raise Refused(402, error["message"], error["type"], **more)


@route("POST /v1/invoices/{invoice}/finalize", "auto_advance")
def finalise(world: World, given: Json, key: str) -> Json:
    """Finalise a draft; its payment is tried at once if Stripe advances it."""
    invoice = _in_status(world, key, "draft")
    invoices.finalise(world, invoice)
    if given.get("auto_advance", invoice["auto_advance"]):
        attempt(world, invoice)
    return invoice


@route("POST /v1/invoices/{invoice}/void")
def void(world: World, _given: Json, key: str) -> Json:
    """Void an open invoice."""
    invoice = _in_status(world, key, "open", "uncollectible")
    invoices.give_up(world, invoice, "void")
    return invoice


@route("POST /v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(world: World, _given: Json, key: str) -> Json:
    """Give an open invoice up."""
    invoice = _in_status(world, key, "open")
    invoices.give_up(world, invoice, "uncollectible")
    return invoice


def _in_status(world: World, key: str, *statuses: str) -> Json:
    invoice = world.get("invoice", key)
    if invoice["status"] not in statuses:
        message = f"This invoice is {invoice['status']}: it must be {' or '.join(statuses)}."
        raise invalid(message, code="invoice_not_editable")
    return invoice
