"""For which spaces an amount at the studio is: pure. Amounts are minor units; spaces come in order, named by ids."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owing:
    """A space (its id), what is owed for it (below 0: a credit), and what was collected for it at the studio."""

    seat: int
    owed: int
    collected: int = 0

    @property
    def returnable(self) -> int:
        """What can be given back for it at the studio: what was collected there, or is to their credit."""
        return max(self.collected, -self.owed, 0)


@dataclass(frozen=True, slots=True)
class Share:
    """What of an amount is for one space, below 0 where it is given back; and what of that is not owed again."""

    seat: int
    amount: int
    forgiven: int = 0


def spread_taken(amount: int, spaces: Sequence[Owing]) -> list[Share]:
    """Share out what was taken (above 0): each space what is owed for it, as far as that and credits for others go.

    A credit that was used is given back for its space, and so taken for another. More than is owed is their credit, for
    the last of the spaces.
    """
    shares, credit = dict[int, int](), sum(max(-each.owed, 0) for each in spaces)
    left = amount + credit
    for each in spaces:
        shares[each.seat] = min(max(each.owed, 0), left)
        left -= shares[each.seat]
    used = credit - min(left, credit)
    shares[spaces[-1].seat] += left - (credit - used)
    for each in spaces:
        part = min(max(-each.owed, 0), used)
        shares[each.seat] -= part
        used -= part
    return [Share(seat, part) for seat, part in shares.items() if part]


def spread_given_back(amount: int, spaces: Sequence[Owing]) -> list[Share]:
    """Share out what is given back (above 0, and no more than can be): credits first, then what was collected.

    What is given back for a space beside its credit is not owed again.
    """
    given, left = dict[int, int](), amount
    for each in spaces:
        given[each.seat] = min(max(-each.owed, 0), left)
        left -= given[each.seat]
    for each in spaces:
        more = min(each.returnable - given[each.seat], left)
        given[each.seat] += more
        left -= more
    credit = {each.seat: max(-each.owed, 0) for each in spaces}
    return [Share(seat, -part, max(part - credit[seat], 0)) for seat, part in given.items() if part]
