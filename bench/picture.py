"""The picture of the table: a bar for each ratio that has a target, on a line that all targets share."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from bench.report import Row

LEFT: Final = 430
"""Where bars may begin."""
WIDTH: Final = 900
HEIGHT: Final = 26
TOP: Final = 58
REACH: Final = 4.0
"""How many times better or worse than its target the ends of the scale are."""
STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .faint { fill: #57606a }
  .line { stroke: #57606a; stroke-dasharray: 3 3 }
  .PASS { fill: #2da44e } .NEAR { fill: #bf8700 } .FAIL { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .faint { fill: #9198a1 } .line { stroke: #9198a1 }
    .PASS { fill: #3fb950 } .NEAR { fill: #d29922 } .FAIL { fill: #f85149 }
  }
"""


def drawn(rows: Sequence[Row]) -> str:
    """An SVG; a bar to the right is better than its target, one to the left is worse."""
    judged = [row for row in rows if row.score]
    height = TOP + HEIGHT * len(judged) + 12
    middle = _x(1.0)
    marks = [(f"{times:g}x worse", _x(1 / times)) for times in (4, 2)]
    marks += [("target", middle)] + [(f"{times:g}x better", _x(times)) for times in (2, 4)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>How far each target is met or missed</title>",
        f"<style>{STYLE}</style>",
        '<text x="12" y="20" class="faint">ours : the least that Django does, measured in turn</text>',
        *(f'<text x="{x:.0f}" y="44" text-anchor="middle" class="faint">{name}</text>' for name, x in marks),
        *(_bar(row, TOP + HEIGHT * index) for index, row in enumerate(judged)),
        f'<line class="line" x1="{middle:.0f}" x2="{middle:.0f}" y1="{TOP - 6}" y2="{height - 8}"/>',
        "</svg>",
        "",
    ])  # fmt: skip


def _bar(row: Row, y: int) -> str:
    score = row.score or 1.0
    begin, end = sorted((_x(1.0), _x(score)))
    what = f'<text x="12" y="{y + 14}">{escape(row.what)}</text>'
    bar = f'<rect class="{row.mark}" x="{begin:.0f}" y="{y + 2}" width="{max(end - begin, 2):.0f}" height="16" rx="2"/>'
    return what + bar


def _x(score: float) -> float:
    """Where on the scale, which is logarithmic: twice as good is as far as twice as bad."""
    half = (WIDTH - LEFT) / 2 - 30
    reached = math.log(max(min(score, REACH), 1 / REACH)) / math.log(REACH)
    return LEFT + half + 30 + reached * half
