"""What a customer chose on an entry's page: how many of which ticket.

It travels in the address, so that reloading, going back and logging in keep it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from tickets.models import Ticket

WHOSE: Final = "for"
"""What the address calls the customer whom a visitor books for."""
DIGITS: Final = 3
"""More tickets than three digits can say, nobody may book at a time."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How many of each ticket (id); only what was chosen."""

    counts: Mapping[int, int] = field(default_factory=dict)
    whose: int = 0
    """For whom it is (a customer's id), where that is somebody whom the visitor books for."""

    @property
    def total(self) -> int:
        """How many tickets in all."""
        return sum(self.counts.values())

    @property
    def query(self) -> str:
        """The choice as the query of an address, without the question mark."""
        return self.query_for(self.whose)

    def query_for(self, whose: int) -> str:
        """The same for somebody else; 0: for themselves."""
        chosen = {name_of(ticket): count for ticket, count in self.counts.items()}
        return urlencode({WHOSE: whose, **chosen} if whose else chosen)


def name_of(ticket: int) -> str:
    """What a ticket's number is called in the address."""
    return f"t{ticket}"


def read_choice(data: Mapping[str, str], tickets: Iterable[Ticket], whose: int = 0) -> Choice:
    """The choice among these tickets, in their order; what is not one of them, or not a number, is not chosen."""
    counts = {ticket.pk: _count(data.get(name_of(ticket.pk), "")) for ticket in tickets}
    return Choice({ticket: count for ticket, count in counts.items() if count}, whose)


def read_whose(data: Mapping[str, str]) -> int:
    """For whom it is, as the address says it; 0 where it says nothing that could be."""
    text = data.get(WHOSE, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(2**63)) else 0


def _count(text: str) -> int:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= DIGITS else 0
