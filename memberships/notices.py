"""The letters that a subscription gives rise to, written in the transaction that they tell of."""

from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import override

from accounts.email_queue import absolute, compose_letter
from accounts.models import Letter
from bookwhen.money import money
from bookwhen.payments.stripe_objects import InvoiceReading
from memberships.change_notices import CHANGES_TOLD, ChangeTold
from memberships.models import MilestoneKind, Subscription, SubscriptionSource
from memberships.next_payment import BILLED
from memberships.pauses import next_payment_at, pause_facts
from memberships.phrases import next_amount_text, subscription_cost

TOLD: Final = frozenset(
    {
        MilestoneKind.STARTED,
        MilestoneKind.FIRST_PAID,
        MilestoneKind.RENEWED,
        MilestoneKind.PAYMENT_FAILED,
        MilestoneKind.PAID_AGAIN,
        MilestoneKind.ACTIVE_AGAIN,
        MilestoneKind.BILL_OVERDUE,
        MilestoneKind.BILL_PAID,
        MilestoneKind.PAID_OUTSIDE,
        MilestoneKind.PAID_FROM_CREDIT,
        MilestoneKind.BILL_WAIVED,
        MilestoneKind.BILL_WRITTEN_OFF,
        MilestoneKind.WILL_END,
        MilestoneKind.KEPT,
        MilestoneKind.ENDED,
        MilestoneKind.PAUSED,
        MilestoneKind.RESUMED,
        *CHANGES_TOLD,
    }
)
"""What customers are told of by e-mail (issue, *Customer*; help article 6466596)."""
ON_WAY: Final = frozenset({MilestoneKind.PAYMENT_FAILED, MilestoneKind.BILL_PAID})
TOLD_WITH_BASKET: Final = ON_WAY | {MilestoneKind.ENDED}
"""What the letters of the basket that it was bought in tell, where its first payment was on its way."""

FIRST: Final = "subscription_create"
"""Why Stripe made the first bill of a subscription."""


def write_letter(
    subscription: Subscription,
    kind: MilestoneKind,
    *,
    invoice: InvoiceReading | None,
    now: datetime,
    change: ChangeTold | None = None,
) -> Letter | None:
    """What tells the customer what happened, to be posted; None where nothing does.

    `invoice` is the bill that it is about, where a failed payment can be paid.
    """
    if kind not in TOLD or (kind in TOLD_WITH_BASKET and _is_told_with_basket(subscription, kind, invoice)):
        return None
    account = subscription.account
    with override(account.language):
        cost = subscription_cost(subscription, account.locale)
    return compose_letter(
        kind=f"membership_{kind}",
        recipient=subscription.customer.reached_at,
        template=f"memberships/letters/{kind}",
        context={
            "subscription": subscription,
            "membership": subscription.membership,
            "customer": subscription.customer,
            "price": subscription.price,
            "invoice": invoice,
            "zone": account.zone,
            "pause": pause_facts(subscription, policy=account.pause_access, now=now),
            "cost": cost,
            "next_payment": next_payment_at(subscription) if subscription.status in BILLED else None,
            "next_amount": next_amount_text(subscription, account.locale) if subscription.cost_basis else "",
            "settlement": invoice.settlement if invoice else None,
            "paid": _amount(invoice.amount_paid, invoice, account.locale) if invoice else "",
            "due": _amount(invoice.amount_due, invoice, account.locale) if invoice else "",
            "total": _amount(invoice.total or invoice.amount_due, invoice, account.locale) if invoice else "",
            "link": absolute(reverse("my_memberships")),
            "schedule": _on_page(subscription, "schedule"),
            "change": change,
            "again": _on_page(subscription, "memberships") if subscription.membership.published else "",
        },
        account=account,
        now=now,
    )


def _is_told_with_basket(subscription: Subscription, kind: MilestoneKind, invoice: InvoiceReading | None) -> bool:
    never_paid = subscription.never_paid_at is not None
    seen_on_way = subscription.payment_on_way_since is not None and kind in ON_WAY
    is_first = invoice is not None and invoice.billing_reason == FIRST
    # It failed before we saw it on its way.
    failed_unseen = (
        is_first and subscription.source == SubscriptionSource.CHECKOUT and kind == MilestoneKind.PAYMENT_FAILED
    )
    return never_paid or seen_on_way or failed_unseen


def _amount(amount: int, invoice: InvoiceReading, locale: str) -> str:
    """An amount of an invoice; nothing where it is none that anyone has to pay."""
    return money(amount, invoice.currency, locale) if amount > 0 else ""


def _on_page(subscription: Subscription, name: str) -> str:
    """The full address of something on the page that the membership was bought on, or on the account's first."""
    page = subscription.page or subscription.account.pages.first()
    return absolute(reverse(f"public:{name}", kwargs={"page": page.slug})) if page else ""
