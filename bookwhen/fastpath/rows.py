"""Models from rows that a statement written by hand tells as JSON: several tables in one answer."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    TextField,
    UUIDField,
)

from bookwhen.db import AddressOrNoneField

M = TypeVar("M", bound=Model)

# A DateTimeField is a DateField too: the first that fits counts.
_READ: Final[tuple[tuple[type["Field[Any, Any]"], Callable[[str], object] | None], ...]] = (
    (DateTimeField, datetime.fromisoformat),
    (DateField, date.fromisoformat),
    (UUIDField, UUID),
    (BooleanField, None),
    (CharField, None),
    (IntegerField, None),
    (TextField, None),
)
"""How a column's JSON (`to_jsonb`) becomes the field's value; None: it is the value."""


class UnreadableFieldError(TypeError):
    """A field of a kind whose JSON is not the value that the ORM would read."""


class RowReader(Generic[M]):
    """Makes instances of a model from its rows as `to_jsonb` tells them, as the ORM would from its own.

    What is left out of it (`without`, by attname) is deferred: fetched when somebody asks for it. Raises
    UnreadableFieldError for a field of a kind that it does not know.
    """

    def __init__(self, model: type[M], *, without: AbstractSet[str] = frozenset()) -> None:
        read = [field for field in model._meta.concrete_fields if field.attname not in without]
        self._model = model
        self._names = [field.attname for field in read]
        self._converters = [(place, convert) for place, field in enumerate(read) if (convert := _converter(field))]
        self._empty = [place for place, field in enumerate(read) if isinstance(field, AddressOrNoneField)]

    def read(self, row: Mapping[str, Any]) -> M:
        """The instance of one row, which may hold more than the model's columns."""
        values = [row[name] for name in self._names]
        for place, convert in self._converters:
            if values[place] is not None:
                values[place] = convert(values[place])
        for place in self._empty:
            values[place] = values[place] or ""
        return self._model.from_db(DEFAULT_DB_ALIAS, self._names, values)


def _converter(field: "Field[Any, Any]") -> Callable[[str], object] | None:
    while isinstance(field, ForeignKey):
        field = field.target_field
    for kind, convert in _READ:
        if isinstance(field, kind):
            return convert
    raise UnreadableFieldError(str(field))
