"""For which spaces an amount at the studio is: pure. Amounts are minor units; spaces come in order, named by ids."""

from collections.abc import Mapping, Sequence
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

    A credit that is used is given back for its space, and so taken for another. More than is owed is their credit, for
    the last of the spaces.
    """
    theirs, owed = _credits(spaces), _debts(spaces)
    credit = sum(theirs.values())
    paid = _share_out(amount + credit, owed)
    rest = amount + credit - sum(paid.values())
    used = _share_out(credit - min(rest, credit), theirs)
    shares = {seat: part - used[seat] for seat, part in paid.items()}
    shares[spaces[-1].seat] += max(rest - credit, 0)
    return [Share(seat, part) for seat, part in shares.items() if part]


def spread_given_back(amount: int, spaces: Sequence[Owing]) -> list[Share]:
    """Share out what is given back (above 0, and no more than can be): credits first, then what was collected.

    What is given back for a space beside its credit is not owed again. Credit that stays pays what is owed for others.
    """
    theirs, owed = _credits(spaces), _debts(spaces)
    paid = _share_out(max(sum(theirs.values()) - amount, 0), owed)
    gone = amount + sum(paid.values())
    used = _share_out(gone, theirs)
    more = _share_out(gone - sum(used.values()), {each.seat: each.returnable - used[each.seat] for each in spaces})
    shares = [Share(seat, paid[seat] - used[seat] - beside, beside) for seat, beside in more.items()]
    return [each for each in shares if each.amount]


def _credits(spaces: Sequence[Owing]) -> dict[int, int]:
    return {each.seat: max(-each.owed, 0) for each in spaces}


def _debts(spaces: Sequence[Owing]) -> dict[int, int]:
    return {each.seat: max(each.owed, 0) for each in spaces}


def _share_out(amount: int, among: Mapping[int, int]) -> dict[int, int]:
    """An amount for what each has, in their order, as far as it goes."""
    parts = dict[int, int]()
    for seat, most in among.items():
        parts[seat] = min(most, amount)
        amount -= parts[seat]
    return parts
