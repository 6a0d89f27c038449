"""What is in the archive, some at a time: the files for a spreadsheet, every table as JSON, and the pictures."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.apps import apps
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet, TextField
from django.db.models.functions import Cast, Left, Upper

from accounts.models import Account
from bookwhen.keyset import rows_after
from tickets.dashboard.csv_export import CsvFormat, csv_lines
from tickets.dashboard.exports.archive.tables import INTERNAL, LEFT_OUT, TABLES, Table
from tickets.dashboard.exports.catalogue import ON_PAGE
from tickets.dashboard.exports.kinds import Asked, ExportList, Place
from tickets.models import Picture
from tickets.pictures.addresses import LARGE
from tickets.pictures.keeping import file_name

ROWS: Final = 1000
"""How many rows are read at a time."""
PICTURES: Final = 10
REFERENCE: Final = "reference"
"""What people call a booking: the beginning of its uuid, which itself opens its page."""

log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Some:
    """Some of what a source has: bytes of its file, or whole files; up to where (None: its end), and how many rows."""

    rows: int
    after: Place | None
    data: bytes = b""
    files: Mapping[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the archive (`path`), or several of a folder: `read` gives some of it after a place."""

    path: str
    read: Callable[[Asked, CsvFormat, Place | None], Some]
    has_many: bool = False


def _of_list(each: ExportList, asked: Asked, form: CsvFormat, place: Place | None) -> Some:
    batch = each.read(asked, place, ROWS)
    lines = list(csv_lines(form, each.head(asked), batch.rows))
    return Some(len(batch.rows), batch.after, "".join(lines[1:] if place else lines).encode())


def _of_table(table: Table, asked: Asked, _form: CsvFormat, place: Place | None) -> Some:
    rows = list(rows_after(_rows_of(table, asked), ("pk",), place)[:ROWS])
    after = [rows[-1]["pk"]] if len(rows) == ROWS else None
    # A comma stands before each row but the first, since nobody knows which is the last.
    data = "".join(f"{',' if place or number else '['}\n{_as_json(row)}" for number, row in enumerate(rows))
    opened = "" if place or rows else "["
    return Some(len(rows), after, (opened + data + ("" if after else "\n]\n")).encode())


def _rows_of(table: Table, asked: Asked) -> "QuerySet[Any]":
    found = all_of(table, asked.account)
    if REFERENCE in table.more:
        found = found.annotate(reference=Upper(Left(Cast("uuid", TextField()), 8)))
    return found.values("pk", *columns_of(table), *table.more)


def all_of(table: Table, account: Account) -> "QuerySet[Any]":
    """Every row of a table that is an account's."""
    return model_of(table)._default_manager.filter(**{table.account: account.pk})  # noqa: SLF001 - Django's own way


def model_of(table: Table) -> type[Model]:
    """The model of a table; of a relation to many, that which joins both."""
    app, name, *relation = table.label.split(".")
    model = apps.get_model(app, name)
    return getattr(model, relation[0]).through if relation else model


def columns_of(table: Table) -> list[str]:
    """The columns of a table that are in the archive."""
    every = [field.attname for field in model_of(table)._meta.concrete_fields]
    return [name for name in every if name not in INTERNAL | table.without]


def _as_json(row: dict[str, Any]) -> str:
    said = {name: value for name, value in row.items() if name != "pk"}
    return json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False)


def _of_pictures(asked: Asked, _form: CsvFormat, place: Place | None) -> Some:
    pictures = list(rows_after(Picture.objects.filter(account=asked.account), ("pk",), place)[:PICTURES])
    files = {f"pictures/{each.uuid}.webp": data for each in pictures if (data := _picture(each)) is not None}
    return Some(len(files), [pictures[-1].pk] if len(pictures) == PICTURES else None, files=files)


def _picture(picture: Picture) -> bytes | None:
    """What is stored of a picture, in its larger size; nothing where the storage has lost it."""
    try:
        with default_storage.open(file_name(picture.uuid, LARGE)) as file:
            data: bytes = file.read()
            return data
    except FileNotFoundError:
        log.warning("The picture %s is not in the storage", picture.uuid)
        return None


SOURCES: Final = (
    *(Source(f"{each.file}.csv", partial(_of_list, each)) for each in ON_PAGE),
    *(Source(table.path, partial(_of_table, table)) for table in TABLES),
    Source("pictures/", _of_pictures, has_many=True),
)
"""All that is in it, in its order; the manifest comes last."""


def manifest(asked: Asked, rows: Mapping[str, int]) -> bytes:
    """What is in an archive and what is not, for people and programs."""
    said = {
        "studio": asked.account.name,
        "asked_for_at": asked.now.isoformat(),
        "time_zone": asked.account.time_zone,
        "times": "Files for a spreadsheet have times of this time zone; data files have them with their offset.",
        "amounts": "Files for a spreadsheet have amounts; data files have them in the smallest unit of their currency.",
        "files": [{"path": source.path, "rows": rows.get(source.path, 0)} for source in SOURCES],
        "left_out": dict(LEFT_OUT),
    }
    return f"{json.dumps(said, ensure_ascii=False, indent=2)}\n".encode()
