"""Where lists come from, and what becomes of them: apps above register their sources here from `ready()`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from accounts.imports.rows import ListedRow
from accounts.models import ListImport, ListImportRow

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Cursor = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """Rows as they came, not numbered yet, and where the next batch begins (None: the list is read)."""

    rows: Sequence[ListImportRow]
    cursor: Cursor | None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSource:
    """A kind of list; each part is safe to repeat, and none raises for what is wrong with one row.

    `read` reads a batch, and may keep what it learned of the list as a whole in `found`. `judge` gives rows a verdict,
    a reason, a person and a target, and writes nothing. `apply` takes in the next batch of the rows that are wanted,
    notes on each what became of it, and says where the next batch begins. `undo` takes back what became of a row, and
    says why it was kept instead, or nothing. `clear` takes back, after that, what was made for the list as a whole.
    """

    name: str
    label: "StrOrPromise"
    page: str
    read: Callable[[ListImport, Cursor, datetime], ReadBatch]
    judge: Callable[[ListImport, Sequence[ListedRow], datetime], None]
    apply: Callable[[ListImport, Cursor, datetime], Cursor | None]
    undo: Callable[[ListImport, ListImportRow, datetime], str]
    clear: Callable[[ListImport, datetime], None]


_SOURCES: Final[dict[str, ListSource]] = {}


def register_source(source: ListSource) -> None:
    """Let lists of this source be taken in from now on."""
    from accounts.imports.phases import kind_of_source
    from accounts.operations.kinds import register_kind

    _SOURCES[source.name] = source
    register_kind(kind_of_source(source))


def source_of(list_import: ListImport) -> ListSource:
    """The source of a list; raises KeyError where nobody registered it (any more)."""
    return _SOURCES[list_import.source]
