"""One question to one server, which is asked again and again and gives up soon."""

import select
import time
from typing import Any, Final

import psycopg
from django.db import connections

from bookwhen.replica.database import CONNECT_SECONDS

ANSWER_SECONDS: Final = 1.0


class Line:
    """A connection of its own, outside every pool; made again after any fault. For one thread."""

    def __init__(self, alias: str, statement: bytes) -> None:
        self._alias, self._statement = alias, statement
        self._connection: psycopg.Connection[Any] | None = None

    def ask(self) -> int | None:
        """The whole number that the server answers; None where it answers none, or nothing in time."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            answer = _answer(self._connection.pgconn, self._statement)
        except (psycopg.Error, OSError):
            self.close()
            return None
        return None if answer is None else int(answer)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> psycopg.Connection[Any]:
        known = connections[self._alias].get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            known.pop(name, None)
        return psycopg.connect(**{**known, "connect_timeout": CONNECT_SECONDS}, autocommit=True)


def _answer(server: Any, statement: bytes) -> bytes | None:  # noqa: ANN401 - psycopg's PGconn
    """The first value of the answer. psycopg itself would wait for ever for a server that is frozen."""
    server.send_query(statement)
    until = time.monotonic() + ANSWER_SECONDS
    wait = select.poll()
    wait.register(server.socket, select.POLLIN)
    while server.is_busy():
        if not wait.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError
        server.consume_input()
    value: bytes | None = None
    while (result := server.get_result()) is not None:
        if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(result.error_message.decode(errors="replace"))
        value = result.get_value(0, 0)
    return value
