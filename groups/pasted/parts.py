"""A long pasted text in parts, each of which says the same on its own as in the whole."""

import re
from collections.abc import Iterator
from typing import Final

from groups.pasted.reading import read_addresses
from groups.pasted.text import AFTER_ADDRESS, Paste, read_paste

_END_OF_CARD: Final = re.compile(r"^END:VCARD[^\S\n]*\n", re.IGNORECASE | re.MULTILINE)
_UNTIL_HEADING: Final = 50
"""How many rows may stand above the heading of a table."""
_LONGEST_ADDRESS: Final = 320
"""Characters of an address at most, and of what ends it."""


def parts_of(text: str, size: int) -> Iterator[str]:
    """A text in parts of at most so many characters, and the heading of a table above each.

    No address, quoted cell or card is cut in two, and no name is cut off from the address below it.
    """
    paste = read_paste(text)
    heading = read_addresses(paste.shown[:size], most=_UNTIL_HEADING).heading
    start = 0
    while rest := len(paste.shown) - start:
        # The last is not so short that nobody sees what kind of list it is of.
        most = rest // 2 if size < rest < size * 3 // 2 else size
        end = _end_of_part(paste, start, start + most)
        part = paste.shown[start:end]
        yield f"{heading}\n{part}" if heading and start else part
        start = end


def _end_of_part(paste: Paste, start: int, end: int) -> int:
    """Where a part ends: after the last card, or row with an address, that fits; else after an address, or anywhere."""
    if end >= len(paste.plain):
        return len(paste.plain)
    cards = [found.end() for found in _END_OF_CARD.finditer(paste.plain, start, end)]
    if cards:
        return cards[-1]
    at = paste.plain.rfind("@", start, end)
    while at >= 0:
        if (row := paste.masked.find("\n", at, end)) >= 0:
            return row + 1
        at = paste.plain.rfind("@", start, max(start, paste.masked.rfind("\n", start, at)))
    return _end_in_row(paste, start, end)


def _end_in_row(paste: Paste, start: int, end: int) -> int:
    """The same where no row with an address ends there."""
    at = paste.plain.rfind("@", start, max(start, end - _LONGEST_ADDRESS))
    if at >= 0 and (found := AFTER_ADDRESS.search(paste.plain, at, end)):
        return found.end()
    marks = (paste.masked.rfind(mark, start, end) for mark in ("\n", ";", ",", " "))
    return next((found + 1 for found in marks if found > start), end)
