"""`python3 dev.py bench --scale N`: two databases, one with a big studio among small ones and one without, compared."""

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
from bench.scale import picture
from bench.scale.judging import TARGET, Figures, Row, held_against

MARK: Final = "growth"
BESIDE: Final = "beside a big studio: "
ALONE: Final = "alone"


def run(scale: float, write: Path | None = None) -> int:
    """Build, measure, print the table, and perhaps write it; returns 1 where something is not bearable, else 0."""
    with site.running() as running:
        url = running.environment["DATABASE_URL"]
        alone = _other_database(url)
        rows = compare(_measure(url, scale), _measure(alone, scale, "--alone"))
    for row in rows:
        print(line(row), flush=True)
    missed = [row for row in rows if row.trouble]
    print(f"\n{len(rows)} pages and jobs, {len(missed)} of them not bearable.")
    if write:
        drawn = write.parent / "images" / "growth.svg"
        drawn.write_text(picture.draw(rows))
        document.put(write, MARK, _written(rows, scale))
    return 1 if missed else 0


def compare(beside: Sequence[dict[str, Any]], alone: Sequence[dict[str, Any]]) -> list[Row]:
    """Big beside small in one database; then small studios, and what is nobody's, with and without a big one."""
    found = {(each["where"], each["label"]): Figures.read(each) for each in beside}
    apart = {(each["where"], each["label"]): Figures.read(each) for each in alone}
    small, big = ({label: each for (where, label), each in found.items() if where == name} for name in ("small", "big"))
    pages = held_against(small, big)
    others = [Row(f"{BESIDE}{label}", apart.get((where, label)), each) for (where, label), each in found.items()
              if where == "small"]  # fmt: skip
    jobs = [Row(label, apart.get((where, label)), each) for (where, label), each in found.items() if where == "jobs"]
    return [*pages, *others, *jobs]


def line(row: Row) -> str:
    """A row of the table on screen: small, big, ratio of blocks, and what is wrong."""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return f"{row.label:<70} {_figures(row.small):<28} {_figures(row.big):<28} {ratio:>8}  {row.trouble}".rstrip()


def _figures(each: Figures | None) -> str:
    if each is None:
        return "–"
    return "no answer" if each.blocks is None else f"{each.statements} · {each.blocks} · {each.cpu:.0f} ms"


def _measure(url: str, scale: float, *options: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bench.scale", str(scale), *options]
    environment = {**os.environ, "DATABASE_URL": url, "PROCESS": "command", "TRUSTED_PROXIES": "0"}
    told = subprocess.run(command, cwd=site.ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return [json.loads(each) for each in told.stdout.splitlines() if each.startswith("{")]


def _other_database(url: str) -> str:
    """Another database of the same server, with the same tables and nothing in them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {ALONE}")
    other = f"{url.rpartition('/')[0]}/{ALONE}"
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=site.ROOT, env={**os.environ, "DATABASE_URL": other}, check=True)  # noqa: S603
    return other


def _written(rows: Sequence[Row], scale: float) -> str:
    """The text between the marks: what missed and what is largest, a line for each; all else in numbers."""
    missed = [row for row in rows if row.trouble]
    heads = [row for row in rows if not row.label.startswith(BESIDE)]
    lines = [
        f"{datetime.now(UTC):%-d %B %Y}, {platform.machine()}, {os.cpu_count()} processors, N = {scale:g}: a big",
        f"studio of {round(10_000 * scale):,} customers among small ones. {len(rows)} pages and jobs, {len(missed)} of",
        f"them above {TARGET:g}. Statements · blocks of tables and indexes · milliseconds of processor.",
        "",
        "![How much more a big studio reads than a small one, page by page](images/growth.svg)",
        "",
        "| page or job | small | big | ratio | |",
        "|---|---|---|---|---|",
        *(f"| {_cell(row.label)} | {_figures(row.small)} | {_figures(row.big)} | {row.ratio or 0:.2f} | {row.trouble} |"
          for row in [*heads, *(each for each in missed if each not in heads)]),
    ]  # fmt: skip
    return "\n".join(lines)


def _cell(label: str) -> str:
    return label.replace("|", "\\|").replace("<", "&lt;")
