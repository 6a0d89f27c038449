"""Every list that goes out as a file, in the order of the page *Export*."""

from typing import Final

from tickets.dashboard.exports.bookings import ATTENDANCE, BOOKINGS
from tickets.dashboard.exports.codes import CODE_USES
from tickets.dashboard.exports.customers import CUSTOMERS
from tickets.dashboard.exports.history import HISTORY
from tickets.dashboard.exports.ledger import LEDGER
from tickets.dashboard.exports.members import MEMBERS, MEMBERS_OF_ALL
from tickets.dashboard.exports.memberships import MEMBERSHIPS
from tickets.dashboard.exports.payments import INVOICES, PAYMENTS
from tickets.dashboard.exports.receipts import RECEIPTS

ON_PAGE: Final = (CUSTOMERS, MEMBERS_OF_ALL, BOOKINGS, ATTENDANCE, MEMBERSHIPS, PAYMENTS, INVOICES, RECEIPTS)
LISTS: Final = (*ON_PAGE, LEDGER, MEMBERS, CODE_USES, HISTORY)
"""With those which a button beside their list alone asks for."""
