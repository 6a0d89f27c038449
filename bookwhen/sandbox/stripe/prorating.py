"""What a change in the middle of a period costs: a credit for what is left of the old, a charge for that of the new.

Looked up: it is reckoned by the second, over the item's current period, and each line is rounded. With flexible billing
a credit is a part of what was debited for that time, one for each debit; with classic billing it is a part of the
present price. What a discount takes off is in the amount ("included").
Uncertain: a bill that was voided or written off is credited here like one that was paid; and when a metered item goes,
nothing is billed for what was used of it.
"""

from fractions import Fraction

from bookwhen.sandbox.stripe import discounting, invoice_items, invoices, pricing
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.world import World


def debited(world: World, item: str, amount: int, period: Json) -> None:
    """Remember what was charged for an item and for what time: a credit with flexible billing is a part of it."""
    kept = [each for each in world.note(item).get("debits", []) if each["end"] > period["start"]]
    world.note(item)["debits"] = [*kept, {"amount": amount, "start": period["start"], "end": period["end"]}]


def remember(world: World, invoice: Json) -> None:
    """Remember what the lines of a new invoice charge for."""
    for line in invoice["lines"]["data"]:
        item = discounting.item_id(line)
        if item and not line["parent"]["subscription_item_details"]["proration"]:
            debited(world, item, discounting.net(line), line["period"])


def credit(world: World, subscription: Json, item: Json, at: int) -> list[Json]:
    """Credit what is left of an item's period at a time."""
    if pricing.is_metered(item["price"]):
        return []
    debits = world.note(item["id"]).get("debits") if subscription["billing_mode"]["type"] == "flexible" else None
    if debits is None:
        start, end = item["current_period_start"], item["current_period_end"]
        debits = [{"amount": _full(world, subscription, item, at), "start": start, "end": end}]
    made = []
    for debit in debits:
        if debit["end"] <= at:
            continue
        part = Fraction(debit["end"] - max(at, debit["start"]), debit["end"] - debit["start"])
        amount = pricing.rounded(debit["amount"] * part)
        if amount:
            made.append(_make(world, subscription, item, -amount, (at, debit["end"])))
        debit |= {"amount": debit["amount"] - amount, "end": max(at, debit["start"])}
    return made


def charge(world: World, subscription: Json, item: Json, at: int) -> list[Json]:
    """Charge an item for what is left of its period at a time."""
    if pricing.is_metered(item["price"]):
        return []
    start, end = item["current_period_start"], item["current_period_end"]
    amount = pricing.rounded(_full(world, subscription, item, at) * Fraction(end - at, end - start))
    debited(world, item["id"], amount, {"start": at, "end": end})
    return [_make(world, subscription, item, amount, (at, end))]


def _full(world: World, subscription: Json, item: Json, at: int) -> int:
    """Return what a whole period of an item costs, after the discounts that last."""
    items = subscription["items"]["data"]
    lines = {each["id"]: _line_of(world, each) for each in (*items, item)}
    left = {line["id"]: line["amount"] for line in lines.values()}
    for each in (*items, item):
        for discount in discounting.lasting(world, discounting.of_holder(world, each, at)):
            if not any(taken["discount"] == discount["id"] for taken in lines[each["id"]]["discount_amounts"]):
                discounting.take_off(world, discount, [lines[each["id"]]], left)
    for discount in discounting.lasting(world, discounting.of_subscription(world, subscription, at)):
        discounting.take_off(world, discount, list(lines.values()), left)
    full: int = left[lines[item["id"]]["id"]]
    return full


def _line_of(world: World, item: Json) -> Json:
    period = (item["current_period_start"], item["current_period_end"])
    return invoices.line(world, item["price"], period, quantity=item.get("quantity", 0), item=item)


def _make(world: World, subscription: Json, item: Json, amount: int, period: tuple[int, int]) -> Json:
    price, quantity = item["price"], item.get("quantity", 1)
    name = world.objects["product"].get(price["product"], {"name": price["product"]})["name"]
    what = "Unused time on" if amount < 0 else "Remaining time on"
    many = f"{quantity} x " if quantity != 1 else ""
    details = {"subscription": subscription["id"], "subscription_item": item["id"]}
    return invoice_items.make(
        world,
        world.get("customer", subscription["customer"]),
        amount,
        parent={"type": "subscription_details", "subscription_details": details},
        proration=True,
        proration_details={"credited_items": None, "discount_amounts": []},
        currency=subscription["currency"],
        description=f"{what} {many}{name}",
        period={"start": period[0], "end": period[1]},
        pricing=invoice_items.priced(price),
        quantity=quantity,
    )
