"""What Stripe bills for a subscription's items in one period, as far as their prices say it themselves.

An amount is either right or left to Stripe: tiers, usage, fractions of a cent and other currencies are reckoned there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bookwhen.payments.billing import Cycle
from bookwhen.payments.stripe_values import (
    INTEGERS,
    Raw,
    read_count,
    read_currency,
    read_decimal,
    read_id,
    read_instant,
    read_integer,
    read_object,
    read_objects,
    require_id,
)

INTERVALS: Final = frozenset({"day", "week", "month", "year"})
MOST_INTERVALS: Final = 1095
"""Three years of days: the longest billing period that Stripe allows."""


class CostBasis(StrEnum):
    """What the amount of a billing period is worth: what Stripe will bill, or where to look."""

    EXACT = "exact"
    TAXED = "taxed"
    """Taxes are added to it."""
    REDUCED = "reduced"
    """A discount is taken off, so that Stripe says what remains."""
    STRIPE = "stripe"
    """Only Stripe can say: tiers, usage, fractions of a cent, another currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceReading:
    """A price, and the product that it is a price of; `interval` day, week, month, year, or nothing for one-off.

    `amount` is what one costs, in minor units; None where it has tiers or fractions of a minor unit.
    """

    id: str
    product: str
    amount: int | None
    currency: str
    interval: str
    interval_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReading:
    """One item of a subscription, with its billing period and what that is counted from.

    `amount` is what all of it costs a period, before discounts and taxes; None where only Stripe can say.
    """

    id: str
    price: PriceReading
    quantity: int
    amount: int | None
    is_reduced: bool
    is_taxed: bool
    period_start: datetime
    period_end: datetime
    billing_anchor: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReading:
    """What a billing period of a subscription costs; `amount` None where only Stripe can say."""

    amount: int | None
    currency: str
    basis: CostBasis


def read_price(raw: Raw) -> PriceReading:
    """Read a price. Raises UnreadableError."""
    recurring = read_object(raw.get("recurring"))
    count = read_count(recurring.get("interval_count"))
    interval = recurring.get("interval")
    known = isinstance(interval, str) and interval in INTERVALS and 1 <= count <= MOST_INTERVALS
    return PriceReading(
        id=require_id(raw),
        product=read_id(raw.get("product")),
        amount=_whole(_unit_amount(raw)),
        currency=read_currency(raw.get("currency")),
        interval=str(interval) if known else "",
        interval_count=count if known else 1,
    )


def read_items(raw: Raw) -> list[ItemReading]:
    """The items of a subscription that can be read."""
    return [item for each in read_objects(raw.get("items")) if (item := _read_item(raw, each)) is not None]


def read_cost(raw: Raw, items: Sequence[ItemReading]) -> CostReading:
    """What all items of a subscription cost a period, together with what is on the subscription itself."""
    listed = read_object(raw.get("items"))
    whole = len(items) == len(read_objects(listed)) and not listed.get("has_more")
    cycles = {(each.price.interval, each.price.interval_count) for each in items}
    amounts = [each.amount for each in items if each.amount is not None]
    total = read_integer(sum(amounts))
    currency = read_currency(raw.get("currency")) or items[0].price.currency
    is_known = whole and len(cycles) == 1 and len(amounts) == len(items) and total is not None
    if any(each.is_reduced for each in items) or _has_discount(raw):
        basis = CostBasis.REDUCED
    elif not is_known or not currency or any(each.price.currency != currency for each in items):
        basis = CostBasis.STRIPE
    else:
        basis = CostBasis.TAXED if any(each.is_taxed for each in items) else CostBasis.EXACT
    is_said = basis in {CostBasis.EXACT, CostBasis.TAXED}
    return CostReading(amount=total if is_said else None, currency=currency, basis=basis)


def _read_item(subscription: Raw, raw: Raw) -> ItemReading | None:
    price = read_object(raw.get("price"))
    start, end = (_period(subscription, raw, f"current_period_{edge}") for edge in ("start", "end"))
    if not read_id(price) or start is None or end is None:
        return None
    read = read_price(price)
    # Usage has no quantity: Stripe counts it at the end of the period.
    quantity = read_integer(raw.get("quantity"))
    quantity = None if quantity is None or quantity < 0 else quantity
    return ItemReading(
        id=read_id(raw.get("id")),
        price=read,
        quantity=1 if quantity is None else quantity,
        amount=_item_amount(price, quantity),
        is_reduced=bool(raw.get("discounts")),
        is_taxed=_is_taxed(subscription, raw, price),
        period_start=start,
        period_end=end,
        billing_anchor=_billing_anchor(subscription, read, start, end),
    )


def _period(subscription: Raw, item: Raw, name: str) -> datetime | None:
    """An edge of the billing period: of the item, or as it was told before, of the subscription."""
    return read_instant(item.get(name)) or read_instant(subscription.get(name))


def _billing_anchor(subscription: Raw, price: PriceReading, start: datetime, end: datetime) -> datetime:
    told = read_instant(subscription.get("billing_cycle_anchor"))
    if told is None or subscription.get("status") == "trialing":
        return told or end
    asked = read_integer(read_object(subscription.get("billing_cycle_anchor_config")).get("day_of_month"))
    cycle = Cycle(
        interval=price.interval,
        interval_count=price.interval_count,
        period_start=start,
        period_end=end,
        day_of_month=asked,
    )
    return cycle.anchor(told)


def _unit_amount(price: Raw) -> Decimal | None:
    """What one costs, in minor units and perhaps fractions of them; None where it depends on more."""
    usage = read_object(price.get("recurring")).get("usage_type") or "licensed"
    per_unit = (price.get("billing_scheme") or "per_unit") == "per_unit" and not price.get("transform_quantity")
    if not per_unit or usage != "licensed" or price.get("custom_unit_amount"):
        return None
    whole = read_integer(price.get("unit_amount"))
    found = Decimal(whole) if whole is not None else read_decimal(price.get("unit_amount_decimal"))
    return None if found is None or found < 0 else found


def _item_amount(price: Raw, quantity: int | None) -> int | None:
    unit = _unit_amount(price)
    return None if unit is None or quantity is None else _whole(unit * quantity)


def _whole(amount: Decimal | None) -> int | None:
    """An amount that is whole and fits; Stripe rounds any other in its own way."""
    if amount is None or abs(amount) > INTEGERS.stop or amount != amount.to_integral_value():
        return None
    return read_integer(int(amount))


def _has_discount(subscription: Raw) -> bool:
    """Whether a discount is on the subscription, or on its customer, which counts where it has none of its own."""
    of_customer = read_object(subscription.get("customer")).get("discount")
    return bool(subscription.get("discounts") or subscription.get("discount") or of_customer)


def _is_taxed(subscription: Raw, item: Raw, price: Raw) -> bool:
    """Whether taxes are added to what an item costs; those that are included in it change no amount."""
    automatic = read_object(subscription.get("automatic_tax")).get("enabled") is True
    rates = item.get("tax_rates") or subscription.get("default_tax_rates") or []
    is_added = not isinstance(rates, list | tuple) or any(
        read_object(rate).get("inclusive") is not True for rate in rates
    )
    return is_added or (automatic and price.get("tax_behavior") != "inclusive")
