"""What the pages of memberships say: prices in short, what became of a wish, and what went wrong at Stripe."""

from collections.abc import Sequence
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookwhen.payments.gateway import DeclinedError, GoneError, KeyRefusedError, StripeError
from memberships.models import Price, Status, Subscription
from memberships.phrases import cost

NAMED: Final = 2
"""How many prices are named one by one."""


def in_short(prices: Sequence[Price], locale: str) -> str:
    """The first prices, and how many more there are; nothing where there is none."""
    named = [cost(price, locale) for price in prices[:NAMED]]
    if more := len(prices) - len(named):
        named.append(ngettext("%(count)d more", "%(count)d more", more) % {"count": more})
    return ", ".join(named)


def what_went_wrong(error: StripeError) -> str:
    """Why Stripe did not do what an operator asked for, and what they can do."""
    if isinstance(error, KeyRefusedError):
        words = _(
            "Stripe does not let us in (%(why)s). Nothing was changed. Check Settings → Payments, then try again."
        )
    elif isinstance(error, GoneError):
        words = _("The connected Stripe account does not know this subscription (%(why)s), so nothing was changed.")
    elif isinstance(error, DeclinedError):
        words = _("Stripe refused: %(why)s Nothing was changed.")
    else:
        words = _(
            "Stripe did not answer (%(why)s). You can try again: nothing happens twice. If it was done all the same,"
            " this page says so as soon as Stripe tells us."
        )
    return words % {"why": error}


def what_came(subscription: Subscription, *, stays: bool) -> str:
    """What a subscription is after somebody asked to cancel it; `stays`: something else keeps them in the group."""
    about: dict[str, object] = {"customer": subscription.customer, "membership": subscription.membership}
    if subscription.status == Status.CANCELED:
        words = (
            _("“%(membership)s” has ended for %(customer)s. They stay in the group: something else keeps them in.")
            if stays
            else _("“%(membership)s” has ended for %(customer)s, and they are no longer in the group.")
        )
    elif subscription.ends_at:
        words = _("“%(membership)s” ends for %(customer)s on %(day)s. Until then nothing changes.")
        about |= {"day": _day(subscription)}
    else:
        words = _("“%(membership)s” goes on for %(customer)s: it renews as before.")
    return words % about


def _day(subscription: Subscription) -> str:
    assert subscription.ends_at is not None  # noqa: S101 - asked only of what ends
    return date_format(subscription.ends_at.astimezone(subscription.account.zone), "j F Y, H:i")
