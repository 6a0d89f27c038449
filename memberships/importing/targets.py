"""What the operator wants to become of which product or price: a membership that is there, a new one, or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from accounts.models import ListImport
from groups.models import Group
from memberships.models import Membership, Price

LEAVE: Final = "leave"
SAME: Final = ""
"""A price's own choice where it is its product's."""
NEW: Final = "new"
"""A new membership: with a group of its own, or, followed by a colon and its number, for a group that is there."""
EXISTING: Final = "membership"


def product_key(product: str) -> str:
    """What a mapping calls a product (Stripe's id)."""
    return f"product:{product}"


def price_key(price: str) -> str:
    """What a mapping calls a price (Stripe's id)."""
    return f"price:{price}"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a subscription would go: `key` is the same for all that go to the same membership.

    `membership` is the one that is there, `group` the one that they would be let into; a new one has neither yet, or
    the group alone. `price` is Stripe's id of the price that decided it.
    """

    key: str
    price: str
    membership: int | None = None
    group: int | None = None


class Targets:
    """The mapping of an import, read once: five statements at most, however many rows are asked about."""

    def __init__(self, list_import: ListImport) -> None:
        account = list_import.account
        self.choices: Mapping[str, str] = list_import.mapping.get("choices", {})
        known = Price.objects.filter(account=account).exclude(stripe_id="")
        self.attached = dict(known.values_list("stripe_id", "membership"))
        """Prices that are ours already, by Stripe's id: their membership."""
        self.groups = dict(Membership.objects.filter(account=account).values_list("pk", "group"))
        self.in_use = set(Group.objects.in_use().filter(account=account).values_list("pk", flat=True))

    def of_items(self, items: Iterable[Mapping[str, Any]]) -> Target | None:
        """Where a subscription with these items would go: by the first that goes anywhere; None: it is left out."""
        return next(filter(None, map(self.of_item, items)), None)

    def of_item(self, item: Mapping[str, Any]) -> Target | None:
        """Where one item would lead."""
        price, product = str(item["price"]), str(item["product"])
        own = self.choices.get(price_key(price), SAME)
        decided_by = price_key(price) if own != SAME else product_key(product)
        choice = self.choices.get(decided_by, LEAVE)
        if choice == LEAVE:
            return None
        if price in self.attached:
            # Its events lead there already.
            return self._existing(self.attached[price], price)
        kind, _colon, number = choice.partition(":")
        if kind == EXISTING:
            return self._existing(int(number), price)
        group = int(number) if number else None
        if group is not None and group not in self.in_use:
            return None
        return Target(f"{NEW}:{decided_by}", price, group=group)

    def _existing(self, membership: int, price: str) -> Target | None:
        group = self.groups.get(membership)
        if group is None:
            return None
        return Target(f"{EXISTING}:{membership}", price, membership=membership, group=group)
