"""River Studio at `NOW`: an entry in two days with a ticket for everybody and one for members of its group Gold."""

from dataclasses import dataclass

from accounts.models import Account, Customer, SchedulePage
from groups.models import Group
from tests.factories.schedule import (
    add_member,
    create_customer_with_login,
)
from tickets.models import Entry, Ticket


@dataclass(frozen=True)
class RiverStudio:
    """River Studio: a class with a ticket for everybody and one for Gold members."""

    account: Account
    page: SchedulePage
    entry: Entry
    drop_in: Ticket
    gold: Ticket
    group: Group

    @property
    def entry_path(self) -> str:
        return f"/river/entries/{self.entry.uuid}/"

    def review_path(self, **counts: int) -> str:
        """The review step with so many of `drop_in` and `gold`."""
        chosen = [f"t{getattr(self, name).pk}={count}" for name, count in counts.items()]
        return f"{self.entry_path}book/?{'&'.join(chosen)}"

    def member(self, **fields: str) -> Customer:
        """Somebody who stands in Gold, their periods counted from the 3rd."""
        customer = create_customer_with_login(self.account, **{"name": "Ada Lovelace", **fields})
        add_member(self.group, customer)
        return customer
