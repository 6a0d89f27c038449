"""Who books as a customer who becomes another one at this very moment books as that one (docs/decisions/0071)."""

from dataclasses import replace

from django.db import IntegrityError

from accounts.merging.services import heir_of
from accounts.models import Account, Customer
from bookwhen.db import violated_constraint
from offers.eligibility import Reason
from tickets.availability.facts import Person
from tickets.booking.lost_races import CUSTOMER_GONE
from tickets.booking.refusals import BookingRefusedError, CustomerGoneError
from tickets.booking.request import BookingRequest


def for_heir(request: BookingRequest, error: Exception) -> BookingRequest | None:
    """The same request for whom its customer is now; None where they are still themselves, or that is not why.

    A member's groups are their heir's by then, so that they were refused as if they were in none.
    """
    if isinstance(error, IntegrityError):
        may_be = is_customer_gone(error)
    elif isinstance(error, CustomerGoneError):
        may_be = True
    else:
        refused = error.verdicts if isinstance(error, BookingRefusedError) else ()
        may_be = any(each.reason is Reason.NOT_IN_GROUP for each in refused)
    if not may_be or (found := heir_who(request.entry.account, request.customer, request.who)) is None:
        return None
    return replace(request, customer=found[0], who=found[1])


def heir_who(account: Account, customer: Customer, who: Person) -> tuple[Customer, Person] | None:
    """Whom a customer was merged into, and who acts then; None where they are still themselves, or were erased."""
    heir = heir_of(account, customer.pk)
    if heir is None:
        return None
    heir.account, heir.recognised_by = account, customer.recognised_by or customer.email or ""
    return heir, replace(who, customer=heir) if who.is_customer(customer) else who


def is_customer_gone(error: Exception) -> bool:
    """Whether something was refused because its customer is gone: merged into another, or erased."""
    if not isinstance(error, IntegrityError):
        return False
    constraint = violated_constraint(error)
    # The longest names are cut at their end.
    is_cut = "_customer_id_" in constraint and constraint.endswith("_fk_accounts_")
    return is_cut or constraint.endswith(CUSTOMER_GONE)
