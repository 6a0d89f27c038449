"""How much text the cells of a workbook come to, told before it is opened.

Each text is stored once, however many cells say it, and its reader writes it out for each of them: a file of 260 KB
came to a gigabyte.
"""

import re
from array import array
from collections.abc import Iterator
from typing import Final
from zipfile import ZipFile, ZipInfo

SHARED: Final = "xl/sharedstrings.xml"
"""Where the texts are, in small letters."""
MOST_TEXTS: Final = 4_000_000
LONGEST_TEXT: Final = 1024 * 1024
"""Bytes of one text with its formats; a spreadsheet takes 32,767 letters."""
_CHUNK: Final = 1024 * 1024
_LONGEST_TAG: Final = 4096
_END: Final = re.compile(rb"</(?:[\w.-]+:)?si\s*>")
_CELL: Final = re.compile(
    rb"<(?:[\w.-]+:)?c\s(?=[^<>]*?\bt\s*=\s*[\"']s[\"'])[^<>]*[^<>/]>(?:\s*<(?:[\w.-]+:)?v>(\d{1,8})</)?"
)
"""A cell whose text is stored elsewhere, and at which place."""


def bytes_of_texts(packed: ZipFile, *, most: int) -> int:
    """How many bytes of text the cells of a workbook have at most; once it is more than `most`, it is not counted on.

    Reads every file, whatever it is called. Raises what `zipfile` raises.
    """
    texts = array("L")
    for size in (
        size for each in packed.infolist() if each.filename.lower() == SHARED for size in _sizes(packed, each)
    ):
        texts.append(size)
        if size > LONGEST_TEXT or len(texts) > MOST_TEXTS:
            return most + 1
    longest, total = max(texts, default=0), 0
    for each in packed.infolist() if longest else ():
        for place in _places(packed, each):
            # Where it cannot be told which text a cell has, it may be the longest.
            total += texts[place] if 0 <= place < len(texts) else longest
            if total > most:
                return total
    return total


def _sizes(packed: ZipFile, each: ZipInfo) -> Iterator[int]:
    """How many bytes each text takes in a file of them: never fewer than its letters."""
    with packed.open(each) as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            text, begun = rest + chunk, 0
            for found in _END.finditer(text):
                yield found.end() - begun
                begun = found.end()
            rest = text[begun:]
            if len(rest) > LONGEST_TEXT:
                yield len(rest)
        yield len(rest)


def _places(packed: ZipFile, each: ZipInfo) -> Iterator[int]:
    """Which texts the cells of a file have; -1 where that cannot be told."""
    with packed.open(each) as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            text, end = rest + chunk, 0
            for found in _CELL.finditer(text):
                yield int(found[1]) if found[1] else -1
                end = found.end()
            rest = text[max(end, len(text) - _LONGEST_TAG) :]
