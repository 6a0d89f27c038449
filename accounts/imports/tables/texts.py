"""Tables as text (CSV), whatever divides their cells and however their letters are written."""

import codecs
import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from typing import Final

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

Score = Callable[[Sequence[str]], int]
"""How many cells of a row name a column that we know."""


def text_rows(data: bytes, score: Score) -> Iterator[list[str]]:
    """The rows of a text, as it has them. Raises UnreadableFileError where it cannot go on, and says in which row."""
    encoding = encoding_of(data)
    with TextIOWrapper(BytesIO(data), encoding, errors="replace", newline="") as text:
        sample = text.read(SAMPLE)
        declared = declared_divider(sample)
        text.seek(0)
        if declared:
            text.readline()
        divider = declared or divider_of(sample, score)
        reader = csv.reader(text, delimiter=divider)
        try:
            yield from reader
        except csv.Error as error:
            words = _("We couldn’t read on after row %(row)s. Perhaps a quotation mark there is never closed.")
            raise UnreadableFileError(words % {"row": reader.line_num}) from error


def encoding_of(data: bytes) -> str:
    """How letters are written, by what stands there: UTF-8 or UTF-16, else as Windows in Western Europe writes."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    start = data[:SAMPLE]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > _MANY * max(len(start) // 2, 1):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8" if _is_utf8(data) else "cp1252"


def declared_divider(sample: str) -> str:
    """What divides the cells, where the first line says so as Excel writes it (`sep=;`); else nothing."""
    line = sample.lstrip("\ufeff").partition("\n")[0].rstrip("\r").strip('"')
    is_one = line.lower().startswith("sep=") and len(line) == len("sep=;")
    return line[-1] if is_one and line[-1] in DIVIDERS else ""


def divider_of(sample: str, score: Score) -> str:
    """What divides the cells: what makes a row name the most columns that we know, and rows equally long."""
    whole = sample if len(sample) < SAMPLE else sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    return max(DIVIDERS, key=lambda divider: _fit(whole, divider, score))


def _fit(sample: str, divider: str, score: Score) -> tuple[int, int, int]:
    try:
        rows = [row for row in islice(csv.reader(StringIO(sample, newline=""), delimiter=divider), SAMPLED_ROWS) if row]
    except csv.Error:
        return (0, 0, 0)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, alike = max(widths.items(), key=lambda each: (each[1], each[0]), default=(0, 0))
    return (max(map(score, rows), default=0), alike, width)


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
