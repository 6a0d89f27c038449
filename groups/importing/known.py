"""Who is here already, as far as a list can say something of them: facts, and no models.

A list may name a hundred thousand people; a model of each costs more than everything that is done with it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import TextField

from accounts.models import Account, Customer, CustomerAddress
from bookwhen.fastpath.compiled import IsOneOf
from groups.importing.people import second_key

NOBODY_YET: Final = 0


@dataclass(slots=True)
class Known:
    """A customer; `pk` is `NOBODY_YET` for one whom a list is about to make."""

    pk: int = NOBODY_YET
    name: str = ""
    name_confirmed: bool = True
    """Nobody has to confirm that there is no name."""
    phone: str = ""
    note: str = ""
    news_since: datetime | None = None
    news_source: str = ""
    news_ended_at: datetime | None = None
    user_id: int | None = None
    contact_id: int | None = None

    @property
    def confirmed_name(self) -> str:
        """Their name as they or the studio gave it; empty where nobody did."""
        return self.name if self.name_confirmed else ""


_COLUMNS: Final = tuple(Known.__slots__)
_OF_ADDRESS: Final = tuple(f"customer__{name}" for name in _COLUMNS)


def known_by_address(account: Account, emails: Collection[str]) -> dict[str, Known]:
    """The account's customers by their folded addresses, of those among these; one customer is one instance."""
    found = CustomerAddress.objects.filter(IsOneOf("email", list(emails), of=TextField()), account=account)
    people = dict[int, Known]()
    return {
        email: people.setdefault(facts[0], Known(*facts))
        for email, *facts in found.order_by("pk").values_list("email", *_OF_ADDRESS)
    }


def known_people(account: Account, emails: Collection[str]) -> dict[str, Known]:
    """Who has these addresses, and the second people there: by what tells them from others (`Person.who`)."""
    firsts = known_by_address(account, emails)
    return firsts | seconds_of(account, firsts.items())


def seconds_of(account: Account, firsts: Iterable[tuple[str, Known]]) -> dict[str, Known]:
    """Who is known already as a second person at these addresses (of customers), by what tells them from others."""
    addresses: dict[int, list[str]] = {}
    for email, first in firsts:
        addresses.setdefault(first.pk, []).append(email)
    if not addresses:
        return {}
    found = Customer.objects.filter(IsOneOf("contact", list(addresses)), account=account).order_by("pk")
    return {
        second_key(email, second.name): second
        for second in (Known(*facts) for facts in found.values_list(*_COLUMNS))
        for email in addresses[second.contact_id or 0]
    }
