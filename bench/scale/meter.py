"""What an act costs the database: statements, and blocks of tables and indexes read; and what it costs the processor.

An act takes place in a transaction that is rolled back, so that each finds the same rows. Blocks are PostgreSQL's own
count in that transaction, of our relations alone. They say the same on every machine, however busy; times do not.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from django.db import Error, connection, transaction
from django.db.utils import OperationalError

PATIENCE: Final = 20
"""Seconds that a statement gets, unless something else is asked for."""

_BLOCKS: Final = """
    SELECT relname, read FROM pg_class, pg_stat_get_xact_blocks_fetched(oid) AS read
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'm') AND read > 0
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Blocks by table and index, and milliseconds that this process and its PostgreSQL backend were at work."""

    statements: int
    relations: Mapping[str, int]
    cpu: float

    @property
    def blocks(self) -> int:
        """Of all tables and indexes together."""
        return sum(self.relations.values())


class _NoAnswerError(Exception):
    """A statement was ended because it took too long."""


def measure(
    act: Callable[[], object], *, times: int = 3, given: Callable[[], object] = lambda: None, patience: int = PATIENCE
) -> Cost | None:
    """The cost of an act once this process has done it before: of its last time, and the median of its times.

    What is `given` is done before it each time, and not counted. None: a statement took longer than `patience` seconds.
    """
    try:
        costs = [_once(act, given, patience) for _time in range(times + 1)][1:]
    except _NoAnswerError:
        return None
    return replace(costs[-1], cpu=median(each.cpu for each in costs))


def _once(act: Callable[[], object], given: Callable[[], object], patience: int) -> Cost:
    count = _Count()
    with _undone(patience), connection.execute_wrapper(count):
        given()
        before, began = _blocks(), _worked()
        count.statements = 0
        try:
            act()
        except OperationalError as error:
            raise _NoAnswerError from error
        worked = _worked() - began
        if count.failed:
            raise _NoAnswerError
        statements = count.statements
        return Cost(statements, _blocks() - before, 1000 * worked)


@contextmanager
def _undone(patience: int) -> Iterator[None]:
    """A transaction of which nothing stays, in which no statement takes longer than so many seconds."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{patience}s'")
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # what a helper reads is not counted here
        try:
            yield
        finally:
            transaction.set_rollback(True)


class _Count:
    """Counts the statements that pass through Django's cursors, and whether PostgreSQL ended one of them."""

    def __init__(self) -> None:
        self.statements = 0
        self.failed = False

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: object,
        many: bool,  # noqa: FBT001 - Django's
        context: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - Django's
        """Django's way of passing a statement on."""
        self.statements += 1
        try:
            return execute(sql, params, many, context)
        except Error as error:
            self.failed = self.failed or isinstance(error, OperationalError)
            raise


def _blocks() -> Counter[str]:
    with connection.cursor() as cursor:
        cursor.execute(_BLOCKS)
        return Counter(dict(cursor.fetchall()))


def _worked() -> float:
    """Seconds that this process and its backend were at work so far, where Linux tells it."""
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return time.process_time() + (int(backend.read_text().split()[0]) / 1e9 if backend.exists() else 0)
