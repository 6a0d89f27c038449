"""What an account has at Stripe, listed page by page, as plain values: for taking over what began there.

Lists of a hundred, each subscription with its customer and its latest invoice, so that no call is made for one alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final

from bookwhen.payments.gateway import PAGE, Gateway
from bookwhen.payments.stripe_objects import NAME_LENGTH, Raw, SubscriptionReading, read_subscription
from bookwhen.text import machine_line

EXPANDED: Final = ["data.customer", "data.latest_invoice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPrice:
    """A price as it is listed. `amount` is in minor units, perhaps with a fraction, and None where it has tiers.

    `is_plain` says that what is billed is this amount times the quantity, in whole minor units.
    """

    id: str
    product: str
    nickname: str
    amount: Decimal | None
    is_plain: bool
    currency: str
    interval: str
    interval_count: int
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """One item of a subscription."""

    price: ListedPrice
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSubscription:
    """A subscription as it is listed; `read` reads it whole, and may raise for what we cannot read.

    `email` is as somebody typed it at Stripe, and empty where Stripe has none, or deleted the customer.
    """

    id: str
    status: str
    customer: str
    email: str
    name: str
    items: Sequence[ListedItem]
    metadata: Mapping[str, str]
    next_at: datetime | None
    ends_at: datetime | None
    is_paused: bool
    read: Callable[[], SubscriptionReading]


def subscriptions_page(gateway: Gateway, *, after: str) -> tuple[list[ListedSubscription], str]:
    """The next hundred subscriptions that were not cancelled, newest first, and the id to go on after (none: all).

    Raises StripeError.
    """
    asked: dict[str, Any] = {"expand": EXPANDED} | ({"starting_after": after} if after else {})
    found, has_more = gateway.list_page("subscriptions", asked)
    return [_listed_subscription(raw) for raw in found], str(found[-1]["id"]) if has_more else ""


def product_names(gateway: Gateway, products: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The names of these products (ids), as far as Stripe still has them. Raises StripeError."""
    for first in range(0, len(products), PAGE):
        found, _has_more = gateway.list_page("products", {"ids": list(products[first : first + PAGE])})
        for raw in found:
            yield str(raw["id"]), machine_line(raw.get("name") or "", NAME_LENGTH)


def recurring_prices(gateway: Gateway, product: str) -> Iterator[ListedPrice]:
    """Every recurring price of a product, archived ones too. Raises StripeError."""
    asked: dict[str, Any] = {"product": product, "type": "recurring"}
    while True:
        found, has_more = gateway.list_page("prices", asked)
        for raw in found:
            yield _listed_price(raw)
        if not has_more:
            return
        asked["starting_after"] = found[-1]["id"]


def _listed_subscription(raw: Raw) -> ListedSubscription:
    who = raw.get("customer")
    person = who if isinstance(who, Mapping) else {}
    items = (raw.get("items") or {}).get("data") or []
    return ListedSubscription(
        id=str(raw["id"]),
        status=str(raw.get("status") or ""),
        customer=str(person.get("id") or who or ""),
        email=machine_line(str(person.get("email") or ""), NAME_LENGTH * 2),
        name=machine_line(str(person.get("name") or ""), NAME_LENGTH),
        items=[
            ListedItem(price=_listed_price(item["price"]), quantity=int(item.get("quantity") or 1))
            for item in items
            if item.get("price")
        ],
        metadata={str(key): str(value) for key, value in (raw.get("metadata") or {}).items()},
        next_at=_instant(next((item.get("current_period_end") for item in items), None)),
        ends_at=_instant(raw.get("cancel_at")),
        is_paused=bool(raw.get("pause_collection")),
        read=partial(read_subscription, raw),
    )


def _listed_price(raw: Raw) -> ListedPrice:
    recurring, product = raw.get("recurring") or {}, raw.get("product")
    is_flat = raw.get("billing_scheme") != "tiered" and not raw.get("transform_quantity")
    is_licensed = recurring.get("usage_type") != "metered"
    whole = raw.get("unit_amount")
    return ListedPrice(
        id=str(raw["id"]),
        product=str(product["id"] if isinstance(product, Mapping) else product or ""),
        nickname=machine_line(raw.get("nickname") or "", NAME_LENGTH),
        amount=_decimal(raw) if is_flat and is_licensed else None,
        is_plain=is_flat and is_licensed and whole is not None,
        currency=str(raw.get("currency") or "").upper(),
        interval=str(recurring.get("interval") or ""),
        interval_count=int(recurring.get("interval_count") or 1),
        active=bool(raw.get("active")),
    )


def _decimal(raw: Raw) -> Decimal | None:
    told = raw.get("unit_amount_decimal")
    with suppress(InvalidOperation):
        return Decimal(str(told if told is not None else raw["unit_amount"]))
    return None


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
