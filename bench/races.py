"""Many people, each on the review page, confirm at one instant when ten places are left."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from bench import targets
from bench.bookings import FLOOR_FORM, Offering, filled
from bench.client import CLIENTS, FOUND, Answer, Visitor
from bench.data import ordinary, sold
from bench.report import Row, compared
from bench.workbench import Workbench

CONFLICT: Final = 409
LAST: Final = 10


@dataclass(frozen=True, slots=True)
class Race:
    """How one race ended: seconds to the last answer, places sold, answers that nobody should get."""

    seconds: float
    sold: int
    odd: int


def of_200(bench: Workbench) -> Iterator[Row]:
    """200 of them."""
    yield from _races(bench, 200)


def of_1000(bench: Workbench) -> Iterator[Row]:
    """A thousand."""
    yield from _races(bench, 1000)


def _races(bench: Workbench, racers: int) -> Iterator[Row]:
    races: list[Race] = []

    def ours() -> float:
        races.append(_ours(bench, racers))
        return races[-1].seconds

    def floor() -> float:
        return _floor(bench, racers).seconds

    rounds = bench.take_turns(ours, floor)
    yield compared(f"Race of {racers:,} for the last {LAST}: until all are answered", rounds, "s", targets.RACE)
    yield Row("  sold", max(race.sold for race in races), "", LAST)
    yield Row("  not sold", max(LAST - race.sold for race in races), "", 0)
    yield Row("  answers that are neither booked nor refused", sum(race.odd for race in races), "", 0)


def _ours(bench: Workbench, racers: int) -> Race:
    (entry,) = bench.shop.world.entries(1, places=LAST)
    offering = Offering.of(entry, ordinary(entry))
    visitors = [Visitor(bench.site.port, once=True) for _ in range(racers)]

    def ready(number: int) -> dict[str, str]:
        return filled(visitors[number].get(offering.review), offering, f"racer{number}at{entry.pk}@example.org")

    with ThreadPoolExecutor(CLIENTS) as pool:
        forms = list(pool.map(ready, range(racers)))
    runs = _run(racers, lambda number: visitors[number].post(offering.review, forms[number]))
    return _judged(runs, *sold(entry))


def _floor(bench: Workbench, racers: int) -> Race:
    entry = bench.site.tables.entry(places=LAST)
    visitors = [Visitor(bench.site.floor.port, once=True) for _ in range(racers)]
    runs = _run(racers, lambda number: visitors[number].post(f"/book/{entry}/", FLOOR_FORM))
    return _judged(runs, *bench.site.tables.sold(entry))


_Run = tuple[Answer, float, float]


def _run(racers: int, act: Callable[[int], Answer]) -> list[_Run]:
    """All at one instant: each answer, with when it was asked for and when it was here."""
    start = threading.Barrier(racers)

    def run(number: int) -> _Run:
        start.wait()
        began = time.perf_counter()
        return act(number), began, time.perf_counter()

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(run, range(racers)))


def _judged(runs: Sequence[_Run], taken: int, lines: int) -> Race:
    """How it ended, by the answers, by the counter of places taken and by the lines that were written."""
    took = max(ended for _, _, ended in runs) - min(began for _, began, _ in runs)
    booked = sum(answer.status == FOUND for answer, *_ in runs)
    refused = sum(answer.status == CONFLICT for answer, *_ in runs)
    return Race(took, max(taken, lines, booked), len(runs) - booked - refused + (taken != lines) + (taken != booked))
