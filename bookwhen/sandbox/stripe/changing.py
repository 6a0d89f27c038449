"""Changing a subscription that runs: its items, its period, its trial, and what that costs at once or later.

Looked up: a change of price or quantity is prorated and waits for the next invoice (`create_prorations`), is invoiced
at once (`always_invoice`), or neither (`none`); a change of the billing period, from free to paid, or of the anchor
starts a new period now and charges all of it at once, less what is left of the old unless `none`. With
`error_if_incomplete` nothing changes if it cannot be paid.
Uncertain: whether flexible billing too starts a new period when a subscription goes from free to paid.
"""

from typing import Final

from bookwhen.sandbox.stripe import collecting, cycles, issuing, items, pricing, prorating, subscriptions
from bookwhen.sandbox.stripe.errors import Json, invalid, not_modelled
from bookwhen.sandbox.stripe.world import World

DAY: Final = 86_400
PARAMS: Final = (
    *items.params(items.CHANGED), "proration_behavior", "proration_date", "trial_end", "billing_cycle_anchor",
)  # fmt: skip
"""What a change and its preview both take."""
CHARGED: Final = ("items", "trial_end", "billing_cycle_anchor")
REASON: Final = "subscription_update"


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


def change(world: World, found: Json, given: Json) -> Json | None:
    """Change items, trial and anchor as asked; return the draft of what is billed at once, if anything is."""
    if not any(name in given for name in CHARGED):
        return None
    now = world.now(found["customer"])
    _check(found, given)
    behaviour, at = given.get("proration_behavior", "create_prorations"), _proration_date(found, given, now)
    old = found["items"]["data"]
    new = items.wanted(world, found, given["items"], now) if "items" in given else old
    if "trial_end" in given:
        return _move_trial(world, found, new, given, now)
    if found["status"] == "trialing":
        world.update(subscriptions.UPDATED, found, items=found["items"] | {"data": new})
        return None
    if _restarts(old, new, given):
        return _restart(world, found, new, now, at if behaviour != "none" else None)
    made = _prorated(world, found, old, new, at) if behaviour != "none" else False
    if behaviour == "none":
        world.update(subscriptions.UPDATED, found, items=found["items"] | {"data": new})
    return issuing.draft(world, found, [], REASON) if made and behaviour == "always_invoice" else None


def _check(found: Json, given: Json) -> None:
    if found["status"] in {"incomplete", "paused"}:
        message = f"a change of a subscription that is {found['status']}"
        raise not_modelled(message)
    if given.get("trial_end") == "now" and found["status"] != "trialing":
        message = f"trial_end=now for a subscription that is {found['status']}"
        raise not_modelled(message)


def _proration_date(found: Json, given: Json, now: int) -> int:
    at: int = given.get("proration_date", now)
    item = subscriptions.item_of(found)
    if not item["current_period_start"] <= at <= item["current_period_end"]:
        message = "Cannot specify a proration date outside of the subscription's current period."
        raise invalid(message, "proration_date")
    return at


def _costs(found: list[Json]) -> int:
    return sum(pricing.amount_of(item["price"], item.get("quantity", 0)) for item in found)


def _restarts(old: list[Json], new: list[Json], given: Json) -> bool:
    """Say whether a new period begins now."""
    from_free = not any(pricing.is_metered(item["price"]) for item in old) and not _costs(old) and bool(_costs(new))
    another = not cycles.same(old[0]["price"], new[0]["price"])
    return another or from_free or given.get("billing_cycle_anchor") == "now"


def _prorated(world: World, found: Json, old: list[Json], new: list[Json], at: int) -> bool:
    """Change the items, credit what goes and charge what comes; True if that made anything."""
    before, after = ({item["id"]: item for item in each} for each in (old, new))
    moved = [
        key
        for key in before | after
        if key not in before or key not in after or items.is_charged_otherwise(before[key], after[key])
    ]
    made = [line for key in moved if key in before for line in prorating.credit(world, found, before[key], at)]
    world.update(subscriptions.UPDATED, found, items=found["items"] | {"data": new})
    made += [line for key in moved if key in after for line in prorating.charge(world, found, after[key], at)]
    return bool(made)


def _restart(world: World, found: Json, new: list[Json], now: int, credited_at: int | None) -> Json:
    """Begin a new period now and bill all of it, less what is left of the old one."""
    if credited_at is not None:
        for item in found["items"]["data"]:
            prorating.credit(world, found, item, credited_at)
    subscriptions.restart(world, found, now, new, trial_end=None)
    return issuing.draft(world, found, subscriptions.own_lines(world, found), REASON)


def _move_trial(world: World, found: Json, new: list[Json], given: Json, now: int) -> Json | None:
    """Begin, move or end a trial; what is left of a paid period is credited."""
    until = trial_end(given, now)
    behaviour = given.get("proration_behavior", "create_prorations")
    credited = found["status"] != "trialing" and behaviour != "none"
    made = [line for item in found["items"]["data"] if credited for line in prorating.credit(world, found, item, now)]
    subscriptions.restart(world, found, until or now, new, trial_end=until)
    if until is None:
        return issuing.draft(world, found, subscriptions.own_lines(world, found), REASON)
    return issuing.draft(world, found, [], REASON) if made and behaviour == "always_invoice" else None


def settle(world: World, found: Json, invoice: Json, behaviour: str) -> None:
    """Get what a change costs at once paid, as `payment_behavior` says."""
    issuing.issue(world, invoice, tries=behaviour != "default_incomplete")
    if behaviour == "default_incomplete" and invoice["status"] == "open" and found["status"] == "active":
        world.update(subscriptions.UPDATED, found, status="past_due")


def check_payable(world: World, found: Json, invoice: Json | None) -> None:
    """Refuse a change that its card would not pay for (402)."""
    if invoice and invoice["amount_due"] and found["collection_method"] == "charge_automatically":
        collecting.check_pays(world, found)
