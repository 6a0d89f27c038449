"""The part of docs/performance.md that the benchmark writes."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import picture, targets
from bench.report import HEAD, Row

PICTURE: Final = Path("images") / "performance.svg"


def written(rows: Sequence[Row], beside: Path) -> str:
    """Table and words; the picture is put into `images/` beside the document."""
    image = beside.parent / PICTURE
    image.parent.mkdir(exist_ok=True)
    image.write_text(picture.drawn(rows))
    judged = [row for row in rows if row.mark]
    passed = sum(row.mark != "FAIL" for row in judged)
    lines = [_line(HEAD), "|---|---:|---:|---:|---:|---|---:|", *(_line(row.cells()) for row in rows)]
    return "\n".join([
        f"Measured on {datetime.now(UTC):%-d %B %Y}: {machine()}, Python {platform.python_version()}.",
        f"{passed} of {len(judged)} targets are met. {disturbance(rows)}",
        "",
        f"![How far each target is met or missed]({PICTURE})",
        "",
        *lines,
    ])  # fmt: skip


def machine() -> str:
    """The processor, and how many there are."""
    try:
        told = Path("/proc/cpuinfo").read_text()
    except OSError:
        told = ""
    names = [line.partition(":")[2].strip() for line in told.splitlines() if line.startswith("model name")]
    cores = os.cpu_count() or 1
    return f"{cores} cores of {names[0] if names else platform.machine()}"


def disturbance(rows: Sequence[Row]) -> str:
    """How much of the processors other programs had."""
    loads = [row.foreign for row in rows if row.foreign is not None]
    if not loads:
        return "What else ran on the machine is not known."
    worst = f"Other programs had up to {max(loads):.0%} of the processors"
    return f"{worst}, so this run was disturbed." if max(loads) > targets.FOREIGN else f"{worst}."


def _line(cells: Sequence[str]) -> str:
    what, *others = cells
    name = f"· {what.strip()}" if what.startswith(" ") else what
    return f"| {' | '.join([name, *others])} |"
