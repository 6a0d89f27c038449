"""Reading what began at Stripe into rows, a hundred at a time; nothing is decided here."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from accounts.imports.sources import Cursor, ReadBatch
from accounts.models import ListImport, ListImportRow
from bookwhen.payments.listing import ListedItem, ListedPrice, ListedSubscription, product_names, subscriptions_page
from memberships.marks import ENDPOINT
from memberships.models import LIVE, BillingInterval
from memberships.sync import gateway_of

NAMING: Final = "products"
"""The cursor's word for the last step: asking what the products are called."""
A_MONTH: Final = {
    BillingInterval.DAY: Fraction(365, 12),
    BillingInterval.WEEK: Fraction(52, 12),
    BillingInterval.MONTH: Fraction(1),
    BillingInterval.YEAR: Fraction(1, 12),
}
"""How many of each a month counts as: a year has 12 months, 52 weeks and 365 days."""
BATCH: Final = 1000
PLACES: Final = Decimal("0.0001")


def read(list_import: ListImport, cursor: Cursor, now: datetime) -> ReadBatch:
    """Read the next hundred subscriptions; after the last, what their products are called. Raises StripeError."""
    del now
    gateway = gateway_of(list_import.account)
    if NAMING in cursor:
        prices = prices_found(list_import)
        names = dict(product_names(gateway, sorted({each["product"] for each in prices})))
        list_import.found = {"products": names, "prices": prices}
        list_import.save(update_fields=["found"])
        return ReadBatch((), None)
    found, after = subscriptions_page(gateway, after=cursor.get("after", ""))
    return ReadBatch([row_of(each) for each in found], {"after": after} if after else {NAMING: True})


def row_of(listed: ListedSubscription) -> ListImportRow:
    """A subscription as a row."""
    first = listed.items[0] if listed.items else None
    return ListImportRow(
        key=listed.id,
        raw={
            "customer": listed.customer,
            "email": listed.email,
            "name": listed.name,
            "status": listed.status,
            "items": [_item(each) for each in listed.items],
            "marked": listed.metadata.get(ENDPOINT, ""),
            "ends_at": listed.ends_at.isoformat() if listed.ends_at else "",
            "paused": listed.is_paused,
        },
        what=first.price.id if first else "",
        monthly=monthly_total(listed.items) if listed.status in LIVE else None,
        currency=first.price.currency if first else "",
        next_at=listed.next_at,
    )


def prices_found(list_import: ListImport) -> list[dict[str, Any]]:
    """Every price that a live subscription is at, as it came, with how many are and what they bring in a month."""
    found: dict[str, dict[str, Any]] = {}
    live = list_import.rows.filter(raw__status__in=[status.value for status in LIVE]).order_by("number")
    for items in live.values_list("raw__items", flat=True).iterator(BATCH):
        for item in items:
            line = found.setdefault(item["price"], item | {"subscribers": 0, "monthly": "0"})
            line["subscribers"] += 1
            amount = item["monthly"]
            line["monthly"] = str(Decimal(line["monthly"]) + Decimal(amount)) if amount and line["monthly"] else ""
    return sorted(found.values(), key=lambda line: (line["product"], -line["subscribers"], line["price"]))


def monthly_total(items: Iterable[ListedItem]) -> Decimal | None:
    """What items bring in a month, in minor units; None where the amount of one is not plain, or has no period."""
    amounts = [monthly(each.price, each.quantity) for each in items]
    if not amounts or None in amounts:
        return None
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def monthly(price: ListedPrice, quantity: int) -> Decimal | None:
    """What a price brings in a month, in minor units: before discounts and tax."""
    if price.amount is None or price.interval not in BillingInterval.values:
        return None
    whole = Fraction(price.amount) * quantity * A_MONTH[BillingInterval(price.interval)] / price.interval_count
    return (Decimal(whole.numerator) / Decimal(whole.denominator)).quantize(PLACES)


def _item(item: ListedItem) -> dict[str, Any]:
    price = item.price
    return {
        "price": price.id,
        "product": price.product,
        "nickname": price.nickname,
        "amount": str(price.amount) if price.amount is not None else "",
        "plain": price.is_plain,
        "currency": price.currency,
        "interval": price.interval,
        "count": price.interval_count,
        "quantity": item.quantity,
        "monthly": str(amount) if (amount := monthly(price, item.quantity)) is not None else "",
    }
