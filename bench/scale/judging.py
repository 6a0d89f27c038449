"""What is bearable: a big studio may cost as much as a small one, for as much as is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

TARGET: Final = 1.3
SLACK: Final = 10
"""Blocks, or statements, more: an index of a large table is a level deeper."""
LARGEST: Final = 100_000
"""Bytes up to which a page may be larger than that of the small studio: beyond, something on it has no bounds."""
NEXT, FURTHER_ON = ", next page", ", further on"
"""What pages are called that a list goes on with: measured where they are full, they cost what the first does."""
NOT_SHOWN: Final = frozenset({400, *range(500, 600)})
"""Statuses of a page that was turned away, whatever that cost."""
FILES: Final = (".csv", ".ics")
"""Addresses that answer all there is; they cost by the row."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What an act cost in one studio. No blocks: there was no answer within the time."""

    status: int
    size: int
    statements: int
    blocks: int | None
    cpu: float

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """From JSON."""
        return cls(told["status"], told["size"], told["statements"], told["blocks"], told["cpu"])


@dataclass(frozen=True, slots=True)
class Row:
    """An act in a small studio and in a big one: or in a database of small ones, and in one with a big one among them.

    None where there is nothing of that name in one of them, or it was not measured there.
    """

    label: str
    small: Figures | None
    big: Figures | None

    @property
    def ratio(self) -> float | None:
        """Blocks of the big one to one of the small one; None where there is no telling."""
        if self.small is None or self.big is None or self.small.blocks is None or self.big.blocks is None:
            return None
        return (self.big.blocks + 1) / (self.small.blocks + 1)

    @property
    def trouble(self) -> str:
        """What is not bearable, in words; nothing where all is well."""
        return self.trouble_beyond(SLACK)

    def trouble_beyond(self, slack: int) -> str:
        """The same, with so many blocks more."""
        small, big = self.small, self.big
        if small is None or big is None:
            return ""
        if big.blocks is None or small.blocks is None:
            return "no answer"
        if big.status != small.status or big.status in NOT_SHOWN:
            return f"answers {big.status}, small {small.status}"
        shown = max(big.size / max(small.size, 1), 1)
        if big.blocks > TARGET * shown * small.blocks + slack:
            return f"{big.blocks} blocks, not {small.blocks}"
        if big.statements > TARGET * shown * small.statements + SLACK:
            return f"{big.statements} statements, not {small.statements}"
        if big.size > LARGEST and big.size > TARGET * small.size and not self.label.endswith(FILES):
            return f"{big.size} bytes, not {small.size}"
        return ""


def held_against(small: Mapping[str, Figures], big: Mapping[str, Figures]) -> list[Row]:
    """All pages of both, by their labels; further pages of a list that the small studio has not are held to its first.

    What only one of them has otherwise is not judged.
    """
    rows = []
    for label in dict.fromkeys([*small, *big]):
        first = label.removesuffix(NEXT).removesuffix(FURTHER_ON)
        rows.append(Row(label, small.get(label) or (small.get(first) if label in big else None), big.get(label)))
    return rows
