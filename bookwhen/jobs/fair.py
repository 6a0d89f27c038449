"""What is due, some of each account in turn: nobody waits until the thousands of a larger account are done.

Which accounts have anything due is found by stepping through an index from one account to the next, so that what it
costs follows the accounts and rows that are read, and neither history nor how much else is due.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from bookwhen.jobs.run import Run

EACH: Final = 10
"""How many rows of an account are taken before it is the next one's turn."""

# Ordered by more than the account: else an index of all rows of an account would be walked for those that wait.
_ACCOUNTS: Final = """
    WITH RECURSIVE tenant AS (
        (SELECT account_id FROM {table} WHERE {waits} ORDER BY account_id, {order} LIMIT 1)
        UNION ALL
        SELECT (
            SELECT account_id FROM {table} WHERE {waits} AND account_id > tenant.account_id
            ORDER BY account_id, {order} LIMIT 1
        )
        FROM tenant WHERE tenant.account_id IS NOT NULL
    )
"""
_ROWS: Final = """
    SELECT waiting.id FROM tenant, LATERAL (
        SELECT id, row_number() OVER (ORDER BY {order}, id) AS number FROM {table}
        WHERE {waits} AND account_id = tenant.account_id AND {due} AND NOT id = ANY(%(without)s)
        ORDER BY {order}, id LIMIT %(each)s
    ) AS waiting
    ORDER BY waiting.number, waiting.id
"""


@dataclass(frozen=True, slots=True)
class Due:
    """Rows of a table (with `account_id` and `id`) that are to be worked off, those with the least `order` first.

    `waits` and `due` are SQL of ours: what is to be worked off at some time, and whether that has come, by `order` and
    the instant `%(now)s`. Together they want an index on the account and `order`, with the condition `waits`.
    """

    table: str
    order: str
    waits: str
    due: str = "true"

    def batch(self, run: Run, *, without: set[int], each: int | None = None) -> list[int]:
        """The next rows (ids): the first of every account, then the second, up to `each`; none that is set aside."""
        left_out = sorted({*run.set_aside(), *without})
        return self._read(_ACCOUNTS + _ROWS, {"now": run.now, "without": left_out, "each": each or EACH})

    def _read(self, sql: str, values: dict[str, Any]) -> list[int]:
        with connection.cursor() as cursor:
            sql = sql.format(table=self.table, waits=self.waits, due=self.due, order=self.order)
            cursor.execute(sql, values)
            return [row[0] for row in cursor.fetchall()]


def work_off(run: Run, *sorts: tuple[Due, Callable[[int], object]]) -> None:
    """Do what is due, some of each sort and account in turn, until nothing is or the run is over.

    Others may be at the same rows: `act` returns False where a row is somebody else's or done.
    """
    waiting = [_Waiting(run, due, act) for due, act in sorts]
    while waiting and not run.is_over:
        waiting = [each for each in waiting if each.do_batch()]
    run.left = run.left or bool(waiting)


class _Waiting:
    """Rows of one sort; none that could not be done is tried twice in a run."""

    def __init__(self, run: Run, due: Due, act: Callable[[int], object]) -> None:
        self.run, self.due, self.act = run, due, act
        self.last = set[int]()
        self.tried = set[int]()

    def do_batch(self) -> bool:
        """Do some of each account; whether there were any."""
        found = self.due.batch(self.run, without=self.tried)
        # What is still due although it was done: whatever it is, others come first.
        self.tried |= self.last.intersection(found)
        self.run.each(found, self._act)
        self.last = set(found)
        return bool(found)

    def _act(self, pk: int) -> object:
        outcome = self.act(pk)
        if outcome is False:
            self.tried.add(pk)
        return outcome
