"""Phases that do something with each of many rows, in the order of their keys, some in one transaction.

A row that fails keeps no other waiting. At the end what is left is tried once more; what fails then fails the job,
which is tried again later. Rows that are done are not found any more, so that a batch is safe to repeat.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from accounts.models import Operation
from accounts.operations.kinds import Step
from bookwhen.jobs.run import divide

AFTER: Final = "after"
TOTAL: Final = "total"
"""The cursor's words for the last key of which a batch was done, and for how many rows there were at first."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RowsToDo:
    """The rows of a phase: how many are left, the next keys after one, and what is done with the rows of some keys."""

    count: Callable[[], int]
    next_keys: Callable[[int], list[int]]
    act: Callable[[Sequence[int]], object]


def do_batch(operation: Operation, rows: RowsToDo) -> Step:
    """Do the next batch of a job; whatever else its cursor says stays in it."""
    given = dict(operation.cursor)
    if TOTAL not in given:
        total = rows.count()
        return Step({**given, AFTER: 0, TOTAL: total}, 0, total)
    if keys := rows.next_keys(given[AFTER]):
        try_each(operation, rows, keys)
        return Step({**given, AFTER: keys[-1]}, min(operation.done + len(keys), given[TOTAL]), given[TOTAL])
    while keys := rows.next_keys(0):
        rows.act(keys)
    return Step(None, given[TOTAL], given[TOTAL])


def try_each(operation: Operation, rows: RowsToDo, keys: Sequence[int]) -> None:
    """Do what is done with the rows of these keys; of one that fails it is logged, and it stays as it is."""
    divide(keys, rows.act, partial(_note_failure, operation), is_over=lambda: False)


def _note_failure(operation: Operation, key: int, error: Exception) -> None:
    log.error("%s failed for %s: %s", operation, key, error, exc_info=error)
