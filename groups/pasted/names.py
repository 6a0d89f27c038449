"""Names as people write them beside addresses, and what stands there and is none."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from bookwhen.email_address import drop_invisible

LONGEST_NAME: Final = 200
_LOOKED_AT: Final = 1000
"""Of what stands beside an address no more than so many characters are looked at."""
MOST_GUESSED_WORDS: Final = 5
_NEAREST: Final = 12
"""Of a row's cells no more than so many to one side of an address are asked for its name."""

_LABEL: Final = re.compile(
    r"(?:to|cc|bcc|from|reply-to|sender|recipients?|(?:full |your |customer )?name|fn|e-?mails?(?: address(?:es)?)?"
    r"|mail|mailto|contact|customer|member|client|guest|attendee|student|parent)\s*[:=]\s*",
    re.IGNORECASE,
)
_LABEL_BEHIND: Final = re.compile(
    r"(?:^|[\s,;<(\[])(?:e-?mail(?: address)?|(?:mail|address)(?=\s*[:=])|mailto)\s*[:=]?\s*$", re.IGNORECASE
)
_NUMBERING: Final = re.compile(r"[-*>\u2022 ]*(?:\(?\d{1,5}[.):\]]\s+|\(?[a-z]\)\s+|\[[ xX]?\]\s*)")
_EDGES: Final = " \t-\u2010\u2013\u2014=\u2192\u279c>|:;,/\\*\u2022\xb7\u25cf\u25aa\u25e6\u2023#~_<+&"
_PAIRS: Final = frozenset(
    ('""', "''", "()", "``", "\xab\xbb", "\u201c\u201d", "\u201e\u201c", "\u2018\u2019", "\u2039\u203a")
)
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_TAG: Final = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_CODE: Final = re.compile(r"=|[\"']\s*:")
"""What is in the text of a program or a page, and in no name."""
_COMMENT_BEHIND: Final = re.compile(r"(?<=\S) ?\([^()]*\) ?$")
_CONNECTORS: Final = re.compile(r"^(?:and|or|&|\+)\s+|\s+(?:and|or|&|\+)$|^(?:and|or)$", re.IGNORECASE)
_MONTHS: Final = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_DATE: Final = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?[\s-]+(?:{_MONTHS})\b[\s,-]*(?:\d{{2,4}})?"
    rf"|\b(?:{_MONTHS})\s+\d{{1,4}}\b(?:,?\s+\d{{4}})?",
    re.IGNORECASE,
)


