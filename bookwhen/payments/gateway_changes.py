"""What is asked of Stripe to change what a subscription costs: previewed, now, or at its next billing date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bookwhen.payments.gateway import DeclinedError, Gateway
from bookwhen.payments.pending_changes import read_pending_change, read_scheduled_change

Raw = Mapping[str, Any]

A_DAY: Final = {"interval": "day", "interval_count": 1}
"""How long a schedule stays after the change that it was made for: while it does, Stripe cancels nothing at a period's
end."""
_KEPT: Final = (
    "application_fee_percent",
    "automatic_tax",
    "billing_thresholds",
    "collection_method",
    "default_payment_method",
    "default_tax_rates",
    "description",
    "discounts",
    "invoice_settings",
    "metadata",
    "on_behalf_of",
    "transfer_data",
)
"""What a phase of a schedule says of a subscription besides its items and dates: it stays as it is."""
_KEPT_OF_ITEM: Final = ("billing_thresholds", "discounts", "metadata", "quantity", "tax_rates")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """A line of what a change costs, in minor units: below zero a credit. `price` is Stripe's id of what it is for."""

    text: str
    amount: int
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreview:
    """What Stripe bills at once for a change. `total` is below zero where it is a credit; `due` is taken by card.

    `at` is the instant that it is prorated at, where anything is.
    """

    lines: Sequence[ChangeLine]
    at: datetime | None
    total: int
    due: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAnswer:
    """What became of a change: it waits for the payment of an open bill (`pay_url`), or was made."""

    is_pending: bool
    pay_url: str


def preview_change(
    gateway: Gateway, subscription: str, *, old: str, new: str, at: datetime | None, period_end: datetime
) -> ChangePreview:
    """What changing the item at the price `old` to `new` (Stripe's ids) costs, prorated at an aware instant, or now.

    Raises StripeError; DeclinedError where there is no such item any more.
    """
    item = _item_at(gateway.ask("subscriptions.retrieve", subscription), old)
    asked = {
        "subscription": subscription,
        "subscription_details": {
            "items": [_changed_item(item, new)],
            "proration_behavior": "always_invoice",
            **({"proration_date": int(at.timestamp())} if at else {}),
        },
    }
    return _read_preview(gateway.ask("invoices.create_preview", asked), int(period_end.timestamp()))


def change_now(
    gateway: Gateway, subscription: str, *, old: str, new: str, at: datetime | None, off_session: bool, key: str
) -> ChangeAnswer:
    """Change the item at the price `old` to `new`, and bill the difference at once, prorated at `at` if that is given.

    Nothing changes before what is due was paid: a card that is declined, or whose bank asks first, leaves a bill open,
    for 23 hours at most. Where Stripe sends bills by email it changes at once. Raises StripeError.
    """
    found = gateway.ask("subscriptions.retrieve", subscription)
    asked: dict[str, Any] = {"items": [_changed_item(_item_at(found, old), new)], "proration_behavior": "none"}
    if at is not None:
        asked |= {"proration_behavior": "always_invoice", "proration_date": int(at.timestamp())}
        if found.get("collection_method") != "send_invoice":
            asked["payment_behavior"] = "pending_if_incomplete"
    if off_session:
        asked["off_session"] = True
    answer = gateway.ask("subscriptions.update", subscription, asked | {"expand": ["latest_invoice"]}, key=key)
    is_pending = bool(read_pending_change(answer)["pending_price"])
    bill = answer.get("latest_invoice")
    url = str(bill.get("hosted_invoice_url") or "") if isinstance(bill, Mapping) else ""
    return ChangeAnswer(is_pending=is_pending, pay_url=url if is_pending else "")


def change_at_renewal(gateway: Gateway, subscription: str, *, old: str, new: str, key: str) -> None:
    """Let the item at the price `old` change to `new` when what is paid for ends. Raises StripeError.

    A schedule that changes nothing is used: an earlier try may have left one.
    """
    found = gateway.ask("subscriptions.retrieve", subscription)
    _item_at(found, old)
    if found.get("schedule"):
        schedule = gateway.ask("subscription_schedules.retrieve", _id(found["schedule"]))
        if read_scheduled_change(schedule)[0]:
            message = "Another change is scheduled already."
            raise DeclinedError(message)
    else:
        schedule = gateway.ask("subscription_schedules.create", {"from_subscription": subscription}, key=f"{key}-from")
    phase = _current_phase(schedule)
    items = [_kept_item(item) for item in phase["items"]]
    first = {**_kept(phase), "items": items, "start_date": phase["start_date"], "end_date": phase["end_date"]}
    changed = [item | {"price": new} if item["price"] == old else item for item in items]
    then = {**_kept(phase), "items": changed, "duration": A_DAY, "proration_behavior": "none"}
    asked = {"end_behavior": "release", "phases": [first, then], "proration_behavior": "none"}
    gateway.ask("subscription_schedules.update", schedule["id"], asked, key=f"{key}-phases")


