"""The table of results, and what of it fails the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench import targets
from bench.rounds import Round, middle

WIDTH: Final = 58
WHOLE: Final = 100
"""From here on no decimals are shown."""
SMALL: Final = 1
"""Below, two decimals are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. With the floor's beside it, the target is about the ratio of both; otherwise about the figure."""

    what: str
    figure: float
    unit: str = ""
    target: float | None = None
    at_least: bool = False
    floor: float | None = None
    foreign: float | None = None
    """Which part of the processors other programs had meanwhile, at its worst."""
    error: str = ""
    """Why there is no figure."""

    @property
    def ratio(self) -> float | None:
        """How many times the floor's figure this is."""
        return None if self.floor is None else self.figure / self.floor

    @property
    def mark(self) -> str:
        """PASS, NEAR (a ratio that misses by no more than the noise) or FAIL; nothing without a target."""
        if self.error:
            return "FAIL"
        if self.target is None:
            return ""
        found = round(self.figure, 1) if self.ratio is None else self.ratio  # what is printed is judged
        allowed = 0.0 if self.ratio is None else targets.NOISE
        if (found >= self.target) if self.at_least else (found <= self.target):
            return "PASS"
        nearest = self.target * (1 - allowed if self.at_least else 1 + allowed)
        return "NEAR" if allowed and ((found >= nearest) if self.at_least else (found <= nearest)) else "FAIL"

    @property
    def score(self) -> float | None:
        """How many times better than its target a ratio is: 1 meets it, 2 is twice as good."""
        if self.ratio is None or self.target is None:
            return None
        return self.ratio / self.target if self.at_least else self.target / self.ratio

    def cells(self) -> tuple[str, ...]:
        """What it is, ours, the floor's, the ratio, the target, the mark, others' share."""
        sign = "≥" if self.at_least else "≤"
        return (
            self.what,
            "failed" if self.error else f"{plain(self.figure)} {self.unit}".strip(),
            "" if self.floor is None else f"{plain(self.floor)} {self.unit}".strip(),
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.target is None else f"{sign} {plain(self.target)}",
            self.mark,
            "" if self.foreign is None else f"{self.foreign:.0%}",
        )


HEAD: Final = ("", "ours", "floor", "ratio", "target", "", "others")


def compared(what: str, rounds: Sequence[Round], unit: str, target: float | None, *, at_least: bool = False) -> Row:
    """The row of some rounds: the one with the middle ratio."""
    found = middle(rounds)
    loads = [each.foreign for each in rounds if each.foreign is not None]
    return Row(what, found.ours, unit, target, at_least, found.floor, max(loads, default=None))


def show(cells: Sequence[str]) -> None:
    """Print one line of the table."""
    what, ours, floor, ratio, target, mark, others = cells
    line = f"{what:<{WIDTH}} {ours:>12} {floor:>12} {ratio:>7} {target:>7}  {mark:<4} {others:>6}"
    print(line.rstrip(), flush=True)


def failed(rows: Sequence[Row]) -> list[Row]:
    """The rows that fail the run: what was counted, ratios beyond the noise, and what could not be measured."""
    return [row for row in rows if row.mark == "FAIL"]


def disturbed(rows: Sequence[Row]) -> float | None:
    """The part of the processors that others had in the worst round, where it was so much that the run must say so."""
    worst = max((row.foreign for row in rows if row.foreign is not None), default=0.0)
    return worst if worst > targets.FOREIGN else None


def plain(number: float) -> str:
    """A number as people write it: no decimals where they say nothing."""
    if number >= WHOLE or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= SMALL else f"{number:.2f}"
