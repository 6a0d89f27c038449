"""The calls that make, change and cancel subscriptions."""

from bookwhen.sandbox.stripe import cards, collecting, invoices, subscriptions, views
from bookwhen.sandbox.stripe.errors import Json, invalid, not_modelled
from bookwhen.sandbox.stripe.payments import Presence
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, customer_of, given_fields, merged

DETAILS = ("cancellation_details.comment", "cancellation_details.feedback")
DAY = 86_400


def priced(world: World, items: list[Json], param: str = "items") -> list[tuple[Json, int]]:
    """Return the recurring prices and quantities that a request names: of one period and currency."""
    prices = [(world.get("price", item.get("price", ""), f"{param}[price]"), item.get("quantity", 1)) for item in items]
    if not prices:
        message = "Missing required param: items."
        raise invalid(message, param, "parameter_missing")
    for price, _ in prices:
        if not price["active"]:
            message = f"The price specified is inactive. This field only accepts active prices: {price['id']}"
            raise invalid(message, f"{param}[price]")
        if price["recurring"] is None:
            message = "The price specified is set to `type=one_time`: only recurring prices fit here."
            raise invalid(message, f"{param}[price]")
    if len({(p["currency"], p["recurring"]["interval"], p["recurring"]["interval_count"]) for p, _ in prices}) > 1:
        message = f"{param} of several currencies or billing periods"
        raise not_modelled(message)
    return prices


def trial_end(given: Json, now: int) -> int | None:
    """Return when the trial ends, if a request asks for one."""
    if given.get("trial_end") == "now":
        return None
    if "trial_end" in given and given["trial_end"] <= now:
        message = "Invalid timestamp: must be an integer Unix timestamp in the future."
        raise invalid(message, "trial_end")
    days = given.get("trial_period_days")
    end: int | None = given.get("trial_end") or (now + days * DAY if days else None)
    return end


@route(
    "POST /v1/subscriptions", "customer", "items.[].price", "items.[].quantity", "metadata.*", "trial_period_days",
    "trial_end", "default_payment_method", "description", "payment_behavior", "billing_mode.type", "off_session",
    "cancel_at_period_end",
)  # fmt: skip
def create(world: World, given: Json) -> Json:
    """Subscribe a customer with the card they have."""
    customer = customer_of(world, given.get("customer"))
    behaviour = given.get("payment_behavior", "allow_incomplete")
    if behaviour not in {"allow_incomplete", "default_incomplete"}:
        message = f"payment_behavior={behaviour}"
        raise not_modelled(message)
    prices = priced(world, given.get("items", []))
    method = given.get("default_payment_method")
    if method:
        cards.of_customer(world, method, customer["id"], "default_payment_method")
    until = trial_end(given, world.now(customer["id"]))
    has_card = method or customer["invoice_settings"]["default_payment_method"]
    if not has_card and not until and behaviour == "allow_incomplete" and any(p["unit_amount"] for p, _ in prices):
        message = "This customer has no attached payment source or default payment method."
        raise invalid(message, code="resource_missing")
    made = subscriptions.make(
        world, customer, prices, trial_end=until, mode=given.get("billing_mode", {}).get("type", "flexible"),
        default_payment_method=method, metadata=merged({}, given.get("metadata")), description=given.get("description"),
    )  # fmt: skip
    first_invoice(world, made, tries=behaviour == "allow_incomplete")
    if given.get("cancel_at_period_end"):
        subscriptions.schedule_end(world, made, subscriptions.period_end(made), flag=True)
    return made


def first_invoice(
    world: World, subscription: Json, extra: list[Json] | None = None, *, tries: bool = True,
    presence: Presence = "away",
) -> Json:  # fmt: skip
    """Make the first invoice, with what else is bought with it; free for a trial."""
    lines = subscriptions.own_lines(world, subscription) + (extra or [])
    invoice = invoices.draft(world, subscription, lines, "subscription_create")
    invoices.finalise(world, invoice)
    if tries or not invoice["amount_due"]:
        collecting.attempt(world, invoice, presence)
    return invoice


