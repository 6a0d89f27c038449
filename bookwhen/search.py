"""Looking for words in names and addresses, by an index (PostgreSQL’s pg_trgm) wherever there are letters in them.

Found is what has the words in it, whatever the case, the accents and the apostrophes (docs/decisions/0094). An index of
three letters each knows nothing of a single letter, nor of two in the middle of a word: what is so short is looked for
only at the beginning.
"""

import re
from collections.abc import Sequence
from typing import Final

from django.db.models import BooleanField, Case, CharField, Func, Q, TextField, Transform, Value, When
from django.db.models.functions import Upper

from bookwhen.text import ACCENTS, APOSTROPHES, ONE_LETTER, SEVERAL_LETTERS, SMALL_LETTERS, without_accents

_INDEXED: Final = re.compile(r"[0-9a-z]{3}|[^\x00-\x7f]|[^0-9a-z][0-9a-z]|[0-9a-z]{2}[^0-9a-z]", re.IGNORECASE)
"""In such words is something that the index knows: three letters, or where a word begins or ends."""
_SHORT: Final = re.compile(r"[0-9a-z]", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[\x20-/:-\[\]-~]*")
"""Such words have the form of no others: no digit is in them, nor anything outside ASCII."""
_NOT_A_NUMBER: Final = re.compile(r"[^0-9+()/.\s\u2010-\u2015-]")
_APOSTROPHE: Final = re.compile(f"[{APOSTROPHES}]")
_MOST_NAMES: Final = 4
"""How many names somebody is looked for by, in whatever order."""
LEAST_DIGITS: Final = 3
NOTHING: Final = Q(pk__in=())
PENDING: Final = 256
"""How many kilobytes of new rows an index may keep aside, which every search reads: 0.08 ms a row instead of 0.3."""


class SearchText(Transform):
    """A text in capitals with its accents, as indexes knew it before `FoundText`: only migrations name it."""

    template = r"replace(encode(replace(upper(%(expressions)s), '\', '')::bytea, 'escape'), '\', '')"
    output_field = TextField()


def _plain() -> str:
    """The SQL of a text (`{}`) in capitals without accents: `without_accents`, by functions that an index may use.

    Nine names of ten are ASCII, and are written ten times faster without all of it.
    """
    letters, plain = (one + several for one, several in zip(ONE_LETTER, SMALL_LETTERS, strict=True))
    sql = f"translate({{0}}, '{APOSTROPHES.replace(chr(39), '')}', '{chr(39) * 2 * (len(APOSTROPHES) - 1)}')"
    sql = rf"regexp_replace(normalize({sql}, NFKD), '[{_escaped(ACCENTS)}]+', '', 'g')"
    sql = f"translate({sql}, '{letters}', '{plain}')"
    for letter, several in SEVERAL_LETTERS.items():
        sql = f"replace({sql}, '{letter}', '{several}')"
    is_ascii = "octet_length({0}) = length({0})"
    return f"CASE WHEN {is_ascii} THEN upper(replace({{0}}, '`', '''')) ELSE upper(normalize({sql}, NFC)) END"


def _escaped(marks: str) -> str:
    """A range of marks that no editor shows alone, as a pattern of PostgreSQL’s writes it."""
    return "".join(each if each.isascii() else f"\\u{ord(each):04X}" for each in marks)


_IN_CAPITALS: Final = _plain().format("%(expressions)s")
_AS_INDEXED: Final = r"replace(encode(replace(%s, '\', '')::bytea, 'escape'), '\', '')"


class PlainText(Transform):
    """A text in capitals, its letters without accents, its apostrophes as they are on keyboards."""

    lookup_name = "plain_text"
    template = _IN_CAPITALS
    output_field = TextField()


class FoundText(Transform):
    """A plain text as an index can know it: its letters outside ASCII as the digits of their bytes.

    pg_trgm takes for letters what the database’s LC_CTYPE does, which is “C” here: Cyrillic names would not be indexed
    at all. Two texts may have the same form (“Я” has that of “320257”), so what is found is looked at once more.
    """

    lookup_name = "found_text"
    template = _AS_INDEXED % _IN_CAPITALS
    output_field = TextField()


class _Indexed(Func):
    """Words in capitals, as they are found in a `FoundText`."""

    template = _AS_INDEXED % "%(expressions)s"
    output_field = TextField()


CharField.register_lookup(PlainText)
CharField.register_lookup(FoundText)


def is_short(words: str) -> bool:
    """Whether words can only be looked for at the beginning of a text."""
    return _is_short(_folded(words))


def text_has(column: str, words: str) -> Q:
    """The condition that a text column (its path) has words in it; it needs an index of its `FoundText`."""
    return _text_has(column, _folded(words))


def few_have(column: str, words: str) -> Q:
    """The same of a column without an index, where there are few texts to look at: one letter is found anywhere."""
    return _plainly(column, "contains", words) if (words := _folded(words)) else NOTHING


def name_has(column: str, words: str) -> Q:
    """The same of a column of people’s names, which needs an index: in whatever order the names stand.

    Names in another order are found by how each begins.
    """
    words = _folded(words)
    parts = words.replace(",", " ").split()
    is_several = 1 < len(parts) <= _MOST_NAMES and not any(map(_is_short, parts))
    return _in_any_order(column, words, parts) if is_several else _text_has(column, words)


def address_has(column: str, words: str) -> Q:
    """The same of a column of folded email addresses, which needs an index as it is; `words` are folded too."""
    if not words.isascii():
        return NOTHING
    if not is_short(words):
        return Q((f"{column}__contains", words))
    return Q((f"{column}__startswith", words)) if _SHORT.search(words) else NOTHING


def phone_has(column: str, words: str) -> Q:
    """The condition that a column of phone numbers (E.164) has these digits in it, however they are written.

    A number as it is dialled at home begins with zeros that are not kept. Fewer than three digits are looked for by
    nobody.
    """
    if _NOT_A_NUMBER.search(words):
        return NOTHING
    # *+44 (0)20* is written so that it can be read both ways.
    digits = re.sub(r"\D", "", words.replace("(0)", ""))
    found = NOTHING
    for part in dict.fromkeys((digits, digits.lstrip("0"))):
        if len(part) >= LEAST_DIGITS:
            found |= Q((f"{column}__contains", part))
    return found


def _folded(words: str) -> str:
    """Words as they are compared, but for their case: that of other scripts is the database’s to know."""
    return without_accents(_APOSTROPHE.sub("'", words)).strip()


def _is_short(folded: str) -> bool:
    return not _INDEXED.search(folded)


def _text_has(column: str, folded: str) -> Q:
    if not _is_short(folded):
        return _in_index(column, "contains", folded)
    return _in_index(column, "startswith", folded) if _SHORT.search(folded) else NOTHING


def _in_any_order(column: str, words: str, parts: Sequence[str]) -> Q:
    """The condition that words are there as they stand, or each part begins a name: the index finds all parts."""
    found, begin = Q(), Q()
    for part in parts:
        found &= _text_has(column, part)
        starts = [_plainly(column, "contains", f"{mark}{part}") for mark in " -"]
        begin &= _plainly(column, "startswith", part) | starts[0] | starts[1]
    return found & _really(_plainly(column, "contains", words) | begin)


def _in_index(column: str, how: str, words: str) -> Q:
    form = Q((f"{column}__found_text__{how}", _Indexed(_capitals(words))))
    return form if _PLAIN.fullmatch(words) else form & _really(_plainly(column, how, words))


def _plainly(column: str, how: str, words: str) -> Q:
    return Q((f"{column}__plain_text__{how}", _capitals(words)))


def _capitals(words: str) -> Upper:
    return Upper(Value(words, output_field=TextField()))


def _really(condition: Q) -> Q:
    """A condition in a CASE: PostgreSQL would take it for independent of the index’s, and expect next to nothing."""
    return Q(Case(When(condition, then=True), default=False, output_field=BooleanField()))
