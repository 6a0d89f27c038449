"""Getting invoices paid, and what a paid or failed invoice does to its subscription."""

from bookwhen.sandbox.stripe import bank_accounts, cards, invoices, payments, pending_updates, subscriptions
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.payments import Presence
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
    pending_updates.paid(world, subscription, invoice)
    settled(world, invoice, subscription)


def settled(world: World, invoice: Json, subscription: Json) -> None:
    """Let a subscription be active again once nothing is owed of its latest invoice: paid, voided or written off.

    That is the latest that was finalised (of an unpaid subscription a draft counts too): older ones may stay open.
    """
    latest = _latest(world, subscription)
    waits = subscription["status"] == "unpaid" and subscription["latest_invoice"] != (latest or invoice)["id"]
    # A trial begins with a free invoice, which changes nothing.
    if subscription["status"] not in {"incomplete", "past_due", "unpaid"} or waits:
        return
    if latest is None or latest["status"] != "open":
        world.get("customer", subscription["customer"])["delinquent"] = False
        world.update(subscriptions.UPDATED, subscription, status="active")


def _latest(world: World, subscription: Json) -> Json | None:
    """Return the newest invoice of a subscription that is not a draft."""
    of_it = [each for each in world.of("invoice") if invoices.subscription_of(each) == subscription["id"]]
    return next((each for each in reversed(of_it) if each["status"] != "draft"), None)


def check_pays(world: World, subscription: Json) -> None:
    """Refuse with 402 where the card that pays automatically would not."""
    method = card_for(world, subscription)
    if method is None:
        message = "This customer has no attached payment source or default payment method."
        raise invalid(message, code="resource_missing")
    if bank_accounts.account_of(world, method) is not None:
        return  # a debit is on its way: whether it comes is heard days later
    card = cards.card_of(world, method)
    if card.behaviour in {"refused", "fails_later"}:
        raise cards.declined(card)
    if card.behaviour == "asks_always":
        message = "Your card was declined. This transaction requires authentication."
        raise Refused(402, message, "card_error", code="subscription_payment_intent_requires_action")


def _failed(world: World, invoice: Json, subscription: Json, *, asks: bool) -> None:
    first = invoice["billing_reason"] == "subscription_create" and subscription["status"] == "incomplete"
    retries, tried = world.platform.retries, invoice["attempt_count"]
    more = not first and invoice["auto_advance"] and tried <= len(retries)
    now = world.now(invoice["customer"])
    invoice["next_payment_attempt"] = now + retries[tried - 1] if more else None
    if asks:
        world.emit("invoice.payment_action_required", invoice)
    world.emit("invoice.payment_failed", invoice)
    if first or pending_updates.is_waiting(world, subscription, invoice):
        return
    world.get("customer", subscription["customer"])["delinquent"] = True
    if subscription["status"] in {"active", "trialing"} and _latest(world, subscription) is invoice:
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


def overdue(world: World, invoice: Json, tried: list[str]) -> None:
    """Let a subscription be past due: the invoice that was sent was not paid in time."""
    tried.append("overdue")
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    if subscription["status"] == "active" and _latest(world, subscription) is invoice:
        world.update(subscriptions.UPDATED, subscription, status="past_due")


def give_up_waiting(world: World, invoice: Json, tried: list[str]) -> None:
    """Do what the dashboard's rule says about an invoice that was sent long ago."""
    tried.append("given up")
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    if subscription["status"] == "past_due":
        _out_of_retries(world, invoice, subscription)


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
