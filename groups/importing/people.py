"""A row of a list of people, read by what the operator said its columns hold. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from accounts.imports.tables.cells import (
    DayOrder,
    addresses_in,
    lost_digits,
    pieces,
    read_client,
    read_local_day,
    says_nothing,
    tidy_cell,
    yes_or_no,
)
from accounts.names import one_line_name
from bookwhen.db import NOTE_LENGTH
from bookwhen.email_address import find_fault, fold_email
from bookwhen.text import (
    is_plain,
    machine_line,
    machine_lines,
    plain_letters,
    says_something,
    without_apostrophes,
)
from groups.importing.columns import PersonColumn
from groups.importing.phones import read_listed_phone
from groups.pasted.names import tidy_name

COLUMNS: Final = "columns"
DAY_ORDER: Final = "day_order"
FIXED_GROUP: Final = "group"
GROUPS: Final = "groups"
GROUP_NAMES: Final = "group_names"
LETTER: Final = "letter"
"""The words of an import's mapping: what each column holds, in which order days stand, the group of everybody (its id),
what becomes of each group's name (by its key), how the
list writes it, and whether people are told."""

GROUP_NAME_LENGTH: Final = 200
_ENDED_WORDS: Final = (
    "l cancelled canceled inactive deactivated ended expired lapsed terminated stopped archived deleted former "
    "closed churned paused frozen suspended pausiert ruhend ruht suspendu suspendue pause gekundigt beendet "
    "inaktiv abgelaufen ehemalig ehemaliges ausgetreten storniert archiviert annule annulee resilie resiliee "
    "inactif expire expiree termine terminee archive"
)
_INACTIVE: Final = frozenset(_ENDED_WORDS.split(" "))
"""What other systems and people write of somebody who is no member any more, or pauses; *L* is WellnessLiving's."""
_NO_END_SAID: Final = (
    "never|never expires|no end|no end date|no expiry|does not expire|ongoing|on going|rolling|open|open ended|"
    "lifetime|unlimited|forever|indefinite|continuous|permanent|unbegrenzt|unbefristet|illimite"
)
_NO_END: Final = frozenset(_NO_END_SAID.split("|"))
"""What people write in the place of a last day."""
_NOT_ACTIVE: Final = (
    ["not", "active"],
    ["non", "active"],
    ["nicht", "aktiv"],
    ["non", "actif"],
    ["no", "longer"],
    ["not", "a"],
    ["on", "hold"],
    ["kein", "mitglied"],
    ["en", "pause"],
)


@dataclass(slots=True)
class Person:
    """What a row says of somebody."""

    email: str = ""
    """Folded; empty where there is none, or none that can be one."""
    others: list[str] = field(default_factory=list)
    """More addresses that stood in the same cell."""
    has_address: bool = False
    """Whether anything at all stood there."""
    name: str = ""
    groups: list[str] = field(default_factory=list)
    """Names of groups, as the list has them."""
    since: date | None = None
    until: date | None = None
    """The last day, inclusive."""
    is_inactive: bool = False
    """Whether their status says that they are in no group any more."""
    phone: str = ""
    """As E.164 writes it."""
    note: str = ""
    wants_news: bool | None = None
    """None: the list does not say."""
    news_since: date | None = None
    odd_day: str = ""
    """A date that could not be read."""
    odd_phone: str = ""
    """A phone number that could not be read."""
    is_second: bool = False
    """Whether the address is somebody else's, who gets their emails (`groups.importing.seconds`)."""

    def is_over(self, today: date) -> bool:
        """Whether their last day has passed on a local day, so that they join no group any more."""
        return self.until is not None and self.until < today

    @property
    def who(self) -> str:
        """What tells them from others: their address, or for a second person at one, their name too."""
        return second_key(self.email, self.name) if self.is_second else self.email


