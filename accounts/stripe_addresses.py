"""Telling Stripe that a customer's main address changed, since it writes receipts and bills to the one it was given.

The database notes at `StripeCustomer` that an address changed, by whichever way; the call is made outside of any
transaction, and repeated until it worked.
"""

from accounts.models import StripeCustomer
from bookwhen.jobs.run import Run
from bookwhen.payments.gateway import Gateway, GoneError

BATCH = 100


def send_due_addresses(run: Run) -> None:
    """Tell Stripe every address that is due; one that fails is set aside and tried again."""
    run.each(run.keys(StripeCustomer.objects.filter(email_due_at__isnull=False), batch=BATCH), _send)


def _send(pk: int) -> bool:
    row = StripeCustomer.objects.select_related("customer", "account", "connection").filter(pk=pk).first()
    if row is None or row.email_due_at is None:
        return False
    is_known = row.account.connection_id == row.connection_id and row.connection.is_live
    if is_known:
        try:
            Gateway.of(row.connection).readdress_customer(row.stripe_id, row.customer.reached_at)
        except GoneError:
            is_known = False  # deleted at Stripe: nothing is written to them any more
    # What changed once more in between is told again.
    StripeCustomer.objects.filter(pk=pk, email_due_at=row.email_due_at).update(email_due_at=None)
    return is_known
