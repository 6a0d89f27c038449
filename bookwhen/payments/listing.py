"""What an account has at Stripe, listed page by page, as plain values: for taking over what began there.

Lists of a hundred, each subscription with its customer and its latest invoice, so that no call is made for one alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from bookwhen.payments.gateway import Gateway
from bookwhen.payments.stripe_objects import NAME_LENGTH, SubscriptionReading, read_subscription
from bookwhen.payments.stripe_values import (
    Raw,
    read_count,
    read_currency,
    read_decimal,
    read_id,
    read_instant,
    read_integer,
    read_line,
    read_metadata,
    read_object,
    read_objects,
    read_word,
)
from bookwhen.payments.transport import PAGE

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


def customers_to_be_billed_more(gateway: Gateway) -> Iterator[str]:
    """Whose (ids) next bill has more on it than their subscriptions say: items that wait for it. Raises StripeError."""
    for raw in gateway.ask_all("invoice_items.list", {"pending": True}):
        yield read_id(raw.get("customer"))


def product_names(gateway: Gateway, products: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The names of these products (ids), as far as Stripe still has them. Raises StripeError."""
    for first in range(0, len(products), PAGE):
        found, _has_more = gateway.list_page("products", {"ids": list(products[first : first + PAGE])})
        for raw in found:
            yield read_id(raw), read_line(raw.get("name"), NAME_LENGTH)


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
    person, items = read_object(raw.get("customer")), read_objects(raw.get("items"))
    return ListedSubscription(
        id=read_id(raw),
        status=read_word(raw.get("status")),
        customer=read_id(raw.get("customer")),
        email=read_line(person.get("email"), NAME_LENGTH * 2),
        name=read_line(person.get("name"), NAME_LENGTH),
        items=[
            ListedItem(price=_listed_price(price), quantity=read_count(item.get("quantity")) or 1)
            for item in items
            if (price := read_object(item.get("price")))
        ],
        metadata=read_metadata(raw.get("metadata")),
        next_at=read_instant(next((item.get("current_period_end") for item in items), None)),
        ends_at=read_instant(raw.get("cancel_at")),
        is_paused=bool(raw.get("pause_collection")),
        read=partial(read_subscription, raw),
    )


def _listed_price(raw: Raw) -> ListedPrice:
    recurring, product = read_object(raw.get("recurring")), raw.get("product")
    is_flat = raw.get("billing_scheme") != "tiered" and not raw.get("transform_quantity")
    is_licensed = recurring.get("usage_type") != "metered"
    whole = read_integer(raw.get("unit_amount"))
    part = read_decimal(raw.get("unit_amount_decimal"))
    told = Decimal(whole) if part is None and whole is not None else part
    return ListedPrice(
        id=read_id(raw),
        product=read_id(product),
        nickname=read_line(raw.get("nickname"), NAME_LENGTH),
        amount=told if is_flat and is_licensed else None,
        is_plain=is_flat and is_licensed and whole is not None,
        currency=read_currency(raw.get("currency")),
        interval=read_word(recurring.get("interval")),
        interval_count=read_count(recurring.get("interval_count")) or 1,
        active=raw.get("active") is True,
    )