@route("GET /v1/subscriptions/{subscription_exposed_id}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a subscription."""
    return world.get("subscription", key)


@route("GET /v1/subscriptions", *views.PAGING, *views.CREATED, "customer", "status", "price", "test_clock")
def every(world: World, given: Json) -> Json:
    """List subscriptions: those that have not been cancelled, unless a status (or `all`) is asked for."""
    status = given.get("status")
    wanted = given_fields(given, ("customer", "test_clock"))
    if "customer" not in given:
        # Those of customers on a test clock only when the clock is named, or the customer.
        wanted.setdefault("test_clock", None)
    found = [
        each
        for each in world.of("subscription", **wanted)
        if status == "all" or (each["status"] == status if status else each["status"] != "canceled")
    ]
    if status == "ended":
        found = [each for each in world.of("subscription", **wanted) if each["status"] in subscriptions.ENDED]
    price = given.get("price")
    kept = [each for each in found if price in {None, subscriptions.item_of(each)["price"]["id"]}]
    return views.page(kept, given, "/v1/subscriptions")


@route(
    "POST /v1/subscriptions/{subscription_exposed_id}", "metadata.*", "description", "default_payment_method",
    "cancel_at_period_end", "cancel_at", "items.[].id", "items.[].price", "items.[].quantity", "proration_behavior",
    "trial_end", *DETAILS,
)  # fmt: skip
def update(world: World, given: Json, key: str) -> Json:
    """Change a subscription that has not ended."""
    found = _running(world, key)
    method = given.get("default_payment_method")
    if method:
        cards.of_customer(world, method, found["customer"], "default_payment_method")
    fields = given_fields(given, ("description", "default_payment_method"))
    world.update(subscriptions.UPDATED, found, **fields, metadata=merged(found["metadata"], given.get("metadata")))
    _schedule(world, found, given)
    if "trial_end" in given:
        _move_trial(world, found, given)
    if "items" in given:
        _change_items(world, found, given)
    return found


def _running(world: World, key: str) -> Json:
    found = world.get("subscription", key)
    if found["status"] in subscriptions.ENDED:
        message = f"No such subscription: '{key}'; a canceled subscription can only update its metadata."
        raise invalid(message, "id", "resource_missing")
    return found


def _schedule(world: World, found: Json, given: Json) -> None:
    if "cancel_at_period_end" in given and "cancel_at" in given:
        message = "You may only specify one of these parameters: cancel_at, cancel_at_period_end."
        raise invalid(message, "cancel_at")
    details = given.get("cancellation_details", {})
    if given.get("cancel_at_period_end"):
        subscriptions.schedule_end(world, found, subscriptions.period_end(found), flag=True, **details)
    elif "cancel_at_period_end" in given or given.get("cancel_at") == "":
        subscriptions.schedule_end(world, found, None, flag=False)
    elif "cancel_at" in given:
        at = given["cancel_at"]
        if not isinstance(at, int):
            message = f"cancel_at={at}"
            raise not_modelled(message)
        if at <= world.now(found["customer"]):
            message = "`cancel_at` must be in the future."
            raise invalid(message, "cancel_at")
        subscriptions.schedule_end(world, found, at, flag=False, **details)


def _move_trial(world: World, found: Json, given: Json) -> None:
    if found["status"] not in {"trialing", "active"} or (given["trial_end"] == "now" and found["status"] != "trialing"):
        message = f"trial_end for a subscription that is {found['status']}"
        raise not_modelled(message)
    now = world.now(found["customer"])
    until = trial_end(given, now)
    subscriptions.restart(world, found, until or now, trial_end=until)
    if until is None:
        invoice = invoices.draft(world, found, subscriptions.own_lines(world, found), "subscription_update")
        invoices.finalise(world, invoice)
        collecting.attempt(world, invoice)


def _change_items(world: World, found: Json, given: Json) -> None:
    """Change price or quantity of the only item, and charge or credit what remains of the period."""
    item = subscriptions.item_of(found)
    wanted = given["items"]
    if len(wanted) != 1 or len(found["items"]["data"]) != 1 or wanted[0].get("id") != item["id"]:
        message = "items other than a change of the only item by its id"
        raise not_modelled(message)
    asked = {"price": item["price"]["id"], "quantity": item["quantity"]} | wanted[0]
    price, quantity = priced(world, [asked])[0]
    if price["recurring"] != item["price"]["recurring"] or price["currency"] != item["price"]["currency"]:
        message = "a change of the billing period or currency"
        raise not_modelled(message)
    changed = item | {"price": price, "quantity": quantity}
    lines = _prorated(world, found, item, changed)
    world.update(subscriptions.UPDATED, found, items=found["items"] | {"data": [changed]})
    behaviour = given.get("proration_behavior", "create_prorations")
    if behaviour == "create_prorations":
        world.note(found["id"])["pending"] += lines
    elif behaviour == "always_invoice" and lines:
        invoice = invoices.draft(world, found, lines, "subscription_update")
        invoices.finalise(world, invoice)
        collecting.attempt(world, invoice)


def _prorated(world: World, found: Json, old: Json, new: Json) -> list[Json]:
    """Return a credit for what is left of the old price and a charge for the same of the new; none while on trial."""
    now = world.now(found["customer"])
    start, end = old["current_period_start"], old["current_period_end"]
    if found["status"] == "trialing":
        return []
    share = (end - now) / (end - start)
    return [
        invoices.line(
            world, item["price"], (now, end), quantity=item["quantity"], item=item, proration=True,
            amount=sign * round(item["price"]["unit_amount"] * item["quantity"] * share),
        )
        for sign, item in ((-1, old), (1, new))
    ]  # fmt: skip


@route("DELETE /v1/subscriptions/{subscription_exposed_id}", "invoice_now", "prorate", *DETAILS)
def cancel(world: World, given: Json, key: str) -> Json:
    """Cancel now: nothing is refunded."""
    found = _running(world, key)
    if given.get("invoice_now") or given.get("prorate"):
        message = "invoice_now or prorate"
        raise not_modelled(message)
    if found["status"] == "incomplete":
        subscriptions.end(world, found, status="incomplete_expired")
    else:
        subscriptions.end(world, found, **given.get("cancellation_details", {}))
    return found
