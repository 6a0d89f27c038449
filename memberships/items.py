"""Which item of a subscription is ours: others (a locker, a towel) may stand beside it, in any order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Account
from bookwhen.payments.stripe_objects import SubscriptionReading
from bookwhen.payments.stripe_prices import ItemReading, PriceReading
from memberships.models import LeftOut, Membership, Subscription


@dataclass(frozen=True, slots=True)
class KnownHere:
    """What is known here of some subscriptions at Stripe, read at once."""

    sold: Mapping[str, tuple[str, str]]
    """By subscription the price that it was sold at, and its membership's product (ids at Stripe)."""
    prices: Collection[str]
    """The prices among theirs that are ours."""
    products: Collection[str]
    left_out: Collection[str]
    """The subscriptions that an import left out."""

    def sells(self, price: PriceReading) -> bool:
        """Whether a price at Stripe is one of a membership of ours."""
        return price.id in self.prices or price.product in self.products


def read_known(account: Account, readings: Collection[SubscriptionReading]) -> KnownHere:
    """What is known here of subscriptions at Stripe; in four statements, however many they are."""
    ids = [each.id for each in readings]
    rows = Subscription.objects.filter(account=account, stripe_id__in=ids).values_list(
        "stripe_id", "price__stripe_id", "membership__product"
    )
    theirs = [*(each.price for each in readings), *(item.price for each in readings for item in each.items)]
    prices, products = ({getattr(price, name) for price in theirs} - {""} for name in ("id", "product"))
    found = Membership.objects.filter(account=account)
    known = found.filter(prices__stripe_id__in=prices).values_list("prices__stripe_id", flat=True)
    return KnownHere(
        sold={stripe_id: (price, product) for stripe_id, price, product in rows},
        prices=prices & set(known),
        products=products & set(found.filter(product__in=products).values_list("product", flat=True)),
        left_out=set(LeftOut.objects.filter(account=account, stripe_id__in=ids).values_list("stripe_id", flat=True)),
    )


def choose_item(account: Account, reading: SubscriptionReading, known: KnownHere | None = None) -> SubscriptionReading:
    """A subscription seen by the item that is ours: what it was sold by before, else any of a membership of ours.

    As it was read where none is ours, or there is only one. `known` was read for many at once.
    """
    if len(reading.items) == 1:
        return reading
    known = known or read_known(account, [reading])
    price, product = known.sold.get(reading.id, ("", ""))
    for prices, products in (({price}, set()), (set(), {product}), (set(known.prices), set(known.products))):
        if (found := _first(reading.items, prices - {""}, products - {""})) is not None:
            return reading.of_item(found)
    return reading


def membership_of(account: Account, price: PriceReading) -> Membership | None:
    """The membership that a price at Stripe is a price of, if it is one of ours."""
    known = Q(prices__stripe_id=price.id) | (Q(product=price.product) & ~Q(product=""))
    return Membership.objects.filter(known, account=account).distinct().first()


def _first(items: Sequence[ItemReading], prices: Collection[str], products: Collection[str]) -> ItemReading | None:
    return next((each for each in items if each.price.id in prices or each.price.product in products), None)
