"""Waiting for what happens elsewhere: in a worker, in another process."""

import time
from collections.abc import Callable


def eventually(happened: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Wait until it happened; raises AssertionError when it did not in that time."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"It did not happen within {seconds} seconds."
        time.sleep(0.05)
