"""What PostgreSQL tells us, in our own words."""

from typing import Any, Final

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField
from django.db import IntegrityError, connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Func, Value

HALF_OPEN: Final = Value("[)")


class DateRange(Func):
    """The SQL date range `[starts_on, ends_on)`; a null end has no bound."""

    function = "daterange"
    output_field = DateRangeField()


class InstantRange(Func):
    """The SQL range of instants `[since, until)`; a null end has no bound."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


def prepared_cursor() -> CursorWrapper:
    """A cursor for the few statements that run all the time: PostgreSQL plans each of them once in a connection.

    Planning a statement of several tables costs more than running it. What is given goes to the server apart from the
    statement, so a value whose type does not follow from its place needs a cast. Behind PgBouncer (settings) nothing
    is prepared, and all else is the same.
    """
    connection.ensure_connection()
    make = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    cursor: Any = ServerBindingCursor
    return make(cursor(connection.connection))


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint that refused a write, or an empty string when PostgreSQL named none."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