class PersonReader:
    """Reads rows by one mapping."""

    def __init__(self, mapping: Mapping[str, Any], time_zone: str) -> None:
        self.time_zone = time_zone
        """Where phone numbers are of that say no country."""
        self.zone = ZoneInfo(time_zone)
        self.order: DayOrder = "mdy" if mapping.get(DAY_ORDER) == "mdy" else "dmy"
        self.places: dict[str, list[int]] = {}
        for number, column in enumerate(mapping.get(COLUMNS, [])):
            if column:
                self.places.setdefault(column, []).append(number)

    def read(self, cells: Sequence[str]) -> Person:
        """What a row's cells say."""
        person = Person()
        self._read_name(person, cells)
        said = "\n".join(self._all(cells, PersonColumn.EMAIL))
        phones = self._all(cells, PersonColumn.PHONE)
        if client := self._one(cells, PersonColumn.CLIENT):
            found = read_client(client)
            person.name, said = person.name or one_line_name(tidy_name(found.name)), said or found.email
            phones = phones or list(filter(None, [found.phone]))
        self._read_phone(person, phones)
        self._read_more(person, cells)
        self._read_address(person, said)
        person.is_inactive = any(map(is_inactive, self._all(cells, PersonColumn.STATUS)))
        person.groups = [name for cell in self._all(cells, PersonColumn.GROUP) for name in group_names_in(cell)]
        person.since = self._day(person, self._one(cells, PersonColumn.SINCE))
        until = self._one(cells, PersonColumn.UNTIL)
        person.until = None if is_no_end(until) else self._day(person, until)
        return person

    def _read_name(self, person: Person, cells: Sequence[str]) -> None:
        first, last = self._one(cells, PersonColumn.FIRST), self._one(cells, PersonColumn.LAST)
        name = f"{first} {last}".strip() or self._one(cells, PersonColumn.NAME)
        person.name = one_line_name(tidy_name(name)) if name else ""

    @staticmethod
    def _read_address(person: Person, said: str) -> None:
        person.has_address = bool(said)
        person.name = person.name or name_in_address(said)
        whole = fold_email(said)
        if said and not find_fault(whole):
            person.email = whole
            return
        found = dict.fromkeys(filter(lambda each: not find_fault(each), map(fold_email, addresses_in(said))))
        person.email, *person.others = [*found] or [""]

    def _read_phone(self, person: Person, texts: Sequence[str]) -> None:
        """Keep the first number that can be rung; where none can, what the first cell says."""
        for text in texts:
            person.phone = "" if lost_digits(text) else read_listed_phone(text, self.time_zone)
            if person.phone:
                return
        person.odd_phone = texts[0] if texts else ""

    def _read_more(self, person: Person, cells: Sequence[str]) -> None:
        person.note = read_note("\n".join(self._all(cells, PersonColumn.NOTE)))
        if news := self._one(cells, PersonColumn.NEWS):
            # Beside a date instead of a word: they agreed on that day.
            person.news_since = read_local_day(news, self.order, self.zone)
            person.wants_news = True if person.news_since else yes_or_no(news)
        if since := self._one(cells, PersonColumn.NEWS_SINCE):
            person.news_since = person.news_since or read_local_day(since, self.order, self.zone)
            person.wants_news = bool(person.news_since) if person.wants_news is None else person.wants_news

    def _day(self, person: Person, text: str) -> date | None:
        if not text or says_nothing(text):
            return None
        day = read_local_day(text, self.order, self.zone)
        if day is None:
            person.odd_day = text
        return day

    def _one(self, cells: Sequence[str], column: str) -> str:
        for place in self.places.get(column, ()):
            if place < len(cells) and cells[place]:
                return cells[place]
        return ""

    def _all(self, cells: Sequence[str], column: str) -> list[str]:
        """What the cells of columns say that more than one can hold, without those that say nothing."""
        said = (cells[place] for place in self.places.get(column, ()) if place < len(cells))
        return [text for text in said if text and not says_nothing(text)]


def name_in_address(text: str) -> str:
    """The name in a cell such as `Ada Lovelace <ada@example.org>`; empty where none stands there."""
    name, angle, _rest = text.partition("<")
    return one_line_name(tidy_name(name)) if angle else ""


def is_no_end(text: str) -> bool:
    """Whether a last day is none: *never*, *ongoing*."""
    return " ".join(plain_letters(text).replace("-", " ").split()) in _NO_END


def is_inactive(status: str) -> bool:
    """Whether a status says that somebody's membership is over, by its first word: *Cancelled (unpaid)* does."""
    words = plain_letters(status).replace("-", " ").replace("(", " ").replace(":", " ").replace(",", " ").split()
    return bool(words) and (words[0] in _INACTIVE or words[:2] in _NOT_ACTIVE)


def read_note(text: str) -> str:
    """A note as it is kept, cut to what fits."""
    if is_plain(text):
        return text.strip(" ")[:NOTE_LENGTH].rstrip()
    return machine_lines(text.replace("\ufffd", ""))[:NOTE_LENGTH].rstrip() if text else ""


def name_as_listed(name: str) -> str:
    """A name as it would be read from a list: compared so, what we know and what we wrote into one are the same."""
    return one_line_name(tidy_name(tidy_cell(name))) if name else ""


def name_key(name: str) -> str:
    """A name for comparing with another: with and without accents and apostrophes, and either part first."""
    return words_key(without_apostrophes(name))


def words_key(name: str) -> str:
    """The same with its apostrophes: what tells imported bookings apart is made of it, and stays the same."""
    return " ".join(sorted(plain_letters(name).replace("-", " ").replace(".", " ").split()))


def second_key(email: str, name: str) -> str:
    """What tells a second person at an address from others: no address has a space in it."""
    return f"{email} {name_key(name)}"


def group_names_in(cell: str) -> list[str]:
    """The names of groups that a cell lists, as a group may be called; what has no letter and no digit names none."""
    return [name for piece in pieces(cell) if says_something(name := machine_line(piece, GROUP_NAME_LENGTH))]


def group_key(name: str) -> str:
    """A group's name for comparing with another."""
    return " ".join(plain_letters(name).split())
