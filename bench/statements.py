"""Counting the SQL statements that the site runs, by PostgreSQL's own count (pg_stat_statements)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

_WRITES: Final = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b", re.IGNORECASE)
_LOCKS: Final = re.compile(r"\bFOR (NO KEY )?(UPDATE|SHARE)\b", re.IGNORECASE)
_OURS: Final = re.compile(r"pg_stat_statements|set_config|pg_catalog|AS bench", re.IGNORECASE)
"""What the count and the benchmark themselves ask, and what a new connection of the pool asks once."""


@dataclass(slots=True)
class Count:
    """How many statements ran: reads, writes, and BEGIN, COMMIT, SAVEPOINT and the like."""

    selects: float = 0
    writes: float = 0
    others: float = 0

    @property
    def statements(self) -> float:
        """Reads and writes."""
        return self.selects + self.writes


class Counter:
    """Counts what runs in one database."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    @contextmanager
    def counting(self, *, acts: int) -> Iterator[Count]:
        """Count what runs meanwhile, divided by so many acts."""
        count = Count()
        self._connection.execute("SELECT pg_stat_statements_reset()")
        yield count
        for query, calls in self.seen():
            kind = kind_of(query)
            setattr(count, kind, getattr(count, kind) + calls / acts)

    def seen(self) -> list[tuple[str, int]]:
        """Every statement since the count began, with how often it ran."""
        rows = self._connection.execute("SELECT query, calls FROM pg_stat_statements ORDER BY calls DESC, query")
        return [(query, calls) for query, calls in rows if not _OURS.search(query)]


def kind_of(query: str) -> str:
    """Which part of a `Count` a statement belongs to: selects (locking ones too), writes, others."""
    head = query.lstrip("( \n").split(None, 1)[0].upper()
    if head not in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
        return "others"
    return "writes" if _WRITES.search(_LOCKS.sub("", query)) else "selects"
