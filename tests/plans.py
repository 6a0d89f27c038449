"""What a statement reads: blocks of the database, by PostgreSQL's own count."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import connection


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
    """Count what the statements of a block read, with their values in place; it is filled in at its end."""
    found, ops = Read(), cast("Any", connection.ops)

    def note(execute: Callable[..., Any], sql: str, params: Any, *more: Any) -> Any:
        if sql.startswith("SELECT"):
            found.statements.append(ops.compose_sql(sql, params))
        return execute(sql, params, *more)

    with connection.execute_wrapper(note):
        yield found
    found.blocks = [blocks_of(sql) for sql in found.statements]


def empty(*tables: str) -> None:
    """Let tables be as new, until the test ends: what tests before it rolled back is still in their files."""
    run("SET CONSTRAINTS ALL IMMEDIATE", f"TRUNCATE {', '.join(tables)} CASCADE", "SET CONSTRAINTS ALL DEFERRED")


def run(*statements: str, **values: Any) -> None:
    """Run statements, with values in place of `%(name)s`."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values or None)
