"""Subscription schedules: what a subscription becomes later, in phases.

Looked up: a schedule is made of a subscription that runs, with what it is now as its phase until the period ends; the
phases that follow are given by an update, which names the running one too; a phase that begins makes the items what it
says (and the discounts: those of the phase, or the customer's where it names none), with its own proration; after the
last one the schedule lets the subscription go on, or cancels it; while there is a schedule the subscription cannot be
cancelled except at once.
Uncertain: whether an item that changes its price with a phase keeps its id (here: it does not); that the end is told by
both `completed` and `released`, with both times set.
"""

from collections.abc import Callable, Iterator
from typing import Final

from bookwhen.sandbox.stripe import (
    changing,
    cycles,
    discounting,
    invoice_items,
    issuing,
    items,
    prorating,
    subscriptions,
    views,
)
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.routes import route
from bookwhen.sandbox.stripe.world import World, given_fields, merged

KIND: Final = "subscription_schedule"
RUNNING: Final = frozenset({"not_started", "active"})
PHASE: Final = (
    *items.params(("price", "quantity", "metadata.*", "discounts.[].coupon", "discounts.[].discount")), "start_date",
    "end_date", "duration.interval", "duration.interval_count", "proration_behavior", "billing_cycle_anchor",
    "metadata.*", "discounts", "discounts.[].coupon", "discounts.[].discount", "description",
)  # fmt: skip


@route("POST /v1/subscription_schedules", "from_subscription")
def create(world: World, given: Json) -> Json:
    """Make the schedule of a subscription that runs: until its period ends it is what it is."""
    if "from_subscription" not in given:
        message = "Missing required param: from_subscription (the sandbox makes schedules of subscriptions only)."
        raise invalid(message, "from_subscription", "parameter_missing")
    found = world.get("subscription", given["from_subscription"], "from_subscription")
    if found["schedule"]:
        message = "You cannot migrate a subscription that is already attached to a schedule."
        raise invalid(message, "from_subscription")
    if found["status"] in subscriptions.ENDED | {"incomplete"}:
        message = f"You cannot migrate a subscription that is {found['status']}."
        raise invalid(message, "from_subscription")
    item = subscriptions.item_of(found)
    start, end = item["current_period_start"], found["cancel_at"] or item["current_period_end"]
    made = world.new(
        KIND,
        world.now(found["customer"]),
        **dict.fromkeys(("application", "canceled_at", "completed_at", "customer_account", "released_at")),
        billing_mode=found["billing_mode"],
        current_phase={"start_date": start, "end_date": end},
        customer=found["customer"],
        default_settings=_settings(),
        end_behavior="cancel" if found["cancel_at"] else "release",
        metadata={},
        phases=[_phase(found, {"items": _present(found)}, (start, end))],
        released_subscription=None,
        status="active",
        subscription=found["id"],
        test_clock=found["test_clock"],
    )
    world.emit("subscription_schedule.created", made)
    world.update(subscriptions.UPDATED, found, schedule=made["id"])
    return made


def _settings() -> Json:
    plain: Json = dict.fromkeys((
        "application_fee_percent", "billing_thresholds", "default_payment_method", "description", "on_behalf_of",
        "transfer_data",
    ))  # fmt: skip
    invoice = {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}}
    collection = {"collection_method": "charge_automatically", "invoice_settings": invoice}
    return plain | collection | {"billing_cycle_anchor": "automatic"}


def _present(found: Json) -> list[Json]:
    """Return what a subscription has now, as the items of a phase."""
    return [
        {"price": item["price"]["id"], "metadata": dict(item["metadata"])}
        | {"discounts": [{"discount": key} for key in item["discounts"]]}
        | ({"quantity": item["quantity"]} if "quantity" in item else {})
        for item in found["items"]["data"]
    ]


def _phase(found: Json, given: Json, times: tuple[int, int]) -> Json:
    plain: Json = dict.fromkeys((
        "application_fee_percent", "billing_thresholds", "collection_method", "default_payment_method",
        "description", "invoice_settings", "on_behalf_of", "transfer_data", "trial_end",
    ))  # fmt: skip
    own = [{"discount": key} for key in found["discounts"]] if "start_date" not in given else []
    return plain | {
        "add_invoice_items": [], "billing_cycle_anchor": given.get("billing_cycle_anchor"),
        "currency": found["currency"], "default_tax_rates": [],
        "discounts": _stackable(given.get("discounts", own)), "end_date": times[1],
        "items": [_item(each) for each in given["items"]], "metadata": merged({}, given.get("metadata")),
        "proration_behavior": given.get("proration_behavior", "create_prorations"), "start_date": times[0],
    } | given_fields(given, ("description",))  # fmt: skip