def release_schedule(gateway: Gateway, schedule: str) -> None:
    """Let a subscription go on as it is: nothing scheduled happens. It may be done twice. Raises StripeError."""
    try:
        gateway.ask("subscription_schedules.release", schedule)
    except DeclinedError:
        if gateway.ask("subscription_schedules.retrieve", schedule)["status"] == "active":
            raise


def scheduled_change(gateway: Gateway, schedule: str) -> tuple[str, datetime | None]:
    """To which price (its id) a schedule changes its subscription next, and when. Raises StripeError."""
    return read_scheduled_change(gateway.ask("subscription_schedules.retrieve", schedule))


def _item_at(subscription: Raw, price: str) -> Raw:
    for item in subscription["items"]["data"]:
        if _id(item["price"]) == price:
            found: Raw = item
            return found
    message = "The subscription has changed."
    raise DeclinedError(message)


def _changed_item(item: Raw, price: str) -> dict[str, Any]:
    quantity = item.get("quantity")
    return {"id": item["id"], "price": price} | ({"quantity": quantity} if quantity is not None else {})


def _current_phase(schedule: Raw) -> Raw:
    begun = (schedule.get("current_phase") or {}).get("start_date")
    phases: Sequence[Raw] = schedule["phases"]
    return next((phase for phase in phases if phase["start_date"] == begun), phases[0])


def _kept(phase: Raw) -> dict[str, Any]:
    return _given(phase, _KEPT)


def _kept_item(item: Raw) -> dict[str, Any]:
    return {"price": _id(item["price"])} | _given(item, _KEPT_OF_ITEM)


def _given(raw: Raw, names: Sequence[str]) -> dict[str, Any]:
    """What is set of these, as Stripe takes it: it answers with more of a discount than it takes."""
    kept = {name: raw[name] for name in names if raw.get(name) not in (None, [], {}, "")}
    for name in ("default_tax_rates", "tax_rates"):
        if name in kept:
            kept[name] = [_id(rate) for rate in kept[name]]
    if "discounts" in kept:
        kept["discounts"] = [_discount(each) for each in kept["discounts"]]
    for name in ("default_payment_method", "on_behalf_of"):
        if name in kept:
            kept[name] = _id(kept[name])
    if "automatic_tax" in kept:
        kept["automatic_tax"] = {"enabled": bool(kept["automatic_tax"].get("enabled"))}
    if "invoice_settings" in kept:
        days = kept.pop("invoice_settings").get("days_until_due")
        kept |= {"invoice_settings": {"days_until_due": days}} if days else {}
    return kept


def _discount(raw: Raw) -> dict[str, str]:
    """A discount as it is: the one that runs, or else what it is made of."""
    name = next((each for each in ("discount", "promotion_code", "coupon") if raw.get(each)), "coupon")
    return {name: _id(raw.get(name))}


def _read_preview(raw: Raw, period_end: int) -> ChangePreview:
    """What is billed at once: not the next period, where Stripe tells of it too."""
    lines = raw["lines"]["data"]
    now = [line for line in lines if _is_proration(line) or line["period"]["start"] < period_end]
    total, due = int(raw["total"]), int(raw["amount_due"])
    if len(now) < len(lines):
        total = sum(_billed(line) for line in now)
        due = max(total + int(raw.get("starting_balance") or 0), 0)
    read = [
        ChangeLine(text=line.get("description") or "", amount=int(line["amount"]), price=_price(line)) for line in now
    ]
    prorated = [int(line["period"]["start"]) for line in now if _is_proration(line)]
    at = datetime.fromtimestamp(max(prorated), UTC) if prorated else None
    return ChangePreview(lines=read, at=at, total=total, due=due, currency=str(raw["currency"]).upper())


def _billed(line: Raw) -> int:
    """What a line comes to: less its discounts, and with the taxes that are added to it."""
    discounts = sum(int(each["amount"]) for each in line.get("discount_amounts") or ())
    taxes = sum(int(each["amount"]) for each in line.get("taxes") or () if each.get("tax_behavior") != "inclusive")
    return int(line["amount"]) - discounts + taxes


def _is_proration(line: Raw) -> bool:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))


def _price(line: Raw) -> str:
    return _id(((line.get("pricing") or {}).get("price_details") or {}).get("price"))


def _id(found: object) -> str:
    if isinstance(found, Mapping):
        return str(found["id"])
    return str(found or "")
