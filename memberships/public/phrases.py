"""What a customer reads of a membership of theirs, and of Stripe when it does not answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from bookwhen.payments.gateway import StripeDownError, StripeError
from memberships.models import Subscription, SubscriptionStatus
from memberships.queries import SubscriptionState, state_of

INVOICES: Final = {
    "draft": gettext_lazy("Being prepared"),
    "open": gettext_lazy("To be paid"),
    "paid": gettext_lazy("Paid"),
    "void": gettext_lazy("Cancelled"),
    "uncollectible": gettext_lazy("Not paid"),
}
"""The states of an invoice, by Stripe's name for them."""


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """A state in a few words; `tone` as `c-badge` has it."""

    words: str
    tone: str


def status_label(subscription: Subscription) -> StatusLabel:
    """Where a subscription (with its account) that has begun is, in warm words."""
    state, account = state_of(subscription), subscription.account
    if state is SubscriptionState.CANCELLED:
        return StatusLabel(_("Ended on %(day)s") % {"day": format_day(subscription.ended_at, account)}, "")
    if subscription.status == SubscriptionStatus.PAUSED:
        return StatusLabel(_("Paused"), "warn")
    if state is SubscriptionState.UNPAID:
        return StatusLabel(_("Payment failed"), "bad")
    if state is SubscriptionState.UNRENEWED:
        return StatusLabel(_("Ends on %(day)s") % {"day": format_day(subscription.ends_at, account)}, "warn")
    if subscription.status == SubscriptionStatus.TRIALING:
        return StatusLabel(_("On trial until %(day)s") % {"day": format_day(subscription.trial_end, account)}, "good")
    return StatusLabel(_("Active"), "good")


def format_day(instant: datetime | None, account: Account) -> str:
    """The local day of an aware instant; empty where there is none."""
    return date_format(instant.astimezone(account.zone), "j F Y") if instant else ""


def format_moment(instant: datetime | None, account: Account) -> str:
    """The local day and time of an aware instant; empty where there is none."""
    return date_format(instant.astimezone(account.zone), "l j F Y, H:i") if instant else ""


def stripe_error_text(error: StripeError, account: Account) -> str:
    """What to tell a customer when Stripe did not do what they asked for: whether it helps to try again."""
    if isinstance(error, StripeDownError):
        return _(
            "We can’t reach Stripe, which handles payments, at the moment. Nothing has been changed or charged."
        ) + (" " + _("Try again in a minute."))
    return _("Stripe doesn’t allow this at the moment. Nothing has been changed or charged. Contact %(name)s.") % {
        "name": account.name
    }
