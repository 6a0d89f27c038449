"""The demo studio's receipts: numbered from its first payment on, with VAT; one workshop is taught without any."""

from datetime import datetime
from typing import Final

from accounts.models import Account
from tickets.models import Ticket
from tickets.money.receipts.business import Business, turn_on
from tickets.money.receipts.issuing import number_receipts
from tickets.money.receipts.rates import add_rate

WITHOUT_VAT: Final = "Anatomy for Movers"
BUSINESS: Final = Business(
    name="Riverside Movement Ltd",
    address="The Sail Loft\n12 Quayside\nBristol BS1 4QA",
    vat_number="GB 347 2291 08",
    prefix="RMS-",
    first_number=1001,
)


def keep_books(account: Account) -> None:
    """Number receipts, before anything is paid."""
    turn_on(account, BUSINESS, rate_name="Standard", basis_points=2000)
    exempt = add_rate(account, "Exempt tuition", 0)
    Ticket.objects.filter(account=account, price__gt=0, series__entries__title=WITHOUT_VAT).update(vat_rate=exempt)


def issue_receipts(account: Account, *, now: datetime) -> None:
    """Number what was paid so far, as a worker does by the minute."""
    while number_receipts(account.pk, now=now):
        pass
