"""What a customer reads of a membership of theirs."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.public.phrases import format_day
from bookwhen.payments.stripe_objects import Settlement
from memberships.models import Invoice, Subscription, SubscriptionState, SubscriptionStatus
from memberships.pauses import is_waiting
from memberships.queries import state_of

INVOICES: Final = {
    "draft": gettext_lazy("Being prepared"),
    "open": gettext_lazy("To be paid"),
    "paid": gettext_lazy("Paid"),
    "void": gettext_lazy("Cancelled"),
    "uncollectible": gettext_lazy("Not paid"),
}
"""The states of an invoice, by Stripe's name for them."""
SETTLED: Final = {
    Settlement.OUTSIDE: gettext_lazy("Marked as paid"),
    Settlement.CREDIT: gettext_lazy("Paid from your credit"),
    Settlement.FREE: gettext_lazy("Nothing to pay"),
    Settlement.WAIVED: gettext_lazy("Cancelled"),
}
"""How an invoice came to be paid where no money came through Stripe."""


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """A state in a few words; `tone` as `c-badge` has it."""

    words: str
    tone: str


def invoice_status(invoice: Invoice) -> str:
    """Where an invoice is, in a few words."""
    by = SETTLED.get(Settlement(invoice.settlement)) if invoice.status == "paid" and invoice.settlement else None
    return str(by or INVOICES.get(invoice.status) or invoice.status)


def status_label(subscription: Subscription) -> StatusLabel:
    """Where a subscription (with its account) that has begun is, in warm words."""
    state, account = state_of(subscription), subscription.account
    if state is SubscriptionState.CANCELLED:
        return StatusLabel(_("Ended on %(day)s") % {"day": format_day(subscription.ended_at, account)}, "")
    if subscription.status == SubscriptionStatus.PAUSED:
        return StatusLabel(_("Paused"), "warn")
    if state is SubscriptionState.PAUSED:
        return StatusLabel(_pause_text(subscription), "warn")
    if subscription.payment_on_way_since:
        return StatusLabel(_("Payment on its way"), "warn")
    if state is SubscriptionState.UNPAID:
        return StatusLabel(_("Payment failed"), "bad")
    if state is SubscriptionState.UNRENEWED:
        return StatusLabel(_("Ends on %(day)s") % {"day": format_day(subscription.ends_at, account)}, "warn")
    if subscription.status == SubscriptionStatus.TRIALING:
        return StatusLabel(_("On trial until %(day)s") % {"day": format_day(subscription.trial_end, account)}, "good")
    return StatusLabel(_("Active"), "good")


def _pause_text(subscription: Subscription) -> str:
    if is_waiting(subscription):
        return _("Starts again on %(day)s") % {"day": format_day(subscription.period_end, subscription.account)}
    if subscription.resumes_at is None:
        return _("Paused")
    return _("Paused until %(day)s") % {"day": format_day(subscription.resumes_at, subscription.account)}
