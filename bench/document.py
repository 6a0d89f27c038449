"""Writing what was measured into a document, between two marks, so that the words around it stay somebody's."""

from pathlib import Path


class NoMarksError(Exception):
    """The document does not say where the text belongs."""


def put(document: Path, mark: str, text: str) -> None:
    """Replace what stands between `<!-- mark -->` and `<!-- /mark -->`. Raises NoMarksError."""
    begins, ends = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    before, found, rest = document.read_text().partition(begins)
    _old, closed, after = rest.partition(ends)
    if not found or not closed:
        message = f"{document} has no {begins} … {ends}."
        raise NoMarksError(message)
    document.write_text(f"{before}{begins}\n\n{text.strip()}\n\n{ends}{after}")
