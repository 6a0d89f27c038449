"""A picture of the table: a point for each page and job, a quarter across and the whole upwards, both in blocks."""

from collections.abc import Iterator, Sequence
from html import escape
from math import log10
from typing import Final

from bench.scale.judging import TARGET, Row

SIZE: Final = 560
MARGIN: Final = 60
DECADES: Final = 6
STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #57606a }
  .axis { stroke: #57606a; stroke-width: 1 }
  .target { stroke: #1f883d; stroke-dasharray: 5 4 }
  .well { fill: #1f883d; fill-opacity: 0.6 } .known { fill: #bf8700 } .wrong { fill: #cf222e }
  @media (prefers-color-scheme: dark) { text { fill: #9198a1 } .axis { stroke: #9198a1 } }
"""


def draw(rows: Sequence[Row]) -> str:
    """An SVG: what is on the line or below costs the same at any size."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img">',
        "<title>Blocks read in a studio of a quarter of the size, and in the whole one</title>",
        f"<style>{STYLE}</style>",
        *_axes(),
        *(_point(row) for row in rows if row.small and row.big and row.small.blocks is not None),
        "</svg>",
        "",
    ])  # fmt: skip


def _axes() -> Iterator[str]:
    start, end = MARGIN, SIZE - 20
    yield f'<path class="axis" fill="none" d="M{start} 20V{SIZE - MARGIN}H{end}"/>'
    yield f'<text x="{start}" y="{SIZE - 12}">blocks in a studio of a quarter of the size</text>'
    yield f'<text x="{start}" y="14">in the whole one</text>'
    for power in range(DECADES):
        x, y = _across(10**power), _upwards(10**power)
        yield f'<text x="{x:.0f}" y="{SIZE - MARGIN + 18}" text-anchor="middle">{10**power:,}</text>'
        yield f'<text x="{start - 6}" y="{y + 4:.0f}" text-anchor="end">{10**power:,}</text>'
    top = 10**DECADES / TARGET
    yield (
        f'<line class="target" x1="{_across(1):.0f}" y1="{_upwards(TARGET):.0f}" x2="{_across(top):.0f}"'
        f' y2="{_upwards(TARGET * top):.0f}"/>'
    )


def _point(row: Row) -> str:
    small = (row.small and row.small.weight) or 1
    big = (row.big and row.big.weight) or 10**DECADES
    kind = "wrong" if row.trouble and not row.reason else "known" if row.trouble else "well"
    return (
        f'<circle class="{kind}" cx="{_across(small):.1f}" cy="{_upwards(big):.1f}" r="3.5">'
        f"<title>{escape(row.label)}</title></circle>"
    )


def _across(blocks: float) -> float:
    return MARGIN + min(log10(max(blocks, 1)), DECADES) * (SIZE - MARGIN - 20) / DECADES


def _upwards(blocks: float) -> float:
    return SIZE - _across(blocks)
