"""What a studio typed, read: paragraphs, links, and the placeholders that are filled in for each customer.

What was typed is data: it makes links of its own addresses and no other markup. What is filled in makes none at all
(docs/decisions/0020).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from accounts.email_text import one_line
from accounts.placeholders import PLACEHOLDER, placeholder_name

FIRST_NAME: Final = "first_name"

_LINK: Final = re.compile(r"""https?://[^\s<>"'{}]+""", re.IGNORECASE)
_AFTER: Final = ".,;:!?]”’"
"""What ends a sentence, and no address; so does a bracket that isn't opened in it."""
_PARAGRAPHS: Final = re.compile(r"\n[^\S\n]*\n\s*")


class Part(StrEnum):
    """What a piece of a line is."""

    TYPED = "typed"
    LINK = "link"
    FILLED = "filled"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line."""

    part: Part
    text: str


def fill(text: str, words: Mapping[str, str]) -> str:
    """A text with its placeholders filled in, as plain text."""
    return PLACEHOLDER.sub(lambda found: words.get(placeholder_name(found[1]), found[0]), text)


def paragraphs(text: str, words: Mapping[str, str]) -> list[list[list[Piece]]]:
    """A text as paragraphs of lines of pieces, with its placeholders filled in."""
    blocks = _PARAGRAPHS.split(text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return [[list(_pieces(line, words)) for line in block.split("\n")] for block in blocks if block.strip()]


def pieces(line: str, words: Mapping[str, str]) -> list[Piece]:
    """A line of which no address becomes a link, with its placeholders filled in."""
    return list(_filled(line, words))


def _pieces(line: str, words: Mapping[str, str]) -> Iterator[Piece]:
    at = 0
    for found in _LINK.finditer(line):
        url = _address(found.group(0))
        yield from _filled(line[at : found.start()], words)
        # What is invisible came with it from where it was copied, and would make it lead nowhere.
        yield Piece(Part.LINK, one_line(url))
        at = found.start() + len(url)
    yield from _filled(line[at:], words)


def _address(found: str) -> str:
    """What of it is the address, and not the sentence that it ends: “(see https://example.org/a_(b)).”."""
    url = found.rstrip(_AFTER)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_AFTER)
    return url


def _filled(typed: str, words: Mapping[str, str]) -> Iterator[Piece]:
    at = 0
    for found in PLACEHOLDER.finditer(typed):
        name = placeholder_name(found[1])
        if name not in words:
            continue
        if found.start() > at:
            yield Piece(Part.TYPED, typed[at : found.start()])
        yield Piece(Part.FILLED, words[name])
        at = found.end()
    if typed[at:]:
        yield Piece(Part.TYPED, typed[at:])
