"""Pages: how many a second, how long each takes, and how many SELECTs it costs."""

from collections.abc import Mapping
from typing import Final

from bench import targets
from bench.client import Visitor, crowd
from bench.data import SLUG, World
from bench.report import Row
from bench.statements import Count, Counter

CLIENTS: Final = 8
SAMPLES: Final = 40
OK: Final = 200


class UnexpectedAnswerError(Exception):
    """The site answered something else than what is to be measured."""


def schedule(port: int, world: World, counter: Counter, *, seconds: float) -> list[Row]:
    """The public page with 50 entries, for everybody and for a member who is logged in."""
    rows = []
    member = world.cookies(world.member)
    for who, cookies, rate, selects in (
        ("anonymous", {}, targets.PAGE_PER_SECOND, targets.PAGE_SELECTS),
        ("logged in", member, targets.PAGE_PER_SECOND_LOGGED_IN, targets.PAGE_SELECTS_LOGGED_IN),
    ):
        path = f"/{SLUG}/"
        count = cost(port, path, cookies, counter)[1]
        visitors = [Visitor(port, cookies) for _ in range(CLIENTS)]
        crowd(CLIENTS, lambda client, _: _problem(visitors[client], path), seconds=seconds / 4)  # noqa: B023
        found = crowd(CLIENTS, lambda client, _: _problem(visitors[client], path), seconds=seconds)  # noqa: B023
        if found.problems:
            raise UnexpectedAnswerError(found.problems[0])
        name = f"Schedule page, 50 rows, {who}, {CLIENTS} clients"
        rows += [
            Row(name, found.rate, "/s", rate, at_least=True),
            Row("  p50", found.percentile(0.5), "ms"),
            Row("  p99", found.percentile(0.99), "ms"),
            Row("  SELECTs", count.selects, "", selects, counted=True),
            Row("  writes", count.writes, "", 0, counted=True),
        ]
    return rows


def growth(port: int, world: World, counter: Counter) -> list[Row]:
    """Pages that show 50 rows of 5,000: they must cost what they cost with 50."""
    owner = world.cookies(world.owner)
    groups = f"/dashboard/{world.account.slug}/groups"
    pairs: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
        ("Group page, 5,000 members", f"{groups}/{world.members.pk}/", f"{groups}/{world.crowded.pk}/", owner),
        ("Schedule page, 5,000 entries", f"/{SLUG}/", f"/{world.large_page.slug}/", {}),
    )
    rows = []
    for name, small, large, cookies in pairs:
        few_ms, few = cost(port, small, cookies, counter)
        many_ms, many = cost(port, large, cookies, counter)
        rows += [
            Row(name, many_ms, "ms", few_ms * targets.GROWTH),
            Row("  the same with 50", few_ms, "ms"),
            # A schedule of several pages also asks how many entries there are.
            Row("  SELECTs", many.selects, "", max(few.selects, targets.PAGE_SELECTS), counted=True),
        ]
    return rows


def cost(port: int, path: str, cookies: Mapping[str, str], counter: Counter) -> tuple[float, Count]:
    """What a page costs one client: milliseconds (median) and statements."""
    visitor = Visitor(port, cookies)
    for _ in range(SAMPLES):  # both workers, with all their threads, know their templates afterwards
        if problem := _problem(visitor, path):
            raise UnexpectedAnswerError(problem)
    with counter.counting(acts=SAMPLES) as count:
        seconds = sorted(visitor.get(path).seconds for _ in range(SAMPLES))
    return 1000 * seconds[SAMPLES // 2], count


def _problem(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    return "" if answer.status == OK else f"GET {path}: {answer.status} {answer.text[:200]}"
