"""What a studio typed, read: paragraphs, links, and the placeholders that are filled in for each customer.

What was typed is data: it makes links of its own addresses and no other markup. What is filled in makes none at all
(docs/decisions/0020).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FIRST_NAME: Final = "first_name"

_PLACEHOLDER: Final = re.compile(r"\{([^{}\n]{1,40})\}")
_LINK: Final = re.compile(r"""https?://[^\s<>"'{}]+""", re.IGNORECASE)
_AFTER: Final = ".,;:!?)]”’"
"""What ends a sentence, and no address."""
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


def unknown_placeholders(text: str, known: Collection[str]) -> list[str]:
    """The placeholders in a text that nothing is known for, as they were typed, each once."""
    found = (each.group(0) for each in _PLACEHOLDER.finditer(text) if _name(each) not in known)
    return list(dict.fromkeys(found))


def uses_placeholder(text: str, name: str) -> bool:
    """Whether a text has this placeholder in it."""
    return any(_name(each) == name for each in _PLACEHOLDER.finditer(text))


def fill(text: str, words: Mapping[str, str]) -> str:
    """A text with its placeholders filled in, as plain text."""
    return _PLACEHOLDER.sub(lambda found: words.get(_name(found), found.group(0)), text)


def paragraphs(text: str, words: Mapping[str, str]) -> list[list[list[Piece]]]:
    """A text as paragraphs of lines of pieces, with its placeholders filled in."""
    blocks = _PARAGRAPHS.split(text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return [[list(_pieces(line, words)) for line in block.split("\n")] for block in blocks if block.strip()]


def _pieces(line: str, words: Mapping[str, str]) -> Iterator[Piece]:
    at = 0
    for found in _LINK.finditer(line):
        url = found.group(0).rstrip(_AFTER)
        yield from _filled(line[at : found.start()], words)
        yield Piece(Part.LINK, url)
        at = found.start() + len(url)
    yield from _filled(line[at:], words)


def _filled(typed: str, words: Mapping[str, str]) -> Iterator[Piece]:
    at = 0
    for found in _PLACEHOLDER.finditer(typed):
        if _name(found) not in words:
            continue
        if found.start() > at:
            yield Piece(Part.TYPED, typed[at : found.start()])
        yield Piece(Part.FILLED, words[_name(found)])
        at = found.end()
    if typed[at:]:
        yield Piece(Part.TYPED, typed[at:])


def _name(found: re.Match[str]) -> str:
    """`{First name}` is as good as `{first_name}`."""
    return "_".join(found.group(1).lower().split())
