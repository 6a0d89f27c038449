"""How large the studios are: a big one that grows with N, and small ones that do not."""

from dataclasses import dataclass
from typing import Final, Self

WEEKS: Final = 50
"""Entries in a weekly series."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows of each kind a studio has. A block is six bookings with ten seats, four uses and one payment."""

    customers: int
    users: int
    """How many of the customers have a login."""
    blocks: int
    singles: int
    weeklies: int
    members_few: int
    members_several: int
    picked_few: int
    """Tickets that the offer of the group `few` names."""
    picked_several: int
    subscriptions: int
    letters: int
    events: int
    operations: int
    import_rows: int
    busy: int
    """Bookings of its busiest customer."""
    names: int
    """Leaders; as many locations, and tags."""
    waits: int
    """Who left waiting lists. A hundred at most still wait for a full class."""

    @classmethod
    def big(cls, scale: float) -> Self:
        """The big studio; at a scale of 100 it has a million customers."""

        def many(number: int) -> int:
            return max(round(number * scale), 1)

        return cls(
            customers=many(10_000),
            users=many(1_000),
            blocks=many(5_000),
            singles=many(500),
            weeklies=many(10),
            members_few=100,
            members_several=max(many(100), 100),
            picked_few=many(500),
            picked_several=max(many(50), 100),
            subscriptions=many(2_000),
            letters=many(10_000),
            events=many(10_000),
            operations=max(many(10), 60),
            import_rows=many(2_000),
            busy=many(30),
            names=max(many(500), 60),
            waits=max(many(1_000), 100),
        )

    @property
    def series(self) -> int:
        """Single entries, weekly series, and the entry that is measured."""
        return self.singles + self.weeklies + 1

    @property
    def entries(self) -> int:
        """All occurrences."""
        return self.singles + WEEKS * self.weeklies + 1

    @property
    def members(self) -> int:
        """In all groups together."""
        return self.customers + self.members_few + self.members_several + self.subscriptions


USUAL: Final = Sizes(
    customers=200, users=20, blocks=150, singles=100, weeklies=2, members_few=100, members_several=100, picked_few=100,
    picked_several=100, subscriptions=200, letters=100, events=100, operations=60, import_rows=100, busy=60,
    names=60, waits=100,
)  # fmt: skip
"""The small studio that the big one is held against: as few rows as fill every page."""

LITTLE: Final = Sizes(
    customers=50, users=5, blocks=25, singles=25, weeklies=1, members_few=25, members_several=25, picked_few=10,
    picked_several=5, subscriptions=20, letters=50, events=50, operations=5, import_rows=10, busy=5,
    names=5, waits=5,
)  # fmt: skip
"""The many other studios: fifty customers, and a little of everything."""


def little_studios(scale: float) -> int:
    """How many of them there are."""
    return max(round(20 * scale), 2)
