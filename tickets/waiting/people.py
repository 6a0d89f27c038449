"""Who waits, as the rule knows them."""

from tickets.availability.facts import ANONYMOUS, Person, person_of_customer
from tickets.models import WaitlistRequest


def person_waiting(request: WaitlistRequest) -> Person:
    """Who waits, as the rule knows them: a guest may have what anybody may have."""
    customer = request.customer
    return ANONYMOUS if request.is_guest or not customer.user_id else person_of_customer(customer)
