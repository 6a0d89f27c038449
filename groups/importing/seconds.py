"""A second person at an address: mother and daughter. The first gets the emails of the second (decision 0072).

They are known again by the address and their name, so that a list can be imported twice.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import Account, Customer
from groups.importing.known import Known, seconds_of
from groups.importing.people import Person, name_key

SECOND: Final = "second"
"""What an operator decides of a row: that it is somebody else than who has the address."""


class NobodyThereError(Exception):
    """The first person at the address was not imported, so nobody gets the emails of the second."""

    is_for_people = True

    def __str__(self) -> str:
        return _("The first person at this address wasn’t imported. Import them first.")


def make_seconds(account: Account, people: Iterable[Person], firsts: Mapping[str, Known]) -> dict[str, Known]:
    """The customers who these second people are, made where unknown, each once.

    `firsts`: who has which address. They are held, so that nobody adds the same person meanwhile.
    """
    wanted = {person.who: person for person in people}
    if not wanted:
        return {}
    theirs = {person.email: firsts[person.email] for person in wanted.values()}
    held = {first.pk for first in theirs.values()}
    list(Customer.objects.filter(account=account, pk__in=held).select_for_update(no_key=True).order_by("pk"))
    known = seconds_of(account, theirs.items())
    made = [
        Customer(account=account, contact_id=theirs[person.email].pk, name=person.name)
        for who, person in wanted.items()
        if who not in known
    ]
    Customer.objects.bulk_create(made, batch_size=1000)
    # Two addresses of one first person may each have brought the same second one.
    known |= seconds_of(account, theirs.items())
    return {who: known[who] for who in wanted}


def is_another_name(person: Person, first: Known | None) -> bool:
    """Whether somebody can be told from the first person at their address: they have a name, and another one."""
    return bool(name_key(person.name)) and (first is None or name_key(first.confirmed_name) != name_key(person.name))
