"""Coupons, the discounts made of them, and what they take off an invoice.

Looked up: discounts of an item come before those of the subscription; a customer's own counts only where the
subscription has none; prorations are not discounted, what was taken off their period is in their amount already;
`subtotal` has the items' discounts in it and `total` all; an amount off is spread over the lines by what they cost.
Uncertain: how Stripe rounds the part of each line (here: to the nearest, halves up, the rest to the largest).
"""

from fractions import Fraction
from typing import Final

from bookwhen.sandbox.stripe import cycles, pricing, views
from bookwhen.sandbox.stripe.errors import Json, invalid, not_modelled
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, merged

UPDATED: Final = "customer.subscription.updated"


@route(
    "POST /v1/coupons", "id", "name", "percent_off", "amount_off", "currency", "duration", "duration_in_months",
    "applies_to.products.[]", "metadata.*",
)  # fmt: skip
def create(world: World, given: Json) -> Json:
    """Create a coupon, of a percentage or of an amount."""
    _check(given)
    made = world.new(
        "coupon",
        amount_off=given.get("amount_off"),
        currency=given["currency"].lower() if "amount_off" in given else None,
        duration=given.get("duration", "once"),
        duration_in_months=given.get("duration_in_months"),
        max_redemptions=None,
        metadata=merged({}, given.get("metadata")),
        name=given.get("name"),
        percent_off=given.get("percent_off"),
        redeem_by=None,
        times_redeemed=0,
        valid=True,
    )
    if "applies_to" in given:
        made["applies_to"] = {"products": given["applies_to"]["products"]}
    if wanted := given.get("id"):
        if wanted in world.objects["coupon"]:
            message = f"Coupon already exists: {wanted}"
            raise invalid(message, "id", "resource_already_exists")
        world.objects["coupon"][wanted] = world.objects["coupon"].pop(made["id"]) | {"id": wanted}
        made = world.objects["coupon"][wanted]
    world.emit("coupon.created", made)
    return made


def _check(given: Json) -> None:
    if ("percent_off" in given) == ("amount_off" in given):
        message = "You must pass exactly one of `percent_off` and `amount_off`."
        raise invalid(message, "percent_off")
    if "amount_off" in given and "currency" not in given:
        message = "You must pass `currency` when passing `amount_off`."
        raise invalid(message, "currency", "parameter_missing")
    if (given.get("duration", "once") == "repeating") != ("duration_in_months" in given):
        message = "`duration_in_months` belongs to `duration=repeating`, and to no other."
        raise invalid(message, "duration_in_months")


