"""Rows of tables: an outline of a row, of which nobody can look at what is only written."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.safestring import SafeString

from bookwhen.fastpath.outlines import Outlines, SaidOrNot

MOST: Final = 1_000_000
"""Bytes of the shapes of one row, in each process."""


class RowTemplate:
    """A template of a row (or of a part of one), which is given its texts and its shape.

    The shape is all that the template decides by: plain data of few values. The texts (or whole numbers) are written.
    """

    def __init__(self, name: str) -> None:
        self.outlines = Outlines(name, MOST)

    def draw(self, texts: Mapping[str, object], **shape: Any) -> SafeString:  # noqa: ANN401 - plain data
        """The row."""
        said = {name: SaidOrNot(text) for name, text in texts.items()}
        return SafeString(self.outlines.render({**said, **shape}))


def joined(rows: Iterable[SafeString]) -> SafeString:
    """Rows that were drawn, one after the other."""
    return SafeString("".join(rows))
