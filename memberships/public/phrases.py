"""What a customer reads of a membership of theirs, and of Stripe when it does not answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from bookwhen.payments.gateway import StripeDownError, StripeError
from memberships.models import Status, Subscription
from memberships.queries import State, state_of

INVOICES: Final = {
    "draft": gettext_lazy("Being prepared"),
    "open": gettext_lazy("To be paid"),
    "paid": gettext_lazy("Paid"),
    "void": gettext_lazy("Void"),
    "uncollectible": gettext_lazy("Not paid"),
}
"""The states of an invoice, by Stripe's name for them."""


@dataclass(frozen=True, slots=True)
class Label:
    """A state in a few words; `tone` as `c-badge` has it."""

    words: str
    tone: str


def label(subscription: Subscription) -> Label:
    """Where a subscription (with its account) that has begun is, in warm words."""
    state, account = state_of(subscription), subscription.account
    if state is State.CANCELLED:
        return Label(_("Ended on %(day)s") % {"day": day(subscription.ended_at, account)}, "")
    if subscription.status == Status.PAUSED:
        return Label(_("Paused"), "warn")
    if state is State.UNPAID:
        return Label(_("Payment failed"), "bad")
    if state is State.UNRENEWED:
        return Label(_("Ends on %(day)s") % {"day": day(subscription.ends_at, account)}, "warn")
    if subscription.status == Status.TRIALING:
        return Label(_("On trial until %(day)s") % {"day": day(subscription.trial_end, account)}, "good")
    return Label(_("Active"), "good")


def day(instant: datetime | None, account: Account) -> str:
    """The local day of an aware instant; empty where there is none."""
    return date_format(instant.astimezone(account.zone), "j F Y") if instant else ""


def moment(instant: datetime | None, account: Account) -> str:
    """The local day and time of an aware instant; empty where there is none."""
    return date_format(instant.astimezone(account.zone), "l j F Y, H:i") if instant else ""


def trouble(error: StripeError, account: Account) -> str:
    """What to tell a customer when Stripe did not do what they asked for: whether it helps to try again."""
    if isinstance(error, StripeDownError):
        return _(
            "Stripe, which handles the payment, cannot be reached at the moment. Nothing was changed or charged."
        ) + (" " + _("Try again in a minute."))
    return _("Stripe does not allow this at the moment. Nothing was changed or charged. Write to %(name)s.") % {
        "name": account.name
    }
