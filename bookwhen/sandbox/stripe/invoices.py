"""Invoices: drafted, finalised into something to pay, paid or given up."""

from bookwhen.sandbox.stripe import discounting, payments, pricing, views
from bookwhen.sandbox.stripe.checkout_limits import LEAST
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, listed, merged

HOUR = 3600


def line(
    world: World, price: Json, period: tuple[int, int], *, quantity: int = 1, amount: int | None = None,
    item: Json | None = None,
) -> Json:  # fmt: skip
    """Make a line of an invoice: of a subscription's item if one is given, else of something bought once."""
    name = world.objects["product"].get(price["product"], {"name": price["product"]})["name"]
    total = pricing.amount_of(price, quantity) if amount is None else amount
    subscription = item["subscription"] if item else None
    of_item = item and {
        "invoice_item": None, "proration": False, "proration_details": {"credited_items": None},
        "subscription": subscription, "subscription_item": item["id"],
    }  # fmt: skip
    of_once = None if item else {
        "invoice_item": f"ii_{world.key_for('line_item')[3:]}", "proration": False,
        "proration_details": {"credited_items": None}, "subscription": None,
    }  # fmt: skip
    details = {"price": price["id"], "product": price["product"]}
    unit = price["unit_amount_decimal"]
    made = world.shape("line_item", 0, amount=total, currency=price["currency"], description=f"{quantity} x {name}")
    kind = "subscription_item_details" if item else "invoice_item_details"
    return made | {
        "discount_amounts": [], "discountable": True, "discounts": [], "metadata": {}, "quantity": quantity,
        "parent": {"invoice_item_details": of_once, "subscription_item_details": of_item, "type": kind},
        "period": {"start": period[0], "end": period[1]}, "pretax_credit_amounts": [], "subscription": subscription,
        "pricing": {"price_details": details, "type": "price_details", "unit_amount_decimal": unit},
        "subtotal": total, "taxes": [],
    }  # fmt: skip


def draft(world: World, subscription: Json, lines: list[Json], reason: str, *, waits: bool = False) -> Json:
    """Draft an invoice for a subscription; `waits` for an hour before it is finalised, as a renewal does."""
    customer = world.get("customer", subscription["customer"])
    now, collects = world.now(customer["id"]), subscription["pause_collection"] is None
    made = world.new(
        "invoice",
        now,
        **_plain()
        | {"auto_advance": collects, "automatically_finalizes_at": now + HOUR if waits and collects else None}
        | {"billing_reason": reason}
        | {"collection_method": subscription["collection_method"], "currency": subscription["currency"]}
        | {"customer": customer["id"], "customer_email": customer["email"], "customer_name": customer["name"]}
        | {"parent": _parent(subscription), "period_start": now, "period_end": now}
        | {"starting_balance": customer["balance"], "test_clock": customer["test_clock"]},
    )
    made["discounts"] = [each["id"] for each in discounting.of_subscription(world, subscription, now)]
    items, whole = discounting.apply(world, subscription, lines, now)
    made |= _sums(sum(each["amount"] for each in lines) - items, whole)
    made["total_discount_amounts"] = discounting.totals(lines)
    made["total_pretax_credit_amounts"] = [each | {"type": "discount"} for each in made["total_discount_amounts"]]
    own = [each | {"invoice": made["id"]} for each in lines]
    made["lines"] = listed(own, f"/v1/invoices/{made['id']}/lines")
    subscription["latest_invoice"] = made["id"]
    discounting.use_up(world, subscription, own)
    world.emit("invoice.created", made)
    return made


