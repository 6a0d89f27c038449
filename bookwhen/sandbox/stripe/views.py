"""How objects are read: pages of lists by cursor, filters, and `expand[]`."""

import copy
from collections.abc import Callable, Iterable

from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.world import KINDS, World, listed, without_tiers

MOST = 100
DEEPEST = 4
PAGING = ("limit", "starting_after", "ending_before")
CREATED = ("created", "created.gt", "created.gte", "created.lt", "created.lte")

INCLUDED: dict[tuple[str, str], Callable[[World, Json], list[Json]]] = {
    ("invoice", "payments"): lambda world, found: world.of("invoice_payment", invoice=found["id"]),
    ("checkout.session", "line_items"): lambda world, found: world.note(found["id"])["items"],
    ("charge", "refunds"): lambda world, found: world.of("refund", charge=found["id"])[::-1],
    ("customer", "subscriptions"): lambda world, found: living(world, found["id"]),
}
"""Lists that are part of an object only when asked for."""


def living(world: World, customer: str) -> list[Json]:
    """Return the customer's subscriptions that have not ended, newest first."""
    ended = {"canceled", "incomplete_expired"}
    return [each for each in world.of("subscription", customer=customer)[::-1] if each["status"] not in ended]


def page(found: Iterable[Json], given: Json, url: str) -> Json:
    """Return one page of objects that come oldest first, newest first as Stripe does."""
    items = [each for each in reversed(list(found)) if _created(each, given.get("created"))]
    limit = given.get("limit", 10)
    if not 1 <= limit <= MOST:
        message = f"This value must be between 1 and {MOST}."
        raise invalid(message, "limit")
    if "ending_before" in given:
        items = items[: _index(items, given["ending_before"], "ending_before")]
        return listed(items[-limit:], url) | {"has_more": len(items) > limit}
    if "starting_after" in given:
        items = items[_index(items, given["starting_after"], "starting_after") + 1 :]
    return listed(items[:limit], url) | {"has_more": len(items) > limit}


def _index(items: list[Json], key: str, param: str) -> int:
    for index, each in enumerate(items):
        if each["id"] == key:
            return index
    message = f"No such object in this list: '{key}'"
    raise invalid(message, param, "resource_missing")


def _created(each: Json, wanted: object) -> bool:
    if not isinstance(wanted, dict):
        return wanted is None or each["created"] == wanted
    at = each["created"]
    checks = {"gt": at.__gt__, "gte": at.__ge__, "lt": at.__lt__, "lte": at.__le__}
    return all(checks[name](value) for name, value in wanted.items())


def expanded(world: World, answer: Json, wanted: list[str]) -> Json:
    """Return a copy of an answer with what was asked for in full."""
    result = copy.deepcopy(answer)
    for path in wanted:
        parts = path.split(".")
        if len(parts) > DEEPEST:
            message = f"You cannot expand more than {DEEPEST} levels of a property: {path}"
            raise invalid(message, "expand")
        _expand(world, result, parts, path)
    return result if any(path.split(".")[-1] == "tiers" for path in wanted) else without_tiers(result)


def _expand(world: World, node: object, parts: list[str], path: str) -> None:
    if isinstance(node, list):
        for each in node:
            _expand(world, each, parts, path)
        return
    if not isinstance(node, dict):
        return
    name, *rest = parts
    include = INCLUDED.get((node.get("object", ""), name))
    if include and name not in node:
        node[name] = listed(copy.deepcopy(include(world, node)), f"/v1/{node['object']}s/{node['id']}/{name}")
    if name not in node:
        message = f"This property cannot be expanded ({path})."
        raise invalid(message, "expand")
    node[name] = _in_full(world, node[name], path)
    if rest:
        _expand(world, node[name], rest, path)


def _in_full(world: World, value: object, path: str) -> object:
    if isinstance(value, list):
        return [_in_full(world, each, path) for each in value]
    return _fetched(world, value, path) if isinstance(value, str) else value


def _fetched(world: World, key: str, path: str) -> Json:
    kind = KINDS.get(key.rpartition("_")[0])
    if kind is None or key not in world.objects[kind]:
        # A coupon’s id may be any word that somebody chose.
        kind = "coupon" if key in world.objects["coupon"] else None
    if kind is None:
        message = f"This property cannot be expanded ({path})."
        raise invalid(message, "expand")
    return copy.deepcopy(world.objects[kind][key])
