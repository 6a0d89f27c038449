"""Rows of lists without the model: an instance of that costs more than all that is said of a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from accounts.models import ListImportRow

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(slots=True)
class ListedRow:
    """A row of a list as far as judging and applying need it; as `ListImportRow` calls it."""

    pk: int
    number: int
    key: str
    raw: Any
    decided: dict[str, Any]
    chosen: bool | None
    currency: str
    person: str
    target: str
    what: str
    next_at: datetime | None
    why: str
    verdict: str

    def judged(self) -> tuple[str, str, str, str, str, datetime | None]:
        """What judging says of it, in the order of `JUDGED`."""
        return self.verdict, self.why, self.person, self.target, self.what, self.next_at


ListRow = ListImportRow | ListedRow
"""A row either way: what it says is called the same."""
JUDGED: Final = ("verdict", "why", "person", "target", "what", "next_at")
_COLUMNS: Final = tuple(ListedRow.__slots__)


def listed_rows(rows: "QuerySet[ListImportRow]") -> list[ListedRow]:
    """The rows of a query, in its order."""
    return [ListedRow(*values) for values in rows.values_list(*_COLUMNS)]
