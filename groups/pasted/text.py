"""A pasted text as rows, and a row as cells: lines, and the marks that people and programs divide them with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

from bookwhen.email_address import drop_invisible, narrow

Span = tuple[int, int]
"""From where to where in a text."""

DIVIDERS: Final = "\t|;,"
"""What divides the cells of a row: the first of these that is in it; the others divide its cells again."""

MOST_IN_A_ROW: Final = 500
"""A row with more addresses than this is taken in parts."""

_LINE_ENDS: Final = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_ESCAPED: Final = re.compile(r"(mailto:[^\s@<>,;%]{0,64})%40", re.IGNORECASE)
_QUOTED: Final = re.compile(r'(?:^|(?<=[\t,;|\n]))( *)"((?:[^"]|""){0,500})"(?= *(?:[\t,;|\n<(]|\Z))')
AFTER_ADDRESS: Final = re.compile(r"[;,|>\s]")


@dataclass(frozen=True, slots=True)
class Paste:
    """A text three times over, each as long as the others, so that a place in one is the same place in all."""

    shown: str
    """As it was pasted, without the characters that nobody sees."""
    plain: str
    """With full-width forms as ASCII: what is read."""
    masked: str
    """With nothing in quoted cells that could divide rows or cells."""


def read_paste(text: str) -> Paste:
    """Prepare a text for reading."""
    if "&lt;" in text:
        text = unescape(text)
    shown = _ESCAPED.sub(r"\1@", drop_invisible(_LINE_ENDS.sub("\n", text)))
    plain = narrow(shown)
    masked = _QUOTED.sub(lambda found: f'{found[1]}"{"_" * len(found[2])}"', plain) if '"' in plain else plain
    return Paste(shown, plain, masked)


def rows_of(paste: Paste) -> Iterator[Span]:
    """The rows that hold anything but space; one with very many addresses in parts."""
    start = 0
    while start < len(paste.masked):
        end = paste.masked.find("\n", start)
        end = len(paste.masked) if end < 0 else end
        while (cut := _cut_of(paste.plain, start, end)) < end:
            yield start, cut
            start = cut + 1
        if paste.plain[start:end].strip():
            yield start, end
        start = end + 1


def divider_of(paste: Paste, span: Span, dividers: str = DIVIDERS) -> str:
    """What divides this part of a text into cells; empty where nothing does."""
    part = paste.masked[span[0] : span[1]].strip()
    return next((mark for mark in dividers if mark in part), "")


def cells_of(paste: Paste, span: Span, divider: str) -> list[Span]:
    """The cells of a row, empty ones included."""
    if not divider:
        return [span]
    cells, start = [], span[0]
    for part in paste.masked[span[0] : span[1]].split(divider):
        cells.append((start, start + len(part)))
        start += len(part) + 1
    return cells


def _cut_of(text: str, start: int, end: int) -> int:
    """Where a row is cut: after its so many-eth address, or at its end."""
    at = start - 1
    for _ in range(MOST_IN_A_ROW):
        at = text.find("@", at + 1, end)
        if at < 0:
            return end
    found = AFTER_ADDRESS.search(text, at, end)
    return found.start() if found else end
