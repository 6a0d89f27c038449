"""A connection that finds out in time that the server has gone, and knows whether a request has changed anything."""

import re
from collections.abc import Callable
from functools import lru_cache
from select import POLLIN, poll
from typing import Any, Final

import psycopg
from django.db.backends.postgresql import base
from django.db.utils import Error
from psycopg import errors

TRIES: Final = 3
"""How many connections are tried when each turns out to be dead."""
READING: Final = {"SELECT", "(SELECT", "SHOW", "SET", "BEGIN", "ROLLBACK"}
WRITING: Final = re.compile(r"\b(INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|UPDATE\s+[^;]*?\bSET)\b", re.IGNORECASE)
FORGOTTEN: Final = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)
"""What PostgreSQL says of a prepared statement whose table has changed, or that it does not know (any more)."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection to PostgreSQL.

    From the pool come only connections whose server has not hung up: that is looked up where the kernel noted it,
    without a round trip.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(*args, **kwargs)
        self.has_written = False
        """Whether something was committed since `begin_request`."""
        self.is_unsure = False
        """Whether since `begin_request` something may have been done that was not committed here.

        The server went before it said that it was, or another one was asked for it (`note_outside_effect`).
        """
        self.execute_wrappers.append(self._execute)

    def begin_request(self) -> None:
        """Nothing has been committed yet."""
        self.has_written = self.is_unsure = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:  # noqa: ANN401 - psycopg's connection
        """A connection, from the pool if there is one."""
        for _try in range(TRIES):
            connection = super().get_new_connection(conn_params)
            if not self.pool or is_alive(connection):
                break
            # Its like in the pool are as dead.
            self.pool.drain()
            self.pool.putconn(connection)
        return connection

    def _commit(self) -> None:
        if self.connection is None:
            return
        try:
            super()._commit()  # type: ignore[misc]
        except Error:
            self.is_unsure = True
            raise
        self.has_written = True

    def _execute(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: object,
        many: bool,  # noqa: FBT001 - Django's
        context: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - Django's
        try:
            found = execute(sql, params, many, context)
        except Error as error:
            if isinstance(error.__cause__, FORGOTTEN) and not self.in_atomic_block:
                # Prepared statements are kept by name. What is known on both sides is forgotten, and it is asked again.
                self.connection.execute("DEALLOCATE ALL")
                return execute(sql, params, many, context)
            self._note(error, sql)
            raise
        if not self.in_atomic_block and not _only_reads(sql):
            self.has_written = True
        return found

    def _note(self, error: Error, sql: str) -> None:
        """Note what a failed statement says of the server."""
        if isinstance(error.__cause__, errors.ReadOnlySqlTransaction) and self.pool:
            # It was the primary once. The next connection finds the one that is.
            self.pool.drain()
        if not self.in_atomic_block and not _only_reads(sql) and self.connection and self.connection.broken:
            self.is_unsure = True


def is_alive(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the server of an idle connection is there: one that has gone leaves an end, or a last word."""
    waiting = poll()
    waiting.register(connection.fileno(), POLLIN)
    if not waiting.poll(0):
        return True
    try:
        connection.execute("")
    except psycopg.Error:
        return False
    return True


@lru_cache(maxsize=1024)
def _only_reads(sql: str) -> bool:
    # Statements are few and long; what they are asked with is apart from them.
    first = sql.split(None, 1)[0].upper()
    return first in READING or (first == "WITH" and not WRITING.search(sql))
