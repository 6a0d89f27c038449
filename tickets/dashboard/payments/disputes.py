"""*Disputes*: what customers’ banks ask back, of bookings and of memberships; what to do about each, and by when."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.access import MANAGE_CUSTOMERS, OperatorRequest, operator_view
from accounts.dashboard.links import stripe_url
from accounts.models import Account, Customer
from bookwhen.keyset import keyset_page
from tickets.models import Dispute
from tickets.money.dispute_letters import disputing_customer

PER_PAGE: Final = 25
REASONS: Final = {
    "bank_cannot_process": _("The bank couldn’t process it"),
    "check_returned": _("The payment was returned"),
    "credit_not_processed": _("They say they’re owed a refund"),
    "customer_initiated": _("They asked their bank for the money"),
    "debit_not_authorized": _("They say they didn’t authorise it"),
    "duplicate": _("They say they paid twice"),
    "fraudulent": _("They say they didn’t make this payment"),
    "incorrect_account_details": _("The account details were wrong"),
    "insufficient_funds": _("Their account had too little money"),
    "noncompliant": _("The bank says it broke card rules"),
    "product_not_received": _("They say they didn’t get what they paid for"),
    "product_unacceptable": _("They say it wasn’t as described"),
    "subscription_canceled": _("They say they’d cancelled the membership"),
    "unrecognized": _("They don’t recognise the payment"),
}
"""Stripe’s reasons in our words; any other is *general*."""


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute with what is told of it."""

    dispute: Dispute
    link: str
    """To the payment in Stripe, where it is answered; empty where the account has another Stripe account now."""

    @property
    def customer(self) -> Customer:
        """Who paid."""
        return disputing_customer(self.dispute)

    @property
    def reason(self) -> str:
        """Why, in our words."""
        return str(REASONS.get(self.dispute.reason, _("They gave no particular reason")))


def dispute_rows(disputes: Iterable[Dispute], account: Account) -> list[DisputeRow]:
    """Disputes (each with its payment or invoice, and the customer) as pages show them."""
    return [
        DisputeRow(
            each,
            stripe_url(account, "payments", each.intent) if each.connection_id == account.connection_id else "",
        )
        for each in disputes
    ]


@operator_view(MANAGE_CUSTOMERS)
def dispute_list(request: OperatorRequest) -> HttpResponse:
    """*Disputes*: all there were, the newest first."""
    found = Dispute.objects.newest_first().filter(account=request.account)
    page = keyset_page(found, ("-opened_at", "-pk"), request.GET, size=PER_PAGE)
    context = {
        "section": "payment_list",
        "disputes": page,
        "rows": dispute_rows(page, request.account),
    }
    return render(request, "tickets/dashboard/disputes.html", context)
