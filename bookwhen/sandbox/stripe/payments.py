"""Payment intents and the charges that try to fulfil them."""

from typing import Literal

from bookwhen.sandbox.stripe import balance, bank_accounts, cards, views
from bookwhen.sandbox.stripe.bank_accounts import BankAccount
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, merged

Presence = Literal["away", "present", "authenticated"]
"""Is the customer there, and did they pass 3-D Secure?"""


def intend(world: World, amount: int, currency: str, customer: str | None, **fields: object) -> Json:
    """Make a payment intent."""
    plain: Json = dict.fromkeys((
        "application", "application_fee_amount", "automatic_payment_methods", "canceled_at", "cancellation_reason",
        "customer_account", "description", "last_payment_error", "latest_charge", "next_action", "on_behalf_of",
        "payment_method", "payment_method_configuration_details", "processing", "receipt_email", "review",
        "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix", "transfer_data",
        "transfer_group", "excluded_payment_method_types",
    ))  # fmt: skip
    made = world.new(
        "payment_intent",
        world.now(customer),
        **plain
        | {"amount": amount, "amount_capturable": 0, "amount_received": 0, "capture_method": "automatic_async"}
        | {"confirmation_method": "automatic", "currency": currency, "customer": customer, "metadata": {}}
        | {"payment_method_options": {}, "payment_method_types": ["card"], "status": "requires_payment_method"}
        | fields,
    )
    made["client_secret"] = f"{made['id']}_secret_sandbox"
    world.emit("payment_intent.created", made)
    return made


def confirm(world: World, intent: Json, method: str, presence: Presence) -> bool:
    """Try to pay: True when it was paid; else the intent says what is missing, or that it is `processing`."""
    if account := bank_accounts.account_of(world, method):
        _process(world, intent, method, account)
        return False
    card = cards.card_of(world, method)
    asks = card.behaviour == "asks_always" or (card.behaviour == "asks_once" and presence == "present")
    if asks and presence != "authenticated":
        intent["payment_method"] = method
        _ask(world, intent, method, presence)
        return False
    if card.behaviour in {"refused", "fails_later"}:
        charge = _charge(world, intent, method, card, paid=False)
        fail(world, intent, cards.declined(card, charge=charge["id"]).error, method)
        return False
    charge = _charge(world, intent, method, card, paid=True)
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "payment_method": method}
    intent |= {"latest_charge": charge["id"], "next_action": None, "last_payment_error": None}
    world.emit("charge.succeeded", charge)
    # Stripe reckons the fee a little later: the event does not have it.
    balance.paid(world, charge)
    world.emit("payment_intent.succeeded", intent)
    return True


def _process(world: World, intent: Json, method: str, account: BankAccount) -> None:
    """Send a debit on its way to the bank, which answers in days."""
    charge = _new_charge(world, intent, method, status="pending")
    kind = world.objects["payment_method"][method]["type"]
    charge |= {"payment_method_details": bank_accounts.of_the_charge(account, kind), "captured": True}
    charge |= {"amount_captured": intent["amount"], "outcome": _outcome("not_sent_to_network", None, "authorized")}
    intent |= {"payment_method": method, "latest_charge": charge["id"], "next_action": None, "last_payment_error": None}
    world.note(intent["id"])["due"] = world.now(intent["customer"]) + bank_accounts.TAKES
    world.emit("charge.pending", charge)
    world.update("payment_intent.processing", intent, status="processing")


def arrive(world: World, intent: Json) -> None:
    """Let a debit on its way be paid."""
    charge = world.get("charge", intent["latest_charge"])
    charge |= {"status": "succeeded", "paid": True}
    charge["outcome"] = _outcome("approved_by_network", None, "authorized")
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    world.emit("charge.succeeded", charge)
    balance.paid(world, charge)
    world.emit("payment_intent.succeeded", intent)


def bounce(world: World, intent: Json) -> None:
    """Let a debit on its way be refused by the bank."""
    charge, method = world.get("charge", intent["latest_charge"]), intent["payment_method"]
    message = "The customer's account has insufficient funds to cover this payment."
    charge |= {"status": "failed", "captured": False, "amount_captured": 0}
    charge |= {"failure_code": "insufficient_funds", "failure_message": message}
    charge["outcome"] = _outcome("declined_by_network", "insufficient_funds", "issuer_declined")
    world.emit("charge.failed", charge)
    error = {"type": "card_error", "code": "payment_intent_payment_attempt_failed", "message": message}
    fail(world, intent, error | {"charge": charge["id"]}, method)


def _ask(world: World, intent: Json, method: str, presence: Presence) -> None:
    """Let the customer's bank ask them; while they are away that fails the payment."""
    if presence == "away":
        message = "Your card was declined. This transaction requires authentication."
        error = {"type": "card_error", "code": "authentication_required", "message": message}
        fail(world, intent, error | {"decline_code": "authentication_required"}, method)
        return
    url = f"{world.platform.base}/pay/authenticate/{intent['id']}"
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": None}}
    world.update("payment_intent.requires_action", intent, status="requires_action", next_action=action)


