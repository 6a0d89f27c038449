"""Who books as a customer who becomes another one at this very moment books as that one (docs/decisions/0071)."""

from dataclasses import replace

from django.db import IntegrityError

from accounts.merging.services import heir_of
from bookwhen.db import violated_constraint
from offers.eligibility import Reason
from tickets.booking.lost_races import CUSTOMER_GONE
from tickets.booking.refusals import BookingRefusedError, CustomerGoneError
from tickets.booking.request import BookingRequest


def for_heir(request: BookingRequest, error: Exception) -> BookingRequest | None:
    """The same request for whom its customer is now; None where they are still themselves, or that is not why.

    A member's groups are their heir's by then, so that they were refused as if they were in none.
    """
    if isinstance(error, IntegrityError):
        may_be = violated_constraint(error).endswith(CUSTOMER_GONE)
    elif isinstance(error, CustomerGoneError):
        may_be = True
    else:
        refused = error.verdicts if isinstance(error, BookingRefusedError) else ()
        may_be = any(each.reason is Reason.NOT_IN_GROUP for each in refused)
    heir = heir_of(request.entry.account_id, request.customer.pk) if may_be else None
    if heir is None:
        return None
    heir.account, who = request.entry.account, request.who
    heir.recognised_by = request.customer.recognised_by or request.customer.email or ""
    if who.is_customer(request.customer):
        who = replace(who, customer=heir)
    return replace(request, customer=heir, who=who)
