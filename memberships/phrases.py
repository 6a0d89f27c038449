"""What a price costs, in words."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from bookwhen.money import money
from memberships.models import Interval, Price

_EVERY: Final = {
    Interval.DAY: ngettext_lazy("every day", "every %(count)d days", "count"),
    Interval.WEEK: ngettext_lazy("every week", "every %(count)d weeks", "count"),
    Interval.MONTH: ngettext_lazy("every month", "every %(count)d months", "count"),
    Interval.YEAR: ngettext_lazy("every year", "every %(count)d years", "count"),
}


def every(price: Price) -> str:
    """A price's billing period: “every month”, “every 2 weeks”."""
    return str(_EVERY[Interval(price.interval)] % {"count": price.interval_count})


def cost(price: Price, locale: str) -> str:
    """What a price costs and how often: “£40.00 every month”."""
    return _("%(cost)s %(every)s") % {"cost": money(price.amount, price.currency, locale), "every": every(price)}


def trial(days: int) -> str:
    """A trial: “7 days free”; nothing where there is none."""
    return ngettext("%(days)d day free", "%(days)d days free", days) % {"days": days} if days else ""