@route("GET /v1/coupons/{coupon}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a coupon."""
    return world.get("coupon", key)


@route("GET /v1/coupons", *views.PAGING, *views.CREATED)
def every(world: World, given: Json) -> Json:
    """List coupons."""
    return views.page(world.of("coupon"), given, "/v1/coupons")


@route("DELETE /v1/coupons/{coupon}")
def delete(world: World, _given: Json, key: str) -> Json:
    """Delete a coupon: those who have its discount keep it."""
    found = world.get("coupon", key)
    del world.objects["coupon"][key]
    world.note(key)["was"] = found
    world.emit("coupon.deleted", found)
    return {"id": key, "object": "coupon", "deleted": True}


def coupon_of(world: World, discount: Json) -> Json:
    """Return the coupon of a discount, also one that was deleted."""
    key = discount["source"]["coupon"]
    found: Json = world.objects["coupon"].get(key) or world.note(key)["was"]
    return found


def redeem(world: World, asked: object, holder: Json, now: int) -> list[str] | None:
    """Make discounts of what a request asks for; None where it asks for nothing. `holder` says whose they are."""
    if asked == "":
        return []
    if not isinstance(asked, list) or not asked:
        return None
    return [_one(world, each, holder, now) for each in asked]


def _one(world: World, asked: Json, holder: Json, now: int) -> str:
    if "discount" in asked:
        return str(world.get("discount", asked["discount"], "discounts[discount]")["id"])
    if "coupon" not in asked:
        message = "discounts[promotion_code]"
        raise not_modelled(message)
    coupon = world.get("coupon", asked["coupon"], "discounts[coupon]")
    coupon["times_redeemed"] += 1
    months = coupon["duration_in_months"]
    return str(make(world, coupon, holder, now, months and cycles.later(now, cycles.MONTH, months))["id"])


def make(world: World, coupon: Json, holder: Json, now: int, end: int | None) -> Json:
    """Make a discount of a coupon and tell of it."""
    plain: Json = dict.fromkeys((
        "checkout_session", "customer", "customer_account", "invoice", "invoice_item", "promotion_code",
        "subscription", "subscription_item",
    ))  # fmt: skip
    source = {"coupon": coupon["id"], "type": "coupon"}
    made = world.new("discount", **plain | {"end": end, "source": source, "start": now} | holder)
    world.emit("customer.discount.created", made)
    return made


def of_holder(world: World, holder: Json, now: int) -> list[Json]:
    """Return the discounts of a subscription or an item that are in force."""
    found = [world.objects["discount"][key] for key in holder["discounts"]]
    return [each for each in found if each["end"] is None or now < each["end"]]


def of_subscription(world: World, subscription: Json, now: int) -> list[Json]:
    """Return the discounts in force of a subscription, or of its customer where it has none of its own."""
    own = of_holder(world, subscription, now)
    theirs = world.get("customer", subscription["customer"]).get("discount")
    if own or theirs is None or (theirs["end"] is not None and theirs["end"] <= now):
        return own
    return [world.objects["discount"][theirs["id"]]]


def lasting(world: World, discounts: list[Json]) -> list[Json]:
    """Leave out those that count for one invoice only."""
    return [each for each in discounts if coupon_of(world, each)["duration"] != "once"]


def take_off(world: World, discount: Json, lines: list[Json], left: dict[str, int]) -> list[tuple[Json, int]]:
    """Take a discount off lines, of which `left` says what is left; return what it takes off each."""
    coupon = coupon_of(world, discount)
    products = coupon.get("applies_to", {}).get("products")
    fitting = [
        line
        for line in lines
        if line["discountable"]
        and left[line["id"]] > 0
        and (products is None or line["pricing"]["price_details"]["product"] in products)
    ]
    if coupon["percent_off"] is not None:
        percent = Fraction(str(coupon["percent_off"])) / 100
        parts = [pricing.rounded(left[line["id"]] * percent) for line in fitting]
    else:
        parts = _spread(coupon["amount_off"], [left[line["id"]] for line in fitting])
    for line, part in zip(fitting, parts, strict=True):
        left[line["id"]] -= part
        line["discount_amounts"].append({"amount": part, "discount": discount["id"]})
        line["pretax_credit_amounts"].append({"amount": part, "discount": discount["id"], "type": "discount"})
    return list(zip(fitting, parts, strict=True))


def _spread(amount: int, over: list[int]) -> list[int]:
    """Spread an amount by what each costs, to the last penny and never more than there is."""
    total = sum(over)
    amount = min(amount, total)
    parts = [amount * each // total for each in over] if total else []
    by_rest = sorted(range(len(over)), key=lambda index: (-(amount * over[index] % total), index)) if total else []
    for index in by_rest[: amount - sum(parts)]:
        parts[index] += 1
    return parts


def apply(world: World, subscription: Json, lines: list[Json], now: int) -> tuple[int, int]:
    """Take all discounts in force off lines that have none yet; return how much of it was items' and how much not."""
    left, items = {line["id"]: line["amount"] for line in lines}, 0
    for item in subscription["items"]["data"]:
        own = [line for line in lines if item_id(line) == item["id"]]
        for discount in of_holder(world, item, now):
            items += sum(part for _, part in take_off(world, discount, own, left))
            for line in own:
                line["discounts"].append(discount["id"])
    whole = sum(
        part
        for discount in of_subscription(world, subscription, now)
        for _, part in take_off(world, discount, lines, left)
    )
    return items, whole


def item_id(line: Json) -> str | None:
    """Return the item of the subscription that a line is for."""
    details = line["parent"]["subscription_item_details"]
    key: str | None = details and details["subscription_item"]
    return key


def net(line: Json) -> int:
    """Return what a line costs after its discounts."""
    amount: int = line["amount"] - sum(each["amount"] for each in line["discount_amounts"])
    return amount


def totals(lines: list[Json]) -> list[Json]:
    """Return the sum of each discount over all lines."""
    sums: dict[str, int] = {}
    for line in lines:
        for each in line["discount_amounts"]:
            sums[each["discount"]] = sums.get(each["discount"], 0) + each["amount"]
    return [{"amount": amount, "discount": key} for key, amount in sums.items()]


def use_up(world: World, subscription: Json, lines: list[Json]) -> None:
    """Let go of the discounts that were for one invoice, now that one had them."""
    used = {each["discount"] for line in lines for each in line["discount_amounts"]}
    once = {key for key in used if coupon_of(world, world.objects["discount"][key])["duration"] == "once"}
    if not once:
        return
    for item in subscription["items"]["data"]:
        item["discounts"] = [key for key in item["discounts"] if key not in once]
    world.update(UPDATED, subscription, discounts=[key for key in subscription["discounts"] if key not in once])
    customer = world.get("customer", subscription["customer"])
    if customer.get("discount") and customer["discount"]["id"] in once:
        world.update("customer.updated", customer, discount=None)


def drop(world: World, subscription: Json, key: str) -> None:
    """Take a discount from a subscription or its item: it ended, or somebody took it back."""
    for item in subscription["items"]["data"]:
        item["discounts"] = [each for each in item["discounts"] if each != key]
    world.update(UPDATED, subscription, discounts=[each for each in subscription["discounts"] if each != key])
    world.emit("customer.discount.deleted", world.objects["discount"][key])


def held(world: World, subscription: Json) -> list[Json]:
    """Return all discounts that a subscription and its items hold."""
    keys = [*subscription["discounts"], *(key for item in subscription["items"]["data"] for key in item["discounts"])]
    return [world.objects["discount"][key] for key in keys]


@route("DELETE /v1/subscriptions/{subscription_exposed_id}/discount")
def delete_of_subscription(world: World, _given: Json, key: str) -> Json:
    """Take the discounts of a subscription back."""
    found = world.get("subscription", key)
    if not found["discounts"]:
        message = f"No active discount for subscription: {key}"
        raise invalid(message, code="resource_missing")
    last = world.objects["discount"][found["discounts"][-1]]
    for each in list(found["discounts"]):
        drop(world, found, each)
    return _deleted(last)


def _deleted(discount: Json) -> Json:
    return {name: value for name, value in discount.items() if name != "end"} | {"deleted": True}


@route("DELETE /v1/customers/{customer}/discount")
def delete_of_customer(world: World, _given: Json, key: str) -> Json:
    """Take the discount of a customer back."""
    found = world.get("customer", key)
    if not found.get("discount"):
        message = f"No active discount for customer: {key}"
        raise invalid(message, code="resource_missing")
    last: Json = found["discount"]
    world.update("customer.updated", found, discount=None)
    world.emit("customer.discount.deleted", last)
    return _deleted(last)


def give_customer(world: World, customer: Json, coupon: Json) -> Json:
    """Give a customer a discount, as the dashboard does: no call of this version can."""
    now = world.now(customer["id"])
    months = coupon["duration_in_months"]
    made = make(world, coupon, {"customer": customer["id"]}, now, months and cycles.later(now, cycles.MONTH, months))
    world.update("customer.updated", customer, discount=dict(made))
    return made
