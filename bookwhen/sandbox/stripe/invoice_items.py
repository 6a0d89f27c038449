"""What waits for the next invoice: prorations, and what somebody put there by hand."""

from typing import Final

from bookwhen.sandbox.stripe import pricing, views
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, customer_of, given_fields, merged

KIND: Final = "invoiceitem"


def make(world: World, customer: Json, amount: int, *, parent: Json | None, proration: bool, **fields: object) -> Json:
    """Let an amount wait for an invoice: of the subscription in `parent`, or of any."""
    now = world.now(customer["id"])
    plain: Json = dict.fromkeys(("customer_account", "description", "invoice", "pricing"))
    made = world.new(
        KIND,
        **plain
        | {"amount": amount, "customer": customer["id"], "date": now, "discountable": not proration and amount > 0}
        | {"discounts": [], "metadata": {}, "net_amount": amount, "parent": parent, "proration": proration}
        | {"period": {"start": now, "end": now}, "quantity": 1, "tax_rates": [], "test_clock": customer["test_clock"]}
        | fields,
    )
    made["quantity_decimal"] = str(made["quantity"])
    world.emit("invoiceitem.created", made)
    return made


def pending(world: World, subscription: Json) -> list[Json]:
    """Return what waits for the next invoice of a subscription."""
    waiting = world.of(KIND, customer=subscription["customer"], invoice=None)
    return [each for each in waiting if subscription_of(each) in {None, subscription["id"]}]


def subscription_of(item: Json) -> str | None:
    """Return the subscription that an item waits for; None for any of the customer's."""
    key: str | None = item["parent"] and item["parent"]["subscription_details"]["subscription"]
    return key


def sweep(world: World, subscription: Json) -> list[Json]:
    """Take all that waits for a subscription; returns lines, for an invoice that is about to be drafted."""
    return [_line(world, each) for each in pending(world, subscription)]


def swept(world: World, invoice: Json) -> None:
    """Note which invoice has the items that were swept up for it."""
    for line in invoice["lines"]["data"]:
        if key := item_of(line):
            world.objects[KIND].get(key, {})["invoice"] = invoice["id"]


def item_of(line: Json) -> str | None:
    """Return the invoice item that a line was made of."""
    details = line["parent"]["subscription_item_details"] or line["parent"]["invoice_item_details"]
    key: str | None = details["invoice_item"]
    return key


def _line(world: World, item: Json) -> Json:
    """Make the line of an item: of a proration, it is the line of the subscription's item."""
    parent = (item["parent"] or {}).get("subscription_details", {})
    shared = {"invoice_item": item["id"], "proration": item["proration"], "subscription": parent.get("subscription")}
    shared["proration_details"] = {"credited_items": None}
    of_item = shared | {"subscription_item": parent["subscription_item"]} if item["proration"] else None
    kind = "subscription_item_details" if of_item else "invoice_item_details"
    return world.shape("line_item", 0) | {
        "amount": item["amount"], "currency": item["currency"], "description": item["description"],
        "discount_amounts": [], "discountable": item["discountable"], "discounts": [], "metadata": item["metadata"],
        "parent": {"invoice_item_details": None if of_item else shared, "subscription_item_details": of_item}
        | {"type": kind},
        "period": item["period"], "pretax_credit_amounts": [], "pricing": item["pricing"],
        "quantity": item["quantity"], "subscription": parent.get("subscription"), "subtotal": item["amount"],
        "taxes": [],
    }  # fmt: skip


def forget(world: World, subscription: Json) -> None:
    """Let go of the prorations that wait for a subscription: it was cancelled at once."""
    for each in pending(world, subscription):
        if each["proration"]:
            del world.objects[KIND][each["id"]]
            world.emit("invoiceitem.deleted", each)


@route(
    "POST /v1/invoiceitems", "customer", "amount", "currency", "description", "subscription", "pricing.price",
    "quantity", "metadata.*",
)  # fmt: skip
def create(world: World, given: Json) -> Json:
    """Put something on the next invoice."""
    customer = customer_of(world, given.get("customer"))
    subscription = given.get("subscription")
    if subscription:
        world.get("subscription", subscription, "subscription")
    quantity, price = given.get("quantity", 1), None
    if "pricing" in given:
        price = world.get("price", given["pricing"]["price"], "pricing[price]")
    if price is None and not {"amount", "currency"} <= set(given):
        message = "You must specify `amount` and `currency`, or `pricing`."
        raise invalid(message, "amount", "parameter_missing")
    parent = {"subscription": subscription}
    return make(
        world,
        customer,
        pricing.amount_of(price, quantity) if price else given["amount"],
        parent={"type": "subscription_details", "subscription_details": parent} if subscription else None,
        proration=False,
        currency=price["currency"] if price else given["currency"].lower(),
        quantity=quantity,
        pricing=priced(price),
        metadata=merged({}, given.get("metadata")),
        **given_fields(given, ("description",)),
    )


def priced(price: Json | None) -> Json | None:
    """Return what a line or an item says of its price."""
    details = price and {"price": price["id"], "product": price["product"]}
    return price and {
        "price_details": details, "type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"],
    }  # fmt: skip


@route("GET /v1/invoiceitems/{invoiceitem}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return an item."""
    return world.get(KIND, key)


@route("GET /v1/invoiceitems", *views.PAGING, "customer", "invoice", "pending")
def every(world: World, given: Json) -> Json:
    """List items: all, or those that still wait."""
    found = world.of(KIND, **given_fields(given, ("customer", "invoice")))
    wanted = given.get("pending")
    kept = [each for each in found if wanted is None or (each["invoice"] is None) == wanted]
    return views.page(kept, given, "/v1/invoiceitems")


@route("DELETE /v1/invoiceitems/{invoiceitem}")
def delete(world: World, _given: Json, key: str) -> Json:
    """Take an item back that still waits."""
    found = world.get(KIND, key)
    if found["invoice"]:
        message = f"The invoice item {key} is on an invoice already."
        raise invalid(message)
    del world.objects[KIND][key]
    world.emit("invoiceitem.deleted", found)
    return {"id": key, "object": KIND, "deleted": True}
