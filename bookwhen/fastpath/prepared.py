"""Statements that PostgreSQL plans once in a connection."""

from typing import Any, Final

from django.db import connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

from bookwhen.replica.routing import alias_to_read

CURSOR: Final[Any] = ServerBindingCursor


def prepared_cursor() -> CursorWrapper:
    """A cursor for the few statements that run all the time: PostgreSQL plans each of them once in a connection.

    Planning a statement of several tables costs more than running it. What is given goes to the server apart from the
    statement, so a value whose type does not follow from its place needs a cast. Behind PgBouncer (settings) nothing
    is prepared, and all else is the same. In a request that reads the replica, it is the replica that is asked.
    """
    connection = connections[alias_to_read()]
    connection.ensure_connection()
    make = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return make(CURSOR(connection.connection))
