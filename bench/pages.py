"""The public page: how many a second, beside the floor's page, and how many SELECTs it costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench import targets
from bench.client import CLIENTS, OK, Act, Crowd, UnexpectedAnswerError, Visitor
from bench.data import SLUG
from bench.report import Row, compared
from bench.statements import Count
from bench.workbench import Workbench

SAMPLES: Final = 40
FLOOR: Final = "/"


@dataclass(frozen=True, slots=True)
class _Who:
    """Who looks, with which cookies, and what is aimed at."""

    name: str
    cookies: Mapping[str, str]
    target: float
    selects: int


def before_stripe(bench: Workbench) -> Iterator[Row]:
    """For a stranger, in a studio that is not connected to Stripe."""
    stranger = _Who("before Stripe is connected", {}, targets.PAGE, targets.PAGE_SELECTS)
    yield from _schedule(bench, stranger)


def with_memberships(bench: Workbench) -> Iterator[Row]:
    """As it is in life: the studio sells memberships. For a stranger, and for a member who is logged in."""
    world = bench.shop.world
    yield from _schedule(bench, _Who("memberships on sale", {}, targets.PAGE, targets.PAGE_SELECTS))
    cookies = world.cookies(world.member)
    member = _Who("the same, logged in", cookies, targets.PAGE_LOGGED_IN, targets.PAGE_SELECTS_LOGGED_IN)
    yield from _schedule(bench, member)


def _schedule(bench: Workbench, who: _Who) -> Iterator[Row]:
    site, path = bench.site, f"/{SLUG}/"
    _ = bench.world
    count = statements(bench, path, who.cookies)
    ours, floor = looking(site.port, path, who.cookies), looking(site.floor.port, FLOOR, {})
    crowds: list[Crowd] = []
    bench.warm_up(ours, floor)
    rounds = bench.take_turns(lambda: bench.rate(ours, crowds=crowds), lambda: bench.rate(floor))
    yield compared(f"Schedule page, 50 rows, {who.name}", rounds, "/s", who.target, at_least=True)
    yield Row("  99 % within", max(each.percentile(0.99) for each in crowds), "ms")
    yield Row("  SELECTs", count.selects, "", who.selects)
    yield Row("  writes", count.writes, "", 0)


def looking(port: int, path: str, cookies: Mapping[str, str]) -> Act:
    """Each of the clients looks at a page again and again, on a connection of its own."""
    visitors = [Visitor(port, cookies, once=True) for _ in range(CLIENTS)]
    return lambda client, _number: problem_of(visitors[client], path)


def statements(bench: Workbench, path: str, cookies: Mapping[str, str]) -> Count:
    """What a page costs in statements, once every thread of the site knows its templates."""
    visitor = Visitor(bench.site.port, cookies, once=True)
    for _ in range(SAMPLES):
        if problem := problem_of(visitor, path):
            raise UnexpectedAnswerError(problem)
    with bench.counter.counting(acts=SAMPLES) as count:
        for _ in range(SAMPLES):
            visitor.get(path)
    return count


def problem_of(visitor: Visitor, path: str) -> str:
    """What is wrong with the answer, or nothing."""
    answer = visitor.get(path)
    return "" if answer.status == OK else f"GET {path}: {answer.status} {answer.text[:200]}"
