"""Files for a spreadsheet: in the studio's own format, and with cells that none runs."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.http import StreamingHttpResponse

from accounts.models import Account, Spreadsheet
from bookwhen.money import locale_of

MARK: Final = "\ufeff"
"""By which Excel knows UTF-8."""
SIGNS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""How a cell begins that a spreadsheet runs as a formula; in the wide forms of Chinese and Japanese keyboards too."""
_SKIPPED: Final = "\\s\"'\u200b\u2060\ufeff"
"""What a spreadsheet may pass over before a sign."""
_RUNS: Final = re.compile(rf"[\t\r]|[{_SKIPPED}]*[{SIGNS}]")
_PHONE: Final = re.compile(r"\+[0-9]{1,3}( \(?[0-9]+\)?)+")
"""A telephone number as people write it: no spreadsheet can reckon with it, and nobody wants a mark before it."""

Cell = str | Decimal
"""Text, or an amount."""


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """What divides the columns of a file, and the decimal sign of its amounts."""

    separator: str
    decimal: str

    def cell(self, value: Cell) -> str:
        """A cell as it is written: no text in it runs, whichever separator a spreadsheet expects."""
        if isinstance(value, Decimal):
            return f"{value:f}".replace(".", self.decimal)
        # Where the file's separator is not the spreadsheet's, quotes hold nothing together: a cell ends at any other.
        others = "".join({",", ";", "\t", "\n", "\r", "|"} - {self.separator})
        inside = re.sub(rf"([{others}])(?=[{_SKIPPED}]*[{SIGNS}])", r"\1'", value)
        return f"'{inside}" if _RUNS.match(inside) and not _PHONE.fullmatch(inside) else inside


FORMATS: Final = {
    Spreadsheet.COMMA: CsvFormat(",", "."),
    Spreadsheet.SEMICOLON: CsvFormat(";", ","),
    Spreadsheet.SEMICOLON_POINT: CsvFormat(";", "."),
}


class _Line:
    """What csv writes to: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_format(account: Account) -> CsvFormat:
    """How an account's spreadsheet reads a file; by default as people of its locale write amounts."""
    if account.spreadsheet in FORMATS:
        return FORMATS[Spreadsheet(account.spreadsheet)]
    decimal = locale_of(account.locale).number_symbols["latn"]["decimal"]
    return FORMATS[Spreadsheet.SEMICOLON if decimal == "," else Spreadsheet.COMMA]


def csv_response(
    account: Account, name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """A CSV file for an account's spreadsheet, sent row by row, every cell in quotes."""
    lines = csv_lines(csv_format(account), head, rows)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def csv_lines(form: CsvFormat, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The lines of a file, the first with the mark of UTF-8."""
    writer = csv.writer(_Line(), delimiter=form.separator, quoting=csv.QUOTE_ALL)
    yield MARK + writer.writerow(head)
    for row in rows:
        yield writer.writerow([form.cell(value) for value in row])