def fail(world: World, intent: Json, error: Json, method: str | None) -> None:
    """Record a failed attempt: another card may be tried."""
    shown = error | ({"payment_method": world.objects["payment_method"][method]} if method else {})
    intent |= {"status": "requires_payment_method", "last_payment_error": shown, "next_action": None}
    intent["payment_method"] = None
    world.emit("payment_intent.payment_failed", intent)


def abort(world: World, intent: Json, reason: str) -> None:
    """Cancel an intent that was not paid."""
    if intent["status"] not in {"succeeded", "canceled"}:
        intent |= {"status": "canceled", "canceled_at": world.now(intent["customer"]), "cancellation_reason": reason}
        intent["next_action"] = None
        world.emit("payment_intent.canceled", intent)


def _charge(world: World, intent: Json, method: str, card: cards.Card, *, paid: bool) -> Json:
    made = _new_charge(world, intent, method, status="succeeded" if paid else "failed")
    made |= {"amount_captured": intent["amount"] if paid else 0, "captured": paid, "paid": paid}
    made["payment_method_details"] = {"type": "card", "card": _of_the_charge(card)}
    if paid:
        made["outcome"] = _outcome("approved_by_network", None, "authorized")
        return made
    made["outcome"] = _outcome("declined_by_network", card.decline_code, "issuer_declined")
    made |= {"failure_code": "card_declined", "failure_message": "Your card was declined."}
    intent["latest_charge"] = made["id"]
    world.emit("charge.failed", made)
    return made


def _outcome(network: str, reason: str | None, kind: str) -> Json:
    refused = "The bank did not return any further details with this decline."
    message = refused if kind == "issuer_declined" else "Payment complete."
    told = {"network_status": network, "reason": reason, "type": kind}
    return told | {"risk_level": "normal", "seller_message": message}


def _new_charge(world: World, intent: Json, method: str, *, status: str) -> Json:
    plain: Json = dict.fromkeys((
        "application", "application_fee", "application_fee_amount", "balance_transaction",
        "failure_balance_transaction",
        "on_behalf_of", "receipt_email", "receipt_number", "receipt_url", "review", "shipping", "source_transfer",
        "statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group", "failure_code",
        "failure_message",
    ))  # fmt: skip
    return world.new(
        "charge",
        world.now(intent["customer"]),
        **plain
        | {"amount": intent["amount"], "amount_captured": 0, "amount_refunded": 0, "captured": False, "paid": False}
        | {"billing_details": world.objects["payment_method"][method]["billing_details"], "refunded": False}
        | {"calculated_statement_descriptor": "SANDBOX", "currency": intent["currency"], "disputed": False}
        | {"customer": intent["customer"], "description": intent["description"], "fraud_details": {}}
        | {"metadata": dict(intent["metadata"]), "payment_intent": intent["id"], "payment_method": method}
        | {"status": status},
    )


def _of_the_charge(card: cards.Card) -> Json:
    return cards.described(card) | {
        "amount_authorized": None, "installments": None, "mandate": None, "network": card.brand, "three_d_secure": None,
        "network_token": {"used": False}, "regulated_status": None,
    }  # fmt: skip


@route("GET /v1/payment_intents/{intent}", "client_secret")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a payment intent."""
    return world.get("payment_intent", key)


@route("POST /v1/payment_intents/{intent}", "metadata.*", "description")
def update(world: World, given: Json, key: str) -> Json:
    """Change what is said about a payment; Stripe tells nobody of that."""
    found = world.get("payment_intent", key)
    found |= given_fields(given, ("description",)) | {"metadata": merged(found["metadata"], given.get("metadata"))}
    return found


@route("GET /v1/payment_intents", *views.PAGING, *views.CREATED, "customer")
def every(world: World, given: Json) -> Json:
    """List payment intents."""
    found = world.of("payment_intent", **given_fields(given, ("customer",)))
    return views.page(found, given, "/v1/payment_intents")


@route("POST /v1/payment_intents/{intent}/cancel", "cancellation_reason")
def cancel(world: World, given: Json, key: str) -> Json:
    """Cancel a payment intent that was not paid, and is not on its way to the bank."""
    found = world.get("payment_intent", key)
    if found["status"] in {"succeeded", "canceled", "processing"}:
        message = f"You cannot cancel this PaymentIntent because it has a status of {found['status']}."
        raise invalid(message, code="payment_intent_unexpected_state")
    abort(world, found, given.get("cancellation_reason", "requested_by_customer"))
    return found


@route("GET /v1/charges/{charge}")
def retrieve_charge(world: World, _given: Json, key: str) -> Json:
    """Return a charge."""
    return world.get("charge", key)


@route("GET /v1/charges", *views.PAGING, *views.CREATED, "customer", "payment_intent")
def every_charge(world: World, given: Json) -> Json:
    """List charges."""
    found = world.of("charge", **given_fields(given, ("customer", "payment_intent")))
    return views.page(found, given, "/v1/charges")
