"""What a price or a subscription costs, in words: the amount that Stripe bills, or where to look."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from bookwhen.money import money
from bookwhen.payments.stripe_prices import CostBasis
from memberships.models import BillingInterval, Price, Subscription

_EVERY: Final = {
    BillingInterval.DAY: ngettext_lazy("every day", "every %(count)d days", "count"),
    BillingInterval.WEEK: ngettext_lazy("every week", "every %(count)d weeks", "count"),
    BillingInterval.MONTH: ngettext_lazy("every month", "every %(count)d months", "count"),
    BillingInterval.YEAR: ngettext_lazy("every year", "every %(count)d years", "count"),
}


def billing_period(price: Price) -> str:
    """A price's billing period: “every month”, “every 2 weeks”."""
    return billing_period_text(price.interval, price.interval_count)


def billing_period_text(interval: str, count: int) -> str:
    """A billing period of so many intervals: “every month”, “every 2 weeks”."""
    return str(_EVERY[BillingInterval(interval)] % {"count": count})


def price_text(price: Price, locale: str) -> str:
    """What a price costs and how often: “£40.00 every month”."""
    if not price.amount_known:
        return _at_stripe(price)
    return _cost_text(money(price.amount, price.currency, locale), price)


def subscription_cost(subscription: Subscription, locale: str) -> str:
    """What a subscription (with its price) costs, as Stripe bills it: “£120.00 every month” for three at £40.00.

    Until it was looked at by a release that keeps this, it is what its price costs.
    """
    price, amount = subscription.price, subscription.period_amount
    if not subscription.cost_basis:
        return price_text(price, locale)
    if subscription.cost_basis == CostBasis.REDUCED:
        return _("Reduced price, billed %(every)s") % {"every": billing_period(price)}
    if amount is None:
        return _at_stripe(price)
    cost = money(amount, subscription.currency, locale)
    if subscription.cost_basis == CostBasis.TAXED:
        return _("%(cost)s plus tax %(every)s") % {"cost": cost, "every": billing_period(price)}
    return _cost_text(cost, price)


def cost_after_change(subscription: Subscription, price: Price, locale: str) -> str:
    """What a subscription (with its price) will cost at another price: its quantity, and what stands beside it, stay.

    Where only Stripe can say what stands beside it, or a discount takes off, this says so.
    """
    basis, quantity = subscription.cost_basis, subscription.quantity
    cost, every = price.amount * quantity, billing_period(price)
    if not basis or not price.amount_known:
        return price_text(price, locale)
    if basis == CostBasis.REDUCED:
        return _("%(cost)s %(every)s before discounts") % {"cost": money(cost, price.currency, locale), "every": every}
    if subscription.period_amount is None:
        return _at_stripe(price)
    if beside := subscription.period_amount - subscription.price.amount * quantity:
        if billing_period(subscription.price) != every:
            return _at_stripe(price)
        cost += beside
    text = money(cost, price.currency, locale)
    if basis == CostBasis.TAXED:
        return _("%(cost)s plus tax %(every)s") % {"cost": text, "every": every}
    return _cost_text(text, price)


def next_amount_text(subscription: Subscription, locale: str) -> str:
    """What Stripe bills next: “£30.00”; nothing where only Stripe knows."""
    if subscription.next_amount is not None:
        return money(subscription.next_amount, subscription.currency, locale)
    price = subscription.price
    was_looked_at = subscription.cost_basis or not price.amount_known
    return "" if was_looked_at else money(price.amount, price.currency, locale)


def _cost_text(cost: str, price: Price) -> str:
    return _("%(cost)s %(every)s") % {"cost": cost, "every": billing_period(price)}


def _at_stripe(price: Price) -> str:
    return _("See Stripe for the price (billed %(every)s)") % {"every": billing_period(price)}


def trial_text(days: int) -> str:
    """A trial: “7 days free”; nothing where there is none."""
    return ngettext("%(days)d day free", "%(days)d days free", days) % {"days": days} if days else ""
