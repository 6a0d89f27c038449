"""Single values of tables: text as somebody meant it, days in the studio's order, and addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bookwhen.dates import is_sensible
from bookwhen.text import plain_letters, storable

DayOrder = Literal["dmy", "mdy"]
"""Whether 3/4/2026 is 3 April, or 4 March."""

LONGEST: Final = 5000
"""Characters of a cell that are kept."""
_LONGEST_DAY: Final = 200
"""Characters among which a day is looked for: looking takes as long as the text is, times itself."""
_NUMBERED_DAY: Final = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})\b")
_ISO_DAY: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_CLOSE_DAY: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_SERIAL: Final = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_DAY_NAMED: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|\.)?(?: of )?[\s-]*([^\W\d_]{3,})\.?[\s,-]*(\d{4}|\d{2})\b")
_MONTH_NAMED: Final = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}|\d{2})\b")
_UTC: Final = re.compile(r"(?::\d{2}(?:\.\d+)?\s*|\s)(?:Z|UTC|GMT|([+-]\d{2}):?(\d{2}))\)?$")
"""How far from UTC a time is, at its end."""
_FURTHEST: Final = timedelta(hours=15)
_CLOCK: Final = re.compile(
    r"(?<![\d./-])(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?(?:m\b)?\.?(?![\d/])", re.IGNORECASE
)
_FORMULA: Final = re.compile(r'="(.*)"', re.DOTALL)
# So far, and no further: each of thousands of apostrophes would look for a sign behind all others.
_SIGNED: Final = r"(?=[\s\"'\u200b\u2060\ufeff]{0,50}[=+\-@\uff1d\uff0b\uff0d\uff20])"
_MARKED: Final = re.compile(rf"'(?:{_SIGNED}|(?=[\t\r\d]))")
_MARKED_INSIDE: Final = re.compile(rf"([,;\t|\n\r])'{_SIGNED}")
"""The apostrophes that keep a spreadsheet from running a cell, or part of one, as a formula."""
_EXCEL_DAY_0: Final = date(1899, 12, 30)
_PIVOT: Final = 70
"""Years of two digits from here on are of the last century."""
_BESIDE_ADDRESSES: Final = re.compile(r"[\s<>()\[\]{}\":;,|]+")
"""What divides a text into pieces, each of which may be an address: a pattern of one would look again and again."""
_IN_QUOTES: Final = re.compile(r'(?<![^\s;|,])"((?:[^"]|"")+)"(?![^\s;|,])')
"""A piece of a list that may hold what divides others, as our own files write it."""
_PHONE: Final = re.compile(r"\+?[\d][\d\s()./-]{5,}\d")
_EXPONENT: Final = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,2}", re.IGNORECASE)
_MONTHS: Final = (
    "jan januar january janvier", "feb februar february fevrier fev", "mar marz march mars mrz maerz",
    "apr april avril avr", "may mai", "jun june juni juin", "jul july juli juillet juil", "aug august aout",
    "sep sept september septembre", "oct october oktober octobre okt", "nov november novembre",
    "dec december dezember decembre dez",
)  # fmt: skip
_MONTH: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_YES_SAID: Final = "yes|y|true|1|x|ja|j|oui|o|vrai|subscribed|opted in|opt in|granted|ok|wahr|✓|✔|☑"
_NO_SAID: Final = "no|n|false|0|nein|non|faux|unsubscribed|not subscribed|opted out|opt out|never|none|declined|-|–"
_NOTHING_SAID: Final = (
    "n/a|na|n.a.|n.a|none|null|nil|nan|(none)|blank|(blank)|undefined|unknown|not known|not given|not set|"
    "not provided|#n/a|#ref!|#value!|#name?|#null!|#num!|#div/0!|keine|unbekannt|k.a.|aucun|aucune|inconnu"
)
_NOTHING: Final = frozenset(_NOTHING_SAID.split("|"))
_LONGEST_NOTHING: Final = 20
_NO_LETTERS: Final = re.compile(r"[\s0./:?*_\u2010-\u2014-]*")
_YES: Final = frozenset(_YES_SAID.split("|"))
_NO: Final = frozenset(_NO_SAID.split("|"))


def tidy_cell(text: str) -> str:
    """What a cell says: without spaces around, and without what was put there so that no program reads a formula."""
    text = storable(text[:LONGEST]).strip().strip("\ufeff\u200b")
    if text.startswith("=") and (found := _FORMULA.fullmatch(text)):
        text = found[1].replace('""', '"').strip()
    text = (text[1:] if text.startswith("'") and _MARKED.match(text) else text).strip()
    return _MARKED_INSIDE.sub(r"\1", text) if "'" in text else text


@lru_cache(maxsize=4096)  # a list names few days, and each of them often
def read_day(text: str, order: DayOrder) -> date | None:
    """The day that a text names; None where it names none, or one that nobody can mean. Any time of day is left out."""
    found = _day_of(text[:_LONGEST_DAY], order)
    return found if found and is_sensible(found) else None


def read_moment(text: str, order: DayOrder) -> datetime | None:
    """The local day and time (naive) that a text names; midnight where it names no time."""
    day, rest = read_day(text, order), text[:_LONGEST_DAY]
    if day is None:
        return None
    for pattern in (_ISO_DAY, _NUMBERED_DAY, _DAY_NAMED, _MONTH_NAMED):
        if pattern.search(rest):
            rest = pattern.sub(" ", rest, count=1).replace("T", " ", 1)
            break
    return datetime.combine(day, _clock_of(rest) or time())


def read_local_moment(text: str, order: DayOrder, zone: ZoneInfo) -> datetime | None:
    """The same on the clocks of a time zone, where a text says how far from UTC its time is."""
    found = read_moment(text, order)
    said = _UTC.search(text[:_LONGEST_DAY]) if found else None
    if found is None or said is None:
        return found
    there = UTC
    if said[1]:
        minutes = timedelta(hours=int(said[1]), minutes=int(f"{said[1][0]}{said[2]}"))
        if abs(minutes) > _FURTHEST:
            return None
        there = timezone(minutes)
    return found.replace(tzinfo=there).astimezone(zone).replace(tzinfo=None)


def read_local_day(text: str, order: DayOrder, zone: ZoneInfo) -> date | None:
    """The day that a text names in a time zone: 23:00 UTC is the next one in Berlin, and midnight is a day alone."""
    day = read_day(text, order)
    if day is None or not _UTC.search(text[:_LONGEST_DAY]):
        return day
    named = read_moment(text, order)
    moment = None if named and named.time() == time() else read_local_moment(text, order, zone)
    return moment.date() if moment else day


def day_evidence(text: str) -> Literal["", "dmy", "mdy", "either"]:
    """What a text tells of the order of days and months; nothing where it is no day in numbers."""
    found = _NUMBERED_DAY.match(text)
    if not found:
        return ""
    first, second = int(found[1]), int(found[2])
    if first > 12 >= second:  # noqa: PLR2004 - months
        return "dmy"
    if second > 12 >= first:  # noqa: PLR2004
        return "mdy"
    return "either" if max(first, second) <= 12 else ""  # noqa: PLR2004


def addresses_in(text: str) -> list[str]:
    """Every piece of a text that looks like an email address, each once."""
    if "@" not in text:
        return []
    found = (each.rstrip(".") for each in _BESIDE_ADDRESSES.split(text))
    return list(dict.fromkeys(each for each in found if "@" in each[1:-1]))


def says_nothing(text: str) -> bool:
    """Whether a cell is filled with what stands for nothing: a dash, *n/a*, zeros in the place of a date."""
    if len(text) > _LONGEST_NOTHING:
        return False
    return bool(_NO_LETTERS.fullmatch(text)) or " ".join(plain_letters(text).split()) in _NOTHING


def lost_digits(text: str) -> bool:
    """Whether a number was shortened to 4.47911E+11, so that nobody knows its last digits."""
    return bool(_EXPONENT.fullmatch(text.strip()))


def yes_or_no(text: str) -> bool | None:
    """Whether a cell says yes; None where it says neither."""
    said = " ".join(plain_letters(text).split())
    return said in _YES if said in _YES | _NO else None


@dataclass(frozen=True, slots=True)
class ClientCell:
    """What a cell with several lines says of somebody."""

    name: str
    email: str
    phone: str


def read_client(text: str) -> ClientCell:
    """A cell that holds name, address and number, each on a line of its own in any order."""
    name = email = phone = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if "@" in line:
            email = email or line
        elif _PHONE.fullmatch(line):
            phone = phone or line
        else:
            name = name or line
    return ClientCell(name, email, phone)


def pieces(text: str) -> Iterable[str]:
    """What a cell lists: divided by semicolons, lines or bars, else by commas; what stands in quotes is one piece."""
    plain = _IN_QUOTES.sub("", text)
    divider = next((each for each in ("\n", ";", "|", ",") if each in plain), "\n")
    if plain == text:
        return list(dict.fromkeys(filter(None, map(str.strip, text.split(divider)))))
    pattern = re.compile(rf"\s*(?:{_IN_QUOTES.pattern}|([^{re.escape(divider)}]*))\s*(?:{re.escape(divider)}|\Z)")
    found = (each[1].replace('""', '"') if each[1] else each[2] or "" for each in pattern.finditer(text))
    return list(dict.fromkeys(filter(None, map(str.strip, found))))


def _day_of(text: str, order: DayOrder) -> date | None:
    if found := _ISO_DAY.search(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERED_DAY.search(text):
        first, second, year = int(found[1]), int(found[2]), _year(found[3])
        day, month = (first, second) if order == "dmy" else (second, first)
        if month > 12 >= day:  # noqa: PLR2004 - only one order makes a day of it
            day, month = month, day
        return _day(year, month, day)
    plain = plain_letters(text)
    if (found := _DAY_NAMED.search(plain)) and found[2] in _MONTH:
        return _day(_year(found[3]), _MONTH[found[2]], int(found[1]))
    if (found := _MONTH_NAMED.search(plain)) and found[1] in _MONTH:
        return _day(_year(found[3]), _MONTH[found[1]], int(found[2]))
    if found := _CLOSE_DAY.fullmatch(text.strip()):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if _SERIAL.fullmatch(text.strip()):
        return _EXCEL_DAY_0 + timedelta(days=int(float(text)))
    return None


def _clock_of(text: str) -> time | None:
    for found in _CLOCK.finditer(text):
        if not found[2] and not found[3]:
            continue
        hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
        if half and 1 <= hour <= 12:  # noqa: PLR2004 - a clock's
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24 and minute < 60:  # noqa: PLR2004 - a clock's
            return time(hour, minute)
    return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:  # noqa: PLR2004 - whole
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
