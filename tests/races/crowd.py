"""Many at once: threads that start together, each with a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def run_at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """What `act(0)` … `act(count - 1)` return, all begun at one instant; raises what the first of them raised."""
    start = threading.Barrier(count)

    def run(number: int) -> T:
        try:
            start.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def wait_for_everyone(count: int) -> Callable[[], None]:
    """For a control: called after looking and before acting, it makes everybody look before anybody acts."""
    everybody_looked = threading.Barrier(count)

    def wait() -> None:
        everybody_looked.wait()

    return wait
