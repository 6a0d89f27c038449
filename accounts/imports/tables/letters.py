"""How the letters of a text are written that is not UTF-8: every way that makes words of them, the likeliest first.

No program can know it from a few names, and a guess that is wrong garbles them. So the likeliest is taken, and where
another makes words of them too, the operator is shown some in each, and chooses (docs/decisions/0095).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from typing import Final
from unicodedata import category
from unicodedata import name as name_of

from bookwhen.text import storable

SHOWN: Final = 6
"""How many words of each way are shown."""
_LONGEST: Final = 40
_LOOKED_AT: Final = 20_000
_JUDGED: Final = 2_000
"""How many words are looked at, and how many different ones are judged."""
_ODD_SHARE: Final = 20
"""One odd word in so many does not speak against the way that is likeliest where the studio is."""
_WAYS: Final = (
    "cp1252", "mac_roman", "cp850", "cp1250", "iso8859_2", "cp852", "cp1254", "cp1251", "cp1253", "cp1255", "cp1256",
    "koi8_r", "cp1257",
)  # fmt: skip
WAYS: Final = frozenset(_WAYS)
"""The encodings that a text may be read in, by their names in Python."""
_AT_HOME: Final = {
    "cp1250": (
        "Warsaw Prague Bratislava Budapest Bucharest Chisinau Zagreb Ljubljana Belgrade Sarajevo Podgorica Tirane"
    ),
    "cp1254": "Istanbul Baku",
    "cp1251": "Moscow Kyiv Kiev Minsk Sofia Skopje Almaty Samara Kaliningrad Bishkek",
    "cp1253": "Athens Nicosia",
    "cp1257": "Vilnius Riga Tallinn",
    "cp1255": "Jerusalem",
    "cp1256": "Cairo Dubai Riyadh Beirut Amman Baghdad Casablanca Tunis Algiers",
}
_HOME: Final = {city: way for way, cities in _AT_HOME.items() for city in cities.split()}
"""How Windows writes in the city of a time zone; elsewhere as in Western Europe."""
_BEYOND_ASCII: Final = re.compile(rb"[\x80-\xff][^\s,;|<>()\"]{0,40}")
_BETWEEN_WORDS: Final = re.compile(rb"[\s,;|<>()\"]")
_ASCII: Final = bytes(range(128))
_BESIDE_WORDS: Final = frozenset("\xa0–—…•€£§°™®©«»“”„\u2018\u2019\u201a\xb4·¿¡")
"""What may stand before or after a word, or alone."""
_WITHIN_WORDS: Final = frozenset("\u2019–\u02bc·")
_NO_NAMES_LETTERS: Final = frozenset("ƒµªº")
_MANY_IN_A_ROW: Final = 3
"""So many letters beyond ASCII in a row are no Latin word."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read a text, and how some of its words read then."""

    encoding: str
    words: list[str]


def ways_to_read(data: bytes, time_zone: str = "") -> list[Way]:
    """The ways to read a text that make words of its letters, each another text, the likeliest first; one at least.

    Lines that end as on an old Mac are of a Mac: its Excel writes so to this day.
    """
    words = list(islice(dict.fromkeys(islice(_odd_words(data), _LOOKED_AT)), _JUDGED))
    likely = _order(time_zone, is_mac=b"\r" in data and b"\n" not in data)
    odd = {way: sum(map(partial(_is_odd, way), words)) for way in likely}
    most = min(odd.values()) + len(words) // _ODD_SHARE
    used = bytes(sorted(set(data.translate(None, _ASCII))))
    ways: dict[str, str] = {}
    for way in likely:
        if odd[way] <= most:
            ways.setdefault(used.decode(way, "replace"), way)
    return [Way(way, _samples(way, words, list(ways.values()))) for way in ways.values()]


def _odd_words(data: bytes) -> Iterator[bytes]:
    """The words that are not ASCII, as far as a screen shows them: a text may be one word of fifteen megabytes."""
    for found in _BEYOND_ASCII.finditer(data):
        before = _BETWEEN_WORDS.split(data[max(found.start() - _LONGEST, 0) : found.start()])[-1]
        yield before + found[0]


def _order(time_zone: str, *, is_mac: bool) -> list[str]:
    first = "mac_roman" if is_mac else _HOME.get(time_zone.rpartition("/")[2], _WAYS[0])
    return sorted(_WAYS, key=lambda way: way != first)


def _samples(way: str, words: Sequence[bytes], ways: Sequence[str]) -> list[str]:
    """Words that tell the ways apart, those that tell most of them first."""
    tell = {word: len({word.decode(each, "replace") for each in ways}) for word in words}
    telling = sorted((word for word in words if tell[word] > 1 or len(ways) == 1), key=lambda word: -tell[word])
    return [storable(word.decode(way, "replace"))[:_LONGEST] for word in telling[:SHOWN]]


def _is_odd(way: str, data: bytes) -> bool:
    """Whether a word, read so, is none that stands in a list of people."""
    text = data.decode(way, "replace")
    word = text.strip("".join(_BESIDE_WORDS) + "'*.:/!?-_#+&")
    if not word or word.isascii():
        return False
    return _has_odd_letters(word) or _has_odd_capitals(word) or _mixes_scripts(word)


def _has_odd_letters(word: str) -> bool:
    return any(
        not letter.isascii()
        and letter not in _WITHIN_WORDS
        and (category(letter)[0] not in "LM" or letter in _NO_NAMES_LETTERS)
        for letter in word
    )


def _has_odd_capitals(word: str) -> bool:
    """Whether a capital follows a small letter, or a word of another script than ours begins with a small one."""
    if word == word.upper():
        return False
    pairs = pairwise(word)
    if any(before.islower() and not letter.isascii() and letter.isupper() for before, letter in pairs):
        return True
    begins_small = not word[0].isascii() and word[0].islower()
    return begins_small and not _script(word[0]).startswith("LATIN")


def _mixes_scripts(word: str) -> bool:
    """Whether letters of several scripts stand in a word, or more of ours in a row with accents than any name has."""
    scripts = {_script(letter) for letter in word if category(letter)[0] in "LM"}
    if len(scripts) > 1:
        return True
    in_a_row = longest = 0
    for letter in word:
        in_a_row = 0 if letter.isascii() else in_a_row + 1
        longest = max(longest, in_a_row)
    return scripts == {"LATIN"} and longest >= _MANY_IN_A_ROW


def _script(letter: str) -> str:
    return name_of(letter, "?").partition(" ")[0]