def _item(given: Json) -> Json:
    made: Json = {"billing_thresholds": None, "discounts": _stackable(given.get("discounts", []))}
    made |= {"metadata": merged({}, given.get("metadata")), "price": given["price"], "tax_rates": []}
    return made | ({"quantity": given["quantity"]} if "quantity" in given else {})


def _stackable(asked: object) -> list[Json]:
    given = asked if isinstance(asked, list) else []
    return [{"coupon": each.get("coupon"), "discount": each.get("discount"), "promotion_code": None} for each in given]


@route("GET /v1/subscription_schedules/{schedule}")
def retrieve(world: World, _given: Json, key: str) -> Json:
    """Return a schedule."""
    return world.get(KIND, key)


@route("GET /v1/subscription_schedules", *views.PAGING, *views.CREATED, "customer")
def every(world: World, given: Json) -> Json:
    """List schedules."""
    return views.page(world.of(KIND, **given_fields(given, ("customer",))), given, "/v1/subscription_schedules")


@route(
    "POST /v1/subscription_schedules/{schedule}", "end_behavior", "metadata.*", "proration_behavior",
    *(f"phases.[].{name}" for name in PHASE),
)  # fmt: skip
def update(world: World, given: Json, key: str) -> Json:
    """Say what comes after the phase that runs; that one may change too, and then does so at once."""
    found = _running(world, key)
    fields = given_fields(given, ("end_behavior",)) | {"metadata": merged(found["metadata"], given.get("metadata"))}
    there = world.get("subscription", found["subscription"])
    if "phases" in given:
        fields["phases"] = _planned(world, found, there, given["phases"])
        first = fields["phases"][0]
        fields["current_phase"] = {"start_date": first["start_date"], "end_date": first["end_date"]}
    before = found["phases"][0]["items"]
    world.update("subscription_schedule.updated", found, **fields)
    if "phases" in given and _told(found["phases"][0]["items"]) != _told(before):
        _enter(world, there, found["phases"][0], given.get("proration_behavior", "create_prorations"))
    return found


def _told(given: list[Json]) -> list[tuple[object, ...]]:
    return [(item["price"], item.get("quantity", 1)) for item in given]


def _running(world: World, key: str) -> Json:
    found = world.get(KIND, key)
    if found["status"] not in RUNNING:
        message = f"This subscription schedule is {found['status']} and cannot be changed any more."
        raise invalid(message)
    return found


def _planned(world: World, found: Json, there: Json, asked: list[Json]) -> list[Json]:
    current = found["current_phase"]
    if not asked or asked[0].get("start_date") != current["start_date"]:
        message = "The first phase must be the one that runs: its `start_date` cannot be changed."
        raise invalid(message, "phases[0][start_date]")
    made, start = [], current["start_date"]
    for index, each in enumerate(asked):
        if not each.get("items"):
            message = f"Missing required param: phases[{index}][items]."
            raise invalid(message, f"phases[{index}][items]", "parameter_missing")
        prices = items.priced(world, each["items"], f"phases[{index}][items]")
        end = _end(each, start, prices[0][0])
        if (
            each.get("start_date", start) != start
            or end <= start
            or (index == 0 and end <= world.now(there["customer"]))
        ):
            message = "Each phase must begin where the one before ends, and end later."
            raise invalid(message, f"phases[{index}][end_date]")
        made.append(_phase(there, {"start_date": start} | each, (start, end)))
        start = end
    return made


def _end(given: Json, start: int, price: Json) -> int:
    """Return when a phase ends: when it says, after what it says, or after one period."""
    if "end_date" in given:
        end: int = given["end_date"]
        return end
    duration = {"interval_count": 1} | given["duration"] if "duration" in given else price["recurring"]
    return cycles.later(start, duration, 1)


