"""What an import would come to, in numbers: by product, by reason, by membership, and in money a month."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import BooleanField, Case, Count, Max, Min, Q, Sum, When

from accounts.models import ListImport, Verdict
from accounts.models.imports import WANTED
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


def summarise(list_import: ListImport) -> "Summary":
    """What the rows of an import come to. One statement, which reads each row once."""
    by = ("verdict", "why", "target", "currency", "chosen", "is_wanted")
    is_wanted = Case(When(WANTED, then=True), default=False, output_field=BooleanField())
    unknown = Count("pk", filter=Q(monthly__isnull=True))
    found = list_import.rows.order_by().annotate(is_wanted=is_wanted).values(*by)
    found = found.annotate(
        count=Count("pk"), a_month=Sum("monthly"), unknown=unknown, first=Min("next_at"), last=Max("next_at")
    )
    return Summary([Alike(**each) for each in found])


@dataclass(frozen=True, slots=True)
class Alike:
    """Rows that are judged alike: how many, what they bring in a month and of how many nobody knows, when next paid."""

    verdict: str
    why: str
    target: str
    currency: str
    chosen: bool | None
    is_wanted: bool
    count: int
    a_month: Decimal | None
    unknown: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What the rows of an import come to."""

    alike: Sequence[Alike]

    @property
    def wanted(self) -> list[Alike]:
        """Those that are taken in."""
        return [each for each in self.alike if each.is_wanted]

    def reason_counts(self) -> list[ReasonCount]:
        """How many rows there are of each verdict and reason, in the order of the reasons."""
        found, wanted = Counter[tuple[str, str]](), Counter[str]()
        for each in self.alike:
            if each.verdict:
                found[each.verdict, each.why] += each.count
            if each.is_wanted:
                wanted[each.why] += each.count
        counts = [ReasonCount(verdict, ImportReason(why), n, wanted[why]) for (verdict, why), n in found.items()]
        return sorted(counts, key=lambda each: list(ImportReason).index(each.reason))

    def monthly_sums(self) -> list[MonthlySum]:
        """What comes in a month, by currency."""
        wanted, at_stripe = _sums(self.wanted), _sums(self.alike)
        unknown = Counter[str]()
        for each in self.alike:
            if each.unknown and each.why not in {ImportReason.NOT_LIVE, ImportReason.UNREADABLE}:
                unknown[each.currency] += each.unknown
        return [
            MonthlySum(currency, wanted.get(currency, 0), at_stripe.get(currency, 0), unknown[currency])
            for currency in sorted({*at_stripe, *unknown} - {""})
        ]

    def next_payments(self) -> tuple[datetime | None, datetime | None]:
        """When the first and the last of what is wanted is next paid for."""
        return (
            min((each.first for each in self.wanted if each.first), default=None),
            max((each.last for each in self.wanted if each.last), default=None),
        )

    def wanted_by_target(self) -> list[tuple[str, int]]:
        """How many would go to each membership, by its target's key."""
        found = Counter[str]()
        for each in self.wanted:
            found[each.target] += each.count
        return sorted(found.items(), key=lambda each: (-each[1], each[0]))

    def to_check(self) -> int:
        """How many rows wait for the operator to look at them."""
        return sum(each.count for each in self.alike if each.verdict == Verdict.DOUBTFUL and each.chosen is None)


def _sums(alike: Iterable[Alike]) -> dict[str, int]:
    found = defaultdict[str, Decimal](Decimal)
    for each in alike:
        if each.a_month is not None:
            found[each.currency] += each.a_month
    return {currency: _rounded(total) for currency, total in found.items()}


def whole(amount: str) -> int | None:
    """An amount as it is kept in `found`, in whole minor units; None where nobody knows it."""
    return _rounded(Decimal(amount)) if amount else None


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
