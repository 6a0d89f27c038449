"""The table of results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 56
WHOLE: Final = 100
"""From here on no decimals are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its target. `counted`: it does not depend on the machine, so it must hold anywhere."""

    what: str
    figure: float
    unit: str
    target: float | None = None
    at_least: bool = False
    counted: bool = False

    @property
    def good(self) -> bool:
        """Whether the target is met; without one it always is."""
        if self.target is None:
            return True
        return self.figure >= self.target if self.at_least else self.figure <= self.target

    @property
    def mark(self) -> str:
        """PASS or FAIL; in brackets where the machine decides; nothing without a target."""
        if self.target is None:
            return ""
        word = "PASS" if self.good else "FAIL"
        return word if self.counted else f"({word})"


def show(row: Row) -> Row:
    """Print one line of the table; returns the row."""
    sign = "≥" if row.at_least else "≤"
    target = "" if row.target is None else f"{sign} {_plain(row.target)}"
    print(f"{row.what:<{WIDTH}}  {_plain(row.figure):>8} {row.unit:<3} {target:>8}  {row.mark}".rstrip(), flush=True)
    return row


def failed(rows: Sequence[Row], *, strict: bool) -> list[Row]:
    """The rows that fail the run: what was counted, and with `strict` also what was timed."""
    return [row for row in rows if not row.good and (row.counted or strict)]


def _plain(number: float) -> str:
    return f"{number:.0f}" if number >= WHOLE or number == int(number) else f"{number:.1f}"
