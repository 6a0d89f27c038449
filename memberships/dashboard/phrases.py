"""What the pages of memberships say: prices in short, what became of a wish, and what went wrong at Stripe."""

from collections.abc import Sequence
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookwhen.payments.gateway import DeclinedError, GoneError, KeyRefusedError, QuietError, StripeError
from memberships.models import Price, Subscription, SubscriptionStatus
from memberships.phrases import price_text

NAMED: Final = 2
"""How many prices are named one by one."""


def prices_summary(prices: Sequence[Price], locale: str) -> str:
    """The first prices, and how many more there are; nothing where there is none."""
    named = [price_text(price, locale) for price in prices[:NAMED]]
    if more := len(prices) - len(named):
        named.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
    return ", ".join(named)


def stripe_error_text(error: StripeError) -> str:
    """Why Stripe did not do what an operator asked for, and what they can do."""
    if isinstance(error, QuietError):
        words = _("%(why)s Nothing has been changed.")
    elif isinstance(error, KeyRefusedError):
        words = _(
            "Stripe refused our key (%(why)s). Nothing has been changed. Check Settings → Payments, then try again."
        )
    elif isinstance(error, GoneError):
        words = _("We couldn’t find this subscription in your Stripe account (%(why)s), so nothing has been changed.")
    elif isinstance(error, DeclinedError):
        words = _("Stripe refused: %(why)s Nothing has been changed.")
    else:
        words = _(
            "Stripe didn’t respond (%(why)s). It’s safe to try again: nothing happens twice. If the change did "
            "go through, you’ll see it here once Stripe tells us."
        )
    return words % {"why": error}


def result_text(subscription: Subscription, *, stays: bool) -> str:
    """What a subscription is after somebody asked to cancel it; `stays`: something else keeps them in the group."""
    about: dict[str, object] = {"customer": subscription.customer, "membership": subscription.membership}
    if subscription.status == SubscriptionStatus.CANCELED:
        words = (
            _("“%(membership)s” has ended for %(customer)s. They’re still in the group for another reason.")
            if stays
            else _("“%(membership)s” has ended for %(customer)s, and they’re no longer in the group.")
        )
    elif subscription.ends_at:
        words = _("“%(membership)s” ends for %(customer)s on %(day)s. Nothing changes until then.")
        about |= {"day": _day(subscription)}
    else:
        words = _("“%(membership)s” continues for %(customer)s and renews as usual.")
    return words % about


def _day(subscription: Subscription) -> str:
    assert subscription.ends_at is not None  # noqa: S101 - asked only of what ends
    return date_format(subscription.ends_at.astimezone(subscription.account.zone), "j F Y, H:i")
