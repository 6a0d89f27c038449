"""What a statement reads: blocks of the database, by PostgreSQL's own count."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


@dataclass
class Read:
    """What was asked, and how many blocks each of it reads."""

    statements: list[str] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)

    @property
    def most(self) -> int:
        """The blocks of the statement that reads most."""
        return max(self.blocks, default=0)


def blocks_of(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
        (plan,) = cursor.fetchone()[0]
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


@contextmanager
def reading() -> Generator[Read]:
    """Count what the statements of a block read; it is filled in at its end."""
    found = Read()
    with CaptureQueriesContext(connection) as asked:
        yield found
    # A statement whose values are not in its text (`$1`) cannot be explained: what it reads has tests of its own.
    found.statements = [
        each["sql"] for each in asked if (sql := each["sql"] or "").startswith("SELECT") and "$1" not in sql
    ]
    found.blocks = [blocks_of(sql) for sql in found.statements]


def empty(*tables: str) -> None:
    """Let tables be as new, until the test ends: what tests before it rolled back is still in their files."""
    run("SET CONSTRAINTS ALL IMMEDIATE", f"TRUNCATE {', '.join(tables)} CASCADE")


def run(*statements: str, **values: Any) -> None:
    """Run statements, with values in place of `%(name)s`."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values or None)