@route("POST /v1/subscription_schedules/{schedule}/release")
def release_by_call(world: World, _given: Json, key: str) -> Json:
    """Let the subscription go on as it is, without the schedule."""
    found = _running(world, key)
    release(world, found)
    return found


def release(world: World, found: Json, **fields: object) -> None:
    """Let a subscription go from its schedule."""
    there = world.get("subscription", found["subscription"])
    now = world.now(found["customer"])
    found |= {"status": "released", "released_at": now, "released_subscription": there["id"], "subscription": None}
    found |= {"current_phase": None} | fields
    world.emit("subscription_schedule.released", found)
    world.update(subscriptions.UPDATED, there, schedule=None)


@route("POST /v1/subscription_schedules/{schedule}/cancel", "invoice_now", "prorate")
def cancel(world: World, given: Json, key: str) -> Json:
    """Cancel a schedule and its subscription now; what is left is credited and billed unless that is not wanted."""
    found = _running(world, key)
    there = world.get("subscription", found["subscription"])
    if given.get("prorate", True) and there["status"] != "trialing":
        for item in there["items"]["data"]:
            prorating.credit(world, there, item, world.now(there["customer"]))
    subscriptions.end(world, there)
    if given.get("invoice_now", True) and invoice_items.pending(world, there):
        issuing.issue(world, issuing.draft(world, there, [], changing.REASON))
    return found


def due(world: World, there: Json) -> Iterator[tuple[int, Callable[[], None]]]:
    """Yield when the phase that runs ends, and what is done then."""
    if there["schedule"]:
        found = world.objects[KIND][there["schedule"]]
        yield found["current_phase"]["end_date"], lambda: _advance(world, found, there)


def _advance(world: World, found: Json, there: Json) -> None:
    """Begin the next phase, or end with the last one."""
    now = found["current_phase"]["end_date"]
    following = next((phase for phase in found["phases"] if phase["start_date"] == now), None)
    if following:
        current = {"start_date": following["start_date"], "end_date": following["end_date"]}
        world.update("subscription_schedule.updated", found, current_phase=current)
        _enter(world, there, following, following["proration_behavior"])
        return
    if found["end_behavior"] == "cancel":
        subscriptions.end(world, there, schedule_status="completed")
        return
    world.emit("subscription_schedule.completed", found | {"completed_at": now})
    release(world, found, completed_at=now)


def _enter(world: World, there: Json, phase: Json, behaviour: str) -> None:
    """Make a subscription what a phase says."""
    now, holder = world.now(there["customer"]), {"subscription": there["id"], "customer": there["customer"]}
    wanted = [{name: each[name] for name in ("coupon", "discount") if each[name]} for each in phase["discounts"]]
    discounts = discounting.redeem(world, wanted, holder, now) or []
    metadata = merged(there["metadata"], phase["metadata"])
    world.update(subscriptions.UPDATED, there, discounts=discounts, metadata=metadata)
    given: Json = {"items": _difference(there, phase), "proration_behavior": behaviour}
    if phase["billing_cycle_anchor"] == "phase_start":
        given["billing_cycle_anchor"] = "now"
    invoice = changing.change(world, there, given)
    if invoice:
        changing.settle(world, there, invoice, "allow_incomplete")


def _difference(there: Json, phase: Json) -> list[Json]:
    """Return the change of items that leads to a phase: an item whose price stays is kept."""
    left = {item["price"]["id"]: item["id"] for item in there["items"]["data"]}
    asked = []
    for item in phase["items"]:
        discounts = [{name: each[name] for name in ("coupon", "discount") if each[name]} for each in item["discounts"]]
        one = {name: item[name] for name in ("quantity", "metadata") if name in item} | {"discounts": discounts or ""}
        key = left.pop(item["price"], None)
        asked.append(one | ({"id": key} if key else {"price": item["price"]}))
    return asked + [{"id": key, "deleted": True} for key in left.values()]


def mirror(world: World, there: Json) -> None:
    """Note in the phase that runs what was changed at the subscription itself."""
    if there["schedule"]:
        found = world.objects[KIND][there["schedule"]]
        start = found["current_phase"]["start_date"]
        changed = [
            phase | ({"items": [_item(each) for each in _present(there)]} if phase["start_date"] == start else {})
            for phase in found["phases"]
        ]
        world.update("subscription_schedule.updated", found, phases=changed)
