"""Which discount for which ticket: a pure rule that leaves the customer with the least to pay in all.

No clock, no database, no Django. docs/design.md, *Discounts*: they apply by themselves, the best price wins, and they
do not add up. Where an offer is limited, its uses go where they save most.
"""

import sys
from collections import Counter, deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Pool = Hashable
"""Something that a discount draws one from: an offer's people at one event, or its uses in one period."""
UNLIMITED: Final = sys.maxsize


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A discount that one ticket could have: what it saves in minor units, and the pools it draws one from, in order.

    Pools nest: all options of one pool that is not the last name the same ones after it. Of two that save the same the
    lower `rank` is taken (unlimited before limited, then what is lost soonest).
    """

    offer: int
    saving: int
    pools: tuple[Pool, ...] = ()
    rank: int = 0


def discount_amount(price: int, *, percent: int | None, amount_off: int | None, step: int) -> int:
    """What a discount takes off a price, in minor units; never more than the price.

    What is left to pay is rounded down to `step`, the smallest amount that can be charged (10 in currencies of three
    decimals): in favour of the customer.
    """
    left = price - (amount_off or 0) if percent is None else price * (100 - percent) // 100
    return price - max(left - left % step, 0)


def assign_discounts(lines: Sequence[Sequence[Option]], left: Mapping[Pool, int]) -> list[Option | None]:
    """The discount of each ticket, given those that it could have, so that all together save most.

    `left` says how many a pool still has; one that is not named is endless.
    """
    wanted = [max((option for option in options if option.saving > 0), key=_worth, default=None) for options in lines]
    drawn = Counter(pool for option in wanted if option for pool in option.pools)
    if all(left.get(pool, UNLIMITED) >= count for pool, count in drawn.items()):
        return wanted
    return _MinCostFlow(lines, left).solve()


def _worth(option: Option) -> tuple[int, int]:
    return option.saving, -option.rank


class _MinCostFlow:
    """The least costly flow from the tickets through the pools: one path a round, the dearest saving first.

    A later path may take a discount from one ticket and give that another, which is what a greedy choice cannot do.
    """

    def __init__(self, lines: Sequence[Sequence[Option]], left: Mapping[Pool, int]) -> None:
        self._lines = lines
        self._ends: list[int] = []
        self._room: list[int] = []
        self._cost: list[int] = []
        self._edges: list[list[int]] = []
        self._start, self._goal = self._node(), self._node()
        self._pools: dict[Pool, tuple[int, int]] = {}
        self._chosen: list[list[tuple[int, Option]]] = []
        ranks = {rank: place for place, rank in enumerate(sorted({each.rank for line in lines for each in line}))}
        scale = len(lines) * len(ranks) + 1
        for options in lines:
            node = self._node()
            self._edge(self._start, node, room=1)
            chosen = []
            # What saves nothing is never on a path that saves anything: the way without it is as long, or shorter.
            for option in options:
                cost = ranks[option.rank] - option.saving * scale
                chosen.append((self._edge(node, self._entry_node(option, left), room=1, cost=cost), option))
            self._chosen.append(chosen)

    def solve(self) -> list[Option | None]:
        """The option of each line."""
        while self._augment():
            pass
        return [next((option for edge, option in chosen if not self._room[edge]), None) for chosen in self._chosen]

    def _entry_node(self, option: Option, left: Mapping[Pool, int]) -> int:
        """The node where an option's way to the goal begins; each pool is entered through its room."""
        following = self._goal
        for pool in reversed(option.pools):
            if pool not in self._pools:
                into, out = self._node(), self._node()
                self._edge(into, out, room=max(left.get(pool, UNLIMITED), 0))
                self._edge(out, following, room=UNLIMITED)
                self._pools[pool] = into, out
            following = self._pools[pool][0]
        return following

    def _node(self) -> int:
        self._edges.append([])
        return len(self._edges) - 1

    def _edge(self, start: int, end: int, *, room: int, cost: int = 0) -> int:
        for source, target, space, price in ((start, end, room, cost), (end, start, 0, -cost)):
            self._edges[source].append(len(self._ends))
            self._ends.append(target)
            self._room.append(space)
            self._cost.append(price)
        return len(self._ends) - 2

    def _augment(self) -> bool:
        """Send one more ticket along the cheapest path, if that saves anything."""
        distance, by = self._shortest()
        if distance[self._goal] >= 0:
            return False
        node = self._goal
        while node != self._start:
            edge = by[node]
            self._room[edge] -= 1
            self._room[edge ^ 1] += 1
            node = self._ends[edge ^ 1]
        return True

    def _shortest(self) -> tuple[list[int], dict[int, int]]:
        distance = [UNLIMITED] * len(self._edges)
        distance[self._start] = 0
        by: dict[int, int] = {}
        waiting = deque([self._start])
        while waiting:
            node = waiting.popleft()
            for edge in self._edges[node]:
                end, reached = self._ends[edge], distance[node] + self._cost[edge]
                if self._room[edge] and reached < distance[end]:
                    distance[end], by[end] = reached, edge
                    if end not in waiting:
                        waiting.append(end)
        return distance, by
