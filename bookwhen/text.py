"""What people type, read as text: what is mended without a word, and what a form has to ask for again (decision 0023).

Pure: text in, text out; the sentences are the forms'. The same rule for the database is `bookwhen.db.TextCheck`.
"""

import re
import unicodedata
from typing import Final

LINE_BREAKS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What some program or other shows as the end of a line."""

OVERRIDES: Final = "\u202a-\u202e\u2066-\u2069\u206a-\u206f"
"""Invisible characters that turn the writing direction of what follows, and may so disguise it."""

UNSTORABLE: Final = "\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd\ufffe\uffff"
"""Control characters, halves of characters, what is never a character, and what stands for one that got lost."""

MARKS: Final = "\u200b\u2060\ufeff\u00ad"
"""Invisible and without meaning on one line: space of no width, word joiner, byte order mark, soft hyphen."""

_EDGES: Final = "\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u061c" + OVERRIDES
"""What is taken off the ends, where no invisible character has anything to do."""

_LINE_BREAK: Final = re.compile(rf"\r\n|[{LINE_BREAKS}]")
_UNSTORABLE: Final = re.compile(rf"[{UNSTORABLE}{OVERRIDES}]")
_LOST: Final = re.compile(rf"[{UNSTORABLE}]")
_UNSEARCHABLE: Final = re.compile(rf"[{UNSTORABLE}{OVERRIDES}{MARKS}]")
_SPACES: Final = re.compile(rf"[\s{LINE_BREAKS}]+")
_MARK: Final = re.compile(rf"[{MARKS}]")
_EDGE: Final = re.compile(rf"[\s{_EDGES}]")

_LINK: Final = re.compile(
    # ://, www., name@host, and host/… or host.tld, which mail programs make links of too.
    r"://|\bwww\.|\b\d{1,3}(?:\.\d{1,3}){3}\b|\S@\S|[^\W_]\.[^\W_]{2,}/|\b(?!(?:dr|hon|jr|mr|mrs|ms|mx|prof|rev|sr|st)\.)[\w-]{2,}\.[a-z]{2,}\b",
    re.IGNORECASE,
)


_PHONE: Final = re.compile(r"(?!\d{1,4}-\d{1,2}-\d{1,4}\b)(?<!\d)\d(?:[ ()-]{0,3}\d){6,}")
"""Seven digits and more, which mail programs on telephones make a call of; a date is none."""

SECRET: Final = re.compile(r"\b([sr]k_(?:test|live)|whsec)_\w+")


class LineBreakError(ValueError):
    """Text that belongs on one line has several."""


class UnstorableError(ValueError):
    """Text has a character that nobody could see, and that is kept nowhere."""


def is_plain(text: str) -> bool:
    """Whether a text is nothing but visible ASCII and spaces, as most are: nothing in it has to be mended."""
    return text.isascii() and text.isprintable()


def one_line(text: str) -> str:
    """Text on one line, as it is kept; raises LineBreakError and UnstorableError.

    Mended without a word: any kind of space is a plain one, what is invisible at the ends or without meaning is gone,
    and what can be written in two ways is composed (Unicode’s NFC).
    """
    if is_plain(text):
        return text.strip(" ")
    text = _strip(text)
    if _LINE_BREAK.search(text):
        raise LineBreakError
    refuse_unstorable(text)
    text = _MARK.sub("", text)
    spaced = "".join(" " if unicodedata.category(each) == "Zs" or each == "\t" else each for each in text)
    return unicodedata.normalize("NFC", spaced)


def _strip(text: str) -> str:
    """Take what stands at the ends off, in as much time as there is of it: a pattern with `+…$` would take longer."""
    first, last = 0, len(text)
    while first < last and _EDGE.match(text[first]):
        first += 1
    while last > first and _EDGE.match(text[last - 1]):
        last -= 1
    return text[first:last]


def lines(text: str) -> str:
    r"""Text on any number of lines, each of which ends with `\n`; raises UnstorableError.

    Word processors’ breaks are line breaks too. Spaces within a line stay, since people lay out lists with them.
    """
    if is_plain(text):
        return text.strip(" ")
    text = _LINE_BREAK.sub("\n", text).strip(f"\ufeff {LINE_BREAKS}\t")
    refuse_unstorable(text)
    return unicodedata.normalize("NFC", text)


def refuse_unstorable(text: str) -> None:
    """Raise UnstorableError where a character could not be kept, or hides what the text says."""
    if _UNSTORABLE.search(text):
        raise UnstorableError


ACCENTS: Final = "\u0300-\u036f"
"""The marks of Latin, Greek and Cyrillic letters. What other scripts set at a letter makes another one of it."""
ONE_LETTER: Final = ("øØłŁđĐðÐħĦŧŦıŋŊɓƁɗƊƙƘƴƳ", "oOlLdDdDhHtTinNbBdDkKyY")
SEVERAL_LETTERS: Final = {"ẞ": "SS", "Æ": "AE", "Œ": "OE", "Þ": "TH"}
"""Letters that Unicode takes for others, and people who type in a hurry do not."""
SMALL_LETTERS: Final = ("ßæœþ", "ẞÆŒÞ")
"""Those of several in small letters."""
_ACCENT: Final = re.compile(f"[{ACCENTS}]+")
_OWN_LETTERS: Final = str.maketrans(
    dict(zip(*ONE_LETTER, strict=True))
    | SEVERAL_LETTERS
    | {small: SEVERAL_LETTERS[large].lower() for small, large in zip(*SMALL_LETTERS, strict=True)}
)


APOSTROPHES: Final = "'\u2018\u2019\u02bc\xb4`"
"""How an apostrophe is written: on keyboards, by telephones and word processors, and by who knows no better key."""
_APOSTROPHE: Final = str.maketrans("", "", APOSTROPHES)


def without_apostrophes(text: str) -> str:
    """Text without its apostrophes, for comparing alone: O'Brien, O’Brien and OBrien are written of the same people."""
    return text.translate(_APOSTROPHE)


