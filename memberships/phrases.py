"""What a price costs, in words."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from bookwhen.money import money
from memberships.models import BillingInterval, Price

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
    return _("%(cost)s %(every)s") % {
        "cost": money(price.amount, price.currency, locale),
        "every": billing_period(price),
    }


def trial_text(days: int) -> str:
    """A trial: “7 days free”; nothing where there is none."""
    return ngettext("%(days)d day free", "%(days)d days free", days) % {"days": days} if days else ""
