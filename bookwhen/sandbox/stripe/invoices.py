"""Invoices: drafted, finalised into something to pay, paid or given up."""

from bookwhen.sandbox.stripe import payments, views
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, listed, merged

HOUR = 3600


def line(
    world: World, price: Json, period: tuple[int, int], *, quantity: int = 1, amount: int | None = None,
    item: Json | None = None, proration: bool = False,
) -> Json:  # fmt: skip
    """Make a line of an invoice: of a subscription's item if one is given, else of something bought once."""
    name = world.objects["product"][price["product"]]["name"]
    total = price["unit_amount"] * quantity if amount is None else amount
    subscription = item["subscription"] if item else None
    of_item = item and {
        "invoice_item": None, "proration": proration, "proration_details": {"credited_items": None},
        "subscription": subscription, "subscription_item": item["id"],
    }  # fmt: skip
    of_once = None if item else {
        "invoice_item": f"ii_{world.key_for('line_item')[3:]}", "proration": False,
        "proration_details": {"credited_items": None}, "subscription": None,
    }  # fmt: skip
    details = {"price": price["id"], "product": price["product"]}
    unit = str(price["unit_amount"])
    made = world.shape("line_item", 0, amount=total, currency=price["currency"], description=f"{quantity} x {name}")
    kind = "subscription_item_details" if item else "invoice_item_details"
    return made | {
        "discount_amounts": [], "discountable": not proration, "discounts": [], "metadata": {}, "quantity": quantity,
        "parent": {"invoice_item_details": of_once, "subscription_item_details": of_item, "type": kind},
        "period": {"start": period[0], "end": period[1]}, "pretax_credit_amounts": [], "subscription": subscription,
        "pricing": {"price_details": details, "type": "price_details", "unit_amount_decimal": unit},
        "subtotal": total, "taxes": [],
    }  # fmt: skip


def draft(world: World, subscription: Json, lines: list[Json], reason: str, *, waits: bool = False) -> Json:
    """Draft an invoice for a subscription; `waits` for an hour before it is finalised, as a renewal does."""
    customer = world.get("customer", subscription["customer"])
    now, total = world.now(customer["id"]), sum(each["amount"] for each in lines)
    plain: Json = dict.fromkeys((
        "account_country", "account_name", "account_tax_ids", "application", "custom_fields", "customer_account",
        "customer_address", "customer_phone", "customer_shipping", "default_source", "description", "due_date",
        "default_payment_method", "effective_at", "ending_balance", "footer", "from_invoice", "hosted_invoice_url",
        "invoice_pdf", "last_finalization_error", "latest_revision", "next_payment_attempt", "number", "on_behalf_of",
        "receipt_number", "rendering", "shipping_cost", "shipping_details", "statement_descriptor",
        "webhooks_delivered_at",
    ))  # fmt: skip
    made = world.new(
        "invoice",
        now,
        **plain
        | {"amount_due": max(total, 0), "amount_overpaid": 0, "amount_paid": 0, "amount_paid_off_stripe": 0}
        | {"amount_remaining": max(total, 0), "amount_shipping": 0, "attempt_count": 0, "attempted": False}
        | {"auto_advance": True, "automatically_finalizes_at": now + HOUR if waits else None, "billing_reason": reason}
        | {"automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "provider": None}}
        | {"collection_method": "charge_automatically", "currency": subscription["currency"], "discounts": []}
        | {"customer": customer["id"], "customer_email": customer["email"], "customer_name": customer["name"]}
        | {"customer_tax_exempt": "none", "customer_tax_ids": [], "default_tax_rates": [], "issuer": {"type": "self"}}
        | {"metadata": {}, "parent": _parent(subscription), "payment_settings": _settings(), "period_start": now}
        | {"period_end": now, "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0}
        | {"starting_balance": customer["balance"], "status": "draft", "subtotal": total, "total": total}
        | {"status_transitions": _transitions(), "subtotal_excluding_tax": total, "total_excluding_tax": total}
        | {"test_clock": customer["test_clock"], "total_discount_amounts": [], "total_pretax_credit_amounts": []}
        | {"total_taxes": []},
    )
    made["automatic_tax"]["status"] = None
    own = [each | {"invoice": made["id"]} for each in lines]
    made["lines"] = listed(own, f"/v1/invoices/{made['id']}/lines")
    subscription["latest_invoice"] = made["id"]
    world.emit("invoice.created", made)
    return made


def _parent(subscription: Json) -> Json:
    details = {"subscription": subscription["id"], "metadata": dict(subscription["metadata"])}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def _settings() -> Json:
    return {"default_mandate": None, "payment_method_options": None, "payment_method_types": None}


def _transitions() -> Json:
    return {"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None}


def finalise(world: World, invoice: Json) -> None:
    """Open an invoice for payment: what the customer has in credit is used first."""
    customer = world.get("customer", invoice["customer"])
    now, balance = world.now(customer["id"]), customer["balance"]
    due = max(invoice["total"] + balance, 0) if invoice["total"] > 0 else 0
    ending = balance + invoice["total"] - due
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
    customer["next_invoice_sequence"] += 1
    invoice |= {"status": "open", "number": number, "starting_balance": balance, "ending_balance": ending}
    invoice |= {"amount_due": due, "amount_remaining": due, "automatically_finalizes_at": None, "effective_at": now}
    invoice["hosted_invoice_url"] = f"{world.pages}/pay/invoice/{invoice['id']}"
    invoice["invoice_pdf"] = invoice["hosted_invoice_url"]
    invoice["status_transitions"]["finalized_at"] = now
    if due:
        _ask_for_payment(world, invoice, due)
    world.emit("invoice.finalized", invoice)
    world.update("customer.updated", customer, balance=ending)


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
    """End an open invoice that will not be paid: `void` or `uncollectible`."""
    now = world.now(invoice["customer"])
    invoice |= {"status": status, "auto_advance": False, "next_payment_attempt": None}
    invoice["status_transitions"]["voided_at" if status == "void" else "marked_uncollectible_at"] = now
    if status == "void" and (intent := intent_of(world, invoice)):
        payments.abort(world, intent, "void_invoice")
        payment = world.objects["invoice_payment"][world.note(invoice["id"])["payment"]]
        payment |= {"status": "canceled", "status_transitions": {"canceled_at": now, "paid_at": None}}
    world.emit("invoice.voided" if status == "void" else "invoice.marked_uncollectible", invoice)


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
