"""Statements that PostgreSQL plans once in a connection."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg import RawCursor

from bookwhen.replica.routing import alias_to_read

_PLACE: Final = re.compile(r"%(?:\((\w+)\))?(.?)")


class PreparedCursor(RawCursor[Any]):
    """Sends the values apart from the statement, as PostgreSQL reads it; statements with `%s` are written so once.

    psycopg's own cursor looks for the places of values each time in what is longer than 4,096 characters, as half of
    what is asked of this one is.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> "PreparedCursor":  # noqa: ANN401 - psycopg's
        """Run a statement with values for its places: a sequence, or a mapping for names."""
        if params is None:
            super().execute(query, **options)
            return self
        written, names = numbered(query)
        if isinstance(params, Mapping):
            params = [params[name] for name in names]
        super().execute(written, params, **options)
        return self


@lru_cache(maxsize=512)
def numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement with `$1` and so on for its places, and what these are called: a name that comes again is one place.

    Raises ValueError where a `%` is neither `%s` nor `%(name)s` nor `%%`.
    """
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name, kind = found.groups()
        if found[0] == "%%":
            return "%"
        if kind != "s":
            raise ValueError(found[0])
        return f"${names.setdefault(name or str(len(names)), len(names) + 1)}"

    return _PLACE.sub(number, sql).encode(), tuple(names)


CURSOR: Final[Any] = PreparedCursor


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
