"""The items of a subscription, as a request asks for them: new ones, changed ones, and those that go."""

from typing import Final

from bookwhen.sandbox.stripe import catalogue, cycles, discounting, pricing, subscriptions
from bookwhen.sandbox.stripe.errors import Json, invalid, missing, not_modelled
from bookwhen.sandbox.stripe.world import World, merged

MOST: Final = 20
OF_A_PRICE: Final = (
    "price_data.currency", "price_data.product", "price_data.unit_amount", "price_data.unit_amount_decimal",
    "price_data.recurring.interval", "price_data.recurring.interval_count",
)  # fmt: skip
NEW: Final = (
    "price", "quantity", "metadata.*", "discounts.[].coupon", "discounts.[].discount", *OF_A_PRICE,
)  # fmt: skip
CHANGED: Final = (*NEW, "id", "deleted")


def params(names: tuple[str, ...], at: str = "items") -> tuple[str, ...]:
    """Return the paths of an item's parameters, for a route."""
    return tuple(f"{at}.[].{name}" for name in names)


def price_of(world: World, asked: Json, param: str) -> Json:
    """Return the recurring price that an item asks for."""
    if "price_data" in asked:
        world.get("product", asked["price_data"]["product"], f"{param}[price_data][product]")
        price = catalogue.make_price(world, asked["price_data"], asked["price_data"]["product"], active=False)
    else:
        price = world.get("price", asked.get("price", ""), f"{param}[price]")
        if not price["active"]:
            message = f"The price specified is inactive. This field only accepts active prices: {price['id']}"
            raise invalid(message, f"{param}[price]")
    if price["recurring"] is None:
        message = "The price specified is set to `type=one_time`: only recurring prices fit here."
        raise invalid(message, f"{param}[price]")
    if pricing.is_metered(price) and "quantity" in asked:
        message = "You cannot set the quantity for metered plans."
        raise invalid(message, f"{param}[quantity]")
    return price


def priced(world: World, asked: list[Json], param: str = "items") -> list[tuple[Json, int]]:
    """Return the recurring prices and quantities of a new subscription: of one period and currency."""
    prices = [(price_of(world, each, param), each.get("quantity", 1)) for each in asked]
    if not prices:
        message = "Missing required param: items."
        raise invalid(message, param, "parameter_missing")
    check([price for price, _ in prices], param)
    return prices


def check(prices: list[Json], param: str = "items") -> None:
    """Refuse what one subscription cannot hold."""
    if len(prices) > MOST:
        message = f"A subscription can have at most {MOST} items."
        raise invalid(message, param)
    if len({price["id"] for price in prices}) < len(prices):
        message = f"Cannot add multiple subscription items with the same plan: {prices[0]['id']}"
        raise invalid(message, param)
    if len({price["currency"] for price in prices}) > 1 or not all(cycles.same(each, prices[0]) for each in prices):
        message = f"{param} of several currencies or billing periods"
        raise not_modelled(message)


def wanted(world: World, subscription: Json, asked: list[Json], now: int) -> list[Json]:
    """Return the items that a subscription is to have; those that it has stay the same objects while unchanged."""
    found = {item["id"]: item for item in subscription["items"]["data"]}
    period = next(iter(found.values()))
    for each in asked:
        if (key := each.get("id")) is None:
            price, quantity = price_of(world, each, "items"), each.get("quantity", 1)
            times = (period["current_period_start"], period["current_period_end"])
            made = subscriptions.new_item(world, subscription, price, quantity, times) | {"created": now}
            found[made["id"]] = _detailed(world, made, each, subscription, now)
        elif key not in found:
            kind = "subscription_item"
            raise missing(kind, key, "items[id]")
        elif each.get("deleted"):
            del found[key]
        else:
            found[key] = _changed(world, found[key], each, subscription, now)
    if not found:
        message = "A subscription must have at least one active plan."
        raise invalid(message, "items")
    kept = list(found.values())
    check([item["price"] for item in kept])
    if kept[0]["price"]["currency"] != subscription["currency"]:
        message = "The currency of a subscription cannot change."
        raise invalid(message, "items[price]")
    return kept


def _changed(world: World, item: Json, asked: Json, subscription: Json, now: int) -> Json:
    changed = dict(item)
    if {"price", "price_data"} & set(asked):
        changed["price"] = price_of(world, asked, "items")
    if "quantity" in asked:
        changed["quantity"] = asked["quantity"]
    if pricing.is_metered(changed["price"]):
        changed.pop("quantity", None)
    else:
        changed.setdefault("quantity", 1)
    return _detailed(world, changed, asked, subscription, now)


def _detailed(world: World, item: Json, asked: Json, subscription: Json, now: int) -> Json:
    holder = {"subscription_item": item["id"], "subscription": subscription["id"]}
    holder["customer"] = subscription["customer"]
    discounts = discounting.redeem(world, asked.get("discounts"), holder, now)
    item["discounts"] = item["discounts"] if discounts is None else discounts
    item["metadata"] = merged(item["metadata"], asked.get("metadata"))
    return item


def detail(world: World, subscription: Json, asked: list[Json]) -> None:
    """Give the items of a new subscription what else a request says of them."""
    now = world.now(subscription["customer"])
    for item, each in zip(subscription["items"]["data"], asked, strict=True):
        _detailed(world, item, each, subscription, now)


def is_charged_otherwise(old: Json, new: Json) -> bool:
    """Say whether a change of an item changes what it costs."""
    return bool(old["price"]["id"] != new["price"]["id"] or old.get("quantity") != new.get("quantity"))
