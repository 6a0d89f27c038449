"""Many at once: threads that start together, each with a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, transaction

from tests.waiting import eventually

T = TypeVar("T")


def run_at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """What `act(0)` … `act(count - 1)` return, all begun at one instant; raises what the first of them raised.

    They connect one after the other first: two hundred at once take a busy machine longer than a connection may take.
    """
    start = threading.Barrier(count, timeout=300)
    connecting = threading.Lock()

    def run(number: int) -> T:
        try:
            with connecting:
                connection.ensure_connection()
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


def meanwhile(ours: Callable[[], object], theirs: Callable[[], T]) -> tuple[bool, T]:
    """Do ours, and let another connection begin theirs before that is committed: whether it waited, and its end."""

    def in_a_connection() -> T:
        try:
            return theirs()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            ours()
            waiting = pool.submit(in_a_connection)
            eventually(lambda: waiting.done() or _somebody_waits_for_us())
            had_to_wait = not waiting.done()
        return had_to_wait, waiting.result()


def _somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])
