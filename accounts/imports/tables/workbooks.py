"""Tables in workbooks (XLSX): how large one is unpacked is known before it is."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from io import BytesIO
from typing import IO, Final

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from accounts.imports.tables.faults import UnreadableFileError
from accounts.imports.tables.shared_texts import bytes_of_texts

MOST_UNPACKED: Final = 300_000_000
"""Bytes of a workbook at most, unpacked."""
MOST_CELLS: Final = 4_000_000
"""Cells of a sheet from its first corner to its last one that says something: all of them take memory."""
MOST_TEXT: Final = 200_000_000
"""Bytes of text that all cells come to, each with its own."""
MOST_FILES: Final = 2000
WORKBOOK: Final = "xl/workbook.xml"
SHEETS: Final = "xl/worksheets/"
_CHUNK: Final = 1024 * 1024
_TAG: Final = re.compile(rb"<(?:[\w.-]+:)?(c|row)(?=[\s/>])([^<>]*)>")
_SAID: Final = re.compile(rb"(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"&]*\"|'[^'&]*'))*\s*/?")
_PLACE: Final = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{0,4})(\d{0,8})[\"']")
_LONGEST_TAG: Final = 65_536

Cell = int | float | str | bool | time | date | datetime | object


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    rows: Callable[[], Iterator[list[str]]]
    """Its rows as text, from the first on. Raises UnreadableFileError."""


def sheets(data: bytes) -> list[Sheet]:
    """The sheets of a workbook that people see. Raises UnreadableFileError."""
    refuse_large(data)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        shown = [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged() from error
    return [Sheet(name, partial(_rows, book, name)) for name in shown]


def refuse_large(data: bytes) -> None:
    """Raise UnreadableFileError for a workbook that would take too much memory, is damaged, or of another kind."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            files = packed.infolist()
            if len(files) > MOST_FILES or sum(each.file_size for each in files) > MOST_UNPACKED:
                raise _too_large()
            if WORKBOOK not in {each.filename for each in files}:
                raise UnreadableFileError(_("This isn’t an Excel workbook. Save the list as .xlsx or CSV."))
            for each in files:
                with packed.open(each) as file:
                    _refuse_wide(file, is_sheet=each.filename.startswith(SHEETS))
            if bytes_of_texts(packed, most=MOST_TEXT) > MOST_TEXT:
                raise _too_large()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _damaged() from error
    except zlib.error as error:
        raise _damaged() from error


def cell_text(cell: Cell) -> str:
    """What a cell says, as text: whole numbers without a point, dates and times as ISO 8601 writes them."""
    match cell:
        case str():
            return cell
        case bool():
            return "yes" if cell else "no"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            at_midnight = cell.time() == time()
            return cell.date().isoformat() if at_midnight else cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat("minutes")
        case _:
            return str(cell)


def _rows(book: CalamineWorkbook, name: str) -> Iterator[list[str]]:
    try:
        sheet = book.get_sheet_by_name(name)
        yield from _merged(sheet, sheet.merged_cell_ranges or [])
    except (CalamineError, ValueError) as error:
        raise _damaged() from error


def _merged(sheet: CalamineSheet, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> Iterator[list[str]]:
    """Rows, from the first of the sheet: what is merged downwards says the same in each of its rows."""
    left = sheet.start[1] if sheet.start else 0
    tall = {(top, column - left): bottom for (top, column), (bottom, _right) in ranges if bottom > top}
    merged: dict[int, tuple[int, str]] = {}
    for number, cells in enumerate(sheet.iter_rows()):
        row = [cell_text(cell) for cell in cells]
        for column, text in enumerate(row):
            if text and (number, column) in tall:
                merged[column] = (tall[number, column], text)
            elif not text and column in merged and number <= merged[column][0]:
                row[column] = merged[column][1]
        yield row


def _refuse_wide(file: IO[bytes], *, is_sheet: bool) -> None:
    """Read a file to its end, and refuse cells that lie too far apart: they are found without building a sheet."""
    rest, extent = b"", _Extent()
    while chunk := file.read(_CHUNK):
        if b"\0" in chunk:
            if is_sheet:
                raise _damaged()
            extent = _Extent(is_counted=False)
        text, end = rest + chunk, 0
        for tag in _TAG.finditer(text):
            end = tag.end()
            extent.add(tag[1], tag[2])
        begun = text.rfind(b"<", end)
        rest = text[begun:] if begun >= 0 and b">" not in text[begun:] else b""
        if is_sheet and len(rest) > _LONGEST_TAG:
            raise _damaged()
        rest = rest[-_LONGEST_TAG:]


@dataclass(slots=True)
class _Extent:
    """From the first corner of a sheet to its last cell that says something."""

    is_counted: bool = True
    """Whether it is text at all."""
    row: int = 0
    column: int = 0
    rows: int = 0
    columns: int = 0

    def add(self, kind: bytes, said: bytes) -> None:
        """Take a row or a cell into account. Raises UnreadableFileError."""
        if not self.is_counted:
            return
        if not _SAID.fullmatch(said):
            raise _damaged()
        place = _PLACE.search(said)
        letters, digits = (place[1], place[2]) if place else (b"", b"")
        if kind == b"row":
            self.row, self.column = (int(digits) if digits else self.row + 1), 0
            return
        self.column = _column(letters) if letters else self.column + 1
        self.row = int(digits) if digits else self.row
        if not said.endswith(b"/"):
            self.rows, self.columns = max(self.rows, self.row), max(self.columns, self.column)
            if self.rows * self.columns > MOST_CELLS:
                raise _too_large()


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _too_large() -> UnreadableFileError:
    return UnreadableFileError(
        _("This workbook is too large to import. Copy the list into a new one, or save it as a CSV file.")
    )


def _damaged() -> UnreadableFileError:
    return UnreadableFileError(
        _("We couldn’t open this workbook. Open it in your spreadsheet program and save it again as .xlsx or CSV.")
    )
