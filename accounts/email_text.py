"""Reading the body of a text letter: its paragraphs, lists, and links that stand alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LINK: Final = re.compile(r"(?:(?P<words>[^:\n]+):\s+)?(?P<href>https?://\S+)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: either lines, or items (lines that began with a hyphen), or a link with its words."""

    lines: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    words: str = ""
    href: str = ""


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Split at blank lines. `Words: https://…` alone in its paragraph is a link; `- ` begins an item of a list."""
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = tuple(line.strip() for line in block.splitlines() if line.strip())
        link = LINK.fullmatch(block.strip())
        if link:
            yield Paragraph(words=(link["words"] or link["href"]).strip(), href=link["href"])
        elif lines and all(line.startswith("- ") for line in lines):
            yield Paragraph(items=tuple(line.removeprefix("- ") for line in lines))
        else:
            yield Paragraph(lines=lines)
