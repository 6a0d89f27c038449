"""`python3 dev.py bench --scale N`: studios of N and a quarter of it in one database, compared page by page."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from bench import document, site
from bench.scale import picture, tables
from bench.scale.judging import AS_PLANNED, BEFORE, BESIDE, JOBS, QUARTER, SMALL, WHOLE, Figures, Row, held_against

GROWTH, LISTS = "growth", "lists"
"""The marks between which the tables are written."""
OTHER: Final = "before"

Told = dict[str, Any]


def run(scale: float, write: Path | None = None) -> int:
    """Build, measure, print the tables, and perhaps write them; returns 1 where something is not bearable, else 0."""
    with site.running() as running:
        url = running.environment["DATABASE_URL"]
        other = _other_database(url)
        before = [*_measure(other, scale, "--before"), *_measure(other, scale, "--before", "--built", "--as-planned")]
        after = [*_measure(url, scale), *_measure(url, scale, "--built", "--as-planned")]
    return tell(before, after, scale, write)


def tell(before: Sequence[Told], after: Sequence[Told], scale: float, write: Path | None = None) -> int:
    """Print the tables of what was measured before the largest studio came and after, and perhaps write them."""
    rows = compare(before, after)
    lists = tables.lists(Figures.by_label(each for each in after if each["where"] == AS_PLANNED))
    for each in (*map(tables.line, rows), "", *lists):
        print(each, flush=True)
    missed = [row for row in rows if row.trouble and not row.reason]
    print(f"\n{len(rows)} pages and jobs, {len(missed)} of them not bearable.")
    if write:
        (write.parent / "images" / "growth.svg").write_text(picture.draw(rows))
        document.put(write, GROWTH, "\n".join([*_where(scale, rows), *tables.growth(rows)]))
        document.put(write, LISTS, "\n".join(lists))
    return 1 if missed else 0


def compare(before: Sequence[Told], after: Sequence[Told]) -> list[Row]:
    """A quarter beside the whole in one database; then a small studio and jobs, before the whole came and after."""
    found = {where: Figures.by_label(each for each in after if each["where"] == where)
             for where in (SMALL, QUARTER, WHOLE, JOBS)}  # fmt: skip
    apart = {where: Figures.by_label(each for each in before if each["where"] == where) for where in (BEFORE, JOBS)}
    return [
        *held_against(found[QUARTER], found[WHOLE]),
        *(Row(f"{BESIDE}{label}", apart[BEFORE].get(label), each) for label, each in found[SMALL].items()),
        *(Row(label, apart[JOBS].get(label), each) for label, each in found[JOBS].items()),
    ]


def _measure(url: str, scale: float, *options: str) -> list[Told]:
    command = [sys.executable, "-m", "bench.scale", str(scale), *options]
    environment = {**os.environ, "DATABASE_URL": url, "PROCESS": "command", "TRUSTED_PROXIES": "0"}
    told = subprocess.run(command, cwd=site.ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return [json.loads(each) for each in told.stdout.splitlines() if each.startswith("{")]


def _other_database(url: str) -> str:
    """Another database of the same server, with the same tables and nothing in them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {OTHER}")
    other = f"{url.rpartition('/')[0]}/{OTHER}"
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=site.ROOT, env={**os.environ, "DATABASE_URL": other}, check=True)  # noqa: S603
    return other


def _where(scale: float, rows: Sequence[Row]) -> list[str]:
    above = [row for row in rows if row.trouble]
    return [
        f"{datetime.now(UTC):%-d %B %Y}, {platform.machine()}, {os.cpu_count()} processors, N = {scale:g}: studios of",
        f"{round(2_500 * scale):,} and {round(10_000 * scale):,} customers. {len(rows)} pages and jobs, {len(above)}",
        f"of them above the target, {len([row for row in above if not row.reason])} without a reason.",
        "",
        "![How much more a studio of four times the size reads, page by page](images/growth.svg)",
        "",
    ]
