"""Checkout sessions: made by a call, completed by the customer on the hosted page."""

import time

from bookwhen.sandbox.stripe import (
    bank_accounts,
    cards,
    catalogue,
    checkout_limits,
    customers,
    invoices,
    payments,
    pricing,
    subscribing,
    subscriptions,
    views,
)
from bookwhen.sandbox.stripe.bank_accounts import BankAccount
from bookwhen.sandbox.stripe.cards import Card
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid, not_modelled
from bookwhen.sandbox.stripe.payments import Presence
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, customer_of, merged

SHORTEST, LONGEST = 30 * 60, 24 * 3600
SLACK = 60
"""Between the caller's reckoning and ours."""
PRICE_DATA = ("currency", "unit_amount", "product", "recurring.interval", "recurring.interval_count")
PRODUCT_DATA = ("name", "description", "metadata.*", "unit_label")
ITEMS = (
    "line_items.[].price", "line_items.[].quantity", *(f"line_items.[].price_data.{name}" for name in PRICE_DATA),
    *(f"line_items.[].price_data.product_data.{name}" for name in PRODUCT_DATA),
)  # fmt: skip
SUBSCRIPTION = ("metadata.*", "description", "trial_period_days", "trial_end", "billing_mode.type")


@route(
    "POST /v1/checkout/sessions", *ITEMS, "mode", "success_url", "cancel_url", "customer", "customer_email",
    "customer_creation", "client_reference_id", "metadata.*", "expires_at", "ui_mode", "locale", "submit_type",
    "payment_intent_data.metadata.*", "payment_intent_data.description", "payment_method_collection",
    "excluded_payment_method_types.[]",
    *(f"subscription_data.{name}" for name in SUBSCRIPTION),
)  # fmt: skip
def create(world: World, given: Json) -> Json:
    """Make a session; its page is at `url` until it completes or expires."""
    _check(world, given)
    mode = given["mode"]
    expires_at, offset = _expires_at(world, given)
    items = [_item(world, item) for item in given["line_items"]]
    _check_prices([item["price"] for item in items], mode)
    checkout_limits.check_lines([item["price"] for item in items], mode)
    trial = mode == "subscription" and subscribing.trial_end(given.get("subscription_data", {}), world.now())
    total = sum(item["amount_total"] for item in items if not (trial and item["price"]["recurring"]))
    checkout_limits.check_total(total, items[0]["currency"])
    creates = given.get("customer_creation", "if_required" if mode == "payment" else "always")
    made = world.new(
        "checkout.session",
        **_plain(),
        **{
            name: given.get(name)
            for name in ("client_reference_id", "customer", "customer_email", "locale", "submit_type")
        },
        amount_subtotal=total,
        amount_total=total,
        cancel_url=given.get("cancel_url"),
        currency=items[0]["currency"],
        customer_creation=None if "customer" in given else creates,
        expires_at=expires_at,
        metadata=merged({}, given.get("metadata")),
        mode=mode,
        payment_method_collection=given.get("payment_method_collection", "always") if mode == "subscription" else None,
        success_url=given["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    )
    made["payment_method_collection"] = made["payment_method_collection"] or "if_required"
    made |= _methods(items[0]["currency"], given.get("excluded_payment_method_types", []))
    made["url"] = f"{world.pages}/pay/checkout/{made['id']}"
    world.note(made["id"]).update(items=items, given=given, offset=offset)
    return made


def _methods(currency: str, excluded: list[str]) -> Json:
    """Return what may be paid by: all that the studio's dashboard offers in the currency, but what is excluded."""
    offered = ["card", *([bank_accounts.METHODS[currency]] if currency in bank_accounts.METHODS else [])]
    left = [each for each in offered if each not in excluded]
    if not left:
        message = "No valid payment method types for this Checkout Session."
        raise invalid(message)
    return {"payment_method_types": left, "excluded_payment_method_types": excluded}


def debit_of(session: Json) -> str | None:
    """Return by which bank debit a session can be paid, if by any."""
    return next((each for each in session["payment_method_types"] if each in bank_accounts.METHODS.values()), None)


def _check(world: World, given: Json) -> None:
    if given["mode"] not in {"payment", "subscription"} if "mode" in given else True:
        message = f"mode={given.get('mode')}"
        raise not_modelled(message)
    for name in ("success_url", "line_items"):
        if not given.get(name):
            message = f"Missing required param: {name}."
            raise invalid(message, name, "parameter_missing")
    if given.get("ui_mode", "hosted_page") != "hosted_page" or given.get("payment_method_collection") == "if_required":
        message = "ui_mode other than hosted_page, or payment_method_collection=if_required"
        raise not_modelled(message)
    if "customer" in given and ("customer_email" in given or "customer_creation" in given):
        message = "You may only specify one of these parameters: customer, customer_email (or customer_creation)."
        raise invalid(message, "customer_email")
    if "customer" in given:
        customer_of(world, given["customer"])
    other = "subscription_data" if given["mode"] == "payment" else "payment_intent_data"
    if other in given or (given["mode"] == "subscription" and "customer_creation" in given):
        message = f"You can not pass `{other}` or `customer_creation` in `{given['mode']}` mode."
        raise invalid(message, other)


def _check_prices(prices: list[Json], mode: str) -> None:
    recurring = [price for price in prices if price["recurring"]]
    if len({price["currency"] for price in prices}) > 1:
        message = "All prices of a session must be in one currency."
        raise invalid(message, "line_items")
    if mode == "payment" and recurring:
        message = (
            "You specified `payment` mode but passed a recurring price. Use `subscription` mode or one-time prices."
        )
        raise invalid(message, "line_items")
    if mode == "subscription" and not recurring:
        message = "You must provide at least one recurring price in `subscription` mode when using prices."
        raise invalid(message, "line_items")


def _expires_at(world: World, given: Json) -> tuple[int, int]:
    """Read when the session ends by the caller's time, and how far ours is from that.

    It is the real one, however far the panel moved ours; or ours, for a demo that lives through its past.
    """
    real = int(time.time())
    wanted: int = given.get("expires_at", real + LONGEST)
    for now, offset in ((real, world.platform.offset), (world.now(), 0)):
        if now + SHORTEST - SLACK <= wanted <= now + LONGEST + SLACK:
            return wanted, offset
    message = "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from creation."
    raise invalid(message, "expires_at")


def _plain() -> Json:
    plain: Json = dict.fromkeys((
        "adaptive_pricing", "after_expiration", "allow_promotion_codes", "billing_address_collection", "client_secret",
        "collected_information", "consent", "consent_collection", "currency_conversion", "customer_account", "invoice",
        "customer_details", "invoice_creation", "origin_context", "payment_intent", "payment_link", "permissions",
        "payment_method_configuration_details", "recovered_from", "saved_payment_method_options", "setup_intent",
        "shipping_address_collection", "shipping_cost", "subscription", "wallet_options",
    ))  # fmt: skip
    tax = {"enabled": False, "liability": None, "provider": None, "status": None}
    text = dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"))
    return plain | {
        "automatic_tax": tax, "custom_fields": [], "custom_text": text, "discounts": [], "payment_method_options": {},
        "payment_method_types": ["card"], "payment_status": "unpaid", "phone_number_collection": {"enabled": False},
        "shipping_options": [], "status": "open", "ui_mode": "hosted_page",
    }  # fmt: skip


def _item(world: World, given: Json) -> Json:
    data = given.get("price_data")
    if ("price" in given) == (data is not None):
        message = "You must specify one of `price` and `price_data`."
        raise invalid(message, "line_items")
    price = _described(world, data) if data else world.get("price", given["price"], "line_items[price]")
    if not price["active"] and data is None:
        message = f"The price specified is inactive: {price['id']}"
        raise invalid(message, "line_items[price]")
    if not world.get("product", price["product"], "line_items[price]")["active"]:
        message = f"The product of the price specified is inactive: {price['product']}"
        raise invalid(message, "line_items[price]")
    quantity = given.get("quantity", 0)
    if quantity < 1:
        message = "Quantity is required and must be at least 1."
        raise invalid(message, "line_items[quantity]")
    amount = pricing.amount_of(price, quantity)
    made = world.shape("item", 0, amount_discount=0, amount_subtotal=amount, amount_tax=0, amount_total=amount)
    description = world.get("product", price["product"], "product")["name"]
    return made | {"currency": price["currency"], "description": description, "price": price, "quantity": quantity}


def _described(world: World, data: Json) -> Json:
    if ("product" in data) == ("product_data" in data):
        message = "You must specify one of `product` and `product_data`."
        raise invalid(message, "line_items[price_data]")
    product = data.get("product") or catalogue.make_product(world, data["product_data"])["id"]
    world.get("product", product, "line_items[price_data][product]")
    return catalogue.make_price(world, data, product, active=False)


@route("GET /v1/checkout/sessions/{session}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a session."""
    return world.get("checkout.session", key)


@route(
    "GET /v1/checkout/sessions", *views.PAGING, *views.CREATED, "customer", "payment_intent", "subscription", "status"
)
def every(world: World, given: Json) -> Json:
    """List sessions."""
    wanted = {name: given[name] for name in ("customer", "payment_intent", "subscription", "status") if name in given}
    return views.page(world.of("checkout.session", **wanted), given, "/v1/checkout/sessions")


@route("GET /v1/checkout/sessions/{session}/line_items", *views.PAGING)
def lines(world: World, given: Json, key: str) -> Json:
    """List what a session sells."""
    world.get("checkout.session", key)
    return views.page(world.note(key)["items"][::-1], given, f"/v1/checkout/sessions/{key}/line_items")


@route("POST /v1/checkout/sessions/{session}/expire")
def expire_by_call(world: World, _given: Json, key: str) -> Json:
    """End an open session."""
    found = world.get("checkout.session", key)
    if found["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{found['status']}`."
        )
        raise invalid(message)
    expire(world, found)
    return found


def expire(world: World, session: Json) -> None:
    """End a session that was not completed: its payment can no longer succeed."""
    session |= {"status": "expired", "url": None}
    if intent := session["payment_intent"]:
        payments.abort(world, world.get("payment_intent", intent), "abandoned")
    world.emit("checkout.session.expired", session)


def total(session: Json) -> int:
    """Return what is to be paid now."""
    amount: int = session["amount_total"]
    return amount


def pay(world: World, session: Json, card: Card | BankAccount, email: str, presence: Presence = "present") -> bool:
    """Pay as the customer: True when complete, False when the bank asks first; 402 when the card does not pay.

    By a bank account it is complete at once and unpaid for days.
    """
    if session["status"] != "open":
        raise Refused(400, f"This session is {session['status']}.")
    if isinstance(card, BankAccount) and debit_of(session) is None:
        message = "This session cannot be paid by bank debit."
        raise invalid(message)
    who = _payer(world, session, email)
    if session["mode"] == "subscription":
        return _subscribe(world, session, card, who, presence)
    return _pay_once(world, session, card, who, presence)


def _payer(world: World, session: Json, email: str) -> Json:
    if session["customer"]:
        customer = customer_of(world, session["customer"])
        return {"email": customer["email"] or email, "customer": customer["id"]}
    return {"email": session["customer_email"] or email, "customer": None}


def _customer(world: World, session: Json, who: Json) -> str | None:
    """Return the customer who pays, made now if the session is to make one."""
    if who["customer"] is None and session["customer_creation"] == "always":
        who["customer"] = session["customer"] = customers.make(world, email=who["email"])["id"]
    key: str | None = who["customer"]
    return key


def _pay_once(world: World, session: Json, card: Card | BankAccount, who: Json, presence: Presence) -> bool:
    customer = _customer(world, session, who)
    if not total(session):
        _complete(world, session, who, "no_payment_required")
        return True
    intent = _intent(world, session, customer)
    if presence == "authenticated":
        method = intent["payment_method"]
    else:
        method = _save(world, session, card, customer, who, checked=False)["id"]
    paid = payments.confirm(world, intent, method, presence)
    if intent["status"] == "requires_action":
        return False
    if not paid and isinstance(card, Card):
        raise cards.declined(card)
    _complete(world, session, who, "paid" if paid else "unpaid")
    return True


def _save(
    world: World, session: Json, card: Card | BankAccount, customer: str | None, who: Json, *, checked: bool = True
) -> Json:
    if isinstance(card, BankAccount):
        return bank_accounts.save(world, card, session["currency"], customer, email=who["email"])
    return cards.save(world, card, customer, checked=checked, email=who["email"])


def _intent(world: World, session: Json, customer: str | None) -> Json:
    if session["payment_intent"] is None:
        data = world.note(session["id"])["given"].get("payment_intent_data", {})
        fields = {"description": data.get("description"), "metadata": merged({}, data.get("metadata"))}
        made = payments.intend(world, total(session), session["currency"], customer, **fields)
        session["payment_intent"] = made["id"]
    return world.get("payment_intent", session["payment_intent"])


def _subscribe(world: World, session: Json, card: Card | BankAccount, who: Json, presence: Presence) -> bool:
    if isinstance(card, Card) and card.behaviour in {"refused", "fails_later"} and total(session):
        raise cards.declined(card)
    if isinstance(card, Card) and card.behaviour in {"asks_always", "asks_once"} and presence != "authenticated":
        return False
    customer = customer_of(world, _customer(world, session, who))
    method = _save(world, session, card, customer["id"], who)
    note = world.note(session["id"])
    data, now = note["given"].get("subscription_data", {}), world.now(customer["id"])
    prices = [(item["price"], item["quantity"]) for item in note["items"]]
    made = subscriptions.make(
        world,
        customer,
        [(price, quantity) for price, quantity in prices if price["recurring"]],
        trial_end=subscribing.trial_end(data, now),
        mode=data.get("billing_mode", {}).get("type", "flexible"),
        default_payment_method=method["id"],
        description=data.get("description"),
        metadata=merged({}, data.get("metadata")),
    )
    once = [invoices.line(world, p, (now, now), quantity=q) for p, q in prices if not p["recurring"]]
    invoice = subscribing.first_invoice(world, made, once, presence="authenticated")
    session |= {"subscription": made["id"], "invoice": invoice["id"]}
    _complete(world, session, who, _payment_status(session, invoice))
    return True


def _payment_status(session: Json, invoice: Json) -> str:
    if not total(session):
        return "no_payment_required"
    return "paid" if invoice["status"] == "paid" else "unpaid"


def _complete(world: World, session: Json, who: Json, payment_status: str) -> None:
    details: Json = dict.fromkeys(("address", "business_name", "individual_name", "name", "phone", "tax_ids"))
    session["customer_details"] = details | {"email": who["email"], "tax_exempt": "none"}
    session |= {"status": "complete", "payment_status": payment_status, "url": None}
    world.emit("checkout.session.completed", session)