def plain_letter(letter: str) -> str:
    """What a letter is without its accent, where that is one of a to z; else itself."""
    plain = plain_letters(letter)
    return plain if len(plain) == 1 and plain.isascii() else letter


def plain_letters(text: str) -> str:
    """Text as it is looked for by who types in a hurry: small letters without accents, for comparing alone."""
    return without_accents(text).casefold()


def without_accents(text: str) -> str:
    """Text with plain letters for those with accents, however they are composed; other scripts’ letters stay.

    The same rule in SQL is `bookwhen.search.PlainText`.
    """
    if text.isascii():
        return text
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text)).translate(_OWN_LETTERS)
    return unicodedata.normalize("NFC", plain)


def compared_name(text: str) -> str:
    """A name as it is compared with another: its plain letters, whatever its apostrophes."""
    return plain_letters(without_apostrophes(text))


def searchable(text: str) -> str:
    """What was typed into a search box: never refused, but without what cannot match."""
    if is_plain(text):
        return " ".join(text.split())
    return unicodedata.normalize("NFC", _UNSEARCHABLE.sub("", _SPACES.sub(" ", text))).strip()


def storable(text: str) -> str:
    """What a machine sent, for people to look at later: whatever could not be kept is replaced, never refused."""
    return text if is_plain(text) else _LOST.sub("\ufffd", text)


def machine_line(text: str, longest: int) -> str:
    """What a machine sent as a name or a title (Stripe, a file), on one line of at most so many characters."""
    return searchable(text)[:longest].strip()


def machine_lines(text: str) -> str:
    """What a machine sent on any number of lines: what could not be kept, or hides what it says, is gone."""
    return lines(_UNSTORABLE.sub("", text))


def holds_link(text: str) -> bool:
    """Whether a mail program could make a link of some part: a web or an email address, however it is written."""
    return bool(_LINK.search(unicodedata.normalize("NFKC", text)))


def holds_phone_number(text: str) -> bool:
    """Whether some part could be rung: a stranger’s way of saying where, in an email that somebody else gets."""
    return bool(_PHONE.search(unicodedata.normalize("NFKC", text)))


def says_something(text: str) -> bool:
    """Whether there is a letter, a digit or a picture in it, not only punctuation."""
    return any(unicodedata.category(each)[0] in "LN" or unicodedata.category(each) == "So" for each in text)


def without_secrets(text: str) -> str:
    """The text, with only the beginning of every secret key in it."""
    return SECRET.sub(r"\1_…", text)
