"""The row of a table that names its columns, and what the columns are called."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

from bookwhen.text import machine_line, plain_letters

LOOKED_AT: Final = 30
"""Rows among which the heading is looked for: titles may stand above it."""
LONGEST: Final = 80
"""Characters of a column's name that are kept."""
MOST_COLUMNS: Final = 300
_WORD: Final = re.compile(r"[a-z0-9]+")
_IN_BRACKETS: Final = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
_TOTAL: Final = re.compile(
    r"(?:grand |sub)?totals?(?: général)?\b|sum\b|count\b|gesamt|summe\b|anzahl\b|insgesamt|total général|nombre\b",
    re.IGNORECASE,
)


def title_of(cell: str) -> str:
    """What a cell says as the name of a column, for comparing: small letters and digits alone."""
    return " ".join(_WORD.findall(plain_letters(cell))) if len(cell) <= LONGEST else ""


Column = TypeVar("Column")


def column_called(name: str, titles: Mapping[str, Column]) -> Column | None:
    """What a column holds that is called so, *Mobile (preferred)* as *Mobile* too; None where nothing says it."""
    return titles.get(title_of(name)) or titles.get(title_of(_IN_BRACKETS.sub(" ", name)))


def score_of(row: Sequence[str], known: Collection[str]) -> int:
    """How many cells of a row name a column that is known; 0 for a row that holds an address."""
    if any("@" in cell for cell in row):
        return 0
    return len({title for cell in row if (title := title_of(cell)) and title in known})


def find_heading(rows: Sequence[Sequence[str]], known: Collection[str]) -> int | None:
    """Which of the first rows is the heading; None where none is, because the list begins at once."""
    scores = [score_of(row, known) for row in rows]
    best = max(scores, default=0)
    if best > 1:
        return scores.index(best)
    data = next((number for number, row in enumerate(rows) if any("@" in cell for cell in row)), len(rows))
    above = [number for number in range(data) if sum(map(bool, rows[number])) > (0 if scores[number] else 1)]
    # Among rows above the first address: the one that names a column, else the last one that could.
    named = [number for number in above if scores[number]]
    return named[0] if named else (above[-1] if above else None)


def column_names(heading: Sequence[str], width: int, unnamed: str) -> list[str]:
    """What the columns are called, each differently: `unnamed` (with %d) where nothing says so, “Name (2)” again."""
    names: list[str] = []
    for number in range(width):
        said = machine_line(heading[number], LONGEST) if number < len(heading) else ""
        name = said or unnamed % (number + 1)
        again, shown = 2, name
        while shown in names:
            shown, again = f"{name} ({again})", again + 1
        names.append(shown)
    return names


def is_list_of_addresses(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows without a heading hold nothing but addresses, several in some: each cell is somebody."""
    filled = [[cell for cell in row if cell] for row in rows]
    return any(len(row) > 1 for row in filled) and all("@" in cell for row in filled for cell in row)


def is_total(row: Sequence[str]) -> bool:
    """Whether a row adds up those above it, rather than naming somebody."""
    if "@" in "".join(row):
        return False
    first = next(filter(None, map(str.strip, row)), "")
    return bool(_TOTAL.match(first))
