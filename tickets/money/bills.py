"""Memberships' invoices, as far as money went back of them: found by what paid them, and told with their troubles."""

from dataclasses import dataclass

from accounts.models import Account
from bookwhen.payments.gateway import Gateway
from bookwhen.payments.gateway_disputes import invoice_of_payment, retrieve_invoice
from memberships.bills import store_invoice
from memberships.models import Invoice, Subscription
from tickets.models import Dispute, InvoiceRefund, RefundState


@dataclass(frozen=True, slots=True)
class BillTroubles:
    """What went back of one invoice: what was refunded in Stripe, in minor units, and its disputes."""

    invoice: Invoice
    refunded: int
    disputes: list[Dispute]

    @property
    def disputed(self) -> int:
        """What disputes have taken of it, in minor units of their currency."""
        return sum(each.withdrawn for each in self.disputes)


def find_invoice(account: Account, gateway: Gateway, intent: str, *, stripe_id: str = "") -> Invoice | None:
    """The invoice of a membership of ours that a payment at Stripe paid; kept here where it is new. Else none.

    `stripe_id` is its id, where that was listed before. Raises StripeError.
    """
    stripe_id = stripe_id or invoice_of_payment(gateway, intent)
    if not stripe_id:
        return None
    known = Invoice.objects.filter(account=account, stripe_id=stripe_id)
    if (found := known.first()) is not None:
        return found
    reading = retrieve_invoice(gateway, stripe_id)
    ours = Subscription.objects.filter(account=account, stripe_id=reading.subscription).exclude(stripe_id="").first()
    if ours is None:
        return None
    store_invoice(ours, reading)
    return known.first()


def bill_troubles(subscription: Subscription) -> list[BillTroubles]:
    """The invoices of a subscription of which money went back, the newest first."""
    refunds, disputes = dict[int, int](), dict[int, list[Dispute]]()
    given = InvoiceRefund.objects.filter(account=subscription.account_id, invoice__subscription=subscription)
    for refund in given.exclude(state=RefundState.FAILED):
        refunds[refund.invoice_id] = refunds.get(refund.invoice_id, 0) + refund.amount
    taken = Dispute.objects.filter(account=subscription.account_id, invoice__subscription=subscription)
    for dispute in taken.newest_first():
        assert dispute.invoice_id is not None  # noqa: S101 - it was asked for
        disputes.setdefault(dispute.invoice_id, []).append(dispute)
    found = Invoice.objects.filter(account=subscription.account_id, pk__in={*refunds, *disputes})
    return [BillTroubles(each, refunds.get(each.pk, 0), disputes.get(each.pk, [])) for each in found]
