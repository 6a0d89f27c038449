"""A second person at an address: mother and daughter. The first gets the emails of the second (decision 0072).

They are known again by the address and their name, so that a list can be imported twice.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import Account, Customer
from groups.importing.people import Person, name_key, second_key

SECOND: Final = "second"
"""What an operator decides of a row: that it is somebody else than who has the address."""


class NobodyThereError(Exception):
    """The first person at the address was not imported, so nobody gets the emails of the second."""

    is_for_people = True

    def __str__(self) -> str:
        return _("The first person at this address wasn’t imported. Import them first.")


def seconds_known(account: Account, firsts: Mapping[str, Customer]) -> dict[str, Customer]:
    """Who is known already as a second person at these addresses (of customers), by what tells them from others."""
    addresses: dict[int, list[str]] = {}
    for email, customer in firsts.items():
        addresses.setdefault(customer.pk, []).append(email)
    found = Customer.objects.filter(account=account, contact__in=addresses).order_by("pk") if addresses else ()
    return {
        second_key(email, customer.name): customer
        for customer in found
        for email in addresses[customer.contact_id or 0]
    }


def make_seconds(account: Account, people: Iterable[Person], firsts: Mapping[str, Customer]) -> dict[str, Customer]:
    """The customers who these second people are, made where unknown, each once.

    `firsts`: who has which address. They are held, so that nobody adds the same person meanwhile.
    """
    wanted = {person.who: person for person in people}
    if not wanted:
        return {}
    held = {firsts[person.email].pk for person in wanted.values()}
    list(Customer.objects.filter(account=account, pk__in=held).select_for_update(no_key=True).order_by("pk"))
    known = seconds_known(account, firsts)
    made = [
        Customer(account=account, contact=firsts[person.email], name=person.name)
        for who, person in wanted.items()
        if who not in known
    ]
    Customer.objects.bulk_create(made, batch_size=1000)
    # Two addresses of one first person may each have brought the same second one.
    known |= seconds_known(account, firsts)
    return {who: known[who] for who in wanted}


def is_another_name(person: Person, first: Customer | None) -> bool:
    """Whether somebody can be told from the first person at their address: they have a name, and another one."""
    return bool(name_key(person.name)) and (first is None or name_key(first.confirmed_name) != name_key(person.name))
