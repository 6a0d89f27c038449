"""What is bearable: a studio may cost as much as one of a quarter of its size, for as much as is shown."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Self

from bench.scale.reasons import reason_for

TARGET: Final = 1.3
SLACK: Final = 10
"""Blocks, or statements, more: an index of a large table is a level deeper."""
LARGEST: Final = 100_000
"""Bytes up to which a page may be larger than that of the small studio: beyond, something on it has no bounds."""
MATTER: Final = 2
"""How many tables and indexes are named that a page reads more of."""
NEXT, FURTHER_ON = ", next page", ", further on"
"""What pages are called that a list goes on with: measured where they are full, they cost what the first does."""
SMALL, QUARTER, WHOLE, BEFORE, AS_PLANNED, JOBS = "small", "quarter", "whole", "before", "as planned", "jobs"
"""Where something was measured: in studios of one database; in the small one, before the largest came; in the largest,
as PostgreSQL plans it when nobody asks for indexes; and outside of studios."""
BESIDE: Final = "beside a studio of N: "
"""What the pages of a small studio are called, where the largest has come."""
NOT_SHOWN: Final = frozenset({400, *range(500, 600)})
"""Statuses of a page that was turned away, whatever that cost."""
RARE_WORD, COMMON_WORD = ", a rare word", ", a common word"
"""What searches of a list are called."""
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
    relations: Mapping[str, int] = field(default_factory=dict, hash=False)
    rows: int | None = None
    """How many rows a job worked off: it costs by the row."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """From JSON."""
        return cls(**{each.name: told[each.name] for each in fields(cls) if each.name in told})

    @classmethod
    def by_label(cls, told: Iterable[Mapping[str, Any]]) -> dict[str, Self]:
        """Of many, each by what it is called."""
        return {each["label"]: cls.read(each) for each in told}

    @property
    def weight(self) -> float | None:
        """Blocks, of a job that works rows off for each of them; None where there was no answer."""
        return self.blocks if self.blocks is None or self.rows is None else self.blocks / max(self.rows, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """An act in a smaller studio and in a bigger one, or in a smaller database and in a bigger one.

    None where there is nothing of that name in one of them, or it was not measured there.
    """

    label: str
    small: Figures | None
    big: Figures | None

    @property
    def ratio(self) -> float | None:
        """Blocks of the big one to one of the small one; None where there is no telling."""
        if self.small is None or self.big is None:
            return None
        small, big = self.small.weight, self.big.weight
        if small is None or big is None:
            return None
        return big / small if small and self.small.rows is not None else (big + 1) / (small + 1)

    @property
    def reason(self) -> str:
        """Why it may be above the target, if somebody wrote that down."""
        return reason_for(self.label)

    @property
    def grown(self) -> list[tuple[str, int]]:
        """The tables and indexes of which more is read, and how many blocks, by name; those that matter most first."""
        small, big = (Counter(each.relations if each else {}) for each in (self.small, self.big))
        return (big - small).most_common(MATTER)

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
        if big.rows is not None:
            grown = self.ratio is not None and self.ratio > TARGET
            return f"{big.weight:.1f} blocks a row, not {small.weight:.1f}" if grown else ""
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
