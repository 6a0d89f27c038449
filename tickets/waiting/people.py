"""Who waits, as the rule knows them."""

from tickets.availability.facts import ANONYMOUS, Person, person_of_customer
from tickets.models import WaitlistRequest


def person_waiting(request: WaitlistRequest) -> Person:
    """Who waits, as the rule knows them: a guest may have what anybody may have.

    For somebody without an address their contact has put them on the list, or the studio.
    """
    customer = request.customer
    has_login = customer.user_id or customer.contact_id
    return ANONYMOUS if request.is_guest or not has_login else person_of_customer(customer)