_USUAL: Final = re.compile(
    r"(?!(?:e-?mail|mailto|and|or)\b)[a-z][a-z0-9]*(?:['-][a-z0-9]+)*(?: [a-z][a-z0-9]*(?:['-][a-z0-9]+)*){0,4}"
    r"(?<! and)(?<! or)(?<!mail)(?<!mailto)(?<!address)",
    re.IGNORECASE | re.ASCII,
)
"""What nearly every name looks like: words alone, none of which is a label or joins two names."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SUFFIXES: Final = _words(
    "jr sr ii iii iv phd dphil md dds esq ma mba msc ba bsc bed obe mbe cbe rn cpa llc llp ltd inc plc gmbh co"
)
_CHATTER: Final = _words(
    "please at me my is are was the to on via email emails e-mail e-mails mail mailto address addresses contact send "
    "write reply new work home private personal office tel phone mobile cell hi hello dear thanks regards our your "
    "with for not no yes from cc bcc subject date"
)
"""A guessed name has none of these words."""
_KINDS: Final = _words(
    "drop-in dropin drop-ins member members monthly weekly yearly annual annually unlimited active inactive paid "
    "unpaid true false n/a none null trial subscriber customer client student adult child concession male female "
    "package course pending confirmed cancelled expired credit credits standard premium basic free staff teacher "
    "instructor admin guest visitor mr mrs ms miss mx dr"
)
"""A cell of nothing but these words says what somebody is, not who."""
_KIND_SAYS_IT: Final = _words("drop-in dropin membership memberships pass passes class classes subscription")
"""Nor does a cell with one of these."""


def tidy_name(text: str) -> str:
    """A name as it was written, without what surrounds it; "Last, First" the other way round; empty where none is."""
    if len(text) <= LONGEST_NAME and _USUAL.fullmatch(text):
        return text
    looked_at = text[-_LOOKED_AT:] if "<" in text else text[:_LOOKED_AT]
    name = _strip_around(" ".join(_TAG.sub(" ", drop_invisible(looked_at)).split()))
    name = " ".join(name.replace("@", " ").split())
    if not any(character.isalpha() for character in name) or _CODE.search(name):
        return ""
    return _cut(_first_name_first(name))


def guess_name(text: str) -> str:
    """The name that words without any mark of one may be; empty where they are numbers, kinds or a sentence."""
    if len(text) > _LOOKED_AT:
        return ""
    name = tidy_name(_COMMENT_BEHIND.sub("", _DATE.sub(" ", " ".join(text.split()))))
    words = [word for word in name.split() if not _is_number(word)]
    plain = {word.strip(".,:;").lower() for word in words}
    if not words or len(words) > MOST_GUESSED_WORDS or plain & _CHATTER or plain & _KIND_SAYS_IT or plain <= _KINDS:
        return ""
    return tidy_name(" ".join(words))


def pick_name(cells: Sequence[str], nearest: Literal["first", "last"]) -> str:
    """The name that is among the cells to one side of an address, of which the first or the last is next to it.

    A cell with two words is a whole name; else two cells next to each other are a first and a last name.
    """
    near = cells[:_NEAREST] if nearest == "first" else cells[-_NEAREST:]
    # "12 High Street" is a name only where nothing else is.
    names = [name for cell in near if not any(map(str.isdigit, cell)) and (name := guess_name(cell))]
    names = names or [name for cell in near if (name := guess_name(cell))]
    step = 1 if nearest == "first" else -1
    whole = next((name for name in names[::step] if " " in name), "")
    return whole or " ".join(names[:2] if nearest == "first" else names[-2:])


def join_surname(surname: str, first: str) -> str:
    """The name that a comma divided into two: "Ray" and "Ann" are Ann Ray, "Ann Ray" and "PhD" stay in their order."""
    surname = tidy_name(surname)
    return _first_name_first(f"{surname}, {first}") if surname else first


def _strip_around(name: str) -> str:
    before = None
    while name != before:
        before = name
        if found := _LABEL.match(name):
            name = name[found.end() :]
        if found := _LABEL_BEHIND.search(name[-40:]):
            name = name[: len(name) - len(name[-40:]) + found.start()]
        if found := _NUMBERING.match(name):
            name = name[found.end() :]
        name = _CONNECTORS.sub("", name.strip(_EDGES)).strip(_EDGES)
        if _QUOTED.fullmatch(name):
            name = name[1:-1].replace('""', '"')
        elif len(name) > 1 and name[0] + name[-1] in _PAIRS and name.count(name[-1]) <= 2:  # noqa: PLR2004 - a pair
            name = name[1:-1]
        name = _drop_half(name)
    return name


def _drop_half(name: str) -> str:
    """Take out the half of a pair whose other half is beside another name."""
    if name.count('"') == 1:
        name = name.replace('"', "")
    for opening, closing in ("()", "[]", "{}"):
        if name.count(opening) != name.count(closing):
            name = name.strip(opening + closing)
    return name


def _first_name_first(name: str) -> str:
    last, comma, first = (part.strip() for part in name.partition(","))
    divided = comma and first and last and "," not in first
    if not divided or first.replace(".", "").lower() in _SUFFIXES or not re.search(r"[^\W\d_]", first):
        return name
    return f"{first} {last}"


def _is_number(word: str) -> bool:
    return any(character.isdigit() for character in word) or "://" in word or not any(map(str.isalnum, word))


def _cut(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    return name[: LONGEST_NAME + 1].rpartition(" ")[0].rstrip(" ,;-") or name[:LONGEST_NAME]
