"""What an import would come to, in numbers: by product, by reason, by membership, and in money a month."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Max, Min, Sum

from accounts.models import ListImport, Verdict
from memberships.importing.verdicts import ImportReason
from memberships.models import Price


@dataclass(frozen=True, slots=True)
class FoundPrice:
    """A price at Stripe that somebody pays; `monthly` in minor units, None where Stripe alone can say."""

    id: str
    item: Mapping[str, Any]
    subscribers: int
    monthly: int | None
    membership: int | None
    """Ours that it belongs to already (id)."""

    @property
    def monthly_sum(self) -> dict[str, int | None]:
        """What it brings in a month, by its currency."""
        return {str(self.item["currency"]): self.monthly}


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product at Stripe with the prices that somebody pays."""

    id: str
    name: str
    prices: list[FoundPrice]

    @property
    def subscribers(self) -> int:
        """How many pay any of them."""
        return sum(price.subscribers for price in self.prices)

    @property
    def monthly(self) -> dict[str, int | None]:
        """What they bring in a month, by currency, in minor units; None where one is only known to Stripe."""
        found: dict[str, int | None] = {}
        for price in self.prices:
            for currency, amount in price.monthly_sum.items():
                before = found.get(currency, 0)
                found[currency] = None if before is None or amount is None else before + amount
        return found


@dataclass(frozen=True, slots=True)
class MonthlySum:
    """What comes in a month in one currency, in minor units: by what is imported, and by all that is live at Stripe.

    `unknown`: how many more there are at Stripe whose amount only Stripe can say.
    """

    currency: str
    imported: int
    at_stripe: int
    unknown: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows are so for one reason, and how many of them are wanted."""

    verdict: str
    reason: ImportReason
    count: int
    wanted: int


def products_found(list_import: ListImport) -> list[FoundProduct]:
    """What somebody pays for at Stripe, the products with most subscribers first."""
    names, lines = list_import.found.get("products", {}), list_import.found.get("prices", [])
    known = Price.objects.filter(account=list_import.account, stripe_id__in=[line["price"] for line in lines])
    attached = dict(known.values_list("stripe_id", "membership"))
    products: dict[str, FoundProduct] = {}
    for line in lines:
        product = products.setdefault(
            line["product"], FoundProduct(line["product"], names.get(line["product"]) or line["product"], [])
        )
        product.prices.append(
            FoundPrice(line["price"], line, line["subscribers"], whole(line["monthly"]), attached.get(line["price"]))
        )
    return sorted(products.values(), key=lambda product: (-product.subscribers, product.name))


def reason_counts(list_import: ListImport) -> list[ReasonCount]:
    """How many rows there are of each verdict and reason, in the order of the reasons."""
    wanted = dict(list_import.rows.wanted().order_by().values_list("why").annotate(Count("pk")))
    found = list_import.rows.exclude(verdict="").order_by().values_list("verdict", "why").annotate(Count("pk"))
    counts = [ReasonCount(verdict, ImportReason(why), count, wanted.get(why, 0)) for verdict, why, count in found]
    return sorted(counts, key=lambda each: list(ImportReason).index(each.reason))


def monthly_sums(list_import: ListImport) -> list[MonthlySum]:
    """What comes in a month, by currency."""
    wanted = _sums(list_import, only_wanted=True)
    unknown: dict[str, int] = defaultdict(int)
    live = list_import.rows.exclude(why__in=[ImportReason.NOT_LIVE, ImportReason.UNREADABLE]).filter(monthly=None)
    unknown |= dict(live.order_by().values_list("currency").annotate(Count("pk")))
    at_stripe = _sums(list_import, only_wanted=False)
    return [
        MonthlySum(currency, wanted.get(currency, 0), at_stripe.get(currency, 0), unknown.get(currency, 0))
        for currency in sorted({*at_stripe, *unknown} - {""})
    ]


def _sums(list_import: ListImport, *, only_wanted: bool) -> dict[str, int]:
    rows = list_import.rows.wanted() if only_wanted else list_import.rows.all()
    found = rows.exclude(monthly=None).order_by().values_list("currency").annotate(Sum("monthly"))
    return {currency: _rounded(total) for currency, total in found}


def next_payments(list_import: ListImport) -> tuple[datetime | None, datetime | None]:
    """When the first and the last of what is wanted is next paid for."""
    found = list_import.rows.wanted().aggregate(first=Min("next_at"), last=Max("next_at"))
    return found["first"], found["last"]


def wanted_by_target(list_import: ListImport) -> list[tuple[str, int]]:
    """How many would go to each membership, by its target's key."""
    found = list_import.rows.wanted().order_by().values_list("target").annotate(Count("pk"))
    return sorted(found, key=lambda each: (-each[1], each[0]))


def to_check(list_import: ListImport) -> int:
    """How many rows wait for the operator to look at them."""
    return list_import.rows.filter(verdict=Verdict.DOUBTFUL, chosen=None).count()


def whole(amount: str) -> int | None:
    """An amount as it is kept in `found`, in whole minor units; None where nobody knows it."""
    return _rounded(Decimal(amount)) if amount else None


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
