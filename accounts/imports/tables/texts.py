"""Tables as text (CSV), whatever divides their cells and however their letters are written."""

import codecs
import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from typing import Final, Literal

from django.utils.translation import gettext as _

from accounts.imports.tables.faults import UnreadableFileError

DIVIDERS: Final = ",;\t|"
SAMPLE: Final = 64 * 1024
"""Bytes, and then characters, from which it is seen how a text is written."""
SAMPLED_ROWS: Final = 40
_CHUNK: Final = 1024 * 1024
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MANY: Final = 0.3
"""The share of zero bytes at every other place that only UTF-16 has."""
WINDOWS: Final = "windows_letters"
"""How a byte that is not UTF-8 is read where nearly all others are: as Windows in Western Europe writes."""
_LONGEST_ROW: Final = 10_000
"""Lines of a row at most, which only a quotation mark that is never closed passes."""
_MOST_MENDED: Final = 500
"""Rows with a quotation mark that is never closed; a file with more is none of cells in quotation marks."""

Score = Callable[[Sequence[str]], int]
"""How many cells of a row name a column that we know."""


def text_rows(data: bytes, encoding: str, score: Score) -> Iterator[list[str]]:
    """The rows of a text, as it has them. Raises UnreadableFileError where it cannot go on, and says in which row."""
    errors = WINDOWS if encoding.startswith("utf-8") else "replace"
    with TextIOWrapper(BytesIO(data), encoding, errors=errors, newline="") as text:
        sample = text.read(SAMPLE)
        declared = declared_divider(sample)
        text.seek(0)
        if declared:
            text.readline()
        wrapped = "" if declared else wrapped_divider(sample, score)
        rows = _rows(_Lines(text), wrapped or declared or divider_of(sample, score))
        yield from (_unwrapped(row, wrapped) for row in rows) if wrapped else rows


class _Lines:
    """The lines of a text, and those of the row that is being read, which can be read again."""

    def __init__(self, text: Iterator[str]) -> None:
        self.text, self.row, self.again = text, list[str](), list[str]()
        self.before = 0
        """How many lines came before this row."""
        self.is_over = False
        """Whether the text ended before the row did: in quotation marks that nobody closed."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.row) >= _LONGEST_ROW:
            raise csv.Error
        try:
            line = self.again.pop() if self.again else next(self.text)
        except StopIteration:
            self.is_over = True
            raise
        self.row.append(line)
        return line

    def begin_row(self) -> None:
        """Forget the row before."""
        self.before += len(self.row)
        self.row.clear()

    def back_to_second(self) -> str:
        """The first line of the row; what comes after it is read again."""
        first, *rest = self.row
        self.again += reversed(rest)
        self.row, self.is_over = [first], False
        return first


def _rows(lines: _Lines, divider: str) -> Iterator[list[str]]:
    """The rows of some lines; a quotation mark that is never closed is taken as it stands, and costs no other row."""
    reader, mended = csv.reader(lines, delimiter=divider, strict=True), 0
    while True:
        lines.begin_row()
        try:
            yield next(reader)
            continue
        except StopIteration:
            return
        except csv.Error:
            mended += 1
        row = None if _is_swallowing(lines, divider) else _read_row(lines.row, divider, csv.QUOTE_MINIMAL)
        if row is None and mended <= _MOST_MENDED and lines.row:
            row = _read_row([lines.back_to_second()], divider, csv.QUOTE_NONE)
        if row is None:
            words = _("We couldn’t read on after row %(row)s. Perhaps a quotation mark there is never closed.")
            raise UnreadableFileError(words % {"row": lines.before + 1})
        yield row
        reader = csv.reader(lines, delimiter=divider, strict=True)


def _read_row(row: Sequence[str], divider: str, quoting: Literal[0, 3]) -> list[str] | None:
    """The cells of a row of some lines; None where one is too long."""
    with suppress(csv.Error):
        return next(csv.reader(row, delimiter=divider, quoting=quoting))
    return None


def _is_swallowing(lines: _Lines, divider: str) -> bool:
    """Whether a row with an odd quotation mark holds lines that are rows of their own, rather than a cell’s."""
    first, *rest = (line.count(divider) for line in lines.row)
    return lines.is_over or len(lines.row) >= _LONGEST_ROW or any(each >= max(first, 1) for each in rest)


def unicode_of(data: bytes) -> str:
    """Which Unicode encoding a text is written in, by what stands there; nothing where it is in none."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    start = data[:SAMPLE]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > _MANY * max(len(start) // 2, 1):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8" if _is_utf8(data) else ""


def declared_divider(sample: str) -> str:
    """What divides the cells, where the first line says so as Excel writes it (`sep=;`); else nothing."""
    line = sample.lstrip("\ufeff").partition("\n")[0].rstrip("\r").strip('"')
    is_one = line.lower().startswith("sep=") and len(line) == len("sep=;")
    return line[-1] if is_one and line[-1] in DIVIDERS else ""


def wrapped_divider(sample: str, score: Score) -> str:
    """What divides the cells of rows that stand in quotation marks as a whole, as Excel writes what it did not divide.

    Nothing where most rows are not so, or nothing in them names columns.
    """
    for divider in DIVIDERS:
        rows = _sampled(_whole_lines(sample), divider)
        split = [_unwrapped(row, divider) for row in rows if len(row) == 1 and divider in row[0]]
        if len(split) * 2 > len(rows) and max(map(score, rows + split)) > 1:
            return divider
    return ""


def _unwrapped(row: list[str], divider: str) -> list[str]:
    """The cells of a row that is one cell of them all."""
    return (_read_row(row, divider, csv.QUOTE_MINIMAL) if len(row) == 1 else None) or row


def divider_of(sample: str, score: Score) -> str:
    """What divides the cells: what makes a row name the most columns that we know, and rows equally long."""
    whole = _whole_lines(sample)
    return max(DIVIDERS, key=lambda divider: _fit(whole, divider, score))


def _whole_lines(sample: str) -> str:
    return sample if len(sample) < SAMPLE else sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample


def _sampled(sample: str, divider: str) -> list[list[str]]:
    """The first rows of a sample; none where it cannot be read."""
    with suppress(csv.Error):
        return [row for row in islice(csv.reader(StringIO(sample, newline=""), delimiter=divider), SAMPLED_ROWS) if row]
    return []


def _fit(sample: str, divider: str, score: Score) -> tuple[int, int, int]:
    rows = _sampled(sample, divider)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, alike = max(widths.items(), key=lambda each: (each[1], each[0]), default=(0, 0))
    return (max(map(score, rows), default=0), alike, width)


def _is_utf8(data: bytes) -> bool:
    """Whether a text is UTF-8: all of it, or most of what is beyond ASCII (what was pasted into it may be not)."""
    beyond, lost = _odd_letters(data, "strict")
    if beyond < 0:
        beyond, lost = _odd_letters(data, "replace")
    return lost * 2 <= beyond


def _odd_letters(data: bytes, errors: str) -> tuple[int, int]:
    """How many letters of a text are beyond ASCII, and how many got lost; -1 where `errors` is strict and one did."""
    decoder, beyond, lost = codecs.getincrementaldecoder("utf-8")(errors), 0, 0
    try:
        for start in range(0, len(data), _CHUNK):
            text = decoder.decode(data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
            if errors != "strict" and not text.isascii():
                beyond += len(text) - len(text.encode("ascii", "ignore"))
                lost += text.count("\ufffd")
    except UnicodeDecodeError:
        return -1, 0
    return beyond, lost


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(WINDOWS, _as_windows)
