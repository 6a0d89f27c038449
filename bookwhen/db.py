"""What PostgreSQL tells us, in our own words."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField
from django.db import IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    CheckConstraint,
    DateTimeField,
    EmailField,
    ForeignObjectRel,
    Func,
    IntegerField,
    Model,
    Q,
    Value,
)
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

HALF_OPEN: Final = Value("[)")

DESCRIPTION_LENGTH: Final = 10_000
"""The longest description of a page, an entry or a membership, in characters: three printed pages."""
NOTE_LENGTH: Final = 2_000
"""The longest description of what stands in a list beside others: a ticket, a group."""


class DateRange(Func):
    """The SQL date range `[starts_on, ends_on)`; a null end has no bound."""

    function = "daterange"
    output_field = DateRangeField()


class InstantRange(Func):
    """The SQL range of instants `[since, until)`; a null end has no bound."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


if TYPE_CHECKING:
    from datetime import datetime

    _NaiveTimeField = DateTimeField[datetime | None, datetime | None]
else:
    _NaiveTimeField = DateTimeField


class WallTimeField(_NaiveTimeField):
    """A naive local time: what a clock shows, in the zone that the row's account names."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 - Django's
        """PostgreSQL's type without a time zone."""
        return "timestamp"

    def get_prep_value(self, value: Any) -> Any:  # noqa: ANN401 - as the field that it is
        """Keep it naive."""
        return self.to_python(value)


if TYPE_CHECKING:
    _TextField = EmailField[str, str]
else:
    _TextField = EmailField


class AddressOrNoneField(_TextField):
    """An email address, or an empty text, which stands in the database as NULL: so that a unique index lets many be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the field that it is
        super().__init__(*args, **{"default": "", **kwargs, "null": True})

    def from_db_value(self, value: str | None, *_rest: object) -> str:
        """Read NULL as an empty text."""
        return value or ""

    def get_prep_value(self, value: Any) -> Any:  # noqa: ANN401 - as the field that it is
        """Write an empty text as NULL."""
        return super().get_prep_value(value) or None


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint that refused a write, or an empty string when PostgreSQL named none."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""


def is_named(row: Model, *, apart_from: Collection[type[Model]] = ()) -> bool:
    """Whether anything at all names a row, in its own app or above it; rows of some models count for nothing."""
    named_by = [field for field in row._meta.get_fields(include_hidden=True) if isinstance(field, ForeignObjectRel)]
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: row}).exists()  # noqa: SLF001
        for relation in named_by
        if relation.related_model not in apart_from
    )


NOT_ON_ONE_LINE: Final = r"[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
"""For PostgreSQL: what no text on one line has; `bookwhen.text.one_line` leaves none of it."""


class TextCheck(CheckConstraint):
    """The constraint that some columns are text on one line, and others at most so long (in characters).

    Forms hold both with a sentence; this is for whatever does not come through a form.
    """

    def __init__(self, *, name: str, one_line: Sequence[str] = (), longest: Mapping[str, int] | None = None) -> None:
        self.one_line, self.longest = tuple(one_line), dict(longest or {})
        condition = Q()
        for column in self.one_line:
            condition &= ~Q((f"{column}__regex", NOT_ON_ONE_LINE))
        for column, length in self.longest.items():
            condition &= Q(LessThanOrEqual(Length(column), Value(length, IntegerField())))
        super().__init__(name=name, condition=condition)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """As a migration writes it."""
        path, arguments, given = super().deconstruct()
        given.pop("condition")
        return path, arguments, {**given, "one_line": self.one_line, "longest": self.longest}

    def validate(
        self, model: type[Model], instance: Model, exclude: Collection[str] | None = None, using: str = "default"
    ) -> None:
        """Ask nothing more of a form: its fields have said what is wrong in a better way, and without a statement."""


def mend_texts(table: str, check: TextCheck) -> str:
    """The statement that makes rows of a table keep a check: odd characters become spaces, what is too long is cut."""
    mended = {column: f"btrim(regexp_replace({column}, '{NOT_ON_ONE_LINE}+', ' ', 'g'))" for column in check.one_line}
    mended |= {column: f"left({column}, {length})" for column, length in check.longest.items()}
    odd = [f"{column} ~ '{NOT_ON_ONE_LINE}'" for column in check.one_line]
    odd += [f"length({column}) > {length}" for column, length in check.longest.items()]
    changes = ", ".join(f"{column} = {value}" for column, value in mended.items())
    return f"UPDATE {table} SET {changes} WHERE {' OR '.join(odd)}"  # noqa: S608 - all of it is ours
