"""Which constraints refuse what the rule had allowed, where somebody was quicker, and what else may be refused."""

from typing import Final

from django.db import IntegrityError

from bookwhen.db import violated_constraint
from tickets.booking.refusals import CustomerGoneError, FormSentBeforeError, TicketGoneError

LOST_RACES: Final = frozenset(
    {
        "entry_places_fit",
        "party_within_allowed",
        "period_no_overlap",
        "period_within_ceiling",
        "seat_discount_once",
        "seat_self_attendee_once",
        "ticket_places_fit",
    }
)
"""Constraints that refuse what the rule had allowed: somebody was quicker, so the rule is asked again."""
SEAT_ONCE: Final = "tickets_seat_uuid_key"
"""What refuses a second seat of the same form."""
ENTRY_GONE: Final = "_fk_tickets_entry_id"
"""How the names of the constraints end that refuse anything at an entry that was removed meanwhile."""

CUSTOMER_GONE: Final = "_fk_accounts_customer_id"
"""The same of a customer who was erased meanwhile: who books then is somebody new."""


def lost_by(error: IntegrityError) -> str:
    """The constraint that refused what the rule had allowed; raises what else it can be."""
    constraint = violated_constraint(error)
    if constraint == SEAT_ONCE:
        raise FormSentBeforeError from error
    if constraint.endswith(ENTRY_GONE):
        raise TicketGoneError from error
    if constraint.endswith(CUSTOMER_GONE):
        raise CustomerGoneError from error
    if constraint not in LOST_RACES:
        raise error
    return constraint
