"""A row of a list as pages show it, whatever the list is of; and what a kind of list says on its pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import TextChoices
from django.utils.functional import Promise

from accounts.imports.files import CELLS, LINE
from accounts.imports.sources import ListSource
from accounts.models import ListImport, ListImportRow, Verdict

if TYPE_CHECKING:
    from tickets.dashboard.lists.forms import ColumnKind, ConfirmListForm, ListRowForm

Words = str | Promise
TONES: Final = {Verdict.NEW: "good", Verdict.CHANGED: "good", Verdict.DOUBTFUL: "warn"}


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row as pages list it."""

    row: ListImportRow
    line: int
    """In which row of the file it stands."""
    who: str
    email: str
    about: list[str]
    """Which groups it leads to, or which event and ticket."""
    reason: Words
    tone: str
    is_wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What rows lead to: what it is called, whether the import makes it, and how many rows do."""

    title: str
    is_new: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """What lists of one source say, ask and show on their pages.

    `lines` are rows as pages list them; `targets` what wanted rows lead to, by their targets; `names` what a step of
    its own asks about: the groups or tickets that a list names otherwise than the account does.
    """

    source: ListSource
    reasons: type[TextChoices]
    verdicts: Mapping[Any, Verdict]
    what_to_do: Mapping[Any, Words]
    columns: "ColumnKind"
    lines: Callable[[ListImport, Sequence[ListImportRow]], list[RowLine]]
    targets: Callable[[ListImport, Mapping[str, int]], list[Target]]
    confirm_form: "type[ConfirmListForm]"
    row_form: "Callable[..., ListRowForm]"

    @property
    def name(self) -> str:
        """By which templates tell it."""
        return self.source.name


def row_line(kind_reasons: type[TextChoices], row: ListImportRow, who: str, email: str, about: list[str]) -> RowLine:
    """A row as pages list it; `who` may be empty where it names nobody."""
    plain = row.verdict in {Verdict.NEW, Verdict.CHANGED} and row.chosen is not False
    email = email or " ".join(each for each in row.raw[CELLS] if "@" in each)[:100]
    return RowLine(
        row=row,
        line=row.raw[LINE],
        who=who or email or " ".join(filter(None, row.raw[CELLS]))[:60],
        email=email,
        about=about,
        reason=kind_reasons(row.why).label if row.why else "",
        tone=TONES.get(Verdict(row.verdict), "") if row.verdict else "",
        is_wanted=plain or (row.verdict == Verdict.DOUBTFUL and row.chosen is True),
    )
