"""What PostgreSQL tells us, in our own words."""

from typing import Final

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField
from django.db import IntegrityError
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


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint that refused a write, or an empty string when PostgreSQL named none."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
