"""Which item of a subscription is ours: others (a locker, a towel) may stand beside it, in any order."""

from collections.abc import Collection, Sequence

from django.db.models import Q

from accounts.models import Account
from bookwhen.payments.stripe_objects import SubscriptionReading
from bookwhen.payments.stripe_prices import ItemReading, PriceReading
from memberships.models import Membership, Subscription


def choose_item(account: Account, reading: SubscriptionReading) -> SubscriptionReading:
    """A subscription seen by the item that is ours: what it was sold by before, else any of a membership of ours.

    As it was read where none is ours, or there is only one.
    """
    if len(reading.items) == 1:
        return reading
    ours = Subscription.objects.filter(account=account, stripe_id=reading.id).values_list(
        "price__stripe_id", "membership__product"
    )
    price, product = ours.first() or ("", "")
    known = _ours(account, reading.items)
    for prices, products in (({price}, set()), (set(), {product}), known):
        if (found := _first(reading.items, prices - {""}, products - {""})) is not None:
            return reading.of_item(found)
    return reading


def membership_of(account: Account, price: PriceReading) -> Membership | None:
    """The membership that a price at Stripe is a price of, if it is one of ours."""
    known = Q(prices__stripe_id=price.id) | (Q(product=price.product) & ~Q(product=""))
    return Membership.objects.filter(known, account=account).distinct().first()


def _ours(account: Account, items: Sequence[ItemReading]) -> tuple[set[str], set[str]]:
    """The prices and the products among those of some items that we know."""
    prices, products = ({getattr(each.price, name) for each in items} for name in ("id", "product"))
    found = Membership.objects.filter(account=account)
    known = found.filter(prices__stripe_id__in=prices).values_list("prices__stripe_id", flat=True)
    return prices & set(known), products & set(found.filter(product__in=products).values_list("product", flat=True))


def _first(items: Sequence[ItemReading], prices: Collection[str], products: Collection[str]) -> ItemReading | None:
    return next((each for each in items if each.price.id in prices or each.price.product in products), None)
