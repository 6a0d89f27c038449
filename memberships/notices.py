"""The letters that a subscription gives rise to, written in the transaction that they tell of."""

from datetime import datetime
from typing import Final

from django.urls import reverse

from accounts.email_queue import absolute, post
from bookwhen.money import money
from bookwhen.payments.stripe_objects import InvoiceReading
from memberships.models import Kind, Subscription
from memberships.phrases import cost

TOLD: Final = frozenset(
    {
        Kind.STARTED,
        Kind.FIRST_PAID,
        Kind.RENEWED,
        Kind.PAYMENT_FAILED,
        Kind.PAID_AGAIN,
        Kind.WILL_END,
        Kind.KEPT,
        Kind.ENDED,
    }
)
"""What customers are told of by e-mail (issue, *Customer*; help article 6466596)."""


def tell(subscription: Subscription, kind: Kind, *, invoice: InvoiceReading | None, now: datetime) -> None:
    """Tell the customer what happened; `invoice` is the latest, which a failed payment can be paid at."""
    if kind not in TOLD:
        return
    account = subscription.account
    post(
        kind=f"membership_{kind}",
        recipient=subscription.customer.email,
        template=f"memberships/letters/{kind}",
        context={
            "subscription": subscription,
            "membership": subscription.membership,
            "customer": subscription.customer,
            "price": subscription.price,
            "invoice": invoice,
            "zone": account.zone,
            "cost": cost(subscription.price, account.locale),
            "paid": money(invoice.amount_paid, invoice.currency, account.locale) if invoice else "",
            "due": money(invoice.amount_due, invoice.currency, account.locale) if invoice else "",
            "link": absolute(reverse("my_memberships")),
            "schedule": _on_page(subscription, "schedule"),
            "again": _on_page(subscription, "memberships") if subscription.membership.published else "",
        },
        account=account,
        now=now,
    )


def _on_page(subscription: Subscription, name: str) -> str:
    """The full address of something on the page that the membership was bought on, or on the account's first."""
    page = subscription.page or subscription.account.pages.first()
    return absolute(reverse(f"public:{name}", kwargs={"page": page.slug})) if page else ""
