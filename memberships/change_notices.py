"""What letters and the history say of a change of membership: what it was, what it is or will be, what it cost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import override

from bookwhen.money import money
from bookwhen.payments.stripe_objects import InvoiceReading, Settlement
from memberships.history import UPDATE, KnownInvoice
from memberships.models import MilestoneKind, Price, Subscription
from memberships.phrases import cost_after_change, subscription_cost
from memberships.scheduled_changes import next_price_of, pending_price_of

CHANGES_TOLD: Final = frozenset(
    {
        MilestoneKind.CHANGED,
        MilestoneKind.WILL_CHANGE,
        MilestoneKind.CHANGE_UNDONE,
        MilestoneKind.CHANGE_UNPAID,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTold:
    """A change in words. `before` and `after` are memberships' titles, the same where only the price is another.

    `charged` and `credited` are amounts in words, empty where there was none; `after` and `cost` are empty where Stripe
    changes to something that we do not know.
    """

    before: str
    after: str
    cost: str
    at: datetime | None
    charged: str = ""
    credited: str = ""
    pay_url: str = ""

    @property
    def about(self) -> str:
        """It in one line, for the history."""
        if not self.after:
            return self.before
        return f"{self.before} → {self.after}" if self.before != self.after else f"{self.after}: {self.cost}"


def new_bill(invoice: InvoiceReading | None, known: KnownInvoice) -> InvoiceReading | None:
    """The latest bill, where it is for a change and new to us as it is."""
    if invoice is None or invoice.billing_reason != UPDATE or known.status == invoice.status:
        return None
    return invoice


def describe_change(
    subscription: Subscription, kind: MilestoneKind, before: int, *, bill: InvoiceReading | None
) -> ChangeTold | None:
    """What happened to a subscription (with account, price and membership) if it is a change, else none.

    `before` is the price (id) that it had; `bill` what the change was billed by.
    """
    if kind not in CHANGES_TOLD:
        return None
    account, at = subscription.account, subscription.changes_at
    old = Price.objects.select_related("membership").get(account=account, pk=before)
    if kind == MilestoneKind.WILL_CHANGE:
        new = next_price_of(subscription)
    elif kind == MilestoneKind.CHANGE_UNPAID:
        new, at = pending_price_of(subscription), subscription.pending_until
    else:
        new = subscription.price
    with override(account.language):
        cost = _cost(subscription, new, account.locale) if new else ""
    title = new.membership.title if new and kind != MilestoneKind.CHANGED else subscription.membership.title
    is_paid = bill is not None and bill.status == "paid"
    is_charged = bill is not None and bill.settlement is Settlement.MONEY
    return ChangeTold(
        before=old.membership.title,
        after=title if new else "",
        cost=cost,
        at=at,
        charged=money(bill.amount_paid, bill.currency, account.locale) if bill and is_charged else "",
        credited=money(-bill.total, bill.currency, account.locale) if bill and is_paid and bill.total < 0 else "",
        pay_url=bill.hosted_url if bill and bill.status == "open" else "",
    )


def _cost(subscription: Subscription, new: Price, locale: str) -> str:
    if new.pk == subscription.price_id:
        return subscription_cost(subscription, locale)
    return cost_after_change(subscription, new, locale)