def _plain() -> Json:
    plain: Json = dict.fromkeys((
        "account_country", "account_name", "account_tax_ids", "application", "custom_fields", "customer_account",
        "customer_address", "customer_phone", "customer_shipping", "default_source", "description", "due_date",
        "default_payment_method", "effective_at", "ending_balance", "footer", "from_invoice", "hosted_invoice_url",
        "invoice_pdf", "last_finalization_error", "latest_revision", "next_payment_attempt", "number", "on_behalf_of",
        "receipt_number", "rendering", "shipping_cost", "shipping_details", "statement_descriptor",
        "webhooks_delivered_at",
    ))  # fmt: skip
    tax = {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None}
    return plain | {
        "amount_overpaid": 0, "amount_paid": 0, "amount_paid_off_stripe": 0, "amount_shipping": 0, "attempt_count": 0,
        "attempted": False, "automatic_tax": tax, "customer_tax_exempt": "none", "customer_tax_ids": [],
        "default_tax_rates": [], "issuer": {"type": "self"}, "metadata": {}, "payment_settings": _settings(),
        "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "status": "draft",
        "status_transitions": _transitions(), "total_taxes": [],
    }  # fmt: skip


def _sums(subtotal: int, discount: int) -> Json:
    total = subtotal - discount
    due = {"amount_due": max(total, 0), "amount_remaining": max(total, 0), "total": total, "subtotal": subtotal}
    return due | {"subtotal_excluding_tax": subtotal, "total_excluding_tax": total}


def _parent(subscription: Json) -> Json:
    details = {"subscription": subscription["id"], "metadata": dict(subscription["metadata"])}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def _settings() -> Json:
    return {"default_mandate": None, "payment_method_options": None, "payment_method_types": None}


def _transitions() -> Json:
    return {"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None}


def due_after_balance(invoice: Json, balance: int) -> tuple[int, int]:
    """Return what is due of an invoice, and the customer's balance once it is.

    A credit (below zero) is used first, a debt is collected with it, and what is too little to charge waits.
    """
    owed = invoice["total"] + balance
    if invoice["total"] <= 0 or owed < LEAST.get(invoice["currency"], 1):
        return 0, owed
    return owed, 0


def finalise(world: World, invoice: Json) -> None:
    """Open an invoice for payment: what the customer has in credit is used first."""
    customer = world.get("customer", invoice["customer"])
    now, balance = world.now(customer["id"]), customer["balance"]
    due, ending = due_after_balance(invoice, balance)
    _open(world, invoice, customer)
    invoice |= {"starting_balance": balance, "ending_balance": ending, "amount_due": due, "amount_remaining": due}
    invoice["effective_at"] = invoice["status_transitions"]["finalized_at"] = now
    if due:
        _ask_for_payment(world, invoice, due)
    world.emit("invoice.finalized", invoice)
    world.update("customer.updated", customer, balance=ending)


def _open(world: World, invoice: Json, customer: Json) -> None:
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
    customer["next_invoice_sequence"] += 1
    invoice |= {"status": "open", "number": number, "automatically_finalizes_at": None}
    invoice["hosted_invoice_url"] = f"{world.pages}/pay/invoice/{invoice['id']}"
    invoice["invoice_pdf"] = invoice["hosted_invoice_url"]


def _ask_for_payment(world: World, invoice: Json, due: int) -> None:
    intent = payments.intend(world, due, invoice["currency"], invoice["customer"], setup_future_usage="off_session")
    payment = world.new(
        "invoice_payment",
        world.now(invoice["customer"]),
        amount_paid=None,
        amount_requested=due,
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
        status_transitions={"canceled_at": None, "paid_at": None},
    )
    world.note(invoice["id"]).update(intent=intent["id"], payment=payment["id"])


def intent_of(world: World, invoice: Json) -> Json | None:
    """Return the payment intent of an invoice that is not free."""
    key = world.note(invoice["id"]).get("intent")
    return world.objects["payment_intent"][key] if key else None


def mark_paid(world: World, invoice: Json) -> None:
    """Record that an invoice was paid (or is free), and tell of it."""
    now, due = world.now(invoice["customer"]), invoice["amount_due"]
    invoice |= {"status": "paid", "amount_paid": due, "amount_remaining": 0, "next_payment_attempt": None}
    invoice |= {"attempted": True, "auto_advance": False}
    invoice["status_transitions"]["paid_at"] = now
    if key := world.note(invoice["id"]).get("payment"):
        payment = world.objects["invoice_payment"][key]
        payment |= {"status": "paid", "amount_paid": due, "status_transitions": {"canceled_at": None, "paid_at": now}}
        world.emit("invoice_payment.paid", payment)
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)


