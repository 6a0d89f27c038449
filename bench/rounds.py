"""Rounds: what is ours and the floor in turn, so that whatever else the machine does meets both."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
PROC: Final = Path("/proc")

Measure = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Round:
    """One figure of ours and one of the floor, and which part (0 to 1) of the processors others had meanwhile."""

    ours: float
    floor: float
    foreign: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the floor's figure ours is."""
        return self.ours / self.floor


def take_turns(ours: Measure, floor: Measure, *, rounds: int) -> list[Round]:
    """Measure both so many times; every other round begins with the floor."""
    found = []
    for number in range(rounds):
        foreign = Foreign()
        if number % 2:
            floors, own = floor(), ours()
        else:
            own, floors = ours(), floor()
        found.append(Round(own, floors, foreign.share()))
    return found


def middle(rounds: Sequence[Round]) -> Round:
    """The round with the middle ratio; of an even number the lower one of the two."""
    return sorted(rounds, key=lambda each: each.ratio)[(len(rounds) - 1) // 2]


def spread(rounds: Sequence[Round]) -> float:
    """How far the ratios are from each other, as a part of the middle one."""
    ratios = [each.ratio for each in rounds]
    return (max(ratios) - min(ratios)) / middle(rounds).ratio


class Foreign:
    """How much of the processors went, since it was made, to programs that this one did not start."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = time.monotonic(), busy_seconds(), seconds_of(family(os.getpid()))

    def share(self) -> float | None:
        """The part of all processors, 0 to 1; None where the kernel doesn't tell."""
        busy, own = busy_seconds(), seconds_of(family(os.getpid()))
        if busy is None or self._busy is None:
            return None
        whole = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        return min(max(busy - self._busy - (own - self._own), 0.0) / max(whole, 0.01), 1.0)


def busy_seconds() -> float | None:
    """How long all processors were at work since the machine started; None where the kernel doesn't tell."""
    try:
        fields = [int(field) for field in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, interrupts, soft = fields[:7]
    return (user + nice + system + interrupts + soft) / TICKS


def family(pid: int) -> set[int]:
    """A process with all that it started, and they in turn, as far as they are alive."""
    children: dict[int, list[int]] = {}
    for folder in PROC.glob("[0-9]*"):
        if fields := _stat(int(folder.name)):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = set[int](), [pid]
    while waiting:
        found.add(each := waiting.pop())
        waiting += children.get(each, [])
    return found


def seconds_of(pids: set[int]) -> float:
    """How long processes were at work, and those of their children that they have seen end."""
    return sum(sum(map(int, fields[11:15])) / TICKS for pid in pids if (fields := _stat(pid)))


def precise_seconds_of(pids: set[int]) -> float:
    """How long the threads of processes were at work, to the microsecond; those that have ended are left out."""
    found = 0
    for pid in pids:
        for thread in (PROC / str(pid) / "task").glob("*/schedstat"):
            try:
                found += int(thread.read_text().split()[0])
            except (OSError, IndexError):
                continue
    return found / 1e9


def _stat(pid: int) -> list[str]:
    """What /proc/PID/stat says after the name, which may hold spaces; nothing where the process has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
