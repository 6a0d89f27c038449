"""The calls that make, change and cancel subscriptions."""

import copy

from bookwhen.sandbox.stripe import (
    cards,
    changing,
    discounting,
    invoice_items,
    issuing,
    items,
    pausing,
    pending_updates,
    pricing,
    prorating,
    schedules,
    scratch,
    subscriptions,
    views,
    waiting,
)
from bookwhen.sandbox.stripe.errors import Json, invalid, not_modelled
from bookwhen.sandbox.stripe.payments import Presence
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, customer_of, given_fields, merged

DETAILS = ("cancellation_details.comment", "cancellation_details.feedback")
trial_end = changing.trial_end
COLLECTION = ("collection_method", "days_until_due")
DISCOUNTS = ("discounts", "discounts.[].coupon", "discounts.[].discount")


@route(
    "POST /v1/subscriptions", "customer", *items.params(items.NEW), "metadata.*", "trial_period_days", "trial_end",
    "default_payment_method", "description", "payment_behavior", "billing_mode.type", "off_session",
    "cancel_at_period_end", *COLLECTION, *DISCOUNTS,
)  # fmt: skip
def create(world: World, given: Json) -> Json:
    """Subscribe a customer with the card they have."""
    behaviour = given.get("payment_behavior", "allow_incomplete")
    if behaviour not in {"allow_incomplete", "default_incomplete"}:
        message = f"payment_behavior={behaviour}"
        raise not_modelled(message)
    made = begin(world, given, needs_card=behaviour == "allow_incomplete")
    first_invoice(world, made, tries=behaviour == "allow_incomplete")
    if given.get("cancel_at_period_end"):
        subscriptions.schedule_end(world, made, subscriptions.period_end(made), flag=True)
    return made


def begin(world: World, given: Json, *, needs_card: bool) -> Json:
    """Make a subscription of a request, without its first invoice."""
    customer = customer_of(world, given.get("customer"))
    asked = given.get("items", [])
    prices = items.priced(world, asked)
    method = given.get("default_payment_method")
    if method:
        cards.of_customer(world, method, customer["id"], "default_payment_method")
    until, collection = trial_end(given, world.now(customer["id"])), _collection(given)
    has_card = method or customer["invoice_settings"]["default_payment_method"]
    charges = collection["collection_method"] == "charge_automatically" and not until
    if needs_card and charges and not has_card and any(pricing.amount_of(p, n) for p, n in prices):
        message = "This customer has no attached payment source or default payment method."
        raise invalid(message, code="resource_missing")
    made = subscriptions.make(
        world, customer, prices, trial_end=until, mode=given.get("billing_mode", {}).get("type", "flexible"),
        default_payment_method=method, metadata=merged({}, given.get("metadata")), description=given.get("description"),
        discounts=given.get("discounts"), **collection,
    )  # fmt: skip
    items.detail(world, made, asked)
    return made


def _collection(given: Json) -> Json:
    method = given.get("collection_method", "charge_automatically")
    if (method == "send_invoice") != ("days_until_due" in given):
        message = "`days_until_due` belongs to `collection_method=send_invoice`, and to no other."
        raise invalid(message, "days_until_due")
    return {"collection_method": method, "days_until_due": given.get("days_until_due")}


def first_invoice(
    world: World, subscription: Json, extra: list[Json] | None = None, *, tries: bool = True,
    presence: Presence = "away",
) -> Json:  # fmt: skip
    """Make the first invoice, with what else is bought with it; free for a trial."""
    lines = subscriptions.own_lines(world, subscription) + (extra or [])
    invoice = issuing.draft(world, subscription, lines, "subscription_create")
    issuing.issue(world, invoice, tries=tries, presence=presence)
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
    kept = [
        each for each in found if price is None or any(item["price"]["id"] == price for item in each["items"]["data"])
    ]
    return views.page(kept, given, "/v1/subscriptions")


@route(
    "POST /v1/subscriptions/{subscription_exposed_id}", "metadata.*", "description", "default_payment_method",
    "cancel_at_period_end", "cancel_at", "payment_behavior", "off_session", *changing.PARAMS, *DETAILS, *DISCOUNTS,
    *COLLECTION, *pausing.PARAMS,
)  # fmt: skip
def update(world: World, given: Json, key: str) -> Json:
    """Change a subscription that has not ended."""
    found = _running(world, key)
    behaviour = given.get("payment_behavior", "allow_incomplete")
    if behaviour == waiting.PENDING:
        waiting.check_can_wait(given)
    method = given.get("default_payment_method")
    if method:
        cards.of_customer(world, method, found["customer"], "default_payment_method")
    # All of it is tried on a copy first: what is refused changes nothing.
    tried = scratch.Scratch(world, found["customer"])
    there = tried.objects["subscription"][key]
    would_bill = _apply(tried, there, given)
    if behaviour == "error_if_incomplete":
        changing.check_payable(tried, there, would_bill)
    if would_bill and behaviour == waiting.PENDING and waiting.must_wait(tried, there, would_bill):
        waiting.wait(world, found, given, tried, would_bill)
        return found
    if "items" in given:
        pending_updates.discard(world, found)
    invoice = _apply(world, found, given)
    if invoice:
        changing.settle(world, found, invoice, behaviour)
    return found


def _apply(world: World, found: Json, given: Json) -> Json | None:
    """Write all that a request changes; return the draft of what is billed at once."""
    given = copy.deepcopy(given)
    fields = given_fields(given, ("description", "default_payment_method"))
    if "collection_method" in given:
        fields |= _collection(given)
    now = world.now(found["customer"])
    holder = {"subscription": found["id"], "customer": found["customer"]}
    discounts = discounting.redeem(world, given.get("discounts"), holder, now)
    if discounts is not None:
        fields["discounts"] = discounts
    world.update(subscriptions.UPDATED, found, **fields, metadata=merged(found["metadata"], given.get("metadata")))
    pausing.change(world, found, given)
    schedule_end(world, found, given)
    invoice = changing.change(world, found, given)
    if "items" in given:
        schedules.mirror(world, found)
    return invoice


def _running(world: World, key: str) -> Json:
    found = world.get("subscription", key)
    if found["status"] in subscriptions.ENDED:
        message = f"No such subscription: '{key}'; a canceled subscription can only update its metadata."
        raise invalid(message, "id", "resource_missing")
    return found


def schedule_end(world: World, found: Json, given: Json) -> None:
    """Set or take back when it ends; a schedule says that where there is one."""
    if found["schedule"] and {"cancel_at_period_end", "cancel_at"} & set(given):
        message = (
            f"The subscription is managed by the subscription schedule `{found['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead."
        )
        raise invalid(message)
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


@route("DELETE /v1/subscriptions/{subscription_exposed_id}", "invoice_now", "prorate", *DETAILS)
def cancel(world: World, given: Json, key: str) -> Json:
    """Cancel now: nothing is refunded; `prorate` credits what is left, `invoice_now` bills what waits."""
    found = _running(world, key)
    if found["status"] == "incomplete":
        subscriptions.end(world, found, status="incomplete_expired")
        return found
    if given.get("prorate") and found["status"] != "trialing":
        for item in found["items"]["data"]:
            prorating.credit(world, found, item, world.now(found["customer"]))
    subscriptions.end(world, found, **given.get("cancellation_details", {}))
    if not given.get("invoice_now"):
        invoice_items.forget(world, found)
    elif invoice_items.pending(world, found):
        issuing.issue(world, issuing.draft(world, found, [], changing.REASON))
    return found