def give_up(world: World, invoice: Json, status: str) -> None:
    """End an invoice that will not be paid: `void` (what it took of the customer's credit comes back) or not.

    A draft, of a paused subscription, is finalised first and takes nothing of the credit.
    """
    now = world.now(invoice["customer"])
    if invoice["status"] == "draft":
        _finalise_unasked(world, invoice)
    invoice |= {"status": status, "auto_advance": False, "next_payment_attempt": None}
    invoice["status_transitions"]["voided_at" if status == "void" else "marked_uncollectible_at"] = now
    if status == "void":
        stop_asking(world, invoice)
    customer = world.get("customer", invoice["customer"])
    if status == "void" and not customer.get("deleted"):
        applied = (invoice["ending_balance"] or 0) - invoice["starting_balance"]
        world.update("customer.updated", customer, balance=customer["balance"] - applied)
    world.emit("invoice.voided" if status == "void" else "invoice.marked_uncollectible", invoice)


def _finalise_unasked(world: World, invoice: Json) -> None:
    customer = world.get("customer", invoice["customer"])
    _open(world, invoice, customer)
    invoice["ending_balance"] = invoice["starting_balance"] = customer["balance"]
    invoice["effective_at"] = invoice["status_transitions"]["finalized_at"] = world.now(customer["id"])
    world.emit("invoice.finalized", invoice)


def stop_asking(world: World, invoice: Json) -> None:
    """Cancel the payment intent of an invoice: nobody is to pay it by card any more."""
    intent = intent_of(world, invoice)
    if intent is None:
        return
    payments.abort(world, intent, "void_invoice")
    payment = world.objects["invoice_payment"][world.note(invoice["id"]).pop("payment")]
    moments = {"canceled_at": world.now(invoice["customer"]), "paid_at": None}
    payment |= {"status": "canceled", "status_transitions": moments}
    del world.note(invoice["id"])["intent"]


@route("GET /v1/invoices/{invoice}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return an invoice."""
    return world.get("invoice", key)


@route("POST /v1/invoices/{invoice}", "metadata.*", "description")
def update(world: World, given: Json, key: str) -> Json:
    """Change what is said about an invoice."""
    found = world.get("invoice", key)
    metadata = merged(found["metadata"], given.get("metadata"))
    world.update("invoice.updated", found, **given_fields(given, ("description",)), metadata=metadata)
    return found


@route("GET /v1/invoices", *views.PAGING, *views.CREATED, "customer", "status", "subscription")
def every(world: World, given: Json) -> Json:
    """List invoices."""
    found = world.of("invoice", **given_fields(given, ("customer", "status")))
    wanted = given.get("subscription")
    return views.page([each for each in found if wanted in {None, subscription_of(each)}], given, "/v1/invoices")


@route("GET /v1/invoices/{invoice}/lines", *views.PAGING)
def lines_of(world: World, given: Json, key: str) -> Json:
    """List the lines of an invoice."""
    return views.page(world.get("invoice", key)["lines"]["data"][::-1], given, f"/v1/invoices/{key}/lines")


def subscription_of(invoice: Json) -> str:
    """Return the id of the subscription that an invoice is for."""
    key: str = invoice["parent"]["subscription_details"]["subscription"]
    return key


@route(
    "GET /v1/invoice_payments",
    *views.PAGING,
    *views.CREATED,
    "invoice",
    "status",
    "payment.type",
    "payment.payment_intent",
)
def every_payment(world: World, given: Json) -> Json:
    """List the payments of invoices."""
    found = world.of("invoice_payment", **given_fields(given, ("invoice", "status")))
    wanted = given.get("payment", {}).get("payment_intent")
    kept = [each for each in found if wanted in {None, each["payment"]["payment_intent"]}]
    return views.page(kept, given, "/v1/invoice_payments")


@route("GET /v1/invoice_payments/{invoice_payment}")
def retrieve_payment(world: World, _given: Json, key: str) -> Json:
    """Return the payment of an invoice."""
    return world.get("invoice_payment", key)
