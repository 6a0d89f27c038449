"""What a subscription is and how it changes. `subscribing` has the calls, `collecting` money, `billing` time."""

from bookwhen.sandbox.stripe import cycles, discounting, invoices, pricing
from bookwhen.sandbox.stripe.cycles import later
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.world import World, listed

__all__ = ["ENDED", "UPDATED", "later"]
UPDATED = "customer.subscription.updated"
ENDED = frozenset({"canceled", "incomplete_expired"})


def item_of(subscription: Json) -> Json:
    """Return the first item: all items share its period."""
    item: Json = subscription["items"]["data"][0]
    return item


def period_end(subscription: Json) -> int:
    """Return when the current period ends."""
    end: int = item_of(subscription)["current_period_end"]
    return end


def make(
    world: World, customer: Json, prices: list[tuple[Json, int]], *, trial_end: int | None, mode: str,
    discounts: object = None, **fields: object,
) -> Json:  # fmt: skip
    """Make a subscription: trialing until its first payment is due, else incomplete until it was paid."""
    now = world.now(customer["id"])
    plain: Json = dict.fromkeys((
        "application", "application_fee_percent", "billing_cycle_anchor_config", "billing_thresholds", "cancel_at",
        "canceled_at", "customer_account", "days_until_due", "default_payment_method", "default_source", "description",
        "ended_at", "latest_invoice", "next_pending_invoice_item_invoice", "on_behalf_of", "pause_collection",
        "pending_invoice_item_interval", "pending_setup_intent", "pending_update", "schedule", "transfer_data",
    ))  # fmt: skip
    made = world.new(
        "subscription",
        now,
        **plain
        | {"automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None}, "billing_schedules": []}
        | {"billing_cycle_anchor": trial_end or now, "billing_mode": _mode(mode), "cancel_at_period_end": False}
        | {"cancellation_details": {"comment": None, "feedback": None, "reason": None}, "customer": customer["id"]}
        | {"collection_method": "charge_automatically", "currency": prices[0][0]["currency"], "default_tax_rates": []}
        | {"discounts": [], "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}}, "metadata": {}}
        | {"payment_settings": _settings(), "start_date": now, "status": "trialing" if trial_end else "incomplete"}
        | {"test_clock": customer["test_clock"], "trial_end": trial_end, "trial_start": now if trial_end else None}
        | {"trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}}}
        | fields,
    )
    end = trial_end or cycles.later(now, prices[0][0]["recurring"], 1)
    items = [new_item(world, made, price, quantity, (now, end)) for price, quantity in prices]
    made["items"] = listed(items, f"/v1/subscription_items?subscription={made['id']}")
    world.note(made["id"])["periods"] = 0 if trial_end else 1
    holder = {"subscription": made["id"], "customer": customer["id"]}
    made["discounts"] = discounting.redeem(world, discounts, holder, now) or []
    customer["currency"] = made["currency"]
    world.emit("customer.subscription.created", made)
    return made


def _mode(mode: str) -> Json:
    return {"type": mode, "flexible": {"proration_discounts": "included"} if mode == "flexible" else None}


def _settings() -> Json:
    settings = {"payment_method_options": None, "payment_method_types": None}
    return settings | {"save_default_payment_method": "off"}


def new_item(world: World, subscription: Json, price: Json, quantity: int, period: tuple[int, int]) -> Json:
    """Make an item of a subscription, without putting it there; a metered one has no quantity."""
    made = world.shape(
        "subscription_item",
        subscription["created"],
        billing_thresholds=None,
        current_period_start=period[0],
        current_period_end=period[1],
        discounts=[],
        metadata={},
        price=price,
        subscription=subscription["id"],
        tax_rates=[],
    )
    return made if pricing.is_metered(price) else made | {"quantity": quantity}


def own_lines(world: World, subscription: Json) -> list[Json]:
    """Return the lines that the current period costs; nothing while on trial, or for what depends on its use."""
    free = subscription["status"] == "trialing"
    flexible = subscription["billing_mode"]["type"] == "flexible"
    return [
        invoices.line(
            world,
            item["price"],
            (item["current_period_start"], item["current_period_end"]),
            quantity=item.get("quantity", 0),
            amount=0 if free else None,
            item=item,
        )
        for item in subscription["items"]["data"]
        if not (flexible and pricing.is_metered(item["price"]))
    ]


def with_items(subscription: Json, **changes: object) -> Json:
    """Return the list of items, each changed."""
    items: Json = subscription["items"]
    return items | {"data": [item | changes for item in items["data"]]}


def roll(world: World, subscription: Json, **changes: object) -> None:
    """Begin the next period where the current one ends."""
    note, start = world.note(subscription["id"]), period_end(subscription)
    note["periods"] += 1
    end = cycles.later(
        subscription["billing_cycle_anchor"], item_of(subscription)["price"]["recurring"], note["periods"]
    )
    items = with_items(subscription, current_period_start=start, current_period_end=end)
    world.update(UPDATED, subscription, items=items, **changes)


def restart(world: World, subscription: Json, anchor: int, items: list[Json], *, trial_end: int | None) -> None:
    """Begin a new period now with these items: one on trial until `trial_end`, or one that is paid."""
    now = world.now(subscription["customer"])
    world.note(subscription["id"])["periods"] = 0 if trial_end else 1
    end = trial_end or cycles.later(anchor, items[0]["price"]["recurring"], 1)
    changed = [item | {"current_period_start": now, "current_period_end": end} for item in items]
    fields: Json = {"billing_cycle_anchor": anchor, "items": subscription["items"] | {"data": changed}}
    if trial_end:
        fields |= {"status": "trialing", "trial_end": trial_end, "trial_start": subscription["trial_start"] or now}
    elif subscription["status"] == "trialing":
        fields |= {"status": "active", "trial_end": now}
    world.update(UPDATED, subscription, **fields)


def schedule_end(world: World, subscription: Json, at: int | None, *, flag: bool, **details: object) -> None:
    """Set when it ends automatically; None takes that back. `flag` is `cancel_at_period_end`."""
    now = world.now(subscription["customer"])
    reason = "cancellation_requested" if at else None
    told = {"comment": None, "feedback": None} | details | {"reason": reason}
    fields: Json = {"cancel_at": at, "cancel_at_period_end": flag, "canceled_at": now if at else None}
    world.update(UPDATED, subscription, **fields, cancellation_details=told)


def end(
    world: World, subscription: Json, reason: str | None = "cancellation_requested", status: str = "canceled",
    schedule_status: str = "canceled", **details: object,
) -> None:  # fmt: skip
    """End it now, and its schedule with it: what is not paid is not collected any more."""
    now = world.now(subscription["customer"])
    told = subscription["cancellation_details"] | {"reason": reason} | details
    fields = {"status": status, "ended_at": now, "canceled_at": subscription["canceled_at"] or now}
    fields["cancellation_details"] = told
    for invoice in world.of("invoice"):
        if invoices.subscription_of(invoice) == subscription["id"] and invoice["status"] in {"draft", "open"}:
            world.update("invoice.updated", invoice, auto_advance=False, next_payment_attempt=None)
            invoice["automatically_finalizes_at"] = None
    if key := subscription["schedule"]:
        _end_schedule(world, world.objects["subscription_schedule"][key], schedule_status, reason)
    if status == "incomplete_expired":
        world.update(UPDATED, subscription, **fields)
        return
    subscription |= fields
    world.emit("customer.subscription.deleted", subscription)


def _end_schedule(world: World, schedule: Json, status: str, reason: str | None) -> None:
    """Let a schedule end with its subscription; one that ends for want of payment is aborted."""
    now = world.now(schedule["customer"])
    schedule |= {"status": status, f"{status}_at": now, "current_phase": None}
    event = "aborted" if reason == "payment_failed" else status
    world.emit(f"subscription_schedule.{event}", schedule)
