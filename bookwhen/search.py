"""Looking for words in names and addresses, by an index (PostgreSQL’s pg_trgm) wherever there are letters in them.

Found is what has the words in it, whatever the case. An index of three letters each knows nothing of a single letter,
nor of two in the middle of a word: what is so short is looked for only at the beginning.
"""

import re
from collections.abc import Sequence
from typing import Final

from django.db.models import BooleanField, Case, CharField, Q, TextField, Transform, Value, When

from bookwhen.text import APOSTROPHES

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
    r"""A text in capitals as an index can know it: its letters outside ASCII as the digits of their bytes.

    pg_trgm takes for letters what the database’s LC_CTYPE does, which is “C” here: Cyrillic names would not be indexed
    at all. Two texts may have the same form (“Ü” has that of “303234”), so what is found is looked at once more.
    """

    lookup_name = "search_text"
    template = r"replace(encode(replace(upper(%(expressions)s), '\', '')::bytea, 'escape'), '\', '')"
    output_field = TextField()


CharField.register_lookup(SearchText)


def is_short(words: str) -> bool:
    """Whether words can only be looked for at the beginning of a text."""
    return not _INDEXED.search(words)


def text_has(column: str, words: str) -> Q:
    """The condition that a text column (its path) has words in it; it needs an index of its `SearchText`."""
    if not is_short(words):
        return _in_index(column, "contains", words)
    return _in_index(column, "startswith", words) if _SHORT.search(words) else NOTHING


def name_has(column: str, words: str) -> Q:
    """The same of a column of people’s names: in whatever order the names stand, and however an apostrophe is written.

    Names in another order are found by how each begins.
    """
    found = NOTHING
    for spelling in _spellings(words):
        parts = spelling.replace(",", " ").split()
        is_several = 1 < len(parts) <= _MOST_NAMES and not any(map(is_short, parts))
        found |= _in_any_order(column, spelling, parts) if is_several else text_has(column, spelling)
    return found


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


def _spellings(words: str) -> list[str]:
    """Words with each apostrophe that a name may be kept with: as it is on keyboards, and as telephones write it."""
    return [_APOSTROPHE.sub(each, words) for each in "'\u2019"] if _APOSTROPHE.search(words) else [words]


def _in_any_order(column: str, words: str, parts: Sequence[str]) -> Q:
    """The condition that words are there as they stand, or each part begins a name: the index finds all parts."""
    found, begin = Q(), Q()
    for part in parts:
        found &= text_has(column, part)
        starts = (Q((f"{column}__icontains", f"{mark}{part}")) for mark in " -")
        begin &= Q(Q((f"{column}__istartswith", part)), *starts, _connector=Q.OR)
    really = Q((f"{column}__icontains", words)) | begin
    return found & Q(Case(When(really, then=True), default=False, output_field=BooleanField()))


def _in_index(column: str, how: str, words: str) -> Q:
    form = Q((f"{column}__search_text__{how}", SearchText(Value(words, output_field=TextField()))))
    if _PLAIN.fullmatch(words):
        return form
    # In a CASE, since PostgreSQL would take both for independent of each other, and expect next to nothing.
    really = Case(When(Q((f"{column}__i{how}", words)), then=True), default=False, output_field=BooleanField())
    return form & Q(really)
