"""Reading what is logged, as it would stand in a server's log."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bookwhen.seeing.logs import JsonLine, SafeRequest


class Log:
    """Lines of JSON, as they were written."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == logger]


@contextmanager
def reading_log(level: int = logging.INFO) -> Iterator[Log]:
    """Collect what goes to the server's log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine(process="web"))
    handler.addFilter(SafeRequest())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield Log(stream)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
