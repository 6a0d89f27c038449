"""What each mechanism of the fast path gives: `python3 -m bench.fastpath` (docs/fast-path.md).

Each act is done in this process, in turn as it is and with one mechanism done plainly: pair by pair, so that whatever
else the machine does meets both. What counts is the time that this process and its PostgreSQL backend were at work
(Linux tells it), so that what else runs does not count. Told is the ratio of the medians, and never a time alone.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import django

from bench import site

Act = Callable[[], None]
PAIRS: Final = 30
WARM_UP: Final = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """A mechanism, what it is done for, and how it is done plainly; `before` comes before each act, unmeasured."""

    mechanism: str
    what: str
    act: Act
    plain: Callable[[], AbstractContextManager[Any]]
    before: Act = lambda: None


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds of an act, fast and plain, pair by pair."""

    fast: list[float]
    plain: list[float]

    @property
    def ratio(self) -> float:
        """How many times as long it takes plainly."""
        return median(self.plain) / median(self.fast)


def main() -> int:
    """Measure everything and print the table; the words after the command choose mechanisms by name."""
    chosen = sys.argv[1:]
    with site.running():
        django.setup()
        print(f"{'mechanism':<34}{'act':<44}{'plain/fast':>10}{'ms fast':>9}{'ms plain':>9}", flush=True)
        for each in comparisons():
            if not chosen or any(word in each.mechanism for word in chosen):
                found = compare(each)
                times = f"{1000 * median(found.fast):>9.2f}{1000 * median(found.plain):>9.2f}"
                print(f"{each.mechanism:<34}{each.what:<44}{found.ratio:>10.2f}{times}", flush=True)
    return 0


def compare(comparison: Comparison) -> Found:
    """Do an act fast and plainly in turn; every other pair begins with the plain one."""
    found = Found([], [])
    for number in range(PAIRS + WARM_UP):
        order = (True, False) if number % 2 else (False, True)
        for plain in order:
            with ExitStack() as stack:
                if plain:
                    stack.enter_context(comparison.plain())
                comparison.before()
                began = _worked()
                comparison.act()
                took = _worked() - began
            if number >= WARM_UP:
                (found.plain if plain else found.fast).append(took)
    return found


def _worked() -> float:
    """Seconds that this process and the backend of its connection were at work so far."""
    from django.db import connection

    connection.ensure_connection()
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    return time.process_time() + int(backend.split()[0]) / 1e9


def comparisons() -> Iterator[Comparison]:
    """Every mechanism with the pages and bookings that it is for."""
    # These need Django to be set up.
    from bench import plainly
    from bench.acts import Acts
    from bench.data import World

    acts = Acts(World())
    yield from plainly.comparisons(acts)


if __name__ == "__main__":
    sys.exit(main())
