"""Opening a file as a table: what it is says its content, never its name."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from typing import Final

from django.utils.translation import gettext as _

from accounts.imports.tables.cells import day_evidence, tidy_cell
from accounts.imports.tables.faults import UnreadableFileError
from accounts.imports.tables.headings import (
    LOOKED_AT,
    MOST_COLUMNS,
    column_names,
    find_heading,
    is_list_of_addresses,
    score_of,
)
from accounts.imports.tables.letters import Way, ways_to_read
from accounts.imports.tables.texts import text_rows, unicode_of
from accounts.imports.tables.workbooks import sheets

MOST_BYTES: Final = 15_000_000
MOST_ROWS: Final = 200_000
SAMPLES: Final = 3
_LONGEST_SAMPLE: Final = 60
_START: Final = 4096
_XLSX: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"RIFF")

Row = tuple[int, list[str]]
"""In which row of the file, and its cells."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How somebody wants a file read: which sheet, in which encoding; nothing: as it seems best."""

    sheet: str = ""
    encoding: str = ""
    time_zone: str = ""
    """Where the studio is: as Windows writes there, a text is likely to be written."""


AS_BEST: Final = Asked()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the row (from 1) under which its rows begin, what names its columns, and its rows with their numbers."""

    heading: list[str]
    rows: Iterator[tuple[int, list[str]]]
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    """The sheets of its workbook that hold anything."""
    encoding: str = ""
    """In which of `ways` it is read."""
    ways: list[Way] = field(default_factory=list)
    """How its letters can be read; none where they say so themselves."""


@dataclass(slots=True)
class Summary:
    """What is learned of a table while its rows pass by."""

    heading: list[str]
    rows: int = 0
    width: int = 0
    samples: list[list[str]] = field(default_factory=list)
    """The first different values of each column."""
    days: list[dict[str, int]] = field(default_factory=list)
    """Of each column how many values tell which order of days and months."""

    def add(self, row: list[str]) -> None:
        """Take one row into account."""
        self.rows += 1
        while self.width < len(row):
            self.width += 1
            self.samples.append([])
            self.days.append({})
        for number, text in enumerate(row):
            if not text:
                continue
            seen = self.samples[number]
            if len(seen) < SAMPLES and text[:_LONGEST_SAMPLE] not in seen:
                seen.append(text[:_LONGEST_SAMPLE])
            if text[0] in "0123456789" and (evidence := day_evidence(text)):
                self.days[number][evidence] = self.days[number].get(evidence, 0) + 1

    @property
    def columns(self) -> list[str]:
        """What the columns are called, those without a heading too."""
        width = max(self.width, len(self.heading))
        return column_names(self.heading, width, _("Column %d"))


def open_table(data: bytes, known: Collection[str], asked: Asked = AS_BEST) -> Table:
    """The table that a file holds; `known` names columns. Raises UnreadableFileError, also while its rows are read."""
    _refuse_other(data)
    opened = _open_workbook if data.startswith(_XLSX) else _open_text
    return opened(data, known, asked)


def _open_text(data: bytes, known: Collection[str], asked: Asked) -> Table:
    score, encoding = partial(score_of, known=known), unicode_of(data)
    ways = [] if encoding else ways_to_read(data, asked.time_zone)
    if ways:
        encoding = next((each for each in ways if each.encoding == asked.encoding), ways[0]).encoding
    found = _table(text_rows(data, encoding, score), known)
    return replace(found, encoding=encoding, ways=ways)


def _open_workbook(data: bytes, known: Collection[str], asked: Asked) -> Table:
    score = partial(score_of, known=known)
    found = [(each, list(islice(each.rows(), LOOKED_AT))) for each in sheets(data)]
    # Where an address stands, somebody does: a sheet of headings alone is a form to fill in.
    scored = [
        ("@" in "".join(chain.from_iterable(rows)), max(map(score, rows), default=0), any(map(any, rows)), -place)
        for place, (_each, rows) in enumerate(found)
    ]
    if not scored:
        raise _empty()
    filled = [each for each, rows in found if any(map(any, rows))]
    best = found[-max(scored)[-1]][0]
    sheet = next((each for each in filled if each.name == asked.sheet), best)
    return replace(_table(sheet.rows(), known), sheet=sheet.name, sheets=[each.name for each in filled])


def _table(rows: Iterator[list[str]], known: Collection[str]) -> Table:
    numbered = ((number, _tidy(row)) for number, row in enumerate(rows, 1))
    first, fault = _first_rows(numbered)
    if fault and not any(row for _number, row in first):
        raise fault
    if not any(row for _number, row in first):
        raise _empty()
    at = find_heading([row for _number, row in first], known)
    heading = first[at][1] if at is not None else []
    rest = first[at + 1 :] if at is not None else first
    later = chain(rest, _raising(fault), numbered)
    filled: Iterator[Row] = ((number, row) for number, row in later if row and row != heading)
    if at is None and is_list_of_addresses([row for _number, row in first]):
        filled = enumerate(([cell] for _number, row in filled for cell in row if cell), 1)
    return Table(heading, filled)


def _first_rows(rows: Iterator[Row]) -> tuple[list[Row], UnreadableFileError | None]:
    """The first rows of a table, and why no more can be read, if that is so soon."""
    first: list[Row] = []
    try:
        for row in islice(rows, LOOKED_AT):
            first.append(row)  # noqa: PERF402 - what was read stays where the next raises
    except UnreadableFileError as error:
        return first, error
    return first, None


def _raising(fault: UnreadableFileError | None) -> Iterator[Row]:
    if fault:
        raise fault
    yield from ()


def _tidy(row: list[str]) -> list[str]:
    """A row without the empty cells at its end."""
    if len(row) > MOST_COLUMNS:
        row = row[:MOST_COLUMNS]
    cells = [tidy_cell(cell) if cell else "" for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _refuse_other(data: bytes) -> None:
    """Raise UnreadableFileError for what is neither a text nor a workbook."""
    start = data[:_START]
    if not start.strip():
        raise _empty()
    if start.startswith(_OLD_EXCEL):
        raise UnreadableFileError(
            _("This is an old Excel file (.xls), or one with a password. Save it as .xlsx or CSV, without a password.")
        )
    lower = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lower.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta")):
        raise UnreadableFileError(
            _("This is a web page or an XML file. Open it in your spreadsheet program and save it as .xlsx or CSV.")
        )
    if lower.startswith(b"begin:vcard"):
        raise UnreadableFileError(_("This is a file of contacts. Export them as CSV instead."))
    if start.startswith(_XLSX):
        return
    is_utf16 = unicode_of(start).startswith("utf-16")
    if start.startswith(_OTHER) or (b"\0" in start and not is_utf16):
        raise UnreadableFileError(_("This isn’t a list. Choose a CSV file or an Excel workbook (.xlsx)."))


def _empty() -> UnreadableFileError:
    return UnreadableFileError(_("This file is empty. Choose one that has a list in it."))
