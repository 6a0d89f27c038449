"""What the history tells of payments and refunds that a team member saw to."""

from django.utils.translation import gettext as _

from accounts.customers import about_customer
from accounts.history.recording import About, Change, is_recorded, record
from accounts.models import Deed, Thing
from bookwhen.money import money
from tickets.models import Payment, Refund


def record_refund(deed: Deed, refund: Refund) -> None:
    """Tell of a refund, with its amount."""
    _record(deed, refund.payment_id, refund.amount, str(_("Amount")))


def record_settled(payment: Payment) -> None:
    """Tell that what is owed of a payment was settled, with how much that was at first."""
    _record(Deed.PAYMENT_SETTLED, payment.pk, payment.amount, str(_("Payment")))


def _record(deed: Deed, key: int, amount: int, what: str) -> None:
    if not is_recorded():
        return
    payment = Payment.objects.select_related("account", "booking__customer").get(pk=key)
    booking = payment.booking
    record(
        deed,
        About(Thing.PAYMENT, payment.pk, str(booking.customer)),
        account=payment.account,
        also=[About(Thing.BOOKING, booking.pk), about_customer(booking.customer)],
        changes=[Change(what, "", money(amount, payment.currency, payment.account.locale))],
    )
