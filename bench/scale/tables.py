"""The tables of `dev.py bench --scale N`: what grows, and every list of the largest studio."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bench.scale.judging import BESIDE, COMMON_WORD, FURTHER_ON, NEXT, RARE_WORD, Figures, Row

MOST: Final = 20
"""As many statements, or more, no list may take."""


def line(row: Row) -> str:
    """A row of the table on screen: quarter, whole, ratio of blocks, and what is wrong."""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return f"{row.label:<70} {figures(row.small):<28} {figures(row.big):<28} {ratio:>8}  {_why(row)}".rstrip()


def growth(rows: Sequence[Row]) -> Iterator[str]:
    """The same in Markdown, the largest ratios first; of what is beside the largest studio, only what is above 1.3."""
    yield "| page or job | a quarter | the whole | ratio | |"
    yield "|---|---:|---:|---:|---|"
    compared = [row for row in rows if row.ratio is not None and (row.trouble or not row.label.startswith(BESIDE))]
    for row in sorted(compared, key=lambda row: -(row.ratio or 0)):
        cells = (_cell(row.label), figures(row.small), figures(row.big), f"{row.ratio:.2f}", _cell(_why(row)))
        yield f"| {' | '.join(cells)} |"


def lists(pages: Mapping[str, Figures]) -> list[str]:
    """Every list that goes on with another page, in Markdown: its statements, and what it and its searches took."""
    found = [label for label in pages if any(f"{label}{more}" in pages for more in (NEXT, FURTHER_ON))]
    return [
        "| list | statements | first page | further on | a rare word | a common word |",
        "|---|---:|---:|---:|---:|---:|",
        *(_of_list(label, pages) for label in found),
    ]


def _of_list(label: str, pages: Mapping[str, Figures]) -> str:
    names = (label, f"{label}{FURTHER_ON}", f"{label}{RARE_WORD}", f"{label}{COMMON_WORD}")
    those = [pages.get(each) for each in names]
    most = max(each.statements for each in those if each)
    return f"| {_cell(label)} | {most}{'' if most < MOST else ' (!)'} | {' | '.join(map(_took, those))} |"


def _took(each: Figures | None) -> str:
    if each is None:
        return "–"
    return "no answer" if each.blocks is None else f"{each.cpu:.0f} ms"


def figures(each: Figures | None) -> str:
    """Statements, blocks, and milliseconds of processor; of a job by the row, blocks for each."""
    if each is None:
        return "–"
    if each.blocks is None:
        return "no answer"
    if each.rows is not None:
        return f"{each.rows:,} rows · {each.weight:.2f}"
    return f"{each.statements} · {each.blocks} · {each.cpu:.0f} ms"


def _why(row: Row) -> str:
    """Why a row is above the target: as somebody wrote, or what is read more of."""
    if not row.trouble:
        return ""
    grown = ", ".join(f"{name} +{blocks}" for name, blocks in row.grown)
    return row.reason or (f"{row.trouble}: {grown}" if grown else row.trouble)


def _cell(label: str) -> str:
    return label.replace("|", "\\|").replace("<", "&lt;")
