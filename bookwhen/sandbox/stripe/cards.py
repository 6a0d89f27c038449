"""Test cards, by Stripe's own numbers and tokens, and the payment methods made of them."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from bookwhen.sandbox.stripe import views
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, customer_of, merged

Behaviour = Literal["pays", "refused", "fails_later", "asks_always", "asks_once"]


@dataclass(frozen=True)
class Card:
    """One test card: what it does when it is saved and charged.

    `refused` when typed or attached; `fails_later` is taken, but every charge fails; `asks_always` wants 3-D Secure for
    every payment; `asks_once` only while the customer is there.
    """

    number: str
    tokens: tuple[str, ...]
    label: str
    behaviour: Behaviour = "pays"
    decline_code: str = "generic_decline"
    brand: str = "visa"


CARDS = (
    Card("4242424242424242", ("pm_card_visa",), "Visa, pays"),
    Card("5555555555554444", ("pm_card_mastercard",), "Mastercard, pays", brand="mastercard"),
    Card("4000000000000002", ("pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"), "Declined", "refused"),
    Card(
        "4000000000009995",
        ("pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"),
        "Declined: insufficient funds",
        "refused",
        "insufficient_funds",
    ),
    Card("4000000000000341", ("pm_card_chargeCustomerFail",), "Saved, but every charge fails", "fails_later"),
    Card(
        "4000002760003184",
        ("pm_card_threeDSecure2Required", "pm_card_authenticationRequired"),
        "3-D Secure for every payment",
        "asks_always",
    ),
    Card("4000002500003155", ("pm_card_authenticationRequiredOnSetup",), "3-D Secure the first time only", "asks_once"),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {token: card for card in CARDS for token in card.tokens}
CHECKS = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}


def card_of(world: World, payment_method: str) -> Card:
    """Return the test card behind a payment method."""
    card: Card = world.note(payment_method)["card"]
    return card


def declined(card: Card, **more: object) -> Refused:
    """Say that the card was declined (402)."""
    message = (
        "Your card has insufficient funds." if card.decline_code == "insufficient_funds" else "Your card was declined."
    )
    return Refused(402, message, "card_error", code="card_declined", decline_code=card.decline_code, **more)


def described(card: Card) -> Json:
    """Return what a payment method and a charge both say of a card."""
    print_of_it = hashlib.sha256(card.number.encode()).hexdigest()[:16]
    return {"brand": card.brand, "checks": dict(CHECKS), "country": "GB", "exp_month": 12, "exp_year": 2040} | {
        "fingerprint": print_of_it, "funding": "credit", "last4": card.number[-4:], "wallet": None,
    }  # fmt: skip


def save(world: World, card: Card, customer: str | None, *, checked: bool = True, **billing: object) -> Json:
    """Make a payment method of a card, attached to the customer if there is one; 402 if `checked` and refused."""
    if checked and card.behaviour == "refused":
        raise declined(card)
    shown = described(card) | {
        "display_brand": card.brand, "generated_from": None, "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True}, "regulated_status": None,
    }  # fmt: skip
    made = world.new(
        "payment_method",
        world.now(customer),
        allow_redisplay="unspecified",
        billing_details={"address": None, "email": None, "name": None, "phone": None, "tax_id": None} | billing,
        card=shown,
        customer=customer,
        metadata={},
        type="card",
    )
    world.note(made["id"])["card"] = card
    if customer:
        world.emit("payment_method.attached", made)
    return made


def attach(world: World, key: str, customer: str) -> Json:
    """Attach a test token (which makes a new payment method each time) or a payment method to a customer."""
    if key in BY_TOKEN:
        return save(world, BY_TOKEN[key], customer)
    found = world.get("payment_method", key, "payment_method")
    if found["customer"] not in {None, customer}:
        message = "The payment method you provided has already been attached to a customer."
        raise invalid(message, "payment_method")
    if found["customer"] is None:
        found["customer"] = customer
        world.emit("payment_method.attached", found)
    return found


def of_customer(world: World, key: str, customer: str, param: str) -> Json:
    """Return a payment method that must be attached to this customer."""
    found = world.get("payment_method", key, param)
    if found["customer"] != customer:
        message = f"The customer does not have a payment method with the ID {key}. It must be attached to the customer."
        raise invalid(message, param, "resource_missing")
    return found


@route("GET /v1/payment_methods/{payment_method}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a payment method."""
    return world.get("payment_method", key)


@route("POST /v1/payment_methods/{payment_method}", "metadata.*")
def update(world: World, given: Json, key: str) -> Json:
    """Change the metadata of a payment method."""
    found = world.get("payment_method", key)
    world.update("payment_method.updated", found, metadata=merged(found["metadata"], given.get("metadata")))
    return found


@route("POST /v1/payment_methods/{payment_method}/attach", "customer")
def attach_by_call(world: World, given: Json, key: str) -> Json:
    """Attach a payment method or a test token."""
    return attach(world, key, customer_of(world, given.get("customer"))["id"])


@route("POST /v1/payment_methods/{payment_method}/detach")
def detach(world: World, _given: Json, key: str) -> Json:
    """Detach a payment method: it can pay no more."""
    found = world.get("payment_method", key)
    customer = world.objects["customer"].get(found["customer"] or "")
    if customer is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise invalid(message)
    if customer["invoice_settings"]["default_payment_method"] == key:
        customer["invoice_settings"]["default_payment_method"] = None
    found["customer"] = None
    world.emit("payment_method.detached", found, {"customer": customer["id"]})
    return found


@route("GET /v1/payment_methods", *views.PAGING, "customer", "type")
def every(world: World, given: Json) -> Json:
    """List a customer's payment methods."""
    if "customer" not in given:
        message = "Missing required param: customer."
        raise invalid(message, "customer", "parameter_missing")
    found = world.of("payment_method", customer=given["customer"], type=given.get("type", "card"))
    return views.page(found, given, "/v1/payment_methods")


@route("GET /v1/customers/{customer}/payment_methods", *views.PAGING, "type")
def every_of_customer(world: World, given: Json, customer: str) -> Json:
    """List a customer's payment methods."""
    found = world.of("payment_method", customer=customer_of(world, customer, "id")["id"])
    return views.page(found, given, f"/v1/customers/{customer}/payment_methods")
